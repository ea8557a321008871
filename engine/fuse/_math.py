"""Functions of real numbers, as code that works on many at once.

Those of single precision are polynomials over a reduced range (Cephes, S. L. Moshier),
good to about one unit in the last place, which LLVM turns into vector code. Those of
double precision call the mathematical library of the machine.

A function that is simple near some number, such as 0, is also written for several
numbers at once: if all of them are near, the rest is passed over. LLVM's vectorizer puts these in place of the
calls in a loop (`vector-function-abi-variant`). The numbers are the same either way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir

from ._types import WORD, outside, register

FUSE = ("contract",)
_EXP = (
    *(1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3),
    *(4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1),
)
# (exp(x) - 1 - x) / x^2 for -1.25 < x < 0.35: least relative error of exprel, 3e-9
_EXPREL = (
    *(1.6717247490e-5, 1.8901954172e-4, 1.3852325501e-3, 8.3342213184e-3),
    *(4.1667450219e-2, 1.6666668653e-1, 4.9999997020e-1),
)
_LOG = (
    *(7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1),
    *(1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1),
    3.3333331174e-1,
)
_TANH = (
    *(-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2),
    *(1.33314422036e-1, -3.33332819422e-1),
)
# M. Giles, Approximating the erfinv function, GPU Computing Gems (2010)
_ERFINV_LOW = (
    *(2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06),
    *(0.00021858087, -0.00125372503, -0.00417768164, 0.246640727, 1.50140941),
)
_ERFINV_HIGH = (
    *(-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844),
    *(0.00573950773, -0.0076224613, 0.00943887047, 1.00167406, 2.83297682),
)
_LN2_HIGH, _LN2_LOW = 0.693359375, -2.12194440e-4
_LOG2E = 1.44269504088896341
_ROUND = 12582912.0  # 1.5 * 2^23: adding it rounds to a whole number
_SQRT_HALF = 0.707106781186547524
_SMALLEST = 1.17549435e-38
_INF = float("inf")
_HALF_LN2 = 0.3465
_EXPREL_CENTRE, _EXPREL_RADIUS = -0.45, 0.8  # decays rather than grows
_TANH_NEAR = 0.625
_LEAST, _MOST = -87.33654, 88.72283  # where exp is a normal number


class Pen:
    """Writes arithmetic of one type of real numbers."""

    def __init__(self, builder: Any, dtype: str, lanes: int = 0):
        self.builder = builder
        self.lanes = lanes
        self.type = self.many(register(dtype))

    def many(self, kind: Any) -> Any:
        """Return the type of as many as are worked on."""
        return ir.VectorType(kind, self.lanes) if self.lanes else kind

    def number(self, value: float) -> ir.Constant:
        """Return a constant."""
        return self.constant(self.type, value)

    def word(self, value: int) -> ir.Constant:
        """Return a whole constant."""
        return self.constant(self.many(WORD), value)

    def constant(self, kind: Any, value: Any) -> ir.Constant:
        """Return a constant of a type, the same in all lanes."""
        return ir.Constant(kind, [value] * self.lanes if self.lanes else value)

    def _given(self, value: Any) -> Any:
        return self.number(value) if isinstance(value, (int, float)) else value

    def add(self, a: Any, b: Any) -> Any:
        """Return a sum."""
        return self._flagged("fadd", a, b)

    def sub(self, a: Any, b: Any) -> Any:
        """Return a difference."""
        return self._flagged("fsub", a, b)

    def mul(self, a: Any, b: Any) -> Any:
        """Return a product."""
        return self._flagged("fmul", a, b)

    def div(self, a: Any, b: Any) -> Any:
        """Return a quotient."""
        return self._flagged("fdiv", a, b)

    def _flagged(self, name: str, a: Any, b: Any) -> Any:
        return getattr(self.builder, name)(self._given(a), self._given(b), flags=FUSE)

    def test(self, comparison: str, a: Any, b: Any) -> Any:
        """Return a comparison, false where one is not a number."""
        return self.builder.fcmp_ordered(comparison, self._given(a), self._given(b))

    def pick(self, condition: Any, a: Any, b: Any) -> Any:
        """Return `a` where a condition holds, else `b`."""
        return self.builder.select(condition, self._given(a), self._given(b))

    def polynomial(self, x: Any, coefficients: Sequence[float]) -> Any:
        """Return a polynomial, highest power first."""
        total: Any = coefficients[0]
        for coefficient in coefficients[1:]:
            total = self.add(self.mul(total, x), coefficient)
        return total

    def intrinsic(self, name: str, *args: Any) -> Any:
        """Return what a function of LLVM gives."""
        single = self.type.element if self.lanes else self.type
        lanes = f"v{self.lanes}" if self.lanes else ""
        label = f"llvm.{name}.{lanes}{single.intrinsic_name}"
        kinds = [self.type] * len(args)
        found = outside(self.builder.module, label, self.type, *kinds)
        return self.builder.call(found, args)

    def absolute(self, x: Any) -> Any:
        """Return the size of a number."""
        return self.intrinsic("fabs", x)

    def call(self, name: str, *args: Any) -> Any:
        """Return one of the functions below."""
        return self.builder.call(function(self.builder.module, name, self.lanes), args)


def function(module: ir.Module, name: str, lanes: int = 0) -> ir.Function:
    """Return a function of single precision, written at its first use."""
    label = f"nl_{name}_{lanes}" if lanes else f"nl_{name}"
    if label in module.globals:
        return module.globals[label]
    one = register("float32")
    kind = ir.VectorType(one, lanes) if lanes else one
    found = ir.Function(module, ir.FunctionType(kind, [kind]), label)
    found.linkage = "internal"
    builder: Any = ir.IRBuilder(found.append_basic_block())
    has_lanes = name in _NEAR and not lanes
    found.attributes.add("noinline" if has_lanes else "alwaysinline")
    if lanes and name in _NEAR:
        _write_near(Pen(builder, "float32", lanes), name, found.args[0])
    builder.ret(_BODIES[name](Pen(builder, "float32", lanes), found.args[0]))
    if has_lanes:
        for n in LANES:
            function(module, name, n)
    return found


def _write_near(pen: Pen, name: str, x: Any) -> None:
    """Return early if all numbers are where the function is simple."""
    builder = pen.builder
    centre, radius, body = _NEAR[name]
    distance = pen.absolute(pen.sub(x, centre) if centre else x)
    is_far = builder.fcmp_unordered(">=", distance, pen.number(radius))
    bits = builder.bitcast(is_far, ir.IntType(pen.lanes))
    none = builder.icmp_unsigned("==", bits, ir.Constant(bits.type, 0))
    near = builder.function.append_basic_block("near")
    far = builder.function.append_basic_block("far")
    builder.cbranch(none, near, far)
    builder.position_at_end(near)
    builder.ret(body(pen, x))
    builder.position_at_end(far)


def with_lanes(text: str) -> str:
    """Tell at each call which functions stand in for several calls.

    Their names say: any vector unit, so many lanes, one vector argument (LLVM's
    vector function ABI).
    """
    kept: list[str] = []
    for name in _NEAR:
        label = f"nl_{name}"
        if f'float @"{label}"(' not in text:
            continue
        names = ",".join(f"_ZGV_LLVM_N{n}v_{label}({label}_{n})" for n in LANES)
        call = re.compile(rf'(call float @"{label}"\([^)]*\))')
        text = call.sub(rf'\1 "vector-function-abi-variant"="{names}"', text)
        kept += [f'ptr @"{label}_{n}"' for n in LANES]
    if not kept:
        return text
    used = f"appending global [{len(kept)} x ptr] [{', '.join(kept)}]"
    return f'{text}\n@llvm.compiler.used = {used}, section "llvm.metadata"\n'


def _bits(pen: Pen, x: Any) -> Any:
    return pen.builder.bitcast(x, pen.many(WORD))


def _real(pen: Pen, bits: Any) -> Any:
    return pen.builder.bitcast(bits, pen.type)


def _reduced(pen: Pen, x: Any) -> tuple[Any, Any]:
    """Return `n` and `r` with `x = n ln 2 + r`; `n` is in the low bits of a number."""
    builder = pen.builder
    # one rounding or two, but never none: adding the large number makes `n` whole
    z = pen.add(pen.mul(x, _LOG2E), _ROUND)
    n = builder.fsub(z, pen.number(_ROUND))
    r = pen.sub(pen.sub(x, pen.mul(n, _LN2_HIGH)), pen.mul(n, _LN2_LOW))
    return z, r


def _scaled(pen: Pen, p: Any, z: Any) -> Any:
    """Return a number near 1 times 2 to the power in the low bits of `z`."""
    power = pen.builder.shl(_bits(pen, z), pen.word(23))
    return _real(pen, pen.builder.add(_bits(pen, p), power))


def _exp(pen: Pen, x: Any) -> Any:
    """Results below the normal numbers are 0, as in XLA."""
    z, r = _reduced(pen, x)
    p = pen.polynomial(r, _EXP)
    p = pen.add(pen.add(pen.mul(p, pen.mul(r, r)), r), 1.0)
    y = pen.pick(pen.test(">=", x, _LEAST), _scaled(pen, p, z), 0.0)
    return pen.pick(pen.test("<=", x, _MOST), y, pen.add(x, _INF))


def _exprel_near(pen: Pen, x: Any) -> Any:
    return pen.add(pen.mul(pen.polynomial(x, _EXPREL), x), 1.0)


def _exprel(pen: Pen, x: Any) -> Any:
    """Where the exponential is near 1 the difference would lose digits."""
    distance = pen.absolute(pen.sub(x, _EXPREL_CENTRE))
    is_near = pen.test("<", distance, _EXPREL_RADIUS)
    far = pen.div(pen.sub(pen.call("exp", x), 1.0), x)
    return pen.pick(is_near, _exprel_near(pen, x), far)


def _expm1_near(pen: Pen, x: Any) -> Any:
    return pen.add(pen.mul(pen.mul(pen.polynomial(x, _EXP), x), x), x)


def _expm1(pen: Pen, x: Any) -> Any:
    near = _expm1_near(pen, x)
    is_near = pen.test("<", pen.absolute(x), _HALF_LN2)
    return pen.pick(is_near, near, pen.sub(pen.call("exp", x), 1.0))


def _log(pen: Pen, x: Any) -> Any:
    builder = pen.builder
    is_tiny = pen.test("<", x, _SMALLEST)
    y = pen.pick(is_tiny, pen.mul(x, 8388608.0), x)
    bits = _bits(pen, y)
    exponent = builder.and_(builder.lshr(bits, pen.word(23)), pen.word(255))
    exponent = builder.sub(exponent, pen.word(126))
    fraction = builder.and_(bits, pen.word(0x7FFFFF))
    m = _real(pen, builder.or_(fraction, pen.word(0x3F000000)))
    is_low = pen.test("<", m, _SQRT_HALF)
    e = builder.sitofp(exponent, pen.type)
    e = pen.sub(e, pen.pick(is_low, 1.0, 0.0))
    e = pen.sub(e, pen.pick(is_tiny, 23.0, 0.0))
    m = pen.sub(pen.pick(is_low, pen.add(m, m), m), 1.0)
    q = pen.mul(m, m)
    p = pen.mul(pen.mul(pen.polynomial(m, _LOG), m), q)
    p = pen.sub(pen.add(p, pen.mul(e, _LN2_LOW)), pen.mul(0.5, q))
    r = pen.add(pen.add(m, p), pen.mul(e, _LN2_HIGH))
    r = pen.pick(pen.test("==", x, _INF), x, r)
    r = pen.pick(pen.test("==", x, 0.0), -_INF, r)
    is_bad = builder.fcmp_unordered("<", x, pen.number(0.0))
    return pen.pick(is_bad, float("nan"), r)


def _log1p(pen: Pen, x: Any) -> Any:
    y = pen.builder.fadd(pen.number(1.0), x)
    ratio = pen.div(x, pen.builder.fsub(y, pen.number(1.0)))
    r = pen.mul(pen.call("log", y), ratio)
    r = pen.pick(pen.test("==", y, _INF), y, r)
    return pen.pick(pen.test("==", y, 1.0), x, r)


def _tanh_near(pen: Pen, x: Any) -> Any:
    square = pen.mul(x, x)
    return pen.add(pen.mul(pen.mul(pen.polynomial(square, _TANH), square), x), x)


def _tanh(pen: Pen, x: Any) -> Any:
    near = _tanh_near(pen, x)
    size = pen.absolute(x)
    power = pen.call("exp", pen.add(size, size))
    far = pen.sub(1.0, pen.div(2.0, pen.add(power, 1.0)))
    far = pen.intrinsic("copysign", far, x)
    return pen.pick(pen.test("<", size, _TANH_NEAR), near, far)


def _logistic(pen: Pen, x: Any) -> Any:
    power = pen.call("exp", pen.builder.fneg(x))
    return pen.div(1.0, pen.add(1.0, power))


def _erf_inv(pen: Pen, x: Any) -> Any:
    w = pen.call("log1p", pen.builder.fneg(pen.mul(x, x)))
    w = pen.builder.fneg(w)
    low = pen.polynomial(pen.sub(w, 2.5), _ERFINV_LOW)
    high = pen.polynomial(pen.sub(pen.intrinsic("sqrt", w), 3.0), _ERFINV_HIGH)
    y = pen.mul(pen.pick(pen.test("<", w, 5.0), low, high), x)
    is_end = pen.test("==", pen.absolute(x), 1.0)
    return pen.pick(is_end, pen.mul(x, _INF), y)


_BODIES: dict[str, Callable[[Pen, Any], Any]] = {
    "exp": _exp,
    "exprel": _exprel,
    "expm1": _expm1,
    "log": _log,
    "log1p": _log1p,
    "tanh": _tanh,
    "logistic": _logistic,
    "erf_inv": _erf_inv,
}
_NEAR: dict[str, tuple[float, float, Callable[[Pen, Any], Any]]] = {
    "exprel": (_EXPREL_CENTRE, _EXPREL_RADIUS, _exprel_near),
    "expm1": (0.0, _HALF_LN2, _expm1_near),
    "tanh": (0.0, _TANH_NEAR, _tanh_near),
}
LANES = (4, 8, 16)  # vectors of 128, 256 and 512 bits
POLYNOMIALS = tuple(_BODIES)
LIBRARY = {
    **{name: name for name in ("exp", "expm1", "log", "log1p", "tanh", "sin", "cos")},
    **{name: name for name in ("tan", "asin", "acos", "atan", "sinh", "cosh", "erf")},
    **{name: name for name in ("erfc", "cbrt", "exp2", "asinh", "acosh", "atanh")},
    "pow": "pow",
    "atan2": "atan2",
}
"""Primitive of JAX -> function of the mathematical library."""
