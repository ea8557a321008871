"""Mappings of states: nested as the model is, or flat with paths as keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Self, TypeVar

import jax

from .._errors import EngineError, nearest
from .._pretty import PrettyAttr, PrettyRepr, PrettyType
from ..typing import Filter, PathParts
from ._filter import to_predicate
from ._struct import dataclass

K = TypeVar("K")
V = TypeVar("V")

NOT_EXHAUSTIVE = (
    "split: no filter matches {path}. Add `...` as the last filter for the rest, or "
    "use filter() to leave it out."
)
NOT_LAST = (
    "`...` and True match everything: only further ones may follow them, but filter "
    "{position} is {after!r}. Put them last."
)


class SplitError(EngineError, ValueError):
    """Filters that leave something over, or can never be reached."""


class PathError(EngineError, ValueError):
    """A path that a mapping does not have, or cannot take."""


@dataclass
class EmptyNode:
    """Keeps the place of an empty mapping in a flattened one."""


empty_node = EmptyNode()


def _order(key: Any) -> tuple[Any, ...]:
    """Return a sorting key for keys of mixed types: by type, then by value."""
    if isinstance(key, tuple):
        return tuple(_order(part) for part in key)
    return (type(key).__name__, key if isinstance(key, (int, str)) else repr(key))


def _keep_nothing(path: PathParts, value: Any) -> bool:
    return False


def _leaves(
    xs: Any,
    path: PathParts,
    is_leaf: Callable[[PathParts, Any], bool],
    keep_empty: bool,
) -> Iterator[tuple[PathParts, Any]]:
    """Yield path and value of every leaf below `xs`."""
    if not isinstance(xs, Mapping) or is_leaf(path, xs):
        yield path, xs
        return
    if not xs and keep_empty and path:
        yield path, empty_node
    for key, value in xs.items():
        yield from _leaves(value, (*path, key), is_leaf, keep_empty)


def flat_mapping(
    xs: Mapping[Any, Any],
    /,
    *,
    keep_empty_nodes: bool = False,
    is_leaf: Callable[[PathParts, Any], bool] | None = _keep_nothing,
    sep: str | None = None,
) -> FlattedDict:
    """Flatten nested mappings to one whose keys are paths.

    Parameters
    ----------
    xs : Mapping
        Mappings within mappings.
    keep_empty_nodes : bool, default False
        Keep the place of empty mappings, so that `nest_mapping` brings them back.
    is_leaf : callable, optional
        ``(path, mapping) -> bool``: whether a mapping is kept as it is.
    sep : str, optional
        Join the keys of a path to one string with this between them.

    Returns
    -------
    FlattedDict
        Path (a tuple, or a string with `sep`) to value.
    """
    if not isinstance(xs, Mapping):
        raise TypeError(f"flat_mapping: needs a mapping, got {type(xs).__name__}.")
    found = _leaves(xs, (), is_leaf or _keep_nothing, keep_empty_nodes)
    if sep is None:
        return FlattedDict(found)
    return FlattedDict((sep.join(path), value) for path, value in found)


def nest_mapping(xs: Mapping[Any, Any], /, *, sep: str | None = None) -> NestedDict:
    """Nest a mapping whose keys are paths; the inverse of `flat_mapping`.

    Parameters
    ----------
    xs : Mapping
        Path to value.
    sep : str, optional
        What stands between the keys of a path, if paths are strings.

    Raises
    ------
    PathError
        If one path goes through the value of another.
    """
    if not isinstance(xs, Mapping):
        raise TypeError(f"nest_mapping: needs a mapping, got {type(xs).__name__}.")
    root = NestedDict()
    for given, value in xs.items():
        path = given if sep is None else tuple(given.split(sep))
        at = root
        for key in path[:-1]:
            at = at.setdefault(key, NestedDict())
            if not isinstance(at, NestedDict):
                raise PathError(
                    f"nest_mapping: {path} goes through the value at {key!r}. "
                    "A path cannot continue below a value."
                )
        at[path[-1]] = NestedDict() if isinstance(value, EmptyNode) else value
    return root


class PrettyDict(dict[K, V], PrettyRepr):
    """Dictionary whose string keys are attributes too, shown as a tree."""

    def __getattr__(self, name: str) -> Any:
        if name in self:
            return self[name]  # type: ignore[index]
        hint = "" if name.startswith("_") else nearest(name, self)
        raise AttributeError(f"{type(self).__name__} has no {name!r}.{hint}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("__"):  # what typing notes down on instances
            super().__setattr__(name, value)
        else:
            self[name] = value  # type: ignore[index]

    def __delattr__(self, name: str) -> None:
        if name not in self:
            raise AttributeError(
                f"{type(self).__name__} has no {name!r}.{nearest(name, self)}"
            )
        del self[name]  # type: ignore[arg-type]

    def __repr__(self) -> str:
        return PrettyRepr.__repr__(self)

    def __pretty_repr__(self) -> Iterator[PrettyType | PrettyAttr]:
        yield PrettyType(type(self), "({", "})", ": ")
        for key, value in self.items():
            yield PrettyAttr(repr(key), value)

    def treefy_state(self) -> Self:
        """Return a copy whose States are pytrees; see `State.to_state_ref`."""
        refer = lambda x: x.to_state_ref() if hasattr(x, "to_state_ref") else x
        return jax.tree.map(refer, self)

    def to_dict(self) -> dict[Any, Any]:
        """Return plain dictionaries down to the leaves."""
        return _pure(self)

    def subset(self, *filters: Filter):
        """Return what matches; the same as `filter`."""
        return self.filter(*filters)  # type: ignore[attr-defined]


def _pure(value: Any) -> Any:
    """Turn mappings into plain dictionaries, all the way down."""
    if not isinstance(value, Mapping):
        return value
    return {key: _pure(below) for key, below in value.items()}


def _sorted_out(
    flat: Mapping[Any, Any], filters: tuple[Filter, ...]
) -> tuple[list[dict[Any, Any]], dict[Any, Any]]:
    """Put every entry with the first filter that matches it; return the rest too."""
    for position, one in enumerate(filters[:-1]):
        after = filters[position + 1]
        if (one is ... or one is True) and not (after is ... or after is True):
            raise SplitError(NOT_LAST.format(position=position + 2, after=after))
    predicates = [to_predicate(one) for one in filters]
    groups: list[dict[Any, Any]] = [{} for _ in filters]
    rest: dict[Any, Any] = {}
    for path, value in flat.items():
        for group, predicate in zip(groups, predicates, strict=True):
            if predicate(path, value):
                group[path] = value
                break
        else:
            rest[path] = value
    return groups, rest


class FlattedDict(PrettyDict[PathParts, V]):
    """Dictionary from path to value, as `graph.states` and `graph.nodes` return it.

    A pytree: its leaves are the values, in the order of the paths.
    """

    def __or__(self, other: Mapping[Any, Any]) -> Self:  # type: ignore[override]
        return type(self)({**self, **other})

    def __sub__(self, other: Mapping[Any, Any]) -> Self:
        return type(self)({k: v for k, v in self.items() if k not in other})

    def to_nest(self) -> NestedDict:
        """Return the same entries nested."""
        return nest_mapping(self)

    @classmethod
    def from_nest(
        cls, nested_dict: Mapping[Any, Any] | Iterable[tuple[Any, Any]], /
    ) -> FlattedDict:
        """Make one from nested mappings."""
        return flat_mapping(dict(nested_dict))

    def split(self, first: Filter, /, *filters: Filter):
        """Share the entries out among filters, each entry to the first that matches.

        Parameters
        ----------
        first, *filters : Filter
            See `to_predicate`; `...` last takes all that is left.

        Returns
        -------
        FlattedDict or tuple of FlattedDict
            One for each filter; not a tuple when there is only one.

        Raises
        ------
        SplitError
            If an entry matches no filter.
        """
        groups, rest = _sorted_out(self, (first, *filters))
        if rest:
            raise SplitError(NOT_EXHAUSTIVE.format(path=next(iter(rest))))
        return _one_or_all([FlattedDict(group) for group in groups])

    def filter(self, first: Filter, /, *filters: Filter):
        """Return the entries that match, leaving the others out; see `split`."""
        groups, _ = _sorted_out(self, (first, *filters))
        return _one_or_all([FlattedDict(group) for group in groups])

    @staticmethod
    def merge(state: Mapping[Any, Any], /, *states: Mapping[Any, Any]) -> FlattedDict:
        """Return the entries of all; where paths are equal, the later one's."""
        merged = FlattedDict(state)
        for one in states:
            merged.update(one)
        return merged

    def to_dict_values(self) -> dict[Any, Any]:
        """Return path to value, with `State` replaced by what it holds."""
        return {path: getattr(leaf, "value", leaf) for path, leaf in self.items()}


