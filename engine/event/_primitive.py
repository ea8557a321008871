"""The sparse event product as a JAX primitive: native on a CPU, XLA elsewhere.

A primitive of its own (and not a plain `ffi_call`) has a batching rule that runs all
samples in one call, picks its kernel when it is lowered for a platform, and can be
told apart in a jaxpr.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.core import ShapedArray
from jax.extend.core import Primitive
from jax.interpreters import batching, mlir

from ._backend import Choice, current_choice
from ._blocks import is_narrow
from ._kernels import push_target
from ._scatter import Table, scatter_blocks, scatter_rows

csr_push_p = Primitive("event_csr_push")
"""Operands (out, spikes, indptr, indices, weight).

`out` is (*batch, n_post), `spikes` (*batch, n_pre), bool or the dtype of `weight`; the
table has no batch axes; `weight` is () or (capacity,), with all batch axes or none.
"""


def csr_push(
    out: jax.Array, spikes: jax.Array, table: Table, weight: jax.Array
) -> jax.Array:
    """Bind the primitive for unbatched weights."""
    is_homogeneous = weight.ndim == 0
    return csr_push_p.bind(
        out,
        spikes,
        *table,
        weight,
        is_homogeneous=is_homogeneous,
        choice=current_choice(),
    )


def _in_xla(
    scatter: Callable[..., jax.Array], *operands: jax.Array, is_homogeneous: bool
) -> jax.Array:
    """Run a fallback for every batch element at once."""
    out, spikes, indptr, indices, weight = operands
    n_batch = out.ndim - 1
    has_batched_weight = weight.ndim > (0 if is_homogeneous else 1)

    def single(out: Any, spikes: Any, weight: Any) -> jax.Array:
        return scatter(out, spikes, Table(indptr, indices), weight)

    for _ in range(n_batch):
        single = jax.vmap(single, (0, 0, 0 if has_batched_weight else None))
    return single(out, spikes, weight)


def _native(target: str, *operands: jax.Array) -> jax.Array:
    """Call the kernel; its second result is scratch memory."""
    out, spikes = operands[:2]
    results = (
        jax.ShapeDtypeStruct(out.shape, out.dtype),
        jax.ShapeDtypeStruct(spikes.shape[-1:], jnp.int32),
    )
    call = jax.ffi.ffi_call(target, results, input_output_aliases={0: 0})
    return call(*operands)[0]


def _for_cpu(
    *operands: Any, is_homogeneous: bool, choice: Choice
) -> Callable[..., jax.Array]:
    """Pick the native kernel, or the fallback where there is none."""
    spikes, indices, weight = operands[1], operands[3], operands[4]
    if choice != "xla":
        is_bool = spikes.dtype == jnp.bool_
        target = push_target(
            is_bool, is_homogeneous, str(weight.dtype), is_narrow(indices)
        )
        if target is not None:
            return functools.partial(_native, target)
    return functools.partial(_in_xla, scatter_rows, is_homogeneous=is_homogeneous)


def _for_others(
    *operands: jax.Array, is_homogeneous: bool, choice: Choice
) -> jax.Array:
    """Run on a platform without native kernels; the choice says nothing there."""
    del choice
    return _in_xla(scatter_blocks, *operands, is_homogeneous=is_homogeneous)


@functools.partial(jax.jit, static_argnames=("is_cpu", "is_homogeneous", "choice"))
def _compiled(*operands: jax.Array, is_cpu: bool, **params: Any) -> jax.Array:
    if is_cpu:
        return _for_cpu(*operands, **params)(*operands)
    return _for_others(*operands, **params)


@csr_push_p.def_impl
def _evaluate(*operands: jax.Array, **params: Any) -> jax.Array:
    platforms = {device.platform for device in operands[0].devices()}
    return _compiled(*operands, is_cpu=platforms == {"cpu"}, **params)


@csr_push_p.def_abstract_eval
def _shape(out: Any, *_: Any, **__: Any) -> ShapedArray:
    return ShapedArray(out.shape, out.dtype)


def _lower_for_cpu(ctx: Any, *operands: Any, **params: Any) -> Any:
    run = _for_cpu(*ctx.avals_in, **params)
    return mlir.lower_fun(run, multiple_results=False)(ctx, *operands)


mlir.register_lowering(csr_push_p, mlir.lower_fun(_for_others, multiple_results=False))
mlir.register_lowering(csr_push_p, _lower_for_cpu, platform="cpu")


def _batch(
    operands: Sequence[Any], dims: Sequence[Any], *, is_homogeneous: bool, choice: Any
) -> tuple[jax.Array, int]:
    """Add a batch axis in front; batched tables run one after another."""
    n = next(x.shape[d] for x, d in zip(operands, dims, strict=True) if d is not None)
    bind = functools.partial(
        csr_push_p.bind, is_homogeneous=is_homogeneous, choice=choice
    )
    if dims[2] is not None or dims[3] is not None:
        moved = [
            x if d is None else jnp.moveaxis(x, d, 0)
            for x, d in zip(operands, dims, strict=True)
        ]

        def element(i: jax.Array) -> jax.Array:
            own = (x if d is None else x[i] for x, d in zip(moved, dims, strict=True))
            return bind(*own)

        return lax.map(element, jnp.arange(n)), 0

    out, spikes, indptr, indices, weight = operands
    out = to_front(out, dims[0], n)
    spikes = to_front(spikes, dims[1], n)
    own_rank = 0 if is_homogeneous else 1
    is_shared = weight.ndim - (dims[4] is not None) == own_rank
    if dims[4] is not None or not is_shared:
        weight = to_front(weight, dims[4], n)
        if is_shared:  # give it the inner batch axes of `out` too
            tail = weight.shape[1:]
            inner = out.shape[1:-1]
            weight = jnp.reshape(weight, (n, *(1,) * len(inner), *tail))
            weight = jnp.broadcast_to(weight, (n, *inner, *tail))
    return bind(out, spikes, indptr, indices, weight), 0


def to_front(x: Any, dim: int | None, n: int) -> jax.Array:
    """Move the batch axis to the front, or make one."""
    if dim is None:
        return jnp.broadcast_to(x, (n, *jnp.shape(x)))
    return jnp.moveaxis(x, dim, 0)


batching.primitive_batchers[csr_push_p] = _batch
