"""Dictionaries that collect things by key and by identity."""

from __future__ import annotations

import copy
import sys
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self

import jax

from .._errors import EngineError, nearest


class DuplicateError(EngineError, ValueError):
    """A key that already stands for something else."""


class ComparisonError(EngineError, ValueError):
    """A way to compare values that is not known."""


def _holds(values: Iterable[Any], by: str) -> Callable[[Any], bool]:
    """Return a function that tells whether a value is among `values`."""
    if by == "id":
        # holding the values keeps their ids from being used again
        known = {id(value): value for value in values}
        return lambda value: id(value) in known
    if by == "value":
        listed = list(values)
        return lambda value: value in listed
    raise ComparisonError(f"Values are compared by 'id' or by 'value', not by {by!r}.")


def _is_a(sep: type | tuple[type, ...] | Callable[[Any], bool]) -> Callable:
    if isinstance(sep, (type, tuple, types.UnionType)):
        return lambda value: isinstance(value, sep)
    return sep


@jax.tree_util.register_pytree_node_class
class DictManager(dict):
    """Dictionary with set operations over keys and over the identity of values.

    A pytree whose leaves are those of the values, in the order of insertion.
    """

    def _chosen(self, wanted: Callable[[Any, Any], bool]) -> Self:
        return type(self)({k: v for k, v in self.items() if wanted(k, v)})

    def _keep(self, wanted: Callable[[Any, Any], bool]) -> None:
        for key in [k for k, v in self.items() if not wanted(k, v)]:
            del self[key]

    def _check_elem(self, elem: Any) -> None:
        """Refuse values that do not belong here; subclasses say which."""

    def subset(self, sep: type | tuple[type, ...] | Callable[[Any], bool]) -> Self:
        """Return the entries whose value is of the type, or satisfies the function."""
        is_wanted = _is_a(sep)
        return self._chosen(lambda key, value: is_wanted(value))

    def not_subset(self, sep: type | tuple[type, ...] | Callable[[Any], bool]) -> Self:
        """Return the entries that `subset` leaves out."""
        is_wanted = _is_a(sep)
        return self._chosen(lambda key, value: not is_wanted(value))

    def add_unique_key(self, key: Any, val: Any) -> None:
        """Add an entry; refuse a key that stands for another object.

        Raises
        ------
        DuplicateError
            If `key` is there with another object.
        """
        self._check_elem(val)
        if key in self and self[key] is not val:
            raise DuplicateError(
                f"{type(self).__name__}: {key!r} already stands for {self[key]!r}. "
                "Choose another key."
            )
        self[key] = val

    def add_unique_value(self, key: Any, val: Any) -> bool:
        """Add an entry unless the object is there; return whether it was added."""
        self._check_elem(val)
        if any(val is known for known in self.values()):
            return False
        self[key] = val
        return True

    def unique(self) -> Self:
        """Return the first entry of every object."""
        seen: dict[int, Any] = {}
        return self._chosen(
            lambda key, value: seen.setdefault(id(value), key) == key  # first one wins
        )

    def unique_(self) -> Self:
        """Keep the first entry of every object, in place."""
        first = self.unique()
        self._keep(lambda key, value: key in first)
        return self

    def assign(self, *args: Mapping[Any, Any]) -> None:
        """Set the entries of all given mappings."""
        for arg in args:
            self.update(arg)

    def split(self, first: type, *others: type) -> tuple[Self, ...]:
        """Share the entries out by type: one dictionary each, then one of the rest."""
        kinds = (first, *others)
        groups = tuple(type(self)() for _ in range(len(kinds) + 1))
        for key, value in self.items():
            matches = (n for n, kind in enumerate(kinds) if isinstance(value, kind))
            groups[next(matches, len(kinds))][key] = value
        return groups

    def pop_by_keys(self, keys: Iterable[Any]) -> None:
        """Remove these keys, in place."""
        gone = set(keys)
        self._keep(lambda key, value: key not in gone)

    def pop_by_values(self, values: Iterable[Any], by: str = "id") -> None:
        """Remove these values, in place; compared by ``"id"`` or by ``"value"``."""
        is_gone = _holds(values, by)
        self._keep(lambda key, value: not is_gone(value))

    def difference_by_keys(self, keys: Iterable[Any]) -> Self:
        """Return the entries with other keys."""
        gone = set(keys)
        return self._chosen(lambda key, value: key not in gone)

    def difference_by_values(self, values: Iterable[Any], by: str = "id") -> Self:
        """Return the entries with other values."""
        is_gone = _holds(values, by)
        return self._chosen(lambda key, value: not is_gone(value))

    def intersection_by_keys(self, keys: Iterable[Any]) -> Self:
        """Return the entries with these keys."""
        kept = set(keys)
        return self._chosen(lambda key, value: key in kept)

    def intersection_by_values(self, values: Iterable[Any], by: str = "id") -> Self:
        """Return the entries with these values."""
        is_kept = _holds(values, by)
        return self._chosen(lambda key, value: is_kept(value))

    def union_by_value_ids(self, other: Mapping[Any, Any]) -> Self:
        """Return these entries, and those of `other` whose object is not here."""
        is_here = _holds(self.values(), "id")
        new = {key: value for key, value in other.items() if not is_here(value)}
        return type(self)({**new, **self})

    def __add__(self, other: Mapping[Any, Any]) -> Self:
        return type(self)({**self, **other})

    def __copy__(self) -> Self:
        return type(self)(self)

    def tree_flatten(self):
        """Return the values and the keys."""
        return tuple(self.values()), tuple(self.keys())

    @classmethod
    def tree_unflatten(cls, keys, values) -> Self:
        """Put keys and values together again."""
        return cls(zip(keys, values, strict=True))

    def to_dict(self) -> dict[Any, Any]:
        """Return a plain dictionary."""
        return dict(self)


