"""Progress bars: as many moves as asked for, from inside of a compiled loop."""

import io

import jax
import jax.numpy as jnp
import pytest

from engine import compile


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
