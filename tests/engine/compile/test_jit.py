"""jit: States are inputs and outputs; it traces again only for what it must."""

import gc
import weakref

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import engine
from engine import ParamState, State, compile, environ, nn


class Counter:
    """Adds its argument to a State, and counts how often it is traced."""

    def __init__(self, value=0.0):
        self.total = State(jnp.asarray(value, jnp.float32))
        self.n_traces = 0

    def __call__(self, x):
        self.n_traces += 1
        self.total.value = self.total.value + x
        return 2 * self.total.value


def test_reads_and_writes_states():
    count = Counter()
    step = compile.jit(count)
    assert [float(step(x)) for x in (1.0, 2.0, 3.0)] == [2.0, 6.0, 12.0]
    assert count.total.value == 6.0
    assert count.n_traces == 1


def test_values_never_trace_again_shapes_and_types_do():
    count = Counter(np.zeros(2, np.float32))
    step = compile.jit(count)
    step(jnp.ones(2))
    count.total.value = jnp.full(2, 7.0, jnp.float32)
    assert np.array_equal(step(jnp.zeros(2)), [14, 14])
    assert count.n_traces == 1
    step(jnp.ones(()))
    assert count.n_traces == 2
    step(1)
    assert count.n_traces == 3


def test_a_state_of_another_shape_traces_again_and_the_old_trace_is_kept():
    count = Counter(np.zeros(2, np.float32))
    step = compile.jit(count)
    step(1.0)
    count.total.value = jnp.zeros((3, 2))
    assert step(1.0).shape == (3, 2)
    count.total.value = jnp.zeros(2)
    assert step(1.0).shape == (2,)
    assert count.n_traces == 2


def test_a_setting_is_built_in_so_another_one_traces_again():
    step = compile.jit(lambda x: x * environ.get_dt())
    with environ.context(dt=0.1):
        assert step(2.0) == np.float32(0.2)
    with environ.context(dt=0.5):
        assert step(2.0) == 1.0
    with environ.context(dt=0.1):
        assert step(2.0) == np.float32(0.2)


def test_step_and_time_of_the_environment_are_inputs():
    n_traces = 0

    @compile.jit
    def step():
        nonlocal n_traces
        n_traces += 1
        return environ.get("i") * 10 + environ.get("t")

    for i in range(4):
        with environ.context(i=i, t=0.5 * i):
            assert step() == 10.5 * i
    assert n_traces == 1


def test_settings_that_cannot_run_it_keep_the_trace_and_say_so():
    step = compile.jit(lambda x: x * (environ.get_dt() / (1 * u.ms)))
    with pytest.raises(KeyError, match="dt"):
        step(2.0)
    with environ.context(dt=0.1 * u.ms):
        first = step(2.0)
    with pytest.warns(RuntimeWarning, match=r"'dt'.* is not set.*traced with"):
        assert step(2.0) == first
    assert step(2.0) == first  # told once


def test_a_call_that_raises_leaves_states_as_they_were():
    state = State(1.0)

    @compile.jit
    def broken(x):
        state.value = state.value + x
        compile.jit_error_if(x > 1, "too large")
        raise_now = x.shape == (2,)
        if raise_now:
            raise RuntimeError("while tracing")
        return x

    with pytest.raises(RuntimeError, match="while tracing"):
        broken(jnp.ones(2))
    assert state.value == 1.0
    broken(jnp.float32(0.5))
    assert state.value == 1.5


def test_static_arguments_by_number_and_name():
    @compile.jit(static_argnums=1)
    def power(x, n):
        assert isinstance(n, int)
        return x**n

    @compile.jit(static_argnames="n")
    def named(x, *, n):
        assert isinstance(n, int)
        return x**n

    assert power(2.0, 3) == 8
    assert power(2.0, 4) == 16
    assert named(2.0, n=5) == 32


def test_donated_arguments_are_gone():
    step = compile.jit(lambda x: x + 1, donate_argnums=0)
    x = jnp.ones(1000)
    step(x)
    assert x.is_deleted()


