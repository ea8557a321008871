"""Filters: short descriptions of which entries of a graph are meant."""

from __future__ import annotations

import dataclasses
from typing import Any

from .._errors import EngineError
from ..typing import Filter, PathParts, Predicate


class FilterError(EngineError, TypeError):
    """Something that says nothing about which entries are meant."""


def to_predicate(the_filter: Filter) -> Predicate:
    """Turn a filter into a function of path and value.

    Parameters
    ----------
    the_filter : str, type, `...`, bool, None, callable, list or tuple
        A string matches states with this tag; a type matches its instances, and the
        `TreefyState` of such states; `...` and True match everything, None and False
        nothing; a function of ``(path, value)`` decides itself; a list or tuple
        matches what any of its filters matches.

    Returns
    -------
    callable
        ``(path, value) -> bool``.

    Raises
    ------
    FilterError
        If `the_filter` is something else.
    """
    if isinstance(the_filter, str):
        return WithTag(the_filter)
    if isinstance(the_filter, type):
        return OfType(the_filter)
    if the_filter is ... or the_filter is True:
        return Everything()
    if the_filter is None or the_filter is False:
        return Nothing()
    if callable(the_filter):
        return the_filter
    if isinstance(the_filter, (list, tuple)):
        return AnyOf(tuple(to_predicate(one) for one in the_filter))
    raise FilterError(
        f"to_predicate: {the_filter!r} is no filter. Give a tag, a type, `...`, a "
        "function of (path, value), or a list of these."
    )


@dataclasses.dataclass(frozen=True)
class WithTag:
    """Matches states that carry the tag."""

    tag: str

    def __call__(self, path: PathParts, x: Any) -> bool:
        return getattr(x, "tag", None) == self.tag


@dataclasses.dataclass(frozen=True)
class PathContains:
    """Matches entries whose path has this key."""

    key: Any

    def __call__(self, path: PathParts, x: Any) -> bool:
        return self.key in path


@dataclasses.dataclass(frozen=True)
class OfType:
    """Matches instances of a type, and treefied states that were of the type."""

    type: type

    def __call__(self, path: PathParts, x: Any) -> bool:
        if isinstance(x, self.type):
            return True
        kind = getattr(x, "type", None)
        return isinstance(kind, type) and issubclass(kind, self.type)


@dataclasses.dataclass(frozen=True)
class AnyOf:
    """Matches what one of several predicates matches."""

    predicates: tuple[Predicate, ...]

    def __call__(self, path: PathParts, x: Any) -> bool:
        return any(predicate(path, x) for predicate in self.predicates)


@dataclasses.dataclass(frozen=True)
class AllOf:
    """Matches what every one of several predicates matches."""

    predicates: tuple[Predicate, ...]

    def __call__(self, path: PathParts, x: Any) -> bool:
        return all(predicate(path, x) for predicate in self.predicates)


@dataclasses.dataclass(frozen=True)
class Not:
    """Matches what a predicate does not."""

    predicate: Predicate

    def __call__(self, path: PathParts, x: Any) -> bool:
        return not self.predicate(path, x)


@dataclasses.dataclass(frozen=True)
class Everything:
    """Matches every entry."""

    def __call__(self, path: PathParts, x: Any) -> bool:
        return True


@dataclasses.dataclass(frozen=True)
class Nothing:
    """Matches no entry."""

    def __call__(self, path: PathParts, x: Any) -> bool:
        return False


def is_instance_eval(*cls: type):
    """Return a function that tells whether its argument is of one of the types."""
    return lambda x: isinstance(x, cls)


def not_instance_eval(*cls: type):
    """Return a function that tells whether its argument is of none of the types."""
    return lambda x: not isinstance(x, cls)
