"""Frozen dataclasses and dictionaries that are pytrees."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Self, TypeVar, dataclass_transform

import jax

K = TypeVar("K")
V = TypeVar("V")
C = TypeVar("C", bound=type)

_made: set[type] = set()  # JAX refuses to register a class twice


def field(
    pytree_node: bool = True, *, metadata: Mapping | None = None, **kwargs
) -> Any:
    """Describe a field of a `dataclass`.

    Parameters
    ----------
    pytree_node : bool, default True
        Whether the field holds arrays. If False it is part of the structure, so it
        needs `==` and `hash`.
    metadata : Mapping, optional
        Further facts about the field.
    **kwargs
        Passed on to `dataclasses.field`.
    """
    known = {**(metadata or {}), "pytree_node": pytree_node}
    return dataclasses.field(metadata=known, **kwargs)


@dataclass_transform(field_specifiers=(field,), frozen_default=True)
def dataclass(clz: C, **kwargs) -> C:
    """Make a class a frozen dataclass that is a pytree and has `replace`.

    Parameters
    ----------
    clz : type
        The class; its fields may be described by `field`.
    **kwargs
        Passed on to `dataclasses.dataclass`; `frozen` is True unless given.
    """
    if clz in _made:
        return clz
    data = dataclasses.dataclass(**{"frozen": True, **kwargs})(clz)  # type: ignore[call-overload]
    leaves, structure = [], []
    for one in dataclasses.fields(data):
        is_leaf = one.metadata.get("pytree_node", True)
        (leaves if is_leaf else structure).append(one.name)
    if "replace" not in clz.__dict__:
        data.replace = _replace
    _made.add(data)
    jax.tree_util.register_dataclass(data, leaves, structure)
    return data


def _replace(self, **overrides):
    """Return a copy with some fields changed."""
    return dataclasses.replace(self, **overrides)


@dataclass_transform(field_specifiers=(field,), frozen_default=True)
class PyTreeNode:
    """Base whose subclasses become a `dataclass` by themselves."""

    def __init_subclass__(cls, **kwargs):
        dataclass(cls, **kwargs)

    def __init__(self, *args, **kwargs):
        raise TypeError(
            f"{type(self).__name__} has no fields. Annotate them in a subclass of "
            "PyTreeNode."
        )

    def replace(self, **overrides) -> Self:
        """Return a copy with some fields changed."""
        return dataclasses.replace(self, **overrides)  # type: ignore[type-var]


def _frozen(value: Any) -> Any:
    """Copy mappings into plain dictionaries, all the way down."""
    if isinstance(value, FrozenDict):
        return value.unfreeze()
    if isinstance(value, Mapping):
        return {key: _frozen(below) for key, below in value.items()}
    return value


class FrozenDict(Mapping[K, V]):
    """Dictionary that cannot be changed, nor can the dictionaries in it; hashable.

    Parameters
    ----------
    *args, **kwargs
        As for `dict`.
    __unsafe_skip_copy__ : bool, default False
        Keep the given dictionary itself; the caller promises not to change it.
    """

    def __init__(self, *args, __unsafe_skip_copy__: bool = False, **kwargs):
        given: dict[Any, Any] = dict(*args, **kwargs)
        self._items: dict[K, V] = given if __unsafe_skip_copy__ else _frozen(given)
        self._hash: int | None = None

    def __getitem__(self, key: K) -> V:
        value = self._items[key]
        if isinstance(value, dict):
            return FrozenDict(value, __unsafe_skip_copy__=True)  # type: ignore[return-value]
        return value

    def __setitem__(self, key: K, value: V) -> None:
        raise TypeError(
            f"FrozenDict: {key!r} cannot be set. Use copy({{{key!r}: value}}), which "
            "returns a new one, or unfreeze()."
        )

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return self.pretty_repr()

    def __reduce__(self):
        return FrozenDict, (self.unfreeze(),)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset((key, self[key]) for key in self))
        return self._hash

    def __eq__(self, other: object) -> bool:
        if isinstance(other, FrozenDict):
            return self._items == other._items
        return NotImplemented

    def pretty_repr(self, num_spaces: int = 4) -> str:
        """Return one entry a line, indented by `num_spaces`."""

        def shown(value: Any) -> str:
            if not isinstance(value, dict) or not value:
                return repr(value)
            lines = (f"{key!r}: {shown(below)},\n" for key, below in value.items())
            pad = " " * num_spaces
            inner = pad + "".join(lines).rstrip("\n").replace("\n", f"\n{pad}")
            return f"{{\n{inner}\n}}"

        return f"FrozenDict({shown(self._items)})"

    def copy(self, add_or_replace: Mapping[K, V] = MappingProxyType({})) -> Self:
        """Return a new one with some entries added or replaced."""
        return type(self)({**self._items, **_frozen(add_or_replace)})

    def pop(self, key: K) -> tuple[FrozenDict[K, V], V]:
        """Return a new one without `key`, and the value that was there."""
        rest = {k: v for k, v in self._items.items() if k != key}
        return FrozenDict(rest, __unsafe_skip_copy__=True), self[key]

    def unfreeze(self) -> dict[K, V]:
        """Return plain dictionaries that can be changed."""

        def thawed(value: Any) -> Any:
            if isinstance(value, dict):
                return {key: thawed(below) for key, below in value.items()}
            return value

        return thawed(self._items)

    def tree_flatten_with_keys(self) -> tuple[tuple[Any, ...], Hashable]:
        """Return values with their keys, in sorted order, and the keys."""
        keys = tuple(sorted(self._items))  # type: ignore[type-var]
        entries = ((jax.tree_util.DictKey(key), self._items[key]) for key in keys)
        return tuple(entries), keys

    @classmethod
    def tree_unflatten(cls, keys, values) -> Self:
        """Put keys and values together again."""
        items = dict(zip(keys, values, strict=True))
        return cls(items, __unsafe_skip_copy__=True)


jax.tree_util.register_pytree_with_keys_class(FrozenDict)