def test_a_state_whose_array_was_donated_is_named():
    state = State(jnp.ones(1000), name="rates")
    compile.jit(lambda x: x + 1, donate_argnums=0)(state.value)
    with pytest.raises(RuntimeError, match=r"'rates'.*donated"):
        state.value  # noqa: B018
    with pytest.raises(RuntimeError, match=r"'rates'.*donated"):
        compile.jit(lambda: state.value + 1)()


def test_works_on_modules_methods_and_keywords():
    layer = nn.Linear(2, 3)
    x = jnp.ones((4, 2))
    np.testing.assert_allclose(compile.jit(layer)(x), layer(x), rtol=1e-6)

    class Cell:
        def __init__(self):
            self.n = State(0)

        @compile.jit
        def step(self, *, by):
            self.n.value += by
            return self.n.value

    cell = Cell()
    with pytest.raises(TypeError):
        cell.step(by=2)  # `self` is an argument like any other: no array


def test_shapes_and_lowered_programs_take_the_arguments():
    # 0.1.0: jit(f).eval_shape(x) and .lower(x) took no arguments
    count = Counter(np.zeros(2, np.float32))
    step = compile.jit(count)
    assert step.eval_shape(jnp.ones((5, 1))).shape == (5, 2)
    assert "stablehlo" in step.lower(jnp.ones(2)).as_text()
    assert step.trace(jnp.ones(2)).jaxpr.in_avals
    assert np.array_equal(count.total.value, [0, 0])
    compiled = step.compile(jnp.ones(2))
    values, out = compiled(([count.total.value], {}), jnp.ones(2))
    assert np.array_equal(out, [2, 2])
    assert np.array_equal(values[0], [1, 1])


def test_what_it_is_made_of_can_be_reached():
    count = Counter()
    step = compile.jit(count)
    step(1.0)
    assert step.origin_fun is count
    assert step.stateful_fun.get_states() == (count.total,)
    values, out = step.jitted_fun([jnp.float32(5.0)], 1.0)
    assert (values[0], out) == (6.0, 12.0)
    assert count.total.value == 1.0  # values in, values out
    with pytest.raises(ValueError, match="values differ from those of the States"):
        step.jitted_fun([jnp.ones(2)], 1.0)
    step.clear_cache()
    step(1.0)
    assert count.n_traces == 2


def test_caches_keep_no_state_alive():
    model = nn.Linear(3, 3)
    weight = weakref.ref(model.weight)
    step = compile.jit(lambda x: model.weight.value["weight"].sum() + x)
    before = step(0.0)
    model.weight = ParamState(jax.tree.map(jnp.ones_like, model.weight.value))
    gc.collect()
    assert weight() is None
    assert step(0.0) == 9.0
    assert before != 9.0


def test_a_state_that_is_replaced_is_found_without_the_garbage_collector():
    model = Counter()
    read = compile.jit(lambda: model.total.value)
    gc.disable()
    try:
        for value in (1.0, 2.0, 3.0):
            model.total = State(jnp.float32(value))
            assert read() == value
    finally:
        gc.enable()


def test_under_plain_jax_a_state_takes_tracers_quietly():
    state = State(jnp.float32(0.0))

    def f(x):
        state.value = x
        return 2 * state.value

    assert jax.jit(f)(1.0) == 2.0
    assert jax.grad(f)(1.0) == 2.0
    state.value = jnp.float32(0.0)
    with engine.check_state_jax_tracer(), pytest.raises(engine.TraceContextError):
        jax.jit(lambda x: f(x) + 1)(1.0)


def test_random_numbers_go_on_from_call_to_call():
    draw = compile.jit(lambda: engine.random.rand(3))
    engine.random.seed(1)
    first, second = draw(), draw()
    assert not np.array_equal(first, second)
    engine.random.seed(1)
    assert np.array_equal(draw(), first)


def test_options_that_jax_has_no_more_are_refused():
    with pytest.raises(engine.EngineError, match="abstracted_axes"):
        compile.StatefulFunction(lambda x: x, abstracted_axes={0: "n"})
