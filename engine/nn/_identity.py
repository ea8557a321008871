"""When two descriptions mean the same object."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import brainunit as u
import jax
import numpy as np
from jax.core import Tracer

from ..init import Initializer
from ..mixin import ParamDescriber


def fingerprint(value: Any) -> Hashable:
    """Return what two values share only if they are the same, number by number.

    Arrays count with all their elements, initializers with their parameters, and
    whatever else cannot be hashed only as itself.
    """
    match value:
        case ParamDescriber():
            described = (value.args, value.kwargs)
            return ("desc", value.cls, *(fingerprint(part) for part in described))
        case u.Quantity():
            unit = value.unit
            return ("quantity", unit.dim, unit.magnitude, fingerprint(value.mantissa))
        case Tracer():
            return ("object", id(value))
        case np.ndarray() | jax.Array() | np.generic():
            array = np.asarray(value)
            return ("array", array.dtype.str, array.shape, array.tobytes())
        case dict():
            items = sorted(value.items(), key=lambda item: str(item[0]))
            return ("dict", *((name, fingerprint(part)) for name, part in items))
        case list() | tuple():
            return ("sequence", *(fingerprint(part) for part in value))
        case Initializer():
            return (type(value), fingerprint(vars(value)))
        case Hashable():
            return (type(value), value)
        case _:
            return ("object", id(value))
