"""What people type in fields, and what the drawing holds."""

import math
import time

import brainunit as u
import pytest
from hypothesis import given, settings, strategies as st

from engine.kinds import (
    Param,
    ValueProblem,
    get,
    number_in,
    parse_value,
    shown,
    to_quantity,
)

TAU = Param(
    "tau",
    unit="ms",
    default=20.0,
    minimum=1e-3,
    distribution=True,
    label="Time constant",
)
V = Param("V", unit="mV", default=-60.0, distribution=True, label="Rest")
G = Param("weight", unit="nS", default=6.0, minimum=0.0)
P = Param("prob", default=0.02, minimum=0.0, maximum=1.0, label="Probability")
N = Param("n", default=20, integer=True, minimum=0, maximum=1e9, label="Inputs")
C = Param("reset", default="hard", choices=("hard", "soft"), label="Kind of reset")
ON = Param("on", default=True, label="To itself")
LIST = Param("times", unit="ms", default=(10.0,), minimum=0.0, label="Times")
OPEN = Param("stop", unit="ms", default=None, minimum=0.0)
TEXT = Param("variable", default="V", label="Variable")
SLOPE = Param("alpha", unit="/mV", default=0.062)


@pytest.mark.parametrize(
    ("text", "param", "value"),
    [
        ("20 ms", TAU, "20 ms"), ("0.02 s", TAU, "20 ms"), (20, TAU, "20 ms"), ("20", TAU, "20 ms"),
        (20 * u.ms, TAU, "20 ms"), (0.02 * u.second, TAU, "20 ms"), ("2*10 ms", TAU, "20 ms"),
        ("(1 + 3) * 5 ms", TAU, "20 ms"), ("10 ms + 0.01 s", TAU, "20 ms"), ("1 s / 50", TAU, "20 ms"),
        ("200 pF / 10 nS", TAU, "20 ms"), ("100 MOhm * 200 pF", TAU, "20 ms"), ("2e1ms", TAU, "20 ms"),
        ("20000 us", TAU, "20 ms"), ("20000 µs", TAU, "20 ms"), ("20 000 us", TAU, "20 ms"),
        ("1/(50 Hz)", TAU, "20 ms"), (".02 s", TAU, "20 ms"), ("  20   ms ", TAU, "20 ms"),
        ("−60 mV", V, "-60 mV"), ("-(50 + 10) mV", V, "-60 mV"), ("-0.06 V", V, "-60 mV"),
        ("0 mV", V, "0 mV"), ("-0", V, "0 mV"), ("0.1 mV * 3", V, "0.3 mV"),
        ("2 %", P, 0.02), ("1/50", P, 0.02), (0, P, 0), ("1", P, 1),
        ("1e3", N, 1000), ("1 000", N, 1000), (20.0, N, 20),
        ("SOFT", C, "soft"), (" hard ", C, "hard"), ("yes", ON, True), (False, ON, False), ("off", ON, False),
        ("1, 2 ms, 0.003 s", LIST, ["1 ms", "2 ms", "3 ms"]), ("[]", LIST, []), (5, LIST, ["5 ms"]),
        ([1, "2 ms"], LIST, ["1 ms", "2 ms"]), ("", OPEN, None), (None, OPEN, None), ("3 ms", OPEN, "3 ms"),
        (" a ", TEXT, "a"), ("0.062/mV", SLOPE, "0.062 /mV"), ("62 / V", SLOPE, "0.062 /mV"),
        ("0.001 nS", G, "0.001 nS"), ("1e-9 S * 6", G, "6 nS"),
        ("6 nS^1", G, "6 nS"), ("6 A/V / 1e9", G, "6 nS"), ("6 pA/mV", G, "6 nS"),
        ("-55 ± 5 mV", V, {"dist": "Normal", "mean": "-55 mV", "std": "5 mV"}),
        ("-55 +- 5", V, {"dist": "Normal", "mean": "-55 mV", "std": "5 mV"}),
        ("-0.055 V +/- 5 mV", V, {"dist": "Normal", "mean": "-55 mV", "std": "5 mV"}),
        ("normal(-55 mV, 5 mV)", V, {"dist": "Normal", "mean": "-55 mV", "std": "5 mV"}),
        ("Uniform(-60, -50 mV)", V, {"dist": "Uniform", "low": "-60 mV", "high": "-50 mV"}),
        ({"dist": "Normal", "mean": -55, "std": 5, "more": 1}, V, {"dist": "Normal", "mean": "-55 mV", "std": "5 mV"}),
    ],
)  # fmt: skip
def test_parsed(text, param, value):
    found = parse_value(text, param)
    assert found == value
    assert type(found) is type(value)
    assert parse_value(found, param) == found  # what the drawing holds stays as it is


