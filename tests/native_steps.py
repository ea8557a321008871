"""Steps as native code and as a scan, side by side."""

import contextlib
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from engine import fuse
from engine.fuse import _emit, _kernel, _synapses

N_STEPS = 40


@contextlib.contextmanager
def on_threads(n):
    """Run small steps on several threads too, in parts of two elements."""
    with pytest.MonkeyPatch.context() as patch:
        if n > 1:
            patch.setattr(_kernel, "LARGE", 0)
            patch.setattr(_kernel, "n_processors", lambda: n)
            patch.setattr(_synapses, "GRAIN", 2)
            patch.setattr(_emit, "GRAIN", 2)
            patch.setattr(_kernel.Choice, "next", lambda self: self.n)
        yield


def both(step, states, *params, n=N_STEPS, chunks=(N_STEPS,)):
    """Return rows and last States: of a scan, and native, in chunks."""
    states = [jnp.asarray(s) for s in states]
    params = [jnp.asarray(p) for p in params]

    def flat(*leaves):
        return step(leaves[: len(states)], leaves[len(states) : -1], leaves[-1])

    def pair(*leaves):
        new, rows = flat(*leaves)
        return (*new, *rows)

    closed = jax.make_jaxpr(pair)(*states, *params, jnp.int32(0))

    def body(carry, i):
        new, rows = flat(*carry, *params, i)
        return list(new), list(rows)

    last, rows = jax.jit(lambda s: lax.scan(body, s, jnp.arange(n, dtype=jnp.int32)))(
        states
    )
    code = fuse.Code(closed, len(states))
    kernel = fuse.Kernel(code, n)
    for i, leaf in enumerate([*states, *params]):
        kernel.load(i, leaf)
    parts, first = [], 0
    for size in chunks:
        left = size
        while left:
            done, found = kernel.run(first, left)
            assert 0 < done <= left
            parts.append((first, done, found))
            first, left = first + done, left - done
    native = []
    for k, row in enumerate(rows):
        if row.dtype == bool and row.ndim == 2:
            dense = np.zeros(row.shape, bool)
            for start, _, found in parts:
                steps, neurons, counts = found[k]
                dense[start + steps.astype(int), neurons] = True
                assert counts.sum() == steps.size
            native.append(dense)
        else:
            joined = np.concatenate([found[k] for _, _, found in parts])
            native.append(joined.reshape(row.shape))
    states_after = [kernel.read(i).reshape(s.shape) for i, s in enumerate(states)]
    return (last, rows), (states_after, native)


def same(step, states, *params, rtol=0.0, **options):
    (last, rows), (mine, native) = both(step, states, *params, **options)
    for a, b in zip([*last, *rows], [*mine, *native], strict=True):
        a = np.asarray(a)
        if rtol and a.dtype.kind == "f":
            np.testing.assert_allclose(b, a, rtol=rtol, atol=1e-6)
        else:
            np.testing.assert_array_equal(b, a)


def table_of(rng, n_pre, n_post, n):
    degrees = rng.multinomial(n, np.ones(n_pre) / n_pre)
    indptr = np.concatenate([[0], np.cumsum(degrees)]).astype(np.int32)
    indices = rng.integers(0, n_post, n).astype(np.uint32)
    if rng.integers(2):  # threads need targets in order, and one takes what is not
        for first, last in itertools.pairwise(indptr):
            indices[first:last].sort()
    return indptr, indices


def in_quarters(rng, shape):
    """Return weights whose sums are exact, in whatever order."""
    return (rng.integers(-8, 9, shape) / 4).astype(np.float32)
