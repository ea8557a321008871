"""What decides whether a function has to be traced again."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import brainunit as u
import jax
import numpy as np
from jax.core import Tracer

from .. import environ
from .._placement import sharded_axes
from ..mixin import Mode

_PLAIN = (bool, int, float, complex, str, Mode, type(None))
_SMALL = 16  # entries of an array that is compared by content


class _Same:
    """Compares by identity, and keeps the object alive so that it stays unique."""

    def __init__(self, value: Any):
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


def leaf_key(leaf: Any) -> Hashable:
    """Return shape, type and typed sharding of an argument; not its value."""
    if isinstance(leaf, (bool, int, float, complex)):
        return type(leaf)
    aval = jax.typeof(leaf)
    weak = getattr(aval, "weak_type", False)
    return (aval.shape, aval.dtype, weak, sharded_axes(aval))


def settings_key(left_out: tuple[str, ...]) -> Hashable:
    """Return the settings of the environment by value: they are built into a trace."""
    settings = environ.all()
    known = {(k, _value_key(v)) for k, v in settings.items() if k not in left_out}
    return (jax.config.read("jax_enable_x64"), frozenset(known))


def _value_key(value: Any) -> Hashable:
    if isinstance(value, _PLAIN):
        return (type(value), value)
    if isinstance(value, u.Quantity):
        return (value.unit, _value_key(value.mantissa))
    is_array = isinstance(value, (jax.Array, np.ndarray, np.generic))
    if is_array and not isinstance(value, Tracer) and value.size <= _SMALL:
        array = np.asarray(value)
        return (array.shape, str(array.dtype), array.tobytes())
    return _Same(value)
