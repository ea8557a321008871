"""Checks of plain JSON values against type hints: no conversion, no execution."""

from __future__ import annotations

import dataclasses
import difflib
import functools
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

from ._errors import ProtocolError

MAX_DEPTH = 32
MAX_ITEMS = 200_000
MAX_TEXT = 1_000_000

Json: TypeAlias = object  # any JSON value: depth, size and numbers are checked
T = TypeVar("T")


def decode(cls: type[T], values: Mapping[str, Any], where: str) -> T:
    """Make the dataclass `cls` from the entries of a JSON object.

    Parameters
    ----------
    cls : type
        A dataclass whose hints use JSON types only.
    values : mapping
        Field names to values, exactly those that `cls` declares.
    where : str
        How error texts call this object.

    Raises
    ------
    ProtocolError
        If a field is missing, unknown or of another type.
    """
    fields = {field.name: field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    for name in values:
        if name not in fields:
            raise ProtocolError(_unknown(f"{where}.{name}", str(name), fields))
    hints = _hints(cls)
    for name, field in fields.items():
        if name in values:
            check(values[name], hints[name], f"{where}.{name}")
        elif field.default is dataclasses.MISSING:
            raise ProtocolError(f"{where}.{name} is missing.")
    return cls(**values)


def check(value: object, hint: Any, where: str) -> None:
    """Raise `ProtocolError` unless `value` is a JSON value of the type `hint`."""
    if hint is Json:
        _check_json(value, where)
        return
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        _check_union(value, typing.get_args(hint), where)
    elif origin is typing.Literal:
        allowed = typing.get_args(hint)
        # 1 == True == 1.0: a tag has to be of its own type too
        if not any(type(value) is type(a) and value == a for a in allowed):
            raise ProtocolError(_unknown(where, value, allowed))
    elif origin is list:
        _check_is(value, list, "a list", where)
        (item,) = typing.get_args(hint)
        for i, entry in enumerate(typing.cast(list[object], value)):
            check(entry, item, f"{where}[{i}]")
    elif origin is dict:
        _check_is(value, dict, "an object", where)
        _, item = typing.get_args(hint)
        for key, entry in typing.cast(dict[object, object], value).items():
            _check_is(key, str, "a text as key", where)
            check(entry, item, f"{where}.{key}")
    elif hint in _SCALARS:
        need, is_valid = _SCALARS[hint]
        if not is_valid(value):
            raise ProtocolError(f"{where} is {_shown(value)}; it needs {need}.")
    else:
        raise TypeError(f"{where}: the hint {hint!r} is not a JSON type.")


def _is_number(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # false for NaN, for infinity and for integers that no double can hold
    return is_number and -1.7e308 < typing.cast(float, value) < 1.7e308


def _is_integer(value: object) -> bool:
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    # beyond 2**53 a browser cannot have written it exactly
    return is_integer and abs(typing.cast(int, value)) <= 2**53


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MAX_TEXT and _is_encodable(value)


def _is_encodable(text: str) -> bool:
    """Whether `text` has no lone surrogate: those break every UTF-8 save."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_SCALARS: dict[Any, tuple[str, Callable[[object], bool]]] = {
    str: (f"a text of at most {MAX_TEXT} characters", _is_text),
    int: ("a whole number", _is_integer),
    float: ("a finite number", _is_number),
    bool: ("true or false", lambda value: isinstance(value, bool)),
    type(None): ("null", lambda value: value is None),
}


def _check_union(value: object, members: tuple[Any, ...], where: str) -> None:
    reasons = []
    for member in members:
        try:
            return check(value, member, where)
        except ProtocolError as error:
            reasons.append(str(error))
    # the first member is the interesting one: the others are null or a fallback
    raise ProtocolError(reasons[0])


def _check_is(value: object, cls: type, need: str, where: str) -> None:
    if not isinstance(value, cls):
        raise ProtocolError(f"{where} is {_shown(value)}; it needs {need}.")


def _check_json(value: object, where: str) -> None:
    """Walk with a list, not by recursion: hostile depth must not overflow."""
    stack: list[tuple[object, int]] = [(value, 0)]
    seen = 0
    while stack:
        item, depth = stack.pop()
        seen += 1
        if depth > MAX_DEPTH:
            raise ProtocolError(f"{where} is nested deeper than {MAX_DEPTH} levels.")
        if seen > MAX_ITEMS:
            raise ProtocolError(f"{where} has more than {MAX_ITEMS} values.")
        if isinstance(item, Mapping):
            stack += [(key, depth + 1) for key in item]
            stack += [(entry, depth + 1) for entry in item.values()]
        elif isinstance(item, list | tuple):
            stack += [(entry, depth + 1) for entry in item]
        elif not (
            item is None or isinstance(item, bool) or _is_text(item) or _is_number(item)
        ):
            raise ProtocolError(f"{where} holds {_shown(item)}, which JSON cannot say.")


def _shown(value: object) -> str:
    if isinstance(value, Mapping | list | tuple):
        return "an object" if isinstance(value, Mapping) else "a list"
    if isinstance(value, int) and value.bit_length() > 64:
        return "a very large number"  # Python refuses to print thousands of digits
    text = repr(value[:60] if isinstance(value, str) else value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _unknown(where: str, given: object, allowed: typing.Iterable[object]) -> str:
    names = [str(name) for name in allowed]
    near = difflib.get_close_matches(str(given), names, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else f" Known: {', '.join(names)}."
    return f"{where} is not known: {_shown(given)}.{hint}"


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)
