"""Units by name: what a person may type, and what the quantity is called."""

from __future__ import annotations

import functools
import re
from typing import Any, NamedTuple

import brainunit as u

from .._errors import nearest

# spellings that brainunit does not know
_SPELLED = {"%": (0.01, u.UNITLESS), "": (1.0, u.UNITLESS)}
_REWRITTEN = (
    (re.compile("[µμ]"), "u"),
    (re.compile("Ohms?$|[ΩΩ]$"), "ohm"),
    (re.compile("^(volt|amp|second|hertz|siemens)s$"), r"\1"),
    (re.compile("^(sec|seconds)$"), "s"),
    (re.compile("^Hz$"), "hertz"),
    (re.compile("^sps$"), "Hz"),
)
_BASES = {
    "s": "second",
    "V": "volt",
    "A": "amp",
    "S": "siemens",
    "F": "farad",
    "C": "coulomb",
    "M": "molar",
}
_BASE_UNITS = (*_BASES.values(), "ohm", "hertz")
PREFIXES = {
    "": 1.0,
    "m": 1e-3,
    "u": 1e-6,
    "n": 1e-9,
    "p": 1e-12,
    "f": 1e-15,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
}
COMMON = tuple(prefix + base for base in (*_BASES, "ohm", "Hz") for prefix in PREFIXES)

# what a dimension is called in a sentence
_NAMES: tuple[tuple[u.Unit, str], ...] = (
    (u.UNITLESS, "a plain number"),
    (u.second, "a time"),
    (u.volt, "a voltage"),
    (u.amp, "a current"),
    (u.siemens, "a conductance"),
    (u.ohm, "a resistance"),
    (u.hertz, "a rate"),
    (u.farad, "a capacitance"),
    (u.mM, "a concentration"),
    (u.volt**-1, "one over a voltage"),
    (u.meter, "a length"),
    (u.coulomb, "a charge"),
    (u.watt, "a power"),
    (u.kilogram, "a mass"),
    (u.kelvin, "a temperature"),
)


class Measure(NamedTuple):
    """A number in SI units, and its dimension."""

    number: float
    dim: Any


class UnknownUnitError(ValueError):
    """A unit that nobody knows; `near` is a hint for the message."""

    def __init__(self, name: str):
        super().__init__(name)
        self.near = nearest(name, COMMON)


@functools.cache
def unit_by_name(name: str) -> Measure:
    """Return one of a unit, such as "mV" or "MΩ".

    Raises
    ------
    UnknownUnitError
        If there is none of that name.
    """
    if name in _SPELLED:
        factor, unit = _SPELLED[name]
        return Measure(factor, unit.dim)
    name = attribute(name)
    unit = getattr(u, name, None)
    if isinstance(unit, u.Unit):
        return Measure(float(unit.magnitude), unit.dim)
    if name[:1] in PREFIXES and attribute(name[1:]) in _BASE_UNITS:
        one = unit_by_name(name[1:])
        return Measure(PREFIXES[name[0]] * one.number, one.dim)
    raise UnknownUnitError(name)


def attribute(name: str) -> str:
    """Return the name under which brainunit has a unit, as far as it has one."""
    for pattern, plain in _REWRITTEN:
        name = pattern.sub(plain, name)
    return _BASES.get(name, name)


_FACTOR = re.compile(r"(\*|/)?\s*([A-Za-z]+)\s*(?:\^(-?\d))?\s*")


@functools.cache
def factors(text: str) -> tuple[tuple[str, int], ...]:
    """Return the units of a declared unit such as "mV/ms" or "/mV", with powers."""
    found, place = [], 0
    while place < len(text):
        match = _FACTOR.match(text, place)
        if match is None or match.end() == place:
            raise UnknownUnitError(text)
        sign = -1 if match[1] == "/" else 1
        found.append((attribute(match[2]), sign * int(match[3] or 1)))
        place = match.end()
    return tuple(found)


@functools.cache
def measure_of(text: str) -> Measure:
    """Return one of a declared unit: SI factor and dimension."""
    number, dim = 1.0, u.UNITLESS.dim
    for name, power in factors(text):
        one = unit_by_name(name)
        number, dim = number * one.number**power, dim * one.dim**power
    return Measure(number, dim)


@functools.cache
def unit_of(text: str) -> u.Unit:
    """Return a declared unit as brainunit has it."""
    unit = u.UNITLESS
    for name, power in factors(text):
        unit = unit * getattr(u, name) ** power
    return unit


def quantity_name(dim: Any) -> str:
    """Return what a dimension is called, with its article."""
    for unit, name in _NAMES:
        if unit.dim == dim:
            return name
    return "another quantity"
