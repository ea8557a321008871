"""Progress bars: as many moves as asked for, from inside of a compiled loop."""

import io

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engine import compile, event


def run(n, loop=compile.for_loop, **kwargs):
    """Return what a bar has written over a loop of `n` steps."""
    out = io.StringIO()
    bar = compile.ProgressBar(file=out, mininterval=0, ascii=True, **kwargs)
    loop(lambda i: i, jnp.arange(n), pbar=bar)
    jax.effects_barrier()
    return out.getvalue()


@pytest.mark.parametrize("loop", [compile.for_loop, compile.checkpointed_for_loop])
def test_ends_at_all_steps(loop):
    text = run(12, loop, freq=5, desc="walking")
    assert "walking" in text
    for done in ("5/12", "10/12", "12/12"):
        assert done in text
    assert "3/12" not in text


def test_moves_twenty_times_unless_told():
    assert sum(f" {n}/100" in run(100) for n in range(5, 101, 5)) == 20
    text = run(100, count=2)
    assert " 50/100" in text
    assert " 25/100" not in text


def test_settings_that_do_not_fit_are_refused():
    with pytest.raises(compile.ProgressError, match=r"freq=1 and count=2.*one"):
        compile.ProgressBar(freq=1, count=2)
    with pytest.raises(compile.ProgressError, match="freq is 0"):
        compile.ProgressBar(freq=0)


def events(x):
    """Return what a product of events makes of two spikes: then a loop is native."""
    table = np.arange(3, dtype=np.int32), np.arange(2, dtype=np.uint32)
    return event.csr_matvec(4 * jnp.arange(2) < x, *table, 1.5, 2)


@pytest.mark.parametrize(("n", "freq"), [(12, 5), (12, 4), (3, 5), (7, 1)])
def test_moves_between_the_pieces_of_a_native_loop(n, freq):
    out = io.StringIO()
    bar = compile.ProgressBar(file=out, mininterval=0, ascii=True, freq=freq)

    def walk(pbar):
        step = lambda sums, x: (0.5 * sums + events(x), (sums, x))
        return compile.scan(step, jnp.zeros(2), jnp.arange(n), pbar=pbar)

    found, wanted = walk(bar), walk(None)
    jax.effects_barrier()
    assert jax.tree.all(jax.tree.map(jnp.array_equal, found, wanted))
    assert "native_loop" in str(jax.make_jaxpr(lambda: walk(bar))())
    text = out.getvalue()
    for done in [*range(freq, n, freq), n]:
        assert f"{done}/{n}" in text
    assert freq == 1 or f"{freq - 1}/{n}" not in text
