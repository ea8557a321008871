"""Delays against the sequence that was written."""

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engine import environ, nn
from engine.nn._delay import initial_step_is_zero

METHODS = ["rotation", "concat"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("k", [0, 1, 2, 7])
def test_value_of_k_steps_ago(run, ready, method, k):
    past = nn.Delay(jnp.zeros(2), delay_method=method)
    past.register_entry("a", delay_step=k)
    past.register_entry("b", 0.1 * k * u.ms)
    past.register_delay(1.0 * u.ms)
    ready(past)

    def step(i):
        past.update(jnp.full(2, 1.0 + i))
        return past.at("a"), past.at("b")

    for read in run(step, 25):
        assert np.array_equal(read[:, 0], np.maximum(np.arange(25) - k + 1, 0))


@pytest.mark.parametrize("start", [0, 10**9, 2**31 - 40])
def test_ring_does_not_care_how_large_the_step_is(run, ready, start):
    past = ready(nn.Delay(jnp.zeros(1, jnp.int32), time=0.5 * u.ms))

    def step(i):
        before = past.retrieve_after(0.5 * u.ms)
        past.update((i - start)[None] + 1)
        return before, past.retrieve_at_step(3)

    before, after = run(step, 20, start=start)
    assert np.array_equal(before[:, 0], np.maximum(np.arange(20) - 4, 0))
    assert np.array_equal(after[:, 0], np.maximum(np.arange(20) - 2, 0))


def test_reading_before_the_update_of_a_step_sees_the_same_past(run, ready):
    past = ready(nn.Delay(jnp.zeros(1), time=0.4 * u.ms))

    def step(i):
        before = [past.retrieve_at_step(k) for k in (0, 1, 2, 4)]
        past.update(jnp.full(1, 1.0 + i))
        after = [past.retrieve_at_step(k) for k in (0, 1, 2, 4)]
        return jnp.stack(before)[:, 0], jnp.stack(after)[:, 0]

    before, after = run(step, 12)
    assert np.array_equal(before[:, 1:], after[:, 1:])
    assert np.array_equal(after[:, 0], np.arange(12) + 1)
    assert np.array_equal(before[:, 0], np.arange(12))  # the newest there is


def test_delay_traced_within_the_capacity_compiles_once(ready):
    past = ready(nn.Delay(jnp.zeros(1), time=2.0 * u.ms, interp_method="round"))
    with environ.context(dt=0.1 * u.ms):
        for i in range(30):
            with environ.context(i=i):
                past.update(jnp.full(1, float(i)))
    traces = []

    @jax.jit
    def read(milliseconds):
        traces.append(1)
        with environ.context(i=29, dt=0.1 * u.ms):
            return past.retrieve_after(milliseconds * u.ms)

    assert [float(read(k * 0.1)[0]) for k in range(21)] == [29 - k for k in range(21)]
    assert len(traces) == 1


def test_each_element_may_have_its_own_delay(run, ready):
    past = ready(nn.Delay(jnp.zeros(3), time=1.0 * u.ms), batch_size=2)
    steps = np.array([0, 4, 10])

    def step(i):
        past.update(jnp.full((2, 3), 1.0 + i))
        return past.retrieve_at_step(steps)

    read = run(step, 20)
    for neuron, k in enumerate(steps):
        expected = np.maximum(np.arange(20) - k + 1, 0)
        assert np.array_equal(read[:, 0, neuron], expected)
        assert np.array_equal(read[:, 1, neuron], expected)


@pytest.mark.parametrize("method", METHODS)
def test_between_steps_values_are_interpolated_or_rounded(run, ready, method):
    linear = nn.Delay(jnp.zeros(1), time=1.0 * u.ms, delay_method=method)
    rounded = nn.Delay(
        jnp.zeros(1), time=1.0 * u.ms, delay_method=method, interp_method="round"
    )
    ready(linear, rounded)

    def step(i):
        linear.update(jnp.full(1, 1.0 * i))
        rounded.update(jnp.full(1, 1.0 * i))
        traced = (0.325 + 0.0 * i) * u.ms
        return (
            linear.retrieve_after(0.325 * u.ms),
            linear.retrieve_after(traced),
            rounded.retrieve_after(0.325 * u.ms),
        )

    concrete, traced, nearest = (part[5:, 0] for part in run(step, 20))
    assert np.allclose(concrete, np.arange(5, 20) - 3.25, atol=1e-4)
    assert np.allclose(traced, np.arange(5, 20) - 3.25, atol=1e-4)
    assert np.array_equal(nearest, np.arange(5, 20) - 3.0)


def test_spikes_are_kept_as_booleans_and_never_interpolated(run, ready):
    past = ready(nn.Delay(jnp.zeros(1, bool), time=0.5 * u.ms))

    def step(i):
        past.update((i == 2)[None])
        return past.retrieve_after(0.32 * u.ms)

    assert past.history.dtype == bool
    assert list(np.flatnonzero(run(step, 12)[:, 0])) == [5]


def test_units_and_trees_are_kept(run, ready):
    past = nn.Delay({"V": jnp.zeros(2) * u.mV, "a": jnp.zeros(3)}, time=0.2 * u.ms)
    ready(past)

    def step(i):
        past.update({"V": jnp.full(2, 1.0 * i) * u.mV, "a": jnp.full(3, 2.0 * i)})
        return past.retrieve_at_step(2)

    out = run(step, 6)
    assert np.array_equal(out["V"][:, 0], [0, 0, 0, 1, 2, 3])
    assert np.array_equal(out["a"][:, 0], [0, 0, 0, 2, 4, 6])
    assert past.history["V"].unit == u.mV


@pytest.mark.parametrize(
    ("init", "expected"),
    [(None, 0.0), (3.0, 3.0), (lambda shape, dtype: jnp.full(shape, 5.0, dtype), 5.0)],
)
def test_past_before_the_first_step(ready, init, expected):
    past = ready(nn.Delay(jnp.zeros(2), time=0.3 * u.ms, init=init))
    assert past.history.shape == (4, 2)
    assert np.all(past.history == expected)


def test_reset_forgets_in_place(ready):
    past = ready(nn.Delay(jnp.zeros(1), time=0.3 * u.ms))
    state = past._history
    with environ.context(dt=0.1 * u.ms, i=5):
        past.update(jnp.ones(1))
        assert past.retrieve_at_step(0)[0] == 1
        nn.reset_all_states(past)
        assert past._history is state
        assert past.retrieve_at_step(0)[0] == 0


def test_access_reads_an_entry(ready):
    past = nn.Delay(jnp.zeros(1))
    reader = past.access(time=0.2 * u.ms)
    named = past.access("far", 0.4 * u.ms)
    ready(past)
    with environ.context(dt=0.1 * u.ms):
        for i in range(8):
            with environ.context(i=i):
                past.update(jnp.full(1, 1.0 * i))
        with environ.context(i=7):
            assert float(reader()[0]) == 5
            assert float(named.update()[0]) == 3


def test_state_with_delay_begins_with_the_initial_value(run, ready):
    cells = nn.LIF(2, V_initializer=lambda size: jnp.array([0.25, 0.5]) * u.mV)
    read = cells.prefetch("V").delay.at(0.2 * u.ms)
    ready(cells)

    def step(i):
        value = read()
        cells()
        return value, cells.V.value

    delayed, V = run(step, 6)
    assert np.array_equal(delayed[:2], [[0.25, 0.5]] * 2)
    assert np.array_equal(delayed[2:], V[:-2])


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda d: d.register_delay(-1.0 * u.ms), ValueError, "negative"),
        (lambda d: d.register_delay(delay_step=-1), ValueError, "negative"),
        (lambda d: d.register_entry("a", 2.0 * u.ms), KeyError, "'a' has the delay"),
        (lambda d: d.at("b"), KeyError, "no entry 'b'"),
        (lambda d: d.retrieve_at_step(11), ValueError, "11 steps ago"),
        (lambda d: nn.Delay(0.0, delay_method="ring"), ValueError, "'rotation'"),
        (lambda d: nn.Delay(0.0, interp_method="linear"), ValueError, "linear_interp"),
    ],
)
def test_what_cannot_be_kept_is_refused(ready, call, error, text):
    past = nn.Delay(jnp.zeros(1), entries={"a": 1.0 * u.ms})
    past.register_entry("a", 1.0 * u.ms)  # again, the same
    ready(past)
    with environ.context(dt=0.1 * u.ms, i=0), pytest.raises(error, match=text):
        call(past)


def test_traced_delay_without_capacity_is_refused():
    cells = nn.LIF(1)
    with pytest.raises(ValueError, match="capacity"):
        jax.jit(lambda t: cells.prefetch("V").delay.at(t * u.ms)())(1.0)


def test_only_a_literal_zero_is_no_delay():
    assert initial_step_is_zero(0.0 * u.ms)
    assert not initial_step_is_zero(0.1 * u.ms)
    assert jax.jit(lambda t: jnp.asarray(initial_step_is_zero(t)))(0.0) == False  # noqa: E712
