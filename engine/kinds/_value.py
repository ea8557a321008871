"""Values: from what a person typed to what the drawing holds, and to quantities."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Any

import brainunit as u

from .._errors import EngineError, nearest
from ._grammar import MeaningError, Normal, Uniform, read
from ._kind import Param
from ._units import PREFIXES, Measure, measure_of, quantity_name, unit_of

MAX_TEXT = 200
MAX_LIST = 100_000
DIGITS = 12

DISTRIBUTIONS = {"Normal": ("mean", "std"), "Uniform": ("low", "high")}
_YES, _NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
_CLASSES = {"Normal": Normal, "Uniform": Uniform}


class ValueProblem(EngineError, ValueError):  # noqa: N818 (a problem as data)
    """A value that a parameter cannot have.

    Parameters
    ----------
    text : str
        What is wrong and what is needed, for people.
    fixes : tuple of (label, value)
        Values that could be meant.
    code : str
        Short name of the problem.
    """

    def __init__(
        self, text: str, fixes: tuple[tuple[str, Any], ...] = (), code: str = "value"
    ):
        super().__init__(text)
        self.text = text
        self.fixes = fixes
        self.code = code


def parse_value(value: Any, param: Param) -> Any:
    """Return a value as the drawing holds it.

    Parameters
    ----------
    value : str, number, Quantity, bool, list or dict
        What was typed or read: "0.02 s", "2*10 ms", "-55 ± 5 mV", 20 (in the unit of
        the parameter), ``20 * u.ms``, or a distribution.
    param : Param
        What it is for.

    Returns
    -------
    str, number, bool, list or dict
        "20 ms"; a plain number if the parameter has no unit; a distribution as
        ``{"dist": "Normal", "mean": "-55 mV", "std": "5 mV"}``.

    Raises
    ------
    ValueProblem
        If the parameter cannot have it.
    """
    match param.type:
        case "choice":
            return _choice(value, param)
        case "boolean":
            return _boolean(value, param)
        case "text":
            return _text(value, param)
        case "list":
            return _list(value, param)
    if value is None or (isinstance(value, str) and not value.strip()):
        if param.default is None:
            return None
        raise ValueProblem(f"{param.words} needs a value.", _default_fix(param))
    if isinstance(value, Mapping):
        return _distribution(value, param)
    return _number(value, param)


def to_quantity(value: Any, param: Param) -> Any:
    """Return a value of a drawing for the engine: a quantity, number, bool or str.

    Lists become quantities of lists; a distribution stays the dictionary it is.

    Raises
    ------
    ValueProblem
        If the parameter cannot have it.
    """
    value = parse_value(value, param)
    if param.type == "list":
        numbers = [number_in(item, param.unit) for item in value]
        return numbers if not param.unit else numbers * unit_of(param.unit)
    if param.type != "number" or value is None or isinstance(value, dict):
        return value
    number = number_in(value, param.unit)
    return number if not param.unit else number * unit_of(param.unit)


@functools.lru_cache(maxsize=4096)
def _read(text: str, unit: str) -> Measure | Normal | Uniform:
    return read(text, unit)


def number_in(value: Any, unit: str) -> float | int:
    """Return the number of a normalised scalar in its unit."""
    if isinstance(value, str):
        return _round(_read(value, unit).number / measure_of(unit).number)  # type: ignore[union-attr]
    return value


def _number(value: Any, param: Param) -> Any:
    """Return a scalar, or the distribution that a text describes."""
    if isinstance(value, u.Quantity) and not value.shape:
        one = Measure(float(value.mantissa) * float(value.unit.magnitude), value.dim)
        return _limited(_scalar(_checked(one, param), param), param)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueProblem(
            f"{param.words} needs {_needed(param)}, such as {_example(param)}.",
            _default_fix(param),
        )
    if isinstance(value, str):
        try:
            meaning = _read(value, param.unit)
        except MeaningError as error:
            raise ValueProblem(
                f"{error} {param.words} needs {_needed(param)}, such as "
                f"{_example(param)}.",
                _default_fix(param),
            ) from error
        if not isinstance(meaning, Measure):
            name = type(meaning).__name__
            names = DISTRIBUTIONS[name]
            parts = {n: _scalar(m, param) for n, m in zip(names, meaning, strict=True)}
            return _distribution({"dist": name, **parts}, param)
    else:
        one = measure_of(param.unit)
        try:
            meaning = Measure(float(value) * one.number, one.dim)
        except OverflowError:
            meaning = Measure(math.inf, one.dim)
        _checked(meaning, param)
    return _limited(_scalar(meaning, param), param)


def _checked(measure: Measure, param: Param) -> Measure:
    if not math.isfinite(measure.number):
        raise ValueProblem(f"{param.words} needs a finite number.", _default_fix(param))
    return measure


def _scalar(measure: Measure, param: Param) -> Any:
    """Return a measure as the drawing holds it, if it has the right dimension."""
    one = measure_of(param.unit)
    if measure.dim != one.dim:
        given = quantity_name(measure.dim)
        subject = "this synapse" if param.name == "weight" else param.words
        written = next(
            (f"{text} is {given}" for text in (_unit_text(measure),) if text),
            f"That is {given}",
        )
        number = _face_value(measure)
        fixes = ()
        if number is not None and _is_allowed(number, param):
            fixes = _use(_with_unit(number, param.unit))
        raise ValueProblem(
            f"{written}; {subject} needs {quantity_name(one.dim)}.", fixes, "unit"
        )
    return _with_unit(_round(measure.number / one.number), param.unit)


_WRITTEN = ("s", "V", "A", "S", "ohm", "Hz", "F")


def _own_unit(measure: Measure) -> tuple[float, str] | None:
    """Return number and unit as somebody would write a measure: 67 and "pA"."""
    for base in _WRITTEN:
        if measure_of(base).dim != measure.dim:
            continue
        scaled = [
            (_round(measure.number / factor), prefix + base)
            for prefix, factor in PREFIXES.items()
        ]
        fit = [(n, name) for n, name in scaled if 1 <= abs(n) < 1000]
        return fit[0] if fit else scaled[0]
    return None


def _unit_text(measure: Measure) -> str:
    own = _own_unit(measure)
    return own[1] if own else ""


def _face_value(measure: Measure) -> float | None:
    """Return the number that was probably meant in another unit."""
    if measure.dim == u.UNITLESS.dim:
        return _round(measure.number)
    own = _own_unit(measure)
    return own[0] if own else None


def _limited(value: Any, param: Param) -> Any:
    """Refuse a scalar outside of the hard limits, or not whole."""
    number = number_in(value, param.unit)
    if param.integer and number != int(number):
        near = _use(_with_unit(round(number), param.unit))
        raise ValueProblem(f"{param.words} needs a whole number.", near)
    low, high = param.minimum, param.maximum
    if _is_allowed(number, param):
        return value
    bound = _with_unit(low if low is not None and number < low else high, param.unit)
    fixes = _use(bound)
    if low is not None and high is not None:
        ends = " and ".join(shown(_with_unit(end, param.unit)) for end in (low, high))
        raise ValueProblem(f"{param.words} lies between {ends}.", fixes, "limit")
    side = "or more" if low is not None and number < low else "or less"
    raise ValueProblem(f"{param.words} needs {shown(bound)} {side}.", fixes, "limit")


def _is_allowed(number: float, param: Param) -> bool:
    low = -math.inf if param.minimum is None else param.minimum
    high = math.inf if param.maximum is None else param.maximum
    return low <= number <= high


def _distribution(value: Mapping, param: Param) -> dict[str, Any]:
    name = value.get("dist")
    if not isinstance(name, str) or name not in DISTRIBUTIONS:
        hint = nearest(str(name)[:40], DISTRIBUTIONS)
        raise ValueProblem(
            f"{param.words} needs a distribution Normal or Uniform.{hint}",
            _default_fix(param),
        )
    if not param.distribution:
        first = value.get(DISTRIBUTIONS[name][0])
        fixes = _default_fix(param)
        if isinstance(first, (int, float, str)) and not isinstance(first, bool):
            fixes = _use(first)
        raise ValueProblem(f"{param.words} is the same for all neurons.", fixes)
    spread = _bare(param)
    parts = {
        part: _number(value.get(part), param if part != "std" else spread)
        for part in DISTRIBUTIONS[name]
    }
    if name == "Uniform":
        low, high = (number_in(parts[p], param.unit) for p in ("low", "high"))
        if low > high:
            swapped = {"dist": name, "low": parts["high"], "high": parts["low"]}
            raise ValueProblem(
                f"{param.words}: the lower end lies above the upper end.",
                (("Exchange the ends", swapped),),
            )
    return {"dist": name, **parts}


@functools.cache
def _bare(param: Param) -> Param:
    """Return what a standard deviation of a parameter is: its unit, 0 or more."""
    return Param(
        param.name,
        unit=param.unit,
        default=0.0,
        minimum=0.0,
        label=f"Spread of {param.words}",
    )


def _choice(value: Any, param: Param) -> Any:
    for choice in param.choices:
        if type(choice) is type(value) and choice == value:
            return choice
    words = value[:MAX_TEXT].strip().lower() if isinstance(value, str) else ""
    for choice in param.choices:
        if str(choice).lower() == words:
            return choice
    known = ", ".join(map(str, param.choices))
    hint = nearest(words, param.choices)
    fixes = tuple((f"Use {choice}", choice) for choice in param.choices[:3])
    raise ValueProblem(f"{param.words} is one of {known}.{hint}", fixes)


def _boolean(value: Any, param: Param) -> bool:
    if isinstance(value, bool):
        return value
    words = value.strip().lower() if isinstance(value, str) else ""
    if words in _YES or words in _NO:
        return words in _YES
    raise ValueProblem(f"{param.words} is on or off.", _default_fix(param))


def _text(value: Any, param: Param) -> str:
    if isinstance(value, str) and value.strip() and len(value) <= MAX_TEXT:
        return value.strip()
    raise ValueProblem(
        f"{param.words} needs a text of at most {MAX_TEXT} characters.",
        _default_fix(param),
    )


def _list(value: Any, param: Param) -> list[Any]:
    if isinstance(value, str) and len(value) <= 20 * MAX_LIST:
        bare = value.strip().strip("[]")
        value = [part.strip() for part in bare.split(",")] if bare.strip() else []
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = [value]
    if not isinstance(value, (list, tuple)) or len(value) > MAX_LIST:
        raise ValueProblem(
            f"{param.words} needs a list of at most {MAX_LIST} values.",
            _default_fix(param),
        )
    return [_number(item, param) for item in value]


def _round(number: float) -> float | int:
    """Drop the digits that conversions leave, and a needless ".0"."""
    if not math.isfinite(number):
        return number
    number = float(f"{number:.{DIGITS}g}")
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _with_unit(number: float | None, unit: str) -> Any:
    """Return a scalar as the drawing holds it."""
    number = _round(number or 0.0)
    return f"{number} {unit}" if unit else number


def shown(value: Any) -> str:
    """Return a value for a sentence: a minus sign, and groups of three digits."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = f"{_round(value)}"
    head, _, unit = str(value)[:MAX_TEXT].partition(" ")
    try:
        number = _round(float(head))
    except ValueError:
        return str(value)[:MAX_TEXT]
    text = f"{number:,}".replace(",", "\u2009") if isinstance(number, int) else head
    if text.startswith("-"):
        text = f"\u2212{text[1:]}"
    return f"{text} {unit}".strip()


def _needed(param: Param) -> str:
    if param.unit:
        return quantity_name(measure_of(param.unit).dim)
    return "a whole number" if param.integer else "a number"


def _example(param: Param) -> str:
    default = param.default
    if isinstance(default, tuple) or default is None:
        default = (param.default or (param.low or 1,))[0]
    return shown(_with_unit(default, param.unit))


def _use(value: Any) -> tuple[tuple[str, Any], ...]:
    return ((f"Use {shown(value)}", value),)


def _default_fix(param: Param) -> tuple[tuple[str, Any], ...]:
    if param.default is None or isinstance(param.default, tuple):
        return ()
    return _use(param.default_value)
