"""restore_rngs: random states are as before, whatever happens inside."""

import numpy as np
import pytest

from engine import augment, compile, random


def test_the_same_numbers_again_and_again():
    # 0.1.0 has no test of it
    draw = augment.restore_rngs(lambda n: random.rand(n))
    assert np.array_equal(draw(3), draw(3))
    assert np.array_equal(compile.jit(lambda: draw(3))(), draw(3))
    assert np.array_equal(draw(3), random.rand(3))


def test_other_random_states_and_errors():
    rng, other = random.RandomState(1), random.RandomState(2)

    @augment.restore_rngs(rngs=(rng, other))
    def broken():
        rng.rand()
        other.rand()
        raise RuntimeError("on purpose")

    keys = [np.asarray(r.value) for r in (rng, other)]
    with pytest.raises(RuntimeError, match="on purpose"):
        broken()
    for r, key in zip((rng, other), keys, strict=True):
        assert np.array_equal(r.value, key)
