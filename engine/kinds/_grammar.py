"""The language of value fields: arithmetic on numbers with units, nothing else.

Text becomes a `Spread` or a `Measure` by a small grammar; there are no names but
units, no functions but the two distributions, and powers are small integers, so no
text can do more than arithmetic.
"""

from __future__ import annotations

import functools
import math
import re
from typing import NamedTuple

import lark

from ._units import Measure, UnknownUnitError, measure_of, quantity_name, unit_by_name

MAX_LENGTH = 200

GRAMMAR = r"""
value: sum                                  -> scalar
     | sum PM sum                           -> normal
     | NORMAL "(" sum "," sum ")"           -> normal
     | UNIFORM "(" sum "," sum ")"          -> uniform
?sum: product
    | sum "+" product                       -> add
    | sum "-" product                       -> subtract
?product: signed
    | product ("*" | "·" | "×") signed      -> multiply
    | product "/" signed                    -> divide
?signed: measure
    | "-" signed                            -> negate
    | "+" signed
?measure: power
    | unit
    | measure unit                          -> multiply
?power: atom
    | atom POWER                            -> power
?atom: NUMBER                               -> number
    | "(" sum ")"
unit: UNIT
    | UNIT POWER
PM: "±" | "+-" | "+/-"
NORMAL.2: /normal\b/i
UNIFORM.2: /uniform\b/i
POWER: /(\^|\*\*) ?-?[1-9]\b/
NUMBER: /(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?/
UNIT: /%|[A-Za-zµμΩΩ]+/
%ignore /\s+/
"""

_SAME = str.maketrans({"−": "-", "–": "-", "²": "^2", "³": "^3"})
_THOUSANDS = re.compile(r"(?<=\d)[\s_](?=\d{3}(?!\d))")
_COMMA = re.compile(r"^\s*[-+]?\d+,\d+\s*[^\d,(]*$")
_PLAIN = re.compile(
    r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([A-Za-z%]*)\s*", re.ASCII
)


class Normal(NamedTuple):
    """Normal distribution, two measures."""

    mean: Measure
    std: Measure


class Uniform(NamedTuple):
    """Uniform distribution, two measures."""

    low: Measure
    high: Measure


class MeaningError(ValueError):
    """Text that is no value; the message is a sentence for the person who typed it."""


def read(text: str, unit: str) -> Measure | Normal | Uniform:
    """Return what a text means; numbers without a unit are in `unit`.

    Raises
    ------
    MeaningError
        If it is not a value.
    """
    if len(text) > MAX_LENGTH:
        raise MeaningError(f"That is longer than {MAX_LENGTH} characters.")
    if match := _PLAIN.fullmatch(text):  # nearly all there are, without a parser
        return _finite(_in_unit(_times(float(match[1]), match[2]), unit))
    if _COMMA.match(text):
        raise MeaningError("Write decimals with a point.")
    text = _THOUSANDS.sub("", text.translate(_SAME))
    try:
        tree = _parser().parse(text)
    except lark.exceptions.LarkError as error:
        raise MeaningError(_complaint(text, error)) from error
    try:
        return _meaning(tree, unit)
    except OverflowError as error:
        raise MeaningError("That number is too large.") from error
    except ZeroDivisionError as error:
        raise MeaningError("That divides by zero.") from error


@functools.cache
def _parser() -> lark.Lark:
    return lark.Lark(GRAMMAR, parser="lalr", start="value", propagate_positions=False)


def _complaint(text: str, error: lark.exceptions.LarkError) -> str:
    place = getattr(error, "pos_in_stream", None)
    if isinstance(error, lark.exceptions.UnexpectedCharacters) and place is not None:
        return f"There is no place for {text[place]!r} in a value."
    if not text.strip():
        return "A value is missing."
    return "That is not a number with a unit."


def _times(number: float, unit: str) -> Measure:
    if not unit:
        return Measure(number, None)
    try:
        one = unit_by_name(unit)
    except UnknownUnitError as error:
        raise MeaningError(f"There is no unit {unit!r}.{error.near}") from error
    return Measure(number * one.number, one.dim)


def _in_unit(measure: Measure, unit: str) -> Measure:
    """Read a bare number (dimension None) in `unit`."""
    if measure.dim is not None:
        return measure
    one = measure_of(unit)
    return Measure(measure.number * one.number, one.dim)


def _finite(measure: Measure) -> Measure:
    if not math.isfinite(measure.number):
        raise MeaningError("That number is too large.")
    return measure


def _meaning(tree: lark.Tree, unit: str) -> Measure | Normal | Uniform:
    parts = [part for part in tree.children if not isinstance(part, lark.Token)]
    measures = [_compute(part) for part in parts]
    units = [m.dim for m in measures if m.dim is not None]
    if len(measures) == 2 and len(units) == 1:  # "-55 ± 5 mV": the unit is for both
        texts = {id(m): m for m in measures if m.dim is None}
        scale = _last_scale(parts)
        measures = [
            Measure(m.number * scale, units[0]) if id(m) in texts else m
            for m in measures
        ]
    measures = [_finite(_in_unit(m, unit)) for m in measures]
    if tree.data == "scalar":
        return measures[0]
    return Normal(*measures) if tree.data == "normal" else Uniform(*measures)


def _last_scale(parts: list) -> float:
    """Return the SI factor of the last unit written in one of the parts."""
    scale = 1.0
    for part in parts:
        for node in part.iter_subtrees():
            if node.data == "unit":
                scale = _compute(node).number
    return scale


def _compute(tree: lark.Tree) -> Measure:
    """Evaluate an expression; a dimension of None is a number without unit."""
    match tree.data:
        case "number":
            return Measure(float(str(tree.children[0])), None)
        case "unit":
            name, *power = (str(token) for token in tree.children)
            return _power(_times(1.0, name), *power)
    first, *rest = tree.children
    left = _compute(first)  # type: ignore[arg-type]
    if tree.data == "negate":
        return Measure(-left.number, left.dim)
    if tree.data == "power":
        return _power(left, str(rest[0]))
    right = _compute(rest[0])  # type: ignore[arg-type]
    if tree.data in ("add", "subtract"):
        return _add(left, right, 1 if tree.data == "add" else -1)
    if tree.data == "multiply":
        return Measure(left.number * right.number, _combined(left.dim, right.dim, 1))
    return Measure(left.number / right.number, _combined(left.dim, right.dim, -1))


def _power(base: Measure, text: str = "^1") -> Measure:
    n = int(text.lstrip("^*"))
    return Measure(base.number**n, None if base.dim is None else base.dim**n)


def _combined(left, right, sign: int):
    if right is None:
        return left
    right = right**sign
    return right if left is None else left * right


def _add(left: Measure, right: Measure, sign: int) -> Measure:
    if left.dim != right.dim:
        plain = measure_of("").dim
        one, other = (quantity_name(m.dim or plain) for m in (left, right))
        raise MeaningError(f"{one.capitalize()} and {other} cannot be added.")
    return Measure(left.number + sign * right.number, left.dim)
