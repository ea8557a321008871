"""Products with random tables whose rows are made when a spike asks for them.

Primitives, as the one of stored tables: native on a CPU, XLA elsewhere, all samples
of a batch in one call, and known to native steps by their name.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.core import ShapedArray
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from ._backend import Choice, current_choice
from ._primitive import to_front
from ._rows import Kind, for_each_target, gather_target, push_target
from ._rule import Forward, event_product
from ._scatter import compact

LANES = 256  # rows made side by side on an accelerator
ROWS = 32  # and by the transposed product on any device

drawn_push_p = Primitive("event_drawn_push")
"""Operands (out, spikes, recipe, weight).

`out` is (*batch, n_post), `spikes` (*batch, n_pre), bool or the dtype of `weight`;
`weight` is () or (*batch,), the recipe has no batch axes.
"""

drawn_sum_p = Primitive("event_drawn_sum")
"""Operands (x, recipe): x times the table without weights, or its transpose; linear."""


@functools.cache
def drawn_product(kind: Kind) -> Forward:
    """Return the differentiable product ``(out, spikes, recipe, weight) -> out + s W``."""

    def forward(out: Any, spikes: Any, recipe: Any, weight: Any) -> jax.Array:
        choice = current_choice()
        return drawn_push_p.bind(out, spikes, recipe, weight, kind=kind, choice=choice)

    def linear(spikes: Any, recipe: Any, weight: Any, n_post: int) -> jax.Array:
        return drawn_sum_p.bind(
            spikes.astype(weight.dtype) * weight,
            recipe,
            n_out=n_post,
            is_transposed=False,
            kind=kind,
            choice=current_choice(),
        )

    return event_product(forward, linear)


# in XLA


def _push_rows(
    out: Any, spikes: Any, recipe: Any, weight: Any, kind: Kind, lanes: int
) -> jax.Array:
    """Add the targets of the active neurons, some rows a turn; nothing is batched."""
    n_pre, n_post = spikes.shape[0], out.shape[0]
    if n_pre == 0 or n_post == 0:
        return out
    n_active, active = compact(spikes)

    def turn(carry: tuple[Any, Any]) -> tuple[Any, Any]:
        first, out = carry
        number = first + jnp.arange(lanes, dtype=first.dtype)
        rows = active[jnp.minimum(number, n_pre - 1)]
        one = jnp.broadcast_to(weight, (lanes,))
        if spikes.dtype != jnp.bool_:
            one = one * spikes[rows]

        def add(out: Any, places: Any, is_hit: Any) -> Any:
            post = jnp.where(is_hit, places, n_post)
            return out.at[post].add(one[:, None], mode="drop")

        rows = rows.astype(jnp.uint32)
        out = for_each_target(recipe, kind, rows, number < n_active, add, out)
        return first + lanes, out

    start = (jnp.zeros_like(n_active), out)
    return lax.while_loop(lambda carry: carry[0] < n_active, turn, start)[1]


def _gather_rows(x: Any, recipe: Any, n_out: int, kind: Kind) -> jax.Array:
    """Sum over the targets of every row; nothing is batched."""

    def block(first: jax.Array) -> jax.Array:
        rows = first + jnp.arange(ROWS, dtype=jnp.uint32)

        def add(total: Any, places: Any, is_hit: Any) -> Any:
            found = x.at[places].get(mode="fill", fill_value=0)
            return total + jnp.where(is_hit, found, 0).sum(axis=1)

        zeros = jnp.zeros(ROWS, x.dtype)
        return for_each_target(recipe, kind, rows, rows < n_out, add, zeros)

    starts = jnp.arange(0, max(n_out, 1), ROWS, dtype=jnp.uint32)
    return lax.map(block, starts).reshape(-1)[:n_out]


def _batched(single: Callable[..., jax.Array], n: int, axes: Any) -> Any:
    for _ in range(n):
        single = jax.vmap(single, axes)
    return single


def _push_in_xla(*operands: Any, kind: Kind, choice: Choice, lanes: int) -> jax.Array:
    out, weight = operands[0], operands[3]
    single = functools.partial(_push_rows, kind=kind, lanes=lanes)
    axes = (0, 0, None, 0 if weight.ndim else None)
    return _batched(single, out.ndim - 1, axes)(*operands)


def _sum_in_xla(
    x: Any, recipe: Any, *, n_out: int, is_transposed: bool, kind: Kind, choice: Choice
) -> jax.Array:
    if is_transposed:
        single = functools.partial(_gather_rows, n_out=n_out, kind=kind)
        return _batched(single, x.ndim - 1, (0, None))(x, recipe)
    out = jnp.zeros((*x.shape[:-1], n_out), x.dtype)
    one = jnp.ones((), x.dtype)
    return drawn_push_p.bind(out, x, recipe, one, kind=kind, choice=choice)


# on a CPU


def _push_on_cpu(*operands: Any, kind: Kind, choice: Choice) -> jax.Array:
    out, spikes, _, weight = operands
    is_bool = spikes.dtype == jnp.bool_
    given = str(weight.dtype), is_bool, kind
    target = push_target(*given) if choice != "xla" else None
    if target is None:
        return _push_in_xla(*operands, kind=kind, choice=choice, lanes=1)
    results = (
        jax.ShapeDtypeStruct(out.shape, out.dtype),
        jax.ShapeDtypeStruct(spikes.shape[-1:], jnp.int32),  # scratch memory
    )
    call = jax.ffi.ffi_call(target, results, input_output_aliases={0: 0})
    return call(*operands)[0]


def _sum_on_cpu(x: Any, recipe: Any, **params: Any) -> jax.Array:
    is_native = params["is_transposed"] and params["choice"] != "xla"
    target = gather_target(str(x.dtype), params["kind"]) if is_native else None
    if target is None:
        return _sum_in_xla(x, recipe, **params)
    result = jax.ShapeDtypeStruct((*x.shape[:-1], params["n_out"]), x.dtype)
    return jax.ffi.ffi_call(target, result)(x, recipe)


# what JAX is told


def _push_elsewhere(*operands: Any, **params: Any) -> jax.Array:
    return _push_in_xla(*operands, **params, lanes=LANES)


def _tell(primitive: Primitive, on_cpu: Any, elsewhere: Any) -> None:
    """Give a primitive its evaluation and its programs."""

    @functools.partial(jax.jit, static_argnames=("names", "values", "is_cpu"))
    def compiled(*operands: Any, names: Any, values: Any, is_cpu: bool) -> Any:
        run = on_cpu if is_cpu else elsewhere
        return run(*operands, **dict(zip(names, values, strict=True)))

    @primitive.def_impl
    def evaluate(*operands: Any, **params: Any) -> Any:
        is_cpu = {d.platform for d in operands[0].devices()} == {"cpu"}
        names, values = tuple(params), tuple(params.values())
        return compiled(*operands, names=names, values=values, is_cpu=is_cpu)

    lower = functools.partial(mlir.lower_fun, multiple_results=False)
    mlir.register_lowering(primitive, lower(elsewhere))
    mlir.register_lowering(primitive, lower(on_cpu), platform="cpu")


_tell(drawn_push_p, _push_on_cpu, _push_elsewhere)
_tell(drawn_sum_p, _sum_on_cpu, _sum_in_xla)


@drawn_push_p.def_abstract_eval
def _push_shape(out: Any, *_: Any, **__: Any) -> ShapedArray:
    return ShapedArray(out.shape, out.dtype)


@drawn_sum_p.def_abstract_eval
def _sum_shape(x: Any, *_: Any, n_out: int, **__: Any) -> ShapedArray:
    return ShapedArray((*x.shape[:-1], n_out), x.dtype)


def _transpose(ct: Any, x: Any, recipe: Any, **params: Any) -> tuple[Any, None]:
    shape = x.aval.shape
    if isinstance(ct, ad.Zero):
        return ad.Zero(x.aval), None
    params |= {"n_out": shape[-1], "is_transposed": not params["is_transposed"]}
    return drawn_sum_p.bind(ct, recipe, **params), None


def _along(dx: Any, x: Any, recipe: Any, **params: Any) -> jax.Array:
    return drawn_sum_p.bind(dx, recipe, **params)


ad.defjvp(drawn_sum_p, _along, None)  # linear in x, the recipe is no number
ad.primitive_transposes[drawn_sum_p] = _transpose


def _one_by_one(
    primitive: Primitive, operands: Sequence[Any], dims: Sequence[Any], **params: Any
) -> tuple[jax.Array, int]:
    """Run a batch of recipes one after another."""
    moved = [
        x if d is None else jnp.moveaxis(x, d, 0)
        for x, d in zip(operands, dims, strict=True)
    ]
    n = next(x.shape[0] for x, d in zip(moved, dims, strict=True) if d is not None)

    def element(i: jax.Array) -> jax.Array:
        own = (x if d is None else x[i] for x, d in zip(moved, dims, strict=True))
        return primitive.bind(*own, **params)

    return lax.map(element, jnp.arange(n)), 0


def _batch_push(
    operands: Sequence[Any], dims: Sequence[Any], **params: Any
) -> tuple[jax.Array, int]:
    """Add a batch axis in front."""
    if dims[2] is not None:
        return _one_by_one(drawn_push_p, operands, dims, **params)
    n = next(x.shape[d] for x, d in zip(operands, dims, strict=True) if d is not None)
    out, spikes, recipe, weight = operands
    out, spikes = to_front(out, dims[0], n), to_front(spikes, dims[1], n)
    if dims[3] is not None or weight.ndim:
        is_one = weight.ndim == (dims[3] is not None)
        weight = to_front(weight, dims[3], n)
        if is_one:  # give it the inner batch axes of `out` too
            weight = weight.reshape(n, *[1] * (out.ndim - 2))
            weight = jnp.broadcast_to(weight, out.shape[:-1])
    return drawn_push_p.bind(out, spikes, recipe, weight, **params), 0


def _batch_sum(
    operands: Sequence[Any], dims: Sequence[Any], **params: Any
) -> tuple[jax.Array, int]:
    if dims[1] is not None:
        return _one_by_one(drawn_sum_p, operands, dims, **params)
    x, recipe = operands
    return drawn_sum_p.bind(jnp.moveaxis(x, dims[0], 0), recipe, **params), 0


batching.primitive_batchers[drawn_push_p] = _batch_push
batching.primitive_batchers[drawn_sum_p] = _batch_sum