@jax.tree_util.register_pytree_node_class
class DotDict(dict):
    """Dictionary whose string keys are attributes too, at every depth.

    A pytree whose leaves are those of the values, in the order of insertion.

    Parameters
    ----------
    *args, **kwargs
        As for `dict`; dictionaries inside become `DotDict`.
    """

    def __init__(self, *args, **kwargs):
        super().__init__()
        self.update(*args, **kwargs)

    def __getattr__(self, item: str) -> Any:
        if item in self:
            return self[item]
        hint = "" if item.startswith("_") else nearest(item, self)
        raise AttributeError(f"DotDict has no {item!r}.{hint}")

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        if name not in self:
            raise AttributeError(f"DotDict has no {name!r}.{nearest(name, self)}")
        del self[name]

    def __setitem__(self, name: Any, value: Any) -> None:
        super().__setitem__(name, _dotted(value))

    def __copy__(self) -> DotDict:
        return self.copy()

    def copy(self) -> DotDict:
        """Return a new dictionary of the same values."""
        return DotDict(self)

    def deepcopy(self) -> DotDict:
        """Return a new dictionary of copied values."""
        return DotDict({key: copy.deepcopy(value) for key, value in self.items()})

    def to_dict(self) -> dict[Any, Any]:
        """Return plain dictionaries, at every depth."""
        return {
            key: value.to_dict() if isinstance(value, DotDict) else value
            for key, value in self.items()
        }

    def update(self, *args, **kwargs) -> None:
        """Set entries, merging dictionaries that are on both sides."""
        for key, value in dict(*args, **kwargs).items():
            old = self.get(key)
            if isinstance(old, DotDict) and isinstance(value, dict):
                old.update(value)
            else:
                self[key] = value

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """Return the value at `key`, set to `default` first if there is none."""
        if key not in self:
            self[key] = default
        return self[key]

    def tree_flatten(self):
        """Return the values and the keys."""
        return tuple(self.values()), tuple(self.keys())

    @classmethod
    def tree_unflatten(cls, keys, values) -> DotDict:
        """Put keys and values together again."""
        return cls(zip(keys, values, strict=True))


def _dotted(value: Any) -> Any:
    """Make plain dictionaries `DotDict`, also those in lists and tuples."""
    if type(value) is dict:
        return DotDict(value)
    if type(value) in (list, tuple):
        return type(value)(_dotted(one) for one in value)
    return value


def display(*args: Any) -> None:
    """Write the representation of every argument on a line of its own."""
    for arg in args:
        sys.stdout.write(f"{arg!r}\n")
