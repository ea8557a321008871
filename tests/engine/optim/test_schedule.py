"""Every schedule equals its formula, traced or not, and counts what it should."""

import numpy as np
import optax
import pytest

from engine import State, compile, optim

N = 25
steps = np.arange(N)


def warm_restarts(i, T_0, T_mult, n_calls, low, high):
    """Count the epochs one by one."""
    epoch, length = i // n_calls, T_0
    while epoch >= length:
        epoch, length = epoch - length, length * T_mult
    return low + (high - low) * (1 + np.cos(np.pi * epoch / length)) / 2


SCHEDULES = {
    "constant": (optim.ConstantLR(0.1), np.full(N, 0.1)),
    "step": (optim.StepLR(0.1, 10), 0.1 * 0.1 ** (steps // 10)),
    "multi step": (
        optim.MultiStepLR(0.1, [10, 20]),
        0.1 * 0.1 ** ((steps >= 10).astype(int) + (steps >= 20)),
    ),
    "exponential": (optim.ExponentialLR(0.5, 0.9), 0.5 * 0.9**steps),
    "cosine": (
        optim.CosineAnnealingLR(0.5, 10, eta_min=0.1),
        0.1 + 0.4 * (1 + np.cos(np.pi * steps / 10)) / 2,
    ),
    "warm restarts": (
        optim.CosineAnnealingWarmRestarts(0.5, 2, 3, eta_min=0.1),
        [warm_restarts(i, 3, 1, 2, 0.1, 0.5) for i in steps],
    ),
    "growing restarts": (
        optim.CosineAnnealingWarmRestarts(0.5, 1, 2, 3, eta_min=0.1),
        [warm_restarts(i, 2, 3, 1, 0.1, 0.5) for i in steps],
    ),
    "exponential decay": (
        optim.ExponentialDecayLR(0.5, 10, 0.3),
        [optax.exponential_decay(0.5, 10, 0.3)(i) for i in steps],
    ),
    "inverse time": (optim.InverseTimeDecayLR(0.5, 10, 0.3), 0.5 / (1 + 0.03 * steps)),
    "staircase": (
        optim.InverseTimeDecayLR(0.5, 10, 0.3, staircase=True),
        0.5 / (1 + 0.3 * (steps // 10)),
    ),
    "polynomial": (
        optim.PolynomialDecayLR(0.5, 10, 0.1, power=2.0),
        [optax.polynomial_schedule(0.5, 0.1, 2.0, 10)(i) for i in steps],
    ),
    "piecewise": (
        optim.PiecewiseConstantLR([5, 10], [0.3, 0.2, 0.1]),
        np.where(steps <= 5, 0.3, np.where(steps <= 10, 0.2, 0.1)),
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_equals_its_formula(name):
    schedule, wanted = SCHEDULES[name]
    np.testing.assert_allclose(
        [float(schedule(i)) for i in range(N)], wanted, rtol=1e-5
    )
    traced = compile.for_loop(schedule, steps)
    np.testing.assert_allclose(traced, wanted, rtol=1e-5)


@pytest.mark.parametrize("name", SCHEDULES)
def test_moves_by_epoch_or_by_call(name):
    schedule, wanted = SCHEDULES[name]
    by_call = isinstance(schedule, optim.CallBasedLRScheduler)
    move, other = schedule.step_call, schedule.step_epoch
    if not by_call:
        move, other = other, move
    for i in range(12):
        assert np.isclose(schedule(), wanted[i], rtol=1e-5)
        other()
        compile.jit(move)()


def test_restarts_are_exact_far_out():
    schedule = optim.CosineAnnealingWarmRestarts(1.0, 1, 1, 2)
    for n in range(2, 20):
        start = 2**n - 1
        assert schedule(start) == 1.0
        assert schedule(start - 1) < 0.6


def test_milestones_do_not_touch_the_rate_before():
    assert optim.MultiStepLR(0.1, [10, 20, 30])(9) == np.float32(0.1)


def test_a_shared_rate_is_a_state():
    rate = State(0.1)
    schedule = optim.StepLR(rate, 10)
    rate.value = rate.value * 2
    assert np.isclose(schedule(0), 0.2)
    schedule.lr = State(0.5)
    assert np.isclose(rate.value, 0.5)
    with pytest.raises(ValueError, match="one number"):
        schedule.lr = [1.0, 2.0]


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: optim.ConstantLR(0.1, last_epoch=-2), "last_epoch is -2"),
        (lambda: optim.StepLR(0.1, 0), "step_size is 0"),
        (lambda: optim.StepLR(0.1, 1, gamma=2), "gamma is 2"),
        (lambda: optim.MultiStepLR(0.1, [3, 2]), "increasing epochs"),
        (lambda: optim.MultiStepLR(0.1, []), "increasing epochs"),
        (lambda: optim.CosineAnnealingLR(0.1, 0), "T_max is 0"),
        (lambda: optim.ExponentialLR(0.1, -1), "gamma is -1"),
        (lambda: optim.CosineAnnealingWarmRestarts(0.1, 1, 0), "T_0 is 0"),
        (lambda: optim.CosineAnnealingWarmRestarts(0.1, 1, 1.5), r"T_0 is 1\.5"),
        (lambda: optim.ExponentialDecayLR(0.1, 0, 0.5), "decay_steps is 0"),
        (lambda: optim.PolynomialDecayLR(0.1, 0, 0.5), "decay_steps is 0"),
        (lambda: optim.PiecewiseConstantLR([1], [1.0]), "2 of them"),
        (lambda: optim.ExponentialDecayLR(0.1, 1, 1, last_call=-3), "last_call is -3"),
    ],
)
def test_settings_out_of_range_are_refused(make, text):
    with pytest.raises(ValueError, match=text):
        make()
