"""Names for the types that the engine's signatures speak of."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from types import EllipsisType
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

import brainunit as u
import jax
import numpy as np

T = TypeVar("T")

PathParts: TypeAlias = tuple[Any, ...]
"""Keys from the root of a graph or of a nested mapping down to one entry."""

Predicate: TypeAlias = Callable[[PathParts, Any], bool]
"""Question about an entry, given its path and its value."""

Filter: TypeAlias = (
    str
    | type
    | EllipsisType
    | bool
    | Predicate
    | list["Filter"]
    | tuple["Filter", ...]
    | None
)
"""What `util.to_predicate` takes: a tag, a type, `...`, a predicate, or several."""

Size: TypeAlias = int | np.integer | Sequence[int] | Sequence[np.integer]
"""One length, or the lengths of several axes."""

Axes: TypeAlias = Size
"""One axis, or several."""

SeedOrKey: TypeAlias = int | jax.Array | np.ndarray
"""An integer seed, or a JAX random key."""

ArrayLike: TypeAlias = (
    jax.Array
    | np.ndarray
    | np.bool_
    | np.number
    | builtins.bool
    | int
    | float
    | complex
    | u.Quantity
)
"""Whatever JAX takes for an array, with or without a unit."""

DType: TypeAlias = np.dtype


class SupportsDType(Protocol):
    """Object with a `dtype`."""

    @property
    def dtype(self) -> DType:
        """Its data type."""
        ...


DTypeLike: TypeAlias = str | type[Any] | np.dtype | SupportsDType
"""Whatever NumPy takes for a data type."""


if TYPE_CHECKING:
    PyTree: TypeAlias = T | Any
else:

    class _PyTreeType(type):
        """Decides `isinstance(x, PyTree[leaf])` by looking at the leaves of `x`."""

        _leaf: Any = None

        def __instancecheck__(cls, instance: Any) -> bool:
            if cls._leaf is None:
                return True
            leaves = jax.tree.leaves(instance, is_leaf=cls._is_leaf)
            return all(cls._is_leaf(leaf) for leaf in leaves)

        def _is_leaf(cls, value: Any) -> bool:
            return isinstance(value, cls._leaf)

        def __getitem__(cls, item: Any) -> type:
            leaf = item[0] if isinstance(item, tuple) else item
            known = None if leaf is Any else leaf
            name = getattr(leaf, "__name__", str(leaf))
            return _PyTreeType(f"PyTree[{name}]", (cls,), {"_leaf": known})

    class PyTree(metaclass=_PyTreeType):
        """Any nesting of containers that JAX knows; `PyTree[X]` has leaves of type X.

        Notes
        -----
        ``isinstance(tree, PyTree[float])`` is true when every leaf is a float. A second
        subscript, as in ``PyTree[float, "T"]``, names the structure for readers only.
        """


class Missing:
    """Stands for an argument that was not given, where None is a value.

    Notes
    -----
    There is one instance: ``Missing() is Missing()``. It counts as false.
    """

    _only: Missing | None = None

    def __new__(cls) -> Missing:
        """Return the one instance."""
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only

    def __repr__(self) -> str:
        return "Missing()"

    def __bool__(self) -> bool:
        return False
