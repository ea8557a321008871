"""A step as a list of operations on flat arrays, from its jaxpr.

Calls are inlined, shapes are dropped where they change nothing, and what nobody needs
is left out. An operation that is not known raises `Unfusable`, and the network runs
as a program of XLA instead.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np
from jax import lax
from jax.extend.core import ClosedJaxpr, Literal

from .._errors import EngineError

CALLS = (
    *("jit", "pjit", "closed_call", "core_call", "remat", "checkpoint", "remat2"),
    *("custom_jvp_call", "custom_vjp_call", "custom_vjp_call_jaxpr"),
)
DELAYED = "delayed_push"
NAMED = ("exprel", DELAYED)
"""Functions of the engine that have native code of their own."""
DRAWN = "event_drawn_push"
PUSHES = ("event_csr_push", DELAYED, DRAWN)
SAME = ("reshape", "squeeze", "expand_dims", "copy", "copy_p", "optimization_barrier")
COMPARISONS = ("ge", "gt", "le", "lt")
KEYED = (
    "random_wrap",
    "random_unwrap",
    "random_fold_in",
    "random_split",
    "random_bits",
)
"""Operations that take random keys."""
REDUCTIONS = ("reduce_sum", "reduce_max", "reduce_min", "reduce_or", "reduce_and")


class Unfusable(EngineError, NotImplementedError):  # noqa: N818 (it is no failure)
    """A step that holds an operation for which there is no native code."""


_numbers = itertools.count()


@dataclass(eq=False)
class Value:
    """A scalar, or an array as a row of numbers.

    Parameters
    ----------
    dtype : str
        Type of an element, "key" for a random key.
    size : int
        Number of elements.
    is_array : bool
        Whether it is more than a number; an array of one element is an array.
    op : Op, optional
        What makes it; None for inputs and constants.
    const : array, optional
        Its value, if that is known.
    """

    dtype: str
    size: int
    is_array: bool
    op: Op | None = None
    const: np.ndarray | None = None
    uid: int = field(default_factory=lambda: next(_numbers))


@dataclass(eq=False)
class Op:
    """An operation.

    Parameters
    ----------
    kind : str
        "elem" runs for each element, "key" makes random keys, "view" points into a
        table, "pick" reads the only number of a view, the others run after the loops:
        "push", "ring", "reduce", "gather", "peek", "concat".
    name : str
        The primitive of JAX.
    ins : list of Value
    out : Value
    params : dict
        Parameters of the primitive, and shapes.
    """

    kind: str
    name: str
    ins: list[Value]
    out: Value
    params: dict[str, Any]


@dataclass
class Flow:
    """A step: inputs, operations in order, outputs.

    Parameters
    ----------
    inputs, outputs : list of Value
    ops : list of Op
    constants : list of Value
        Arrays that are built in.
    """

    inputs: list[Value]
    outputs: list[Value]
    ops: list[Op]
    constants: list[Value]


def flow(closed: ClosedJaxpr) -> Flow:
    """Return the operations of a jaxpr.

    Raises
    ------
    Unfusable
        If one of them is not known.
    """
    builder = _Builder()
    inputs = [_value_of(var.aval) for var in closed.jaxpr.invars]
    outs = builder.inline(closed.jaxpr, inputs, closed.consts)
    ops = _needed(builder.ops, outs)
    used = {id(v) for op in ops for v in op.ins} | {id(v) for v in outs}
    constants = [v for v in builder.constants if id(v) in used]
    return Flow(inputs, outs, ops, constants)


def _value_of(aval: Any) -> Value:
    name = str(aval.dtype)
    dtype = "key" if name.startswith("key") else name
    return Value(dtype, math.prod(aval.shape), len(aval.shape) > 0)


def _needed(ops: list[Op], outs: Sequence[Value]) -> list[Op]:
    """Leave out what no output depends on."""
    wanted = {id(v) for v in outs}
    kept: list[Op] = []
    for op in reversed(ops):
        if id(op.out) in wanted:
            wanted |= {id(v) for v in op.ins}
            kept.append(op)
    return kept[::-1]


class _Builder:
    def __init__(self) -> None:
        self.ops: list[Op] = []
        self.constants: list[Value] = []

    def constant(self, number: Any) -> Value:
        array = np.asarray(number)
        value = Value(str(array.dtype), array.size, array.ndim > 0, const=array)
        if array.ndim:
            self.constants.append(value)
        return value

    def inline(
        self, jaxpr: Any, inputs: Sequence[Value], consts: Sequence[Any]
    ) -> list[Value]:
        """Add the operations of a jaxpr, and return its outputs."""
        places: dict[Any, Value] = dict(zip(jaxpr.invars, inputs, strict=True))
        for var, const in zip(jaxpr.constvars, consts, strict=True):
            places[var] = const if isinstance(const, Value) else self.constant(const)

        def read(atom: Any) -> Value:
            if isinstance(atom, Literal):
                aval: Any = atom.aval
                number = np.asarray(atom.val, aval.dtype)
                return self.constant(number.reshape(aval.shape))
            return places[atom]

        for eqn in jaxpr.eqns:
            ins = [read(atom) for atom in eqn.invars]
            outs = self.equation(eqn, ins)
            places.update(zip(eqn.outvars, outs, strict=True))
        return [read(atom) for atom in jaxpr.outvars]

    def equation(self, eqn: Any, ins: list[Value]) -> list[Value]:
        name = eqn.primitive.name
        if name in CALLS:
            return self.call(eqn, ins)
        if name == "unstack":  # since JAX 0.12, where an array is iterated over
            rows = _rows(eqn)
            return self.inline(rows.jaxpr, ins, rows.consts)
        if len(eqn.outvars) != 1:
            raise Unfusable(f"{name} has several results")
        out = _value_of(eqn.outvars[0].aval)
        if name in SAME or (name == "broadcast_in_dim" and ins[0].size == out.size):
            return [self.same(ins[0], out)]
        return [self.operation(eqn, name, ins, out)]

    def call(self, eqn: Any, ins: list[Value]) -> list[Value]:
        if eqn.params.get("name") in NAMED and ins[0].dtype == "float32":
            out = _value_of(eqn.outvars[0].aval)
            return [self.operation(eqn, eqn.params["name"], ins, out)]
        names = ("jaxpr", "call_jaxpr", "fun_jaxpr")
        inner = next((eqn.params[n] for n in names if n in eqn.params), None)
        if inner is None:
            raise Unfusable(f"{eqn.primitive.name} without a jaxpr")
        jaxpr, consts = getattr(inner, "jaxpr", inner), getattr(inner, "consts", ())
        return self.inline(jaxpr, ins, consts)

    def same(self, value: Value, out: Value) -> Value:
        """Return a value in another shape: a row of numbers has none."""
        if value.is_array == out.is_array or _is_keys(value):
            return value
        if out.is_array:
            return self.add("elem", "splat", [value], out, {})
        return self.number(value)

    def number(self, value: Value) -> Value:
        """Return the only element of an array, made anew where that is cheap."""
        if not value.is_array:
            return value
        if value.const is not None:
            return self.constant(value.const.reshape(()))
        out, op = Value(value.dtype, 1, False), value.op
        if op is not None and op.kind == "view":
            return self.add("pick", "pick", [value], out, {})
        if (
            op is not None
            and op.kind == "elem"
            and op.name not in ("iota", "random_bits")
        ):
            ins = [self.number(v) for v in op.ins]
            return (
                ins[0]
                if op.name == "splat"
                else self.add("elem", op.name, ins, out, op.params)
            )
        return self.add("peek", "peek", [value], out, {})

    def add(
        self, kind: str, name: str, ins: list[Value], out: Value, params: dict[str, Any]
    ) -> Value:
        out.op = Op(kind, name, ins, out, params)
        self.ops.append(out.op)
        return out

    def operation(self, eqn: Any, name: str, ins: list[Value], out: Value) -> Value:
        from ._rules import RULES  # it reads this module

        shapes = [tuple(atom.aval.shape) for atom in eqn.invars]
        params = {**eqn.params, "shapes": shapes}
        if name == "slice" and _is_keys(ins[0]):
            return self.add("key", "some keys", ins, out, _which_keys(eqn))
        if name not in KEYED and any(map(_is_keys, ins)):
            raise Unfusable(f"{name} of the words of a random key")
        if name == "broadcast_in_dim":
            if ins[0].size != 1:
                raise Unfusable("broadcast_in_dim of an array")
            return self.add("elem", "splat", [self.number(ins[0])], out, {})
        if name == "ne" and _is_zero(ins[1]) and _is_from_bool(ins[0]):
            return ins[0].op.ins[0]  # type: ignore[union-attr]
        if name in COMPARISONS and _is_zero(ins[1]):
            ins = [_undivided(ins[0]), ins[1]]
        if name in RULES:
            if out.is_array and out.size != 1:
                ins = [self.number(v) if v.is_array and v.size == 1 else v for v in ins]
            if any(v.is_array and v.size != out.size for v in ins):
                raise Unfusable(f"{name} of arrays of several sizes")
            return self.add("elem", name, ins, out, params)
        if name in PUSHES and _is_blank(ins[0]):
            ins = [self.constant(np.zeros((), ins[0].dtype)), *ins[1:]]
        if name in _SPECIAL:
            kind = _SPECIAL[name](eqn, ins, out)
            if kind == "ring" or name == "dynamic_slice":
                rows, *rest = shapes[0]
                params["shapes"] = [(rows, math.prod(rest))]
            if name == "scatter":
                ins = [ins[0], ins[2], self.number(ins[1])]
            return self.add(kind, name, ins, out, params)
        raise Unfusable(name)


def _rows(eqn: Any) -> Any:
    """Return the jaxpr of the rows of an array along an axis, one by one."""
    aval, axis = eqn.invars[0].aval, eqn.params["axis"]
    row = functools.partial(lax.index_in_dim, axis=axis, keepdims=False)
    each = lambda x: [row(x, i) for i in range(aval.shape[axis])]
    return jax.make_jaxpr(each)(jax.ShapeDtypeStruct(aval.shape, aval.dtype))


def _is_zero(value: Value) -> bool:
    return value.const is not None and not value.is_array and value.const == 0


def _undivided(value: Value) -> Value:
    """Return what is divided by a number above 0: its sign is the same.

    A surrogate compares (V - V_th) / (V_th - V_reset) with 0; a division is slow. They
    differ where the quotient is too small for a number, below 1e-37.
    """
    op = value.op
    if op is None or op.name != "div" or op.ins[1].const is None:
        return value
    divisor = op.ins[1].const
    is_plain = divisor.ndim == 0 and np.isfinite(divisor) and divisor > 0
    return op.ins[0] if is_plain and value.dtype.startswith("float") else value


def _is_blank(value: Value) -> bool:
    op = value.op
    return op is not None and op.name == "splat" and _is_zero(op.ins[0])


def _is_from_bool(value: Value) -> bool:
    op = value.op
    is_cast = op is not None and op.name == "convert_element_type"
    return is_cast and op.ins[0].dtype == "bool"  # type: ignore[union-attr]


def _is_keys(value: Value) -> bool:
    """Tell whether a value is the words of random keys made in the step."""
    return value.op is not None and value.op.kind == "key"


def _which_keys(eqn: Any) -> dict[str, int]:
    """Return first and last of the rows of two words that a slice takes."""
    shape = eqn.invars[0].aval.shape
    first, stop = eqn.params["start_indices"], eqn.params["limit_indices"]
    is_key = str(eqn.invars[0].aval.dtype).startswith("key")
    is_whole = (
        len(shape) == 1 if is_key else len(shape) == 2 and stop[1] - first[1] == 2
    )
    if not is_whole or not _is_dense(eqn):
        raise Unfusable("a slice through random keys")
    return {"first": first[0], "stop": stop[0]}


def _key(eqn: Any, ins: list[Value], out: Value) -> str:
    impl = eqn.params.get("impl")
    if impl is not None and impl.name != "threefry2x32":
        raise Unfusable(f"random numbers of {impl.name}")
    if not jax.config.jax_threefry_partitionable:  # pyright: ignore[reportAttributeAccessIssue]
        raise Unfusable("random numbers that depend on how many are drawn")
    return "key"


def _bits(eqn: Any, ins: list[Value], out: Value) -> str:
    if eqn.params["bit_width"] != 32:
        raise Unfusable("random bits that are not 32 wide")
    return "elem"


def _push(eqn: Any, ins: list[Value], out: Value) -> str:
    indices, weight = ins[3:]
    is_plain = len(eqn.invars[0].aval.shape) == 1 and weight.dtype in (
        "float32",
        "float64",
    )
    if not is_plain or indices.dtype not in ("uint32", "int32", "uint16"):
        raise Unfusable("an event product of this kind")
    if eqn.params["choice"] == "xla":
        raise Unfusable("the event products of XLA were chosen")
    return "push"


def _drawn(eqn: Any, ins: list[Value], out: Value) -> str:
    recipe, weight = ins[2:]
    is_plain = len(eqn.invars[0].aval.shape) == 1 and recipe.op is None
    if not is_plain or weight.is_array or weight.dtype not in ("float32", "float64"):
        raise Unfusable("a product with a random table of this kind")
    if eqn.params["choice"] == "xla":
        raise Unfusable("the event products of XLA were chosen")
    return "push"


def _delayed(eqn: Any, ins: list[Value], out: Value) -> str:
    if ins[3].dtype not in ("uint32", "int32") or ins[5].is_array:
        raise Unfusable("an event product with delays of this kind")
    return "push"


def _row(eqn: Any, ins: list[Value], out: Value) -> str:
    shape = eqn.invars[0].aval.shape
    if eqn.params["slice_sizes"] != (1, *shape[1:]):
        raise Unfusable("a slice that is no row of a table")
    return "view"


def _is_dense(eqn: Any) -> bool:
    """Tell whether a slice leaves nothing out between its ends."""
    return set(eqn.params["strides"] or ()) <= {1}


def _part(eqn: Any, ins: list[Value], out: Value) -> str:
    if len(eqn.invars[0].aval.shape) != 1 or not _is_dense(eqn):
        raise Unfusable("a slice that is no part of a row")
    return "view"


def _ring(eqn: Any, ins: list[Value], out: Value) -> str:
    shape, row = (eqn.invars[i].aval.shape for i in (0, 1))
    if row != (1, *shape[1:]):
        raise Unfusable("an update that is no row of a table")
    return "ring"


def _scatter(eqn: Any, ins: list[Value], out: Value) -> str:
    """Take ``table.at[i].set(row)`` as the update of a row that may be none."""
    shape, _, row = (atom.aval.shape for atom in eqn.invars)
    numbers = eqn.params["dimension_numbers"]
    is_row = (
        ins[1].size == 1
        and row == shape[1:]
        and numbers.scatter_dims_to_operand_dims == (0,)
        and numbers.inserted_window_dims == (0,)
        and eqn.params["update_jaxpr"] is None
        and ins[1].dtype in ("int32", "uint32")
    )
    if not is_row:
        raise Unfusable("a scattered update")
    return "ring"


def _reduction(eqn: Any, ins: list[Value], out: Value) -> str:
    if out.is_array:
        raise Unfusable("a reduction along one of several axes")
    return "reduce"


def _gather(eqn: Any, ins: list[Value], out: Value) -> str:
    numbers = eqn.params["dimension_numbers"]
    is_plain = (
        len(eqn.invars[0].aval.shape) == 1
        and eqn.params["slice_sizes"] == (1,)
        and not numbers.offset_dims
        and ins[1].dtype in ("int32", "uint32")
        and out.is_array
    )
    if not is_plain or "FILL" in str(eqn.params["mode"]):
        raise Unfusable("an indexing of this kind")
    return "gather"


def _concat(eqn: Any, ins: list[Value], out: Value) -> str:
    if eqn.params["dimension"] != 0:
        raise Unfusable("a concatenation along a later axis")
    return "concat"


_SPECIAL = {
    "random_wrap": _key,
    "random_unwrap": _key,
    "random_fold_in": _key,
    "random_split": _key,
    "random_bits": _bits,
    "event_csr_push": _push,
    DELAYED: _delayed,
    DRAWN: _drawn,
    "dynamic_slice": _row,
    "slice": _part,
    "dynamic_update_slice": _ring,
    "scatter": _scatter,
    "gather": _gather,
    "concatenate": _concat,
    **dict.fromkeys(REDUCTIONS, _reduction),
}


def settle(found: Flow, n_states: int) -> None:
    """Let every array that leaves the step be made by an operation of its own.

    An input may be overwritten before it is recorded, and a row of a table too.
    """
    for i, new in enumerate(found.outputs):
        is_made = new.op is not None and new.op.kind != "view"
        is_kept = i < n_states and new is found.inputs[i]
        is_double = i < n_states and new in found.outputs[:i]
        if is_kept or not new.is_array or (is_made and not is_double):
            continue
        copied = Value(new.dtype, new.size, True)
        copied.op = Op("elem", "splat", [new], copied, {})
        found.ops.append(copied.op)
        found.outputs[i] = copied
