"""Modules: named parts with sizes, states and one `update`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from .. import augment, graph
from .._mismatch import units_explained
from ..mixin import ParamDesc, ParamDescriber
from ..typing import Size
from ._errors import MissingMethodError, SizeError

ANY_DEPTH = (0, np.iinfo(np.int32).max)


def as_size(size, where: str) -> tuple[int, ...]:
    """Return `size` as a tuple of integers."""
    if isinstance(size, (int, np.integer)) and not isinstance(size, bool):
        return (int(size),)
    sizes = size if isinstance(size, (tuple, list)) else ()
    if sizes and all(isinstance(n, (int, np.integer)) for n in sizes):
        return tuple(int(n) for n in sizes)
    raise SizeError(
        f"{where} is {size!r}; give an integer or a tuple of integers, such as "
        f"100 or (28, 28)."
    )


class Module(graph.Node, ParamDesc):
    """Part of a model: states, sub-modules, and an `update` that a call runs.

    Parameters
    ----------
    name : str, optional
        Name for messages and printing.

    Notes
    -----
    States are attributes, made in `init_state` where they depend on a batch size.
    `Class.desc(...)` describes a module that somebody else makes later.
    """

    _name: str | None = None
    _in_size: tuple[int, ...] | None = None
    _out_size: tuple[int, ...] | None = None

    def __init__(self, name: str | None = None):
        super().__init__()
        if name is not None:
            self._name = name

    @property
    def name(self) -> str | None:
        """Name of the module, None unless given."""
        return self._name

    @name.setter
    def name(self, name: str | None):
        self._name = name

    # Typed as never None: layers that set a size in `__init__` go on to use it.

    @property
    def in_size(self) -> tuple[int, ...]:
        """Shape of the input without batch axes; None if the module has none."""
        return self._in_size  # type: ignore[return-value]

    @in_size.setter
    def in_size(self, size: Size):
        self._in_size = as_size(size, f"{type(self).__name__}.in_size")

    @property
    def out_size(self) -> tuple[int, ...]:
        """Shape of the output without batch axes; None if the module has none."""
        return self._out_size  # type: ignore[return-value]

    @out_size.setter
    def out_size(self, size: Size):
        self._out_size = as_size(size, f"{type(self).__name__}.out_size")

    def graph_set(self, key, value):
        """Put an attribute in its place; copies of a module share no containers."""
        super().graph_set(key, value.copy() if type(value) in (dict, list) else value)

    def update(self, *args, **kwargs):
        """Compute the output; a subclass writes this.

        Raises
        ------
        MissingMethodError
            If the subclass has none.
        """
        raise MissingMethodError(
            f"{type(self).__name__} has no update(); write one, it is what a call runs."
        )

    def __call__(self, *args, **kwargs):
        with units_explained(type(self).__name__, self._all_states):
            return self.update(*args, **kwargs)

    def __rrshift__(self, other):
        """Call the module by an arrow: ``x >> first >> second``."""
        return self(other)

    def _all_states(self):
        return list(graph.states(self).values())

    def states(self, *filters, allowed_hierarchy=ANY_DEPTH, level: int | None = None):
        """Collect the states below this module.

        Parameters
        ----------
        *filters
            Keep those that match; several filters give one dictionary each.
        allowed_hierarchy : tuple of int
            Smallest and largest depth.
        level : int, optional
            Largest depth; the same as ``allowed_hierarchy=(0, level)``.

        Returns
        -------
        FlattedDict or tuple of FlattedDict
            Path to `State`.
        """
        if level is not None:
            allowed_hierarchy = (0, level)
        return graph.states(self, *filters, allowed_hierarchy=allowed_hierarchy)

    def state_trees(self, *filters):
        """Collect the states as pytrees of values; see `graph.treefy_states`."""
        return graph.treefy_states(self, *filters)

    def nodes(self, *filters, allowed_hierarchy=ANY_DEPTH, level: int | None = None):
        """Collect this module and the nodes below; arguments as in `states`."""
        if level is not None:
            allowed_hierarchy = (0, level)
        return graph.nodes(self, *filters, allowed_hierarchy=allowed_hierarchy)

    def init_state(self, *args, **kwargs):
        """Make the states of this module alone; `init_all_states` does a tree."""

    def reset_state(self, *args, **kwargs):
        """Set the states of this module alone back to their initial values."""


class ElementWiseBlock(Module):
    """Module whose output has the shape of its input."""


class Sequential(Module):
    """Modules and functions, each fed by the one before.

    Parameters
    ----------
    first : Module or callable
        Gets the input.
    *layers : Module, ParamDescriber or callable
        Run in this order. A description (`Linear.desc(out_size=10)`) is built with
        the output size of the layer before it.

    Raises
    ------
    SizeError
        If a description follows a layer of unknown output size.
    """

    def __init__(self, first: Callable, *layers: Callable | ParamDescriber):
        super().__init__()
        size = getattr(first, "in_size", None)
        if size is not None:
            self.in_size = size
        made: list[Any] = []
        size = None
        for position, layer in enumerate((first, *layers)):
            built, size = _placed(layer, size, position)
            made.append(built)
        self.layers = tuple(made)
        if size is not None:
            self.out_size = size

    def update(self, x):
        """Feed `x` through all the layers."""
        for layer in self.layers:
            x = layer(x)
        return x

    def __getitem__(self, key: int | slice):
        if isinstance(key, slice):
            return Sequential(*self.layers[key])
        return self.layers[key]

    def __len__(self) -> int:
        return len(self.layers)


def _placed(layer, size, position: int):
    """Return the built layer and its output size, which may stay unknown."""
    if isinstance(layer, ParamDescriber):
        if size is None:
            raise SizeError(
                f"Sequential: layer {position} is a description, but the layer before "
                f"it has no out_size. Give in_size in that layer, or build this one."
            )
        layer = layer(in_size=size)
    if isinstance(layer, Module) and layer.out_size is not None:
        return layer, layer.out_size
    if isinstance(layer, ElementWiseBlock) or size is None:
        return layer, size
    if isinstance(layer, Module):
        return layer, None
    probe = jax.ShapeDtypeStruct(size, np.float32)
    return layer, augment.eval_shape(layer, probe).shape