class NestedDict(PrettyDict[Any, Any]):
    """Dictionary of states nested as the model is, as `graph.treefy_split` returns it.

    A pytree: its leaves are those of the values, in the order of the keys.
    """

    def __or__(self, other: Mapping[Any, Any]) -> NestedDict:  # type: ignore[override]
        return NestedDict.merge(self, other)

    def __sub__(self, other: Mapping[Any, Any]) -> NestedDict:
        return nest_mapping(self.to_flat() - flat_mapping(other))

    def to_flat(self) -> FlattedDict:
        """Return the same entries with paths as keys."""
        return flat_mapping(self)

    @classmethod
    def from_flat(
        cls, flat_dict: Mapping[PathParts, V] | Iterable[tuple[PathParts, V]], /
    ) -> NestedDict:
        """Make one from paths and values."""
        return nest_mapping(dict(flat_dict))

    def split(self, first: Filter, /, *filters: Filter):
        """Share the leaves out among filters; see `FlattedDict.split`."""
        groups, rest = _sorted_out(self.to_flat(), (first, *filters))
        if rest:
            raise SplitError(NOT_EXHAUSTIVE.format(path=next(iter(rest))))
        return _one_or_all([nest_mapping(group) for group in groups])

    def filter(self, first: Filter, /, *filters: Filter):
        """Return the leaves that match, leaving the others out; see `split`."""
        groups, _ = _sorted_out(self.to_flat(), (first, *filters))
        return _one_or_all([nest_mapping(group) for group in groups])

    @staticmethod
    def merge(state: Mapping[Any, Any], /, *states: Mapping[Any, Any]) -> NestedDict:
        """Return the leaves of all; where paths are equal, the later one's."""
        flat = (flat_mapping(one) for one in (state, *states))
        return nest_mapping(FlattedDict.merge(next(flat), *flat))

    def to_pure_dict(self) -> dict[Any, Any]:
        """Return plain nested dictionaries of the same leaves."""
        return self.to_dict()

    def replace_by_pure_dict(
        self,
        pure_dict: Mapping[Any, Any],
        replace_fn: Callable[[Any, Any], Any] | None = None,
    ) -> None:
        """Put new values into the leaves, in place.

        Parameters
        ----------
        pure_dict : Mapping
            Nested mappings of new values.
        replace_fn : callable, optional
            ``(leaf, value) -> leaf``. Unless given, a leaf that has `replace` is asked
            for a copy with the value, and any other leaf becomes the value.

        Raises
        ------
        PathError
            If `pure_dict` has a path that is not here.
        """
        replace = replace_fn or _replaced
        for path, value in flat_mapping(pure_dict).items():
            at: Any = self
            for key in path[:-1]:
                at = at.get(key, {}) if isinstance(at, Mapping) else {}
            if path[-1] not in at:
                raise PathError(f"replace_by_pure_dict: there is no entry at {path}.")
            at[path[-1]] = replace(at[path[-1]], value)


def _replaced(leaf: Any, value: Any) -> Any:
    return leaf.replace(value) if hasattr(leaf, "replace") else value


def _one_or_all(groups: list[Any]) -> Any:
    return groups[0] if len(groups) == 1 else tuple(groups)


def _register(cls: type[dict[Any, Any]]) -> None:
    """Make a dictionary class a pytree with its keys in one fixed order."""

    def with_keys(x):
        keys = tuple(sorted(x, key=_order))
        return [(jax.tree_util.DictKey(key), x[key]) for key in keys], keys

    def flatten(x):
        keys = tuple(sorted(x, key=_order))
        return [x[key] for key in keys], keys

    jax.tree_util.register_pytree_with_keys(
        cls,
        with_keys,
        lambda keys, values: cls(zip(keys, values, strict=True)),
        flatten,
    )


_register(NestedDict)
_register(FlattedDict)
