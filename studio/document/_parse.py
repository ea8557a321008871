"""JSON from strangers: counted before it is parsed, refused where it is ambiguous."""

from __future__ import annotations

import json
import math
import re
from itertools import accumulate
from typing import Any, NoReturn

from .._errors import DamagedFileError, TooLargeError

MAX_BYTES = 8 * 2**20
MAX_NESTING = 40
MAX_CONTAINERS = 400_000
MAX_VALUES = 1_000_000

# possessive, so linear on any input; an unclosed string swallows the rest
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEP = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def parse(data: bytes, where: str) -> Any:
    """Return the JSON value in `data`.

    Parameters
    ----------
    data : bytes
        UTF-8, with or without a byte order mark.
    where : str
        How error texts call the file.

    Raises
    ------
    TooLargeError
        Beyond 8 MB, 40 levels, 400 000 containers or a million values; found
        before anything is parsed.
    DamagedFileError
        If it is no JSON, or JSON that readers understand differently: a name
        twice in one object, NaN, Infinity, a number beyond a double.
    """
    check_caps(data, where)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DamagedFileError(
            f"{where} is not text in UTF-8 (byte {error.start}). It was cut, damaged "
            "or saved in another encoding."
        ) from error

    def refuse_constant(name: str) -> NoReturn:
        raise DamagedFileError(f"{where} holds {name}, which is not a number in JSON.")

    def read_float(digits: str) -> float:
        value = float(digits)
        if not math.isfinite(value):
            raise DamagedFileError(f"{where} holds {digits[:40]}, too large a number.")
        return value

    def read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        entries = dict(pairs)
        if len(entries) < len(pairs):
            seen: set[str] = set()
            twice = next(key for key, _ in pairs if key in seen or seen.add(key))
            raise DamagedFileError(
                f"{where} names {twice[:60]!r} twice in one object; only one can count."
            )
        return entries

    try:
        return json.loads(
            text,
            parse_constant=refuse_constant,
            parse_float=read_float,
            object_pairs_hook=read_object,
        )
    except DamagedFileError:
        raise
    except json.JSONDecodeError as error:
        raise DamagedFileError(
            f"{where} is not a whole JSON file: {error.msg} "
            f"at line {error.lineno}, column {error.colno}."
        ) from error
    except (ValueError, RecursionError) as error:  # e.g. an integer of 5 000 digits
        raise DamagedFileError(f"{where} cannot be read as JSON: {error}") from error


def check_caps(data: bytes, where: str) -> None:
    """Count bytes, levels, containers and values without building anything."""
    if len(data) > MAX_BYTES:
        raise TooLargeError(
            f"{where} has {len(data) / 2**20:.1f} MB; a document has at most "
            f"{MAX_BYTES // 2**20} MB."
        )
    bare = _STRING.sub(b"", data)
    brackets = bare.translate(None, _NOT_BRACKETS)
    if len(brackets) > 2 * MAX_CONTAINERS or bare.count(b",") > MAX_VALUES:
        raise TooLargeError(f"{where} holds more values than a document may have.")
    depths = accumulate(map(_STEP.__getitem__, brackets))
    if any(depth > MAX_NESTING for depth in depths):
        raise TooLargeError(f"{where} is nested deeper than {MAX_NESTING} levels.")
