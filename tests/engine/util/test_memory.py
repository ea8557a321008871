"""Scaling, and freeing memory."""

import subprocess
import sys

import numpy as np
import pytest

from engine.util import IdMemScaling, MemScaling

X = np.linspace(-80.0, 20.0, 7)


def test_ranges_are_mapped_onto_each_other():
    scaling = MemScaling.transform((-80.0, 20.0), (-1.0, 1.0))
    np.testing.assert_allclose(scaling.scale_offset(X), np.linspace(-1, 1, 7))
    np.testing.assert_allclose(scaling.rev_scale_offset(scaling.scale_offset(X)), X)
    np.testing.assert_allclose(scaling.rev_scale(scaling.scale(X)), X)
    np.testing.assert_allclose(scaling.rev_offset(scaling.offset(X)), X)


def test_single_arguments_come_first():
    scaling = MemScaling(scale=2.0, bias=3.0).clone()
    assert scaling.scale_offset(1.0) == 2.0
    assert scaling.scale_offset(1.0, bias=0.0, scale=4.0) == 0.25
    assert scaling.rev_offset(1.0, bias=1.0) == 0.0


@pytest.mark.parametrize(
    "name", ["scale_offset", "scale", "offset", "rev_scale", "rev_offset"]
)
def test_the_identity_ignores_all(name):
    assert getattr(IdMemScaling().clone(), name)(5.0, 7.0) == 5.0


def test_ranges_need_a_length():
    with pytest.raises(ValueError, match=r"target_range is \(1.0, 1.0\)"):
        MemScaling.transform((0.0, 1.0), (1.0, 1.0))


def test_clearing_deletes_all_arrays():
    code = (
        "import jax.numpy as jnp, engine.util as u\n"
        "x = jnp.ones(3)\n"
        "u.clear_buffer_memory('cpu', compilation=True)\n"
        "assert x.is_deleted()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
