"""Old place of the transformations: `engine.compile` and `engine.augment` have them."""

from __future__ import annotations

import warnings
from typing import Any

from . import augment, compile
from ._errors import nearest

_MOVED = "engine.transform.{name} is deprecated. Use engine.{part}.{name}."


def _names(part: Any) -> list[str]:
    return [name for name in vars(part) if not name.startswith("_")]


def __getattr__(name: str) -> Any:
    """Find a transformation in its new place."""
    if not name.startswith("_"):
        for part in (compile, augment):
            if hasattr(part, name):
                place = part.__name__.rpartition(".")[2]
                text = _MOVED.format(name=name, part=place)
                warnings.warn(text, DeprecationWarning, stacklevel=2)
                return getattr(part, name)
    known = [*_names(compile), *_names(augment)]
    raise AttributeError(
        f"module {__name__!r} has no attribute {name!r}.{nearest(name, known)}"
    )


def __dir__() -> list[str]:
    return sorted({*_names(compile), *_names(augment)})
