"""Which attributes of a network are inputs of the compiled program.

Every attribute of a module that is a real number or an array is an input, whoever
wrote the module: so a value changes without compiling again, and a network that was
drawn and the same network written in Python compile to the same program. Whole
numbers, switches and texts decide how a program looks; they are part of it. A class
lists further attributes of that sort in `fixed_attributes`.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from .. import environ
from ..graph import Node
from ._walk import Path, walk


@dataclass(frozen=True)
class Input:
    """An attribute that is an input.

    Parameters
    ----------
    path : tuple of str
        Where the module is in the network, and the name of the attribute.
    node : Node
        The module.
    unit : Unit or None
        Unit of the attribute; None for a bare number.
    """

    path: Path
    node: Node
    unit: u.Unit | None

    @property
    def name(self) -> str:
        """Name of the attribute."""
        return self.path[-1]

    @property
    def value(self) -> Any:
        """The present value of the attribute."""
        return getattr(self.node, self.name)

    def array(self) -> jax.Array:
        """Return the present value as the program takes it: floats of one precision.

        Whole numbers with a unit, such as ``100 * u.mV``, are real numbers.
        """
        value = self.value
        if self.unit is not None:
            return jnp.asarray(value.to_decimal(self.unit), environ.dftype())
        array = jnp.asarray(value)
        is_real = jnp.issubdtype(array.dtype, jnp.floating)
        return jnp.asarray(array, environ.dftype() if is_real else array.dtype)

    def attach(self, number: Any) -> Any:
        """Return a number, maybe traced, as the attribute holds it."""
        return number if self.unit is None else u.Quantity(number, unit=self.unit)


def is_input(value: Any) -> bool:
    """Tell whether an attribute of this value is an input."""
    if isinstance(value, u.Quantity):
        return not isinstance(value.mantissa, Tracer)
    if isinstance(value, (float, np.floating)):
        return True
    is_array = isinstance(value, (np.ndarray, jax.Array))
    return is_array and not isinstance(value, Tracer) and value.dtype != object


def inputs_of(root: Node) -> list[Input]:
    """Return the inputs of a network, in the order of its parts."""
    return [
        Input((*path, name), node, _unit(value))
        for path, node in walk(root)
        for name, value in vars(node).items()
        if is_input(value) and name not in getattr(node, "fixed_attributes", ())
    ]


class Given(NamedTuple):
    """The value of an attribute, and the array that the program takes for it."""

    value: Any
    array: jax.Array


def given_by(inputs: Sequence[Input], before: Sequence[Given] = ()) -> list[Given]:
    """Return what each input gives now; what is as before is not converted again."""
    return [
        Given(one.value, one.array())
        if old is None or one.value is not old.value or is_mutable(old.value)
        else old
        for one, old in itertools.zip_longest(inputs, before)
    ]


def is_mutable(value: Any) -> bool:
    """Tell whether the number of an attribute may change where it is."""
    return isinstance(getattr(value, "mantissa", value), np.ndarray)


def _unit(value: Any) -> u.Unit | None:
    return value.unit if isinstance(value, u.Quantity) else None


@contextlib.contextmanager
def attached(inputs: Sequence[Input], numbers: Sequence[Any]) -> Iterator[None]:
    """Put numbers, traced ones too, in the place of the attributes for a while."""
    before = [vars(i.node)[i.name] for i in inputs]
    try:
        for one, number in zip(inputs, numbers, strict=True):
            vars(one.node)[one.name] = one.attach(number)
        yield
    finally:
        for one, value in zip(inputs, before, strict=True):
            vars(one.node)[one.name] = value
