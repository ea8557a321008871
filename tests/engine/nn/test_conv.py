"""Convolutions agree with scipy.signal, and with sums written out."""

import itertools

import brainunit as u
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import signal

from engine import nn

rng = np.random.default_rng(0)
CONV = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
SCALED = {1: nn.ScaledWSConv1d, 2: nn.ScaledWSConv2d, 3: nn.ScaledWSConv3d}
SPACE = {1: (9,), 2: (7, 6), 3: (5, 4, 6)}
KERNEL = {1: (3,), 2: (3, 2), 3: (2, 3, 2)}
each_rank = pytest.mark.parametrize("n", [1, 2, 3])


def normal(*shape):
    return rng.normal(size=shape).astype(np.float32)


def correlated(x, kernel, mode):
    """Sum over input channels of what scipy gives for each."""
    out = [
        sum(
            signal.correlate(x[..., i], kernel[..., i, o], mode=mode)
            for i in range(x.shape[-1])
        )
        for o in range(kernel.shape[-1])
    ]
    return np.stack(out, -1)


@each_rank
def test_valid_convolution_is_that_of_scipy(n):
    kernel, bias = normal(*KERNEL[n], 2, 3), normal(3)
    layer = CONV[n](
        (*SPACE[n], 2), 3, KERNEL[n], padding="VALID", w_init=kernel, b_init=bias
    )
    x = normal(4, *SPACE[n], 2)
    wanted = np.stack([correlated(one, kernel, "valid") for one in x]) + bias
    np.testing.assert_allclose(layer(x), wanted, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(layer(x[0]), wanted[0], rtol=1e-4, atol=1e-5)
    assert layer.out_size == wanted.shape[1:]
    assert layer.weight.value["weight"].shape == kernel.shape


@each_rank
def test_same_padding_keeps_the_shape(n):
    odd = tuple(2 * (k // 2) + 1 for k in KERNEL[n])
    kernel = normal(*odd, 2, 3)
    layer = CONV[n]((*SPACE[n], 2), 3, odd, w_init=kernel)
    x = normal(*SPACE[n], 2)
    wanted = correlated(x, kernel, "same")
    np.testing.assert_allclose(layer(x), wanted, rtol=1e-4, atol=1e-5)


def test_stride_dilation_groups_and_padding_written_out():
    kernel = normal(3, 2, 2, 4)  # 2 groups: 4 channels in, 4 out
    layer = nn.Conv2d(
        (8, 7, 4),
        4,
        (3, 2),
        stride=(2, 1),
        padding=((1, 0), (0, 2)),
        rhs_dilation=(2, 3),
        groups=2,
        w_init=kernel,
    )
    x = normal(8, 7, 4)
    padded = np.pad(x, ((1, 0), (0, 2), (0, 0)))
    y = np.asarray(layer(x))
    for p, q, out in itertools.product(*map(range, y.shape)):
        group = out // 2
        total = sum(
            kernel[i, j, c, out] * padded[2 * p + 2 * i, q + 3 * j, 2 * group + c]
            for i, j, c in itertools.product(range(3), range(2), range(2))
        )
        assert np.isclose(y[p, q, out], total, atol=1e-4)


def test_dilated_input_has_zeros_between():
    kernel = normal(3, 1, 1)
    layer = nn.Conv1d((5, 1), 1, 3, padding="VALID", lhs_dilation=2, w_init=kernel)
    x = normal(5, 1)
    spread = np.zeros((9, 1), np.float32)
    spread[::2] = x
    np.testing.assert_allclose(
        layer(x), correlated(spread, kernel, "valid"), rtol=1e-4, atol=1e-6
    )


@each_rank
def test_standardized_kernels(n):
    kernel = normal(*KERNEL[n], 2, 3)
    make = SCALED[n]((*SPACE[n], 2), 3, KERNEL[n], padding="VALID", w_init=kernel)
    axes = tuple(range(n + 1))
    size = kernel[..., 0].size
    scaled = (kernel - kernel.mean(axes)) / np.sqrt(size * kernel.var(axes))
    x = normal(*SPACE[n], 2)
    np.testing.assert_allclose(
        make(x), correlated(x, scaled, "valid"), rtol=1e-3, atol=1e-4
    )
    assert "gain" in make.weight.value


def test_masks_units_and_types():
    kernel = normal(3, 1, 2)
    mask = np.array([1.0, 0.0, 1.0], np.float32)[:, None, None]
    layer = nn.Conv1d(
        (6, 1), 2, 3, w_init=kernel * u.mS, w_mask=mask * np.ones((1, 1, 2))
    )
    x = normal(6, 1)
    y = layer(x * u.mV)
    wanted = correlated(x, kernel * mask, "same")
    assert u.math.allclose(y, wanted * u.mS * u.mV, rtol=1e-4)
    assert nn.Conv1d((6, 1), 2, 3)(jnp.ones((6, 1), jnp.int32)).dtype == jnp.float32


def test_sizes_that_do_not_fit_are_refused():
    with pytest.raises(
        ValueError, match="give 2 spatial axes and the number of channels"
    ):
        nn.Conv2d((6, 1), 2, 3)
    with pytest.raises(
        ValueError, match="3 input channels cannot be shared out among 2"
    ):
        nn.Conv1d((6, 3), 2, 3, groups=2)
    with pytest.raises(ValueError, match=r"shape \(5, 1\).*must be \(6, 1\)"):
        nn.Conv1d((6, 1), 2, 3)(jnp.ones((5, 1)))
