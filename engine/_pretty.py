"""Readable representations: one line for small objects, an indented tree for others."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")


@dataclasses.dataclass
class PrettyType:
    """How the representation of an object begins and ends.

    Parameters
    ----------
    type : type or str
        What stands before the bracket.
    start, end : str
        The brackets.
    value_sep : str
        What stands between a name and its value.
    elem_indent : str
        Indentation of an entry.
    empty_repr : str
        What stands between the brackets when there is no entry.
    """

    type: Any
    start: str = "("
    end: str = ")"
    value_sep: str = "="
    elem_indent: str = "  "
    empty_repr: str = ""


@dataclasses.dataclass
class PrettyAttr:
    """One entry of a representation.

    Parameters
    ----------
    key : str
        Its name.
    value : object
        Its value; strings are taken as they are.
    start, end : str
        What stands around the entry.
    """

    key: str
    value: Any
    start: str = ""
    end: str = ""


class PrettyRepr(ABC):
    """Gives `repr` from what `__pretty_repr__` yields: a type, then its entries."""

    @abstractmethod
    def __pretty_repr__(self) -> Iterator[PrettyType | PrettyAttr]:
        """Yield one `PrettyType`, then any number of `PrettyAttr`."""

    def __repr__(self) -> str:
        return pretty_repr(self)


@dataclasses.dataclass(repr=False)
class PrettyMapping(PrettyRepr):
    """A mapping shown as `{key: value}`.

    Parameters
    ----------
    mapping : Mapping
        What is shown.
    """

    mapping: Mapping[Any, Any]

    def __pretty_repr__(self) -> Iterator[PrettyType | PrettyAttr]:
        yield PrettyType("", "{", "}", ": ")
        for key, value in self.mapping.items():
            yield PrettyAttr(repr(key), value)


class MappingReprMixin(Mapping[K, V]):
    """Shows a mapping as `{key: value}`, one entry a line."""

    def __pretty_repr__(self) -> Iterator[PrettyType | PrettyAttr]:
        yield PrettyType("", "{", "}", ": ")
        for key, value in self.items():
            yield PrettyAttr(repr(key), value)

    def __repr__(self) -> str:
        return pretty_repr(self)


class _Open(threading.local):
    """Objects whose representation is being made: a cycle shows as `...`."""

    def __init__(self) -> None:
        self.ids: set[int] = set()


_open = _Open()


@contextlib.contextmanager
def _opened(obj: object) -> Iterator[bool]:
    is_cycle = id(obj) in _open.ids
    _open.ids.add(id(obj))
    try:
        yield is_cycle
    finally:
        if not is_cycle:
            _open.ids.discard(id(obj))


def pretty_repr(obj: Any) -> str:
    """Return the representation of an object that has `__pretty_repr__`."""
    entries = iter(obj.__pretty_repr__())
    head = next(entries)
    if not isinstance(head, PrettyType):
        raise TypeError(
            f"{type(obj).__name__}.__pretty_repr__ yields {head!r} first; "
            "it needs to begin with a PrettyType."
        )
    name = head.type if isinstance(head.type, str) else head.type.__name__
    with _opened(obj) as is_cycle:
        if is_cycle:
            return f"{name}{head.start}...{head.end}"
        lines = []
        for entry in entries:
            value = entry.value if isinstance(entry.value, str) else repr(entry.value)
            text = f"{entry.start}{entry.key}{head.value_sep}{value}{entry.end}"
            lines.append(text.replace("\n", "\n" + head.elem_indent))
    if not lines:
        return f"{name}{head.start}{head.empty_repr}{head.end}"
    inner = "".join(f"\n{head.elem_indent}{line}," for line in lines)
    return f"{name}{head.start}{inner.rstrip(',')}\n{head.end}"
