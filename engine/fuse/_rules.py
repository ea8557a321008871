"""What each elementwise operation of JAX is in machine code: one row an operation."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from llvmlite import ir

from ._flow import Op, Unfusable
from ._math import LIBRARY, POLYNOMIALS, Pen
from ._types import BIT, WORD, is_float, is_signed, register


@dataclass(frozen=True)
class Site:
    """Where an operation is written.

    Parameters
    ----------
    builder : IRBuilder
        Writes.
    op : Op
        The operation.
    args : list
        Its inputs in registers.
    index : Value
        Number of the element, for what counts them.
    """

    builder: Any
    op: Op
    args: list[Any]
    index: Any

    @property
    def source(self) -> str:
        """Type of the first input."""
        return self.op.ins[0].dtype

    @property
    def target(self) -> str:
        """Type of the result."""
        return self.op.out.dtype

    @property
    def pen(self) -> Pen:
        """Arithmetic of the type of the first input."""
        return Pen(self.builder, self.source)

    def constant(self, number: Any, dtype: str | None = None) -> ir.Constant:
        """Return a constant, of the type of the first input unless told."""
        return ir.Constant(register(dtype or self.source), number)


Rule = Callable[[Site], Any]


def _arithmetic(real: str, whole: str) -> Rule:
    def rule(site: Site) -> Any:
        if is_float(site.source):
            return getattr(site.pen, real)(*site.args)
        return getattr(site.builder, whole)(*site.args)

    return rule


def _quotient(signed: str, unsigned: str, at_zero: Callable[[Site], Any]) -> Rule:
    """Divide whole numbers; by zero nothing traps, and gives what XLA gives."""

    def rule(site: Site) -> Any:
        a, b = site.args
        builder, zero = site.builder, site.constant(0)
        is_bad = builder.icmp_signed("==", b, zero)
        if is_signed(site.source):
            width = register(site.source).width  # type: ignore[attr-defined]
            least = builder.icmp_signed("==", a, site.constant(-(2 ** (width - 1))))
            is_over = builder.and_(
                least, builder.icmp_signed("==", b, site.constant(-1))
            )
            safe = builder.select(builder.or_(is_bad, is_over), site.constant(1), b)
            found = getattr(builder, signed)(a, safe)
        else:
            safe = builder.select(is_bad, site.constant(1), b)
            found = getattr(builder, unsigned)(a, safe)
        return builder.select(is_bad, at_zero(site), found)

    return rule


def _div(site: Site) -> Any:
    if is_float(site.source):
        return site.pen.div(*site.args)
    return _quotient("sdiv", "udiv", lambda s: s.constant(-1))(site)


def _rem(site: Site) -> Any:
    if is_float(site.source):
        return site.builder.frem(*site.args)
    return _quotient("srem", "urem", lambda s: s.args[0])(site)


def _extreme(comparison: str) -> Rule:
    """Return the larger or smaller; not a number if one is not."""

    def rule(site: Site) -> Any:
        a, b = site.args
        builder = site.builder
        if is_float(site.source):
            is_first = builder.or_(
                builder.fcmp_ordered(comparison, a, b),
                builder.fcmp_unordered("uno", a, a),
            )
        else:
            is_first = _compare(site, comparison)
        return builder.select(is_first, a, b)

    return rule


def _compare(site: Site, comparison: str) -> Any:
    a, b = site.args
    if is_float(site.source):
        name = "fcmp_unordered" if comparison == "!=" else "fcmp_ordered"
    else:
        name = "icmp_signed" if is_signed(site.source) else "icmp_unsigned"
    return getattr(site.builder, name)(comparison, a, b)


def _comparison(sign: str) -> Rule:
    return lambda site: _compare(site, sign)


def _neg(site: Site) -> Any:
    is_real = is_float(site.source)
    return site.builder.fneg(*site.args) if is_real else site.builder.neg(*site.args)


def _abs(site: Site) -> Any:
    if is_float(site.source):
        return site.pen.absolute(*site.args)
    (x,) = site.args
    if not is_signed(site.source):
        return x
    is_negative = site.builder.icmp_signed("<", x, site.constant(0))
    return site.builder.select(is_negative, site.builder.neg(x), x)


def _sign(site: Site) -> Any:
    (x,) = site.args
    if is_float(site.source):
        pen = site.pen
        one = pen.intrinsic("copysign", pen.number(1.0), x)
        is_plain = site.builder.fcmp_ordered("!=", x, pen.number(0.0))
        return pen.pick(is_plain, one, x)
    above = site.builder.icmp_signed(">", x, site.constant(0))
    below = site.builder.icmp_signed("<", x, site.constant(0))
    negative = site.builder.select(below, site.constant(-1), site.constant(0))
    return site.builder.select(above, site.constant(1), negative)


def _intrinsic(name: str) -> Rule:
    return lambda site: site.pen.intrinsic(name, *site.args)


def _round(site: Site) -> Any:
    is_even = int(site.op.params["rounding_method"]) == 1
    return site.pen.intrinsic("rint" if is_even else "round", *site.args)


def _function(name: str) -> Rule:
    """Call a function: polynomials for single precision where there are any."""

    def rule(site: Site) -> Any:
        if site.source == "float32" and name in POLYNOMIALS:
            return site.pen.call(name, *site.args)
        if name == "logistic":
            pen = site.pen
            power = _library(site, "exp", [site.builder.fneg(*site.args)])
            return pen.div(1.0, pen.add(1.0, power))
        if name not in LIBRARY:
            raise Unfusable(f"{name} of {site.source}")
        return _library(site, LIBRARY[name], site.args)

    return rule


def _library(site: Site, name: str, args: list[Any]) -> Any:
    module, kind = site.builder.module, register(site.source)
    label = f"{name}f" if site.source == "float32" else name
    found = module.globals.get(label)
    if found is None:
        signature = ir.FunctionType(kind, [kind] * len(args))
        found = ir.Function(module, signature, label)
    return site.builder.call(found, args)


def _integer_pow(site: Site) -> Any:
    n = int(site.op.params["y"])
    multiply = _arithmetic("mul", "mul")
    result, base, left = None, site.args[0], abs(n)
    while left:
        if left & 1:
            pair = [base] if result is None else [result, base]
            result = pair[0] if len(pair) == 1 else multiply(_with(site, pair))
        left >>= 1
        if left:
            base = multiply(_with(site, [base, base]))
    if result is None:
        return site.constant(1)
    return result if n > 0 else site.pen.div(1.0, result)


def _with(site: Site, args: list[Any]) -> Site:
    return Site(site.builder, site.op, args, site.index)


def _pow(site: Site) -> Any:
    if not is_float(site.op.ins[1].dtype):
        raise Unfusable("pow with a whole exponent that varies")
    return _library(site, "pow", site.args)


def _select(site: Site) -> Any:
    which, *cases = site.args
    if site.source == "bool" and len(cases) == 2:
        return site.builder.select(which, cases[1], cases[0])
    found = cases[-1]
    for i in range(len(cases) - 2, -1, -1):
        is_this = site.builder.icmp_signed("<=", which, site.constant(i))
        found = site.builder.select(is_this, cases[i], found)
    return found


def _clamp(site: Site) -> Any:
    low, x, high = site.args
    dtypes = Op("elem", "clamp", [site.op.ins[1]] * 2, site.op.out, {})
    above = _extreme(">")(Site(site.builder, dtypes, [low, x], site.index))
    return _extreme("<")(Site(site.builder, dtypes, [above, high], site.index))


def _convert(site: Site) -> Any:
    (x,) = site.args
    builder, source, target = site.builder, site.source, site.target
    kind: Any = register(target)
    if source == target:
        return x
    if target == "bool":
        if is_float(source):
            return builder.fcmp_unordered("!=", x, site.constant(0.0))
        return builder.icmp_signed("!=", x, site.constant(0))
    if is_float(source):
        if is_float(target):
            wider = target == "float64"
            return builder.fpext(x, kind) if wider else builder.fptrunc(x, kind)
        return _saturated(site, x, kind)
    if is_float(target):
        signed = is_signed(source)
        return builder.sitofp(x, kind) if signed else builder.uitofp(x, kind)
    width = 1 if source == "bool" else register(source).width  # type: ignore[attr-defined]
    if width == kind.width:
        return x
    if width > kind.width:
        return builder.trunc(x, kind)
    return builder.sext(x, kind) if is_signed(source) else builder.zext(x, kind)


def _saturated(site: Site, x: Any, kind: Any) -> Any:
    """Convert to whole numbers; what is too large becomes the largest."""
    name = "fptosi" if is_signed(site.target) else "fptoui"
    real = "f32" if site.source == "float32" else "f64"
    label = f"llvm.{name}.sat.i{kind.width}.{real}"
    module = site.builder.module
    found = module.globals.get(label)
    if found is None:
        found = ir.Function(module, ir.FunctionType(kind, [x.type]), label)
    return site.builder.call(found, [x])


def _shift(name: str, fill: Callable[[Site], Any]) -> Rule:
    """Shift; by more than the width of a number nothing undefined happens."""

    def rule(site: Site) -> Any:
        x, by = site.args
        width = register(site.source).width  # type: ignore[attr-defined]
        is_far = site.builder.icmp_unsigned(">=", by, site.constant(width))
        safe = site.builder.select(is_far, site.constant(0), by)
        return site.builder.select(
            is_far, fill(site), getattr(site.builder, name)(x, safe)
        )

    return rule


def _all_signs(site: Site) -> Any:
    width = register(site.source).width  # type: ignore[attr-defined]
    return site.builder.ashr(site.args[0], site.constant(width - 1))


def _is_finite(site: Site) -> Any:
    size = site.pen.absolute(*site.args)
    return site.pen.test("<", size, math.inf)


def _bitcast(site: Site) -> Any:
    kind: Any = register(site.target)
    source: Any = register(site.source)
    if str(kind) == str(source):
        return site.args[0]
    if isinstance(kind, ir.IntType) and isinstance(source, ir.IntType):
        raise Unfusable("bitcast between whole numbers")
    return site.builder.bitcast(*site.args, kind)


def _iota(site: Site) -> Any:
    if len(site.op.params["shape"]) != 1:
        raise Unfusable("iota along one of several axes")
    kind: Any = register(site.target)
    if is_float(site.target):
        return site.builder.sitofp(site.index, kind)
    wide = kind.width >= site.index.type.width
    return site.index if wide else site.builder.trunc(site.index, kind)


def _rsqrt(site: Site) -> Any:
    return site.pen.div(1.0, site.pen.intrinsic("sqrt", *site.args))


def _random_bits(site: Site) -> Any:
    """Bits of an element: the two words of its number, under the key."""
    key = site.args[0]
    number = site.builder.trunc(site.index, WORD)
    first, second = threefry(site.builder, key[0], key[1], ir.Constant(WORD, 0), number)
    return site.builder.xor(first, second)


def threefry(builder: Any, k0: Any, k1: Any, x0: Any, x1: Any) -> tuple[Any, Any]:
    """Return Threefry-2x32 with 20 rounds (Salmon et al., SC 2011)."""
    name = "nl_threefry"
    module = builder.module
    pair = ir.ArrayType(WORD, 2)
    found = module.globals.get(name)
    if found is None:
        found = ir.Function(module, ir.FunctionType(pair, [WORD] * 4), name)
        found.linkage = "internal"
        found.attributes.add("alwaysinline")
        inner: Any = ir.IRBuilder(found.append_basic_block())
        words = _rounds(inner, *found.args)
        both = ir.Constant(pair, ir.Undefined)
        for i, word in enumerate(words):
            both = inner.insert_value(both, word, i)
        inner.ret(both)
    both = builder.call(found, [k0, k1, x0, x1])
    return builder.extract_value(both, 0), builder.extract_value(both, 1)


_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))


def _rounds(builder: Any, k0: Any, k1: Any, x0: Any, x1: Any) -> Any:
    parity = ir.Constant(WORD, 0x1BD11BDA)
    keys = [k0, k1, builder.xor(builder.xor(k0, k1), parity)]
    x0, x1 = builder.add(x0, k0), builder.add(x1, k1)
    for group in range(5):
        for rotation in _ROTATIONS[group % 2]:
            x0 = builder.add(x0, x1)
            left = builder.shl(x1, ir.Constant(WORD, rotation))
            right = builder.lshr(x1, ir.Constant(WORD, 32 - rotation))
            x1 = builder.xor(builder.or_(left, right), x0)
        x0 = builder.add(x0, keys[(group + 1) % 3])
        x1 = builder.add(x1, keys[(group + 2) % 3])
        x1 = builder.add(x1, ir.Constant(WORD, group + 1))
    return x0, x1


def _logical(name: str) -> Rule:
    return lambda site: getattr(site.builder, name)(*site.args)


def _not(site: Site) -> Any:
    kind = BIT if site.source == "bool" else register(site.source)
    return site.builder.xor(
        site.args[0], ir.Constant(kind, -1 if kind is not BIT else 1)
    )


RULES: dict[str, Rule] = {
    "splat": lambda site: site.args[0],
    "add": _arithmetic("add", "add"),
    "add_any": _arithmetic("add", "add"),
    "sub": _arithmetic("sub", "sub"),
    "mul": _arithmetic("mul", "mul"),
    "div": _div,
    "rem": _rem,
    "max": _extreme(">"),
    "min": _extreme("<"),
    "neg": _neg,
    "abs": _abs,
    "sign": _sign,
    "square": lambda site: _arithmetic("mul", "mul")(_with(site, site.args * 2)),
    "integer_pow": _integer_pow,
    "pow": _pow,
    "sqrt": _intrinsic("sqrt"),
    "rsqrt": _rsqrt,
    "floor": _intrinsic("floor"),
    "ceil": _intrinsic("ceil"),
    "round": _round,
    "is_finite": _is_finite,
    "select_n": _select,
    "clamp": _clamp,
    "convert_element_type": _convert,
    "bitcast_convert_type": _bitcast,
    "stop_gradient": lambda site: site.args[0],
    "iota": _iota,
    "and": _logical("and_"),
    "or": _logical("or_"),
    "xor": _logical("xor"),
    "not": _not,
    "shift_left": _shift("shl", lambda site: site.constant(0)),
    "shift_right_logical": _shift("lshr", lambda site: site.constant(0)),
    "shift_right_arithmetic": _shift("ashr", _all_signs),
    **{
        name: _comparison(sign)
        for name, sign in {
            "eq": "==",
            "ne": "!=",
            "lt": "<",
            "le": "<=",
            "gt": ">",
            "ge": ">=",
        }.items()
    },
    **{name: _function(name) for name in (*POLYNOMIALS, *LIBRARY) if name != "pow"},
}
"""Primitive of JAX -> what writes it."""
BITS = _random_bits