@pytest.mark.parametrize(
    ("text", "param", "says", "fix"),
    [
        ("67 pA", G, "pA is a current; this synapse needs a conductance", "67 nS"),
        ("20 mV", TAU, "mV is a voltage; Time constant needs a time", "20 ms"),
        (3 * u.mV, TAU, "mV is a voltage; Time constant needs a time", "3 ms"),
        ("3 ms", P, "ms is a time; Probability needs a plain number", None),
        ("-3 ms", TAU, "Time constant needs 0.001 ms or more", "0.001 ms"),
        ("1.5", P, "Probability lies between 0 and 1", 1),
        ("2.4", N, "needs a whole number", 2),
        ("fast", TAU, "There is no unit 'fast'", "20 ms"),
        ("20 mss", TAU, "There is no unit 'mss'. Did you mean 'ms'", "20 ms"),
        ("", TAU, "Time constant needs a value", "20 ms"),
        ("1,5 ms", TAU, "Write decimals with a point", "20 ms"),
        ("1 ms + 1 mV", TAU, "A time and a voltage cannot be added", "20 ms"),
        ("1/0 ms", TAU, "divides by zero", "20 ms"),
        ("1e999 ms", TAU, "too large", "20 ms"),
        ("ms ms", TAU, "needs a time", None),
        ("1/50 s", TAU, "mHz is a rate; Time constant needs a time", "20 ms"),
        ("import os", TAU, "", "20 ms"),
        ("__import__('os')", TAU, "There is no place for '_'", "20 ms"),
        ("x" * 300, TAU, "longer than 200", "20 ms"),
        (math.nan, TAU, "needs a finite number", "20 ms"),
        (10**400, TAU, "needs a finite number", "20 ms"),
        (True, TAU, "needs a time, such as 20 ms", "20 ms"),
        (b"1", TAU, "needs a time, such as 20 ms", "20 ms"),
        ("medium", C, "Kind of reset is one of hard, soft", "hard"),
        (1, C, "one of hard, soft", "hard"),
        ("maybe", ON, "To itself is on or off", True),
        ("", TEXT, "Variable needs a text", "V"),
        ({"dist": "Norma"}, V, "Did you mean 'Normal'", "-60 mV"),
        ("1 ± 2 nS", G, "is the same for all neurons", "1 nS"),
        ("-50 ± -5 mV", V, "Spread of Rest needs 0 mV or more", "0 mV"),
        ("uniform(5 mV, 1 mV)", V, "lower end lies above", {"dist": "Uniform", "low": "1 mV", "high": "5 mV"}),
        ({"dist": "Normal", "mean": "1 mV"}, V, "", None),
    ],
)  # fmt: skip
def test_refused(text, param, says, fix):
    with pytest.raises(ValueProblem) as caught:
        parse_value(text, param)
    problem = caught.value
    assert says in problem.text.replace("\u2212", "-")
    assert problem.text.endswith((".", "?"))
    if fix is not None:
        assert problem.fixes[0][1] == fix
        assert problem.fixes[0][0].startswith(("Use ", "Exchange"))
    for _, value in problem.fixes:
        parse_value(value, param)  # a fix can be had


BOMBS = ["(" * 100, "9" * 200, "1" + "^9" * 60, "2**9**9**9**9", "1e308*1e308*1e308", "-" * 199, "1 " * 99,
         "±" * 50, "((((((((1+1)*2)*2)*2)*2)*2)*2)*2)", "normal(" * 25, "ms" * 99, "\x00" * 100, "1_0" * 60,
         "m" * 200, "u" * 199, "9 " * 99, "1+" * 99, "\ud800" * 50, "١٢٣", "1e" + "9" * 150]  # fmt: skip


@pytest.mark.parametrize("text", BOMBS)
def test_bombs_are_answered_at_once(text):
    parse_value("1 ms + 1 ms", TAU)  # the parser is there
    start = time.process_time()
    assert len(answer(text, TAU)) < 500
    assert time.process_time() - start < 0.2


def answer(text, param):
    """Return the value as text, or what is wrong."""
    try:
        return str(parse_value(text, param))
    except ValueProblem as problem:
        return problem.text


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.text("0123456789.+-*/()^±eE msVnAµ,%", max_size=40))
def test_any_text_is_a_value_or_a_problem(text):
    try:
        value = parse_value(text, V)
    except ValueProblem:
        return
    assert parse_value(value, V) == value


@settings(max_examples=200, deadline=None)
@given(st.floats(-1e6, 1e6), st.sampled_from(["mV", "V", "uV", "nV"]))
def test_units_convert_and_come_back(number, unit):
    value = parse_value(f"{number!r} {unit}", V)
    factor = {"mV": 1, "V": 1e3, "uV": 1e-3, "nV": 1e-6}[unit]
    assert number_in(value, "mV") == pytest.approx(
        number * factor, rel=1e-11, abs=1e-300
    )


def test_quantities_for_the_engine():
    assert to_quantity("0.02 s", TAU) == 20 * u.ms
    assert to_quantity(0.5, P) == 0.5
    assert to_quantity("1, 2", LIST).to_decimal(u.ms).tolist() == [1, 2]
    assert to_quantity("", OPEN) is None
    assert to_quantity("soft", C) == "soft"
    assert to_quantity("1 ± 2 mV", V)["dist"] == "Normal"


def test_shown():
    assert shown("-60 mV") == "\u221260 mV"
    assert shown("3200") == "3\u2009200"
    assert shown(0.02) == "0.02"
    assert shown(1e6) == "1\u2009000\u2009000"
    assert shown("hard") == "hard"


@pytest.mark.parametrize("weight", ["6 nS", "67 pA", "0.5 mV"])
def test_weights_say_what_they_need(weight):
    needs = {
        "nS": get("output", "COBA"),
        "pA": get("output", "CUBA"),
        "mV": get("synapse", "Delta"),
    }
    for unit, kind in needs.items():
        if weight.endswith(unit):
            assert parse_value(weight, kind.weight) == weight
        else:
            with pytest.raises(ValueProblem, match="this synapse needs"):
                parse_value(weight, kind.weight)
