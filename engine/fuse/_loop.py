"""A loop of a program of XLA whose steps run as native code.

`native_loop` binds a primitive. On a CPU it becomes a call of one function that runs
all steps; on other devices, and where derivatives flow, it is the `lax.scan` that it
stands for. Lanes of `vmap` run one after the other, each at the speed of one alone, and
share what is equal in all of them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import ShapedArray, Tracer
from jax.extend.core import ClosedJaxpr, Primitive, jaxpr_as_fun
from jax.interpreters import ad, batching, mlir

from ..event import backend
from ..event._blocks import WIDTH, is_narrow
from ._called import Called
from ._flow import Unfusable

native_loop_p = Primitive("native_loop")
"""Operands (*carry, *fixed, *xs), results (*carry, *ys); see `Loop`.

`batched` tells which operands have an axis of lanes in front, and is None if none has;
if there are lanes, all results have that axis.
"""
native_loop_p.multiple_results = True


class Loop:
    """A step and how often it runs.

    Parameters
    ----------
    body : ClosedJaxpr
        From (carry, fixed, x) to (carry, y), without constants.
    n_carry, n_fixed, length : int
        Number of arrays that pass from step to step, of those that stay the same, and
        of steps.
    fixed : sequence of arrays
        The latter; of those that are known targets are checked here, not in each step.

    Raises
    ------
    Unfusable
        If there is no native code for the step.
    """

    def __init__(
        self,
        body: ClosedJaxpr,
        n_carry: int,
        n_fixed: int,
        length: int,
        fixed: Sequence[Any],
    ):
        self.body, self.length = body, length
        self.n_carry, self.n_fixed = n_carry, n_fixed
        is_within = self._is_within(fixed)
        self.called = Called(self._numbered(), n_carry, length, is_within)

    def _is_within(self, fixed: Sequence[Any]) -> Callable[[int, int], bool]:
        """Return what tells whether all numbers of an input are below a limit."""

        def is_within(slot: int, n: int) -> bool:
            place = slot - self.n_carry
            if not 0 <= place < len(fixed) or isinstance(fixed[place], Tracer):
                return False
            numbers = np.asarray(fixed[place])
            if is_narrow(numbers) and n >= WIDTH:
                return True  # with several blocks it is looked at in each step
            numbers = numbers if is_narrow(numbers) else numbers.view(np.uint32)
            return not numbers.size or bool(numbers.max() < n)

        return is_within

    def _numbered(self) -> ClosedJaxpr:
        """Return the step of its number, which takes `x` out of `xs` itself."""
        avals = list(self.body.in_avals)
        n = self.n_carry + self.n_fixed
        tables = [
            jax.ShapeDtypeStruct((self.length, *a.shape), a.dtype) for a in avals[n:]
        ]

        def step(*given: Any) -> list[Any]:
            *kept, number = given
            rows = [
                _row(table, number, aval.shape)
                for table, aval in zip(kept[n:], avals[n:], strict=True)
            ]
            return jaxpr_as_fun(self.body)(*kept[:n], *rows)

        whole = (jax.ShapeDtypeStruct(a.shape, a.dtype) for a in avals[:n])
        return jax.make_jaxpr(step)(*whole, *tables, jnp.zeros((), jnp.int32))

    def scan(self, *operands: Any) -> list[Any]:
        """Run as a program of XLA."""
        carry, rest = operands[: self.n_carry], operands[self.n_carry :]
        fixed, xs = rest[: self.n_fixed], rest[self.n_fixed :]

        def body(carry: Any, x: Any) -> Any:
            out = jaxpr_as_fun(self.body)(*carry, *fixed, *x)
            return tuple(out[: self.n_carry]), tuple(out[self.n_carry :])

        carry, ys = lax.scan(body, tuple(carry), tuple(xs), length=self.length)
        return [*carry, *ys]

    @property
    def shapes(self) -> Iterator[tuple[tuple[int, ...], Any]]:
        """Shapes and types of the results."""
        for i, aval in enumerate(self.body.out_avals):
            lead = () if i < self.n_carry else (self.length,)
            yield (*lead, *aval.shape), aval.dtype


def _row(table: Any, number: Any, shape: tuple[int, ...]) -> Any:
    flat = table.reshape(table.shape[0], -1)
    start = (number, jnp.zeros_like(number))
    return lax.dynamic_slice(flat, start, (1, flat.shape[1])).reshape(shape)


def native_loop(
    body: Callable[[Any, Any], tuple[Any, Any]], carry: Any, xs: Any, length: int
) -> Callable[[Any, Any], tuple[Any, Any]] | None:
    """Return `lax.scan` of a step as native code.

    Parameters
    ----------
    body, carry, xs
        As for `lax.scan`; only shapes are looked at.
    length : int
        Number of steps; `xs` here may have another.

    Returns
    -------
    callable or None
        Takes `carry` and `xs`. None if the choice of `event.use_backend` is XLA, or
        there is no native code.
    """
    is_one = backend().name == "native" and jax.device_count() == 1
    if not is_one or length < 1:
        return None
    first = jax.tree.map(
        lambda x: jax.ShapeDtypeStruct(jnp.shape(x)[1:], jnp.result_type(x)), xs
    )
    closed, out = jax.make_jaxpr(body, return_shape=True)(carry, first)
    result = jax.tree.structure(out)
    given, n_carry = jax.tree.leaves(carry), len(jax.tree.leaves(carry))
    fixed = [_words(const) for const in closed.consts]
    n = n_carry + len(fixed)

    def step(*given: Any) -> Any:
        consts = list(map(_as_before, given[n_carry:n], closed.consts))
        call = jaxpr_as_fun(ClosedJaxpr(closed.jaxpr, consts))
        return call(*given[:n_carry], *given[n:])

    firsts = [*given, *fixed, *jax.tree.leaves(first)]
    shapes = [jax.ShapeDtypeStruct(jnp.shape(x), jnp.result_type(x)) for x in firsts]
    try:
        one = jax.make_jaxpr(step)(*shapes)
        loop = Loop(one, n_carry, len(fixed), length, fixed)
    except Unfusable:
        return None

    def run(carry: Any, xs: Any) -> tuple[Any, Any]:
        operands = [*jax.tree.leaves(carry), *fixed, *jax.tree.leaves(xs)]
        out = native_loop_p.bind(*map(jnp.asarray, operands), loop=loop, batched=None)
        return jax.tree.unflatten(result, out)

    return run


def _words(const: Any) -> jax.Array:
    """Return the words of random keys, and other arrays as they are."""
    if jnp.issubdtype(const.dtype, jax.dtypes.prng_key):
        return jax.random.key_data(const)
    return jnp.asarray(const)


def _as_before(value: Any, const: Any) -> Any:
    """Make random keys of their words where `const` is keys."""
    if not jnp.issubdtype(const.dtype, jax.dtypes.prng_key):
        return value
    return jax.random.wrap_key_data(value, impl=jax.random.key_impl(const))


@native_loop_p.def_impl
def _evaluate(*operands: Any, **params: Any) -> Any:
    platforms = {device.platform for x in operands for device in x.devices()}
    run = _natively if platforms == {"cpu"} else _as_scan
    return jax.jit(functools.partial(run, **params))(*operands)


@native_loop_p.def_abstract_eval
def _shapes(*operands: Any, loop: Loop, batched: tuple[bool, ...] | None) -> Any:
    lead = () if batched is None else (operands[batched.index(True)].shape[0],)
    return [ShapedArray((*lead, *shape), dtype) for shape, dtype in loop.shapes]


def _as_scan(
    *operands: Any, loop: Loop, batched: tuple[bool, ...] | None
) -> Sequence[Any]:
    if batched is None:
        return loop.scan(*operands)
    axes = tuple(0 if is_batched else None for is_batched in batched)
    return jax.vmap(loop.scan, axes)(*operands)


def _natively(
    *operands: Any, loop: Loop, batched: tuple[bool, ...] | None
) -> Sequence[Any]:
    return loop.called.call(operands, batched)


mlir.register_lowering(native_loop_p, mlir.lower_fun(_as_scan, multiple_results=True))
mlir.register_lowering(
    native_loop_p, mlir.lower_fun(_natively, multiple_results=True), platform="cpu"
)


def _differentiate(
    primals: Sequence[Any], tangents: Sequence[Any], **params: Any
) -> tuple[Any, Any]:
    """Differentiate the scan; what has no tangent takes no part in it."""
    places = [i for i, t in enumerate(tangents) if not isinstance(t, ad.Zero)]

    def some(*given: Any) -> Sequence[Any]:
        whole = list(primals)
        for i, value in zip(places, given, strict=True):
            whole[i] = value
        return _as_scan(*whole, **params)

    at, along = ([side[i] for i in places] for side in (primals, tangents))
    return jax.jvp(some, at, along)


def _batch(
    operands: Sequence[Any],
    dims: Sequence[Any],
    *,
    loop: Loop,
    batched: tuple[bool, ...] | None,
) -> tuple[Any, Any]:
    """Add an axis of lanes, or make one of two."""
    n = next(x.shape[d] for x, d in zip(operands, dims, strict=True) if d is not None)
    moved = [
        x if d is None else jnp.moveaxis(x, d, 0)
        for x, d in zip(operands, dims, strict=True)
    ]
    is_new = [d is not None for d in dims]
    if batched is None:
        out = native_loop_p.bind(*moved, loop=loop, batched=tuple(is_new))
        return out, [0] * len(out)
    first = batched.index(True)
    lanes = moved[first].shape[is_new[first]]

    def joined(x: Any, is_outer: bool, is_inner: bool) -> Any:
        if not (is_outer or is_inner):
            return x
        rest = x.shape[is_outer + is_inner :]
        ones = (n if is_outer else 1, lanes if is_inner else 1)
        both = jnp.broadcast_to(x.reshape(*ones, *rest), (n, lanes, *rest))
        return both.reshape(n * lanes, *rest)

    flags = tuple(a or b for a, b in zip(is_new, batched, strict=True))
    given = map(joined, moved, is_new, batched)
    out = native_loop_p.bind(*given, loop=loop, batched=flags)
    return [x.reshape(n, lanes, *x.shape[1:]) for x in out], [0] * len(out)


ad.primitive_jvps[native_loop_p] = _differentiate
batching.primitive_batchers[native_loop_p] = _batch
