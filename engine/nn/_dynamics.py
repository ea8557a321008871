"""Dynamics: parts with inputs, updates around their own, and prefetched variables."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

import brainunit as u
import jax.numpy as jnp
import numpy as np

from .. import environ, graph, init
from .._host import on_host
from .._tracing import is_traced
from ..mixin import BindCondData, ParamDescriber
from ._errors import InputError
from ._identity import fingerprint
from ._integrate import derivative
from ._module import Module, as_size
from ._prefetch import Prefetch
from ._units import is_zero, with_unit


class Drive(NamedTuple):
    """A current and its derivative by the potential; None stands for zero."""

    current: Any
    slope: Any


class Dynamics(Module):
    """Module that advances in time and collects inputs until it does.

    Parameters
    ----------
    in_size : int or tuple of int
        Shape of the population; `out_size` is the same.
    name : str, optional
        Name for messages and printing.

    Raises
    ------
    SizeError
        If `in_size` is no positive integer or tuple of integers.

    Notes
    -----
    A call runs the before updates (no argument), `update`, and the after updates
    (with what `update` returned), in the order in which they were added.

    Two kinds of input are kept by key. *Current* inputs are summed with
    `sum_current_inputs`, *delta* inputs, which jump the state, with
    `sum_delta_inputs`. An input that is a value is used once; one that is callable
    stays and is called each time with the arguments of the sum.
    """

    def __init__(self, in_size, name: str | None = None):
        super().__init__(name=name)
        self._in_size = as_size(in_size, f"{type(self).__name__}.in_size")
        self._out_size = self._in_size
        self._current_inputs: dict[str, Any] = {}
        self._delta_inputs: dict[str, Any] = {}
        self._before_updates: dict[str, Callable] = {}
        self._after_updates: dict[str, Callable] = {}
        self._claims = 0
        self._shared: list[tuple[Hashable, str]] = []

    @property
    def varshape(self) -> tuple[int, ...]:
        """Shape of the state variables without batch axes."""
        return self._in_size  # type: ignore[return-value]

    @property
    def current_inputs(self) -> dict[str, Any]:
        """Current inputs by key (``"label // key"`` if they have a label)."""
        return self._current_inputs

    @property
    def delta_inputs(self) -> dict[str, Any]:
        """Delta inputs by key (``"label // key"`` if they have a label)."""
        return self._delta_inputs

    @property
    def before_updates(self) -> dict[str, Callable]:
        """What runs before `update`, by key."""
        return self._before_updates

    @property
    def after_updates(self) -> dict[str, Callable]:
        """What runs after `update`, by key."""
        return self._after_updates

    def initial(self, initializer, batch_size: int | None = None):
        """Return an initial value in full shape, as floats of the present precision.

        Parameters
        ----------
        initializer : callable, array or Quantity
            What `init.param` takes.
        batch_size : int, optional
            Length of a batch axis in front.
        """
        value = init.param(initializer, self.varshape, batch_size, allow_none=False)
        number, unit = u.split_mantissa_unit(value)
        batch = () if batch_size is None else (batch_size,)
        shape = (*batch, *self.varshape)
        if is_traced(number):
            number = jnp.broadcast_to(jnp.asarray(number, environ.dftype()), shape)
        else:  # on the host: nothing is compiled for a value that is known
            number = np.broadcast_to(np.asarray(number, environ.dftype()), shape)
            number = on_host(number)
        return with_unit(number, unit)

    # inputs

    def add_current_input(self, key: str, inp, label: str | None = None):
        """Register a current input.

        Parameters
        ----------
        key : str
            Name that no other current input of this label has.
        inp : array or callable
            A value for the next sum, or a function called in every sum.
        label : str, optional
            Group, so that a sum can take only part of the inputs.

        Raises
        ------
        InputError
            If the key is taken.
        """
        self._add(self._current_inputs, "current", key, inp, label)

    def add_delta_input(self, key: str, inp, label: str | None = None):
        """Register a delta input; parameters and errors of `add_current_input`."""
        self._add(self._delta_inputs, "delta", key, inp, label)

    def _add(self, inputs: dict, family: str, key: str, inp, label: str | None):
        full = _full_key(key, label)
        if full in inputs:
            raise InputError(
                f"{type(self).__name__}: the {family} input {full!r} is there already. "
                f"Give another key, or run the module so that the value is used."
            )
        inputs[full] = inp

    def get_input(self, key: str):
        """Return the current or delta input of that key.

        Raises
        ------
        InputError
            If there is none.
        """
        for inputs in (self._current_inputs, self._delta_inputs):
            if key in inputs:
                return inputs[key]
        known = sorted({*self._current_inputs, *self._delta_inputs})
        raise InputError(
            f"{type(self).__name__} has no input {key!r}; it has {known or 'none'}."
        )

    def claim_key(self, stem: str) -> str:
        """Return a key that nobody else gets from this module."""
        self._claims += 1
        return f"{self._claims:04d} {stem}"

    def shared_key(self, stem: str, meaning: Hashable) -> str:
        """Return a key that is the same for equal meanings."""
        for known, key in self._shared:
            if known == meaning:
                return key
        self._shared.append((meaning, self.claim_key(stem)))
        return self._shared[-1][1]

    def sum_current_inputs(self, init, *args, label: str | None = None, **kwargs):
        """Return `init` plus the current inputs.

        Parameters
        ----------
        init : array or Quantity
            First summand.
        *args, **kwargs
            Go to the inputs that are callable.
        label : str, optional
            Take only the inputs of this label.
        """
        for value in self._taken(self._current_inputs, label, args, kwargs):
            init = init + value
        return init

    def sum_delta_inputs(self, init, *args, label: str | None = None, **kwargs):
        """Return `init` plus the delta inputs; see `sum_current_inputs`."""
        for value in self._taken(self._delta_inputs, label, args, kwargs):
            init = init + value
        return init

    @staticmethod
    def _taken(inputs: dict, label: str | None, args, kwargs):
        """Yield the inputs of a label as values, and forget those used up."""
        for key in [key for key in inputs if _has_label(key, label)]:
            inp = inputs[key]
            yield inp(*args, **kwargs) if callable(inp) else inputs.pop(key)

    def current_and_slope(self, init, potential) -> Drive:
        """Sum the current inputs at a potential, with their derivative by it.

        An input with a method `slope(potential)` gives its derivative itself, which
        is None where the current does not depend on the potential. That of other
        functions is found by automatic differentiation.

        Parameters
        ----------
        init : array or Quantity
            A further summand; a literal zero is left out.
        potential : array or Quantity
            Where the currents are taken.
        """
        current: Any = None
        slope: Any = None
        for key in list(self._current_inputs):
            inp = self._current_inputs[key]
            if not callable(inp):
                term, rise = self._current_inputs.pop(key), None
            elif (slope_of := getattr(inp, "slope", None)) is not None:
                term, rise = inp(potential), slope_of(potential)
            else:
                term, rise = derivative(inp, potential)
            current = term if current is None else current + term
            if rise is not None:
                slope = rise if slope is None else slope + rise
        if not is_zero(init):
            current = init if current is None else current + init
        return Drive(current, slope)

    # updates before and after

    def add_before_update(self, key: str, fun: Callable):
        """Call `fun()` before each `update`.

        Raises
        ------
        InputError
            If the key is taken.
        """
        self._add(self._before_updates, "before update", key, fun, None)

    def add_after_update(self, key: str, fun: Callable):
        """Call `fun(output)` after each `update`; see `add_before_update`."""
        self._add(self._after_updates, "after update", key, fun, None)

    def __call__(self, *args, **kwargs):
        for before in self._before_updates.values():
            before()
        output = self.update(*args, **kwargs)
        for after in self._after_updates.values():
            after(output)
        for inp in self._current_inputs.values():
            if isinstance(inp, BindCondData):
                inp.unbind_cond()
        return output

    # what others read

    def prefetch(self, item: str) -> Prefetch:
        """Refer to a variable by name, now or delayed.

        Parameters
        ----------
        item : str
            Name of a state or attribute, such as ``"V"`` or ``"spike"``.

        Returns
        -------
        Prefetch
            Call it for the value; ``.delay.at(time)`` is the value of the past.
        """
        return Prefetch(self, item)

    def align_pre(self, dyn: Dynamics | ParamDescriber) -> Dynamics:
        """Run a synapse after this population, fed by its output.

        Parameters
        ----------
        dyn : Dynamics or ParamDescriber
            A synapse of this size. Equal descriptions give one shared synapse.

        Returns
        -------
        Dynamics
            The synapse.
        """
        if not isinstance(dyn, ParamDescriber):
            self.add_after_update(self.claim_key("synapse"), dyn)
            return dyn
        key = self.shared_key("synapse", fingerprint(dyn))
        if key not in self._after_updates:
            self.add_after_update(key, build(dyn, self.varshape))
        return self._after_updates[key]  # type: ignore[return-value]


def build(description, size):
    """Return a module: itself, or built in `size` if the description leaves it open."""
    if not isinstance(description, ParamDescriber):
        return description
    if description.args or "in_size" in description.kwargs:
        return description()
    return description(in_size=size)


def _full_key(key: str, label: str | None) -> str:
    return key if label is None else f"{label} // {key}"


def _has_label(key: str, label: str | None) -> bool:
    return label is None or key.startswith(f"{label} // ")


class DynamicsGroup(Module):
    """Modules that run together: projections first, then dynamics, then the rest.

    Parameters
    ----------
    *children_as_tuple : Module
        Members, run in this order within their class.
    **children_as_dict : Module
        Members by name, which become attributes.
    """

    def __init__(self, *children_as_tuple, **children_as_dict):
        super().__init__()
        self.children = graph.List(children_as_tuple)
        for name, child in children_as_dict.items():
            setattr(self, name, child)
        self._names = tuple(children_as_dict)

    def update(self, *args, **kwargs):
        """Run every member once; the arguments go to members that are dynamics."""
        members = [*self.children, *(getattr(self, name) for name in self._names)]
        for member in members:
            if isinstance(member, Projection):
                member()
        for member in members:
            if isinstance(member, Dynamics):
                member(*args, **kwargs)
        for member in members:
            if not isinstance(member, (Projection, Dynamics)):
                member()


class Projection(Module):
    """Connection of one population to another; a call delivers one step.

    Raises
    ------
    InputError
        By `update` of a class that has none of its own.
    """

    def update(self, *args, **kwargs):
        """Deliver what arrives in this step."""
        raise InputError(
            f"{type(self).__name__} has no update(); write one that delivers the "
            f"arriving spikes, or use AlignPostProj, DeltaProj or CurrentProj."
        )
