"""Transformations nest: over States they do what pure JAX does over values.

Every transformation is given twice: for functions with States, and for functions
`(values, x) -> (values, y)` of pure JAX. All pairs, either one outside, must agree.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from engine import State, StateTraceStack, augment, compile
from engine._functional import TransformationError, trace

X = jnp.array([0.3, -1.2, 2.0])
A, B = 0.7, 1.3


def pure(values, x):
    """Write one value, read another."""
    a, b = values
    return (jnp.sin(a) + b, b), a * x + b * x**2


class Model:
    """The same as `pure`, with States, and a count of how often it is traced."""

    def __init__(self):
        self.a, self.b = State(jnp.float32(A)), State(jnp.float32(B))
        self.n_traces = 0

    def __call__(self, x):
        self.n_traces += 1
        y = self.a.value * x + self.b.value * x**2
        self.a.value = jnp.sin(self.a.value) + self.b.value
        return y


def grad(f, model):
    def g(x):
        slopes = augment.grad(lambda x: f(x).sum(), grad_states=model.b, argnums=0)
        of_b, of_x = slopes(x)
        return of_x + of_b

    return g


def pure_grad(f):
    def g(values, x):
        def loss(b, x):
            new, y = f((values[0], b), x)
            return y.sum(), new

        (of_b, of_x), new = jax.grad(loss, (0, 1), has_aux=True)(values[1], x)
        return new, of_x + of_b

    return g


def vmap(f, model):
    return augment.vmap(lambda x: f(jnp.full(3, x)).sum())


def pure_vmap(f):
    def lane(values, x):
        new, y = f(values, jnp.full(3, x))
        return new, y.sum()

    return jax.vmap(lane, (None, 0), (None, 0))


def for_loop(f, model):
    return lambda x: compile.for_loop(lambda k: f(k * x), jnp.array([1.0, 0.5])).sum(0)


def pure_for_loop(f):
    def g(values, x):
        new, ys = lax.scan(lambda c, k: f(c, k * x), values, jnp.array([1.0, 0.5]))
        return new, ys.sum(0)

    return g


def scan(f, model):
    def step(carry, k):
        return carry + f(k * carry), None

    return lambda x: compile.scan(step, x, jnp.array([0.3, 0.2]))[0]


def pure_scan(f):
    def step(carry, k):
        new, y = f(carry[0], k * carry[1])
        return (new, carry[1] + y), None

    return lambda values, x: lax.scan(step, (values, x), jnp.array([0.3, 0.2]))[0]


def while_loop(f, model):
    def turn(carry):
        return carry[0] + 1, carry[1] + 0.1 * f(carry[1])

    return lambda x: compile.while_loop(lambda c: c[0] < 2, turn, (0, x))[1]


def pure_while_loop(f):
    def turn(carry):
        n, values, x = carry
        new, y = f(values, x)
        return n + 1, new, x + 0.1 * y

    return lambda values, x: lax.while_loop(lambda c: c[0] < 2, turn, (0, values, x))[
        1:
    ]


def cond(f, model):
    return lambda x: compile.cond(model.a.value > 1, lambda x: x * model.b.value, f, x)


def pure_cond(f):
    def g(values, x):
        return lax.cond(values[0] > 1, lambda v, x: (v, x * v[1]), f, values, x)

    return g


def jacfwd(f, model):
    return lambda x: augment.jacfwd(f)(x).sum(0)


def pure_jacfwd(f):
    def g(values, x):
        def swapped(x):
            new, y = f(values, x)
            return y, new

        slopes, new = jax.jacfwd(swapped, has_aux=True)(x)
        return new, slopes.sum(0)

    return g


PAIRS = {
    "jit": (lambda f, model: compile.jit(f), jax.jit),
    "grad": (grad, pure_grad),
    "vmap": (vmap, pure_vmap),
    "for_loop": (for_loop, pure_for_loop),
    "scan": (scan, pure_scan),
    "while_loop": (while_loop, pure_while_loop),
    "cond": (cond, pure_cond),
    "checkpoint": (lambda f, model: compile.checkpoint(f), jax.checkpoint),
    "jacfwd": (jacfwd, pure_jacfwd),
}


def nested(names, model):
    """Return the nest of transformations, outermost first, in both forms."""
    with_states, without = model, pure
    for name in reversed(names):
        ours, theirs = PAIRS[name]
        with_states, without = ours(with_states, model), theirs(without)
    return with_states, without


def assert_nest_is_pure_jax(names):
    model = Model()
    with_states, without = nested(names, model)
    around = names[: names.index("while_loop")] if "while_loop" in names else ()
    if "grad" in around:  # JAX itself has no such derivative
        with pytest.raises(ValueError, match="Reverse-mode"):
            with_states(X)
        assert model.a.value == np.float32(A)
        return
    y = with_states(X)
    (a, b), wanted = jax.jit(without)((jnp.float32(A), jnp.float32(B)), X)
    np.testing.assert_allclose(y, wanted, rtol=2e-5, atol=1e-6)
    np.testing.assert_allclose(model.a.value, a, rtol=1e-6)
    assert model.b.value == b == np.float32(B)
    assert not isinstance(model.a.value, jax.core.Tracer)


@pytest.mark.parametrize("name", PAIRS)
def test_a_transformation_is_that_of_pure_jax(name):
    assert_nest_is_pure_jax([name])


@pytest.mark.parametrize("inner", PAIRS)
@pytest.mark.parametrize("outer", PAIRS)
def test_pairs_are_those_of_pure_jax(outer, inner):
    assert_nest_is_pure_jax([outer, inner])


DEEP = [
    ["jit", "grad", "for_loop", "cond", "checkpoint"],
    ["jit", "vmap", "grad", "scan", "jacfwd"],
    ["for_loop", "jit", "cond", "vmap", "while_loop"],
    ["grad", "checkpoint", "for_loop", "jit", "vmap"],
    ["vmap", "jacfwd", "grad", "jit", "scan"],
]


@pytest.mark.parametrize("names", DEEP, ids=" ".join)
def test_deep_nests_are_those_of_pure_jax(names):
    assert_nest_is_pure_jax(names)


@pytest.mark.parametrize("outer", PAIRS)
def test_the_function_is_traced_once(outer):
    model = Model()
    PAIRS[outer][0](model, model)(X)
    assert model.n_traces == 1


@pytest.mark.parametrize("names", DEEP, ids=" ".join)
def test_discovering_states_costs_no_trace_at_any_depth(names):
    model = Model()
    nested(names, model)[0](X)
    assert model.n_traces <= 2


@pytest.mark.parametrize("depth", [1, 3, 9])
def test_compiling_again_and_again_traces_once(depth):
    model = Model()
    f = model
    for _ in range(depth):
        f = compile.jit(f)
    f(X)
    f(X + 1)
    assert model.n_traces == 1


def test_states_are_as_before_when_the_function_raises():
    model = Model()

    def broken(x):
        model(x)
        raise RuntimeError("on purpose")

    for name, (ours, _) in PAIRS.items():
        with pytest.raises(RuntimeError, match="on purpose"):
            ours(broken, model)(X)
        assert model.a.value == np.float32(A), name


def test_effects_are_in_the_order_of_first_touch_and_know_what_is_written():
    model = Model()
    traced = trace(model, X)
    assert traced.effects.states == (model.a, model.b)
    assert traced.effects.is_written == (True, False)
    assert traced.out.shape == (3,)
    new, y = traced.call([jnp.float32(2.0), jnp.float32(0.0)], X)
    np.testing.assert_allclose(y, 2 * X)
    np.testing.assert_allclose(new, [np.sin(2.0), 0.0], rtol=1e-6)


def test_states_made_inside_are_no_inputs():
    def f(x):
        inner = State(x)
        inner.value += 1
        return inner.value

    assert trace(f, 1.0).effects.states == ()
    assert compile.jit(f)(1.0) == 2.0


def test_a_returned_state_is_refused_by_name():
    state = State(1.0, name="weight")
    with pytest.raises(TransformationError, match=r"'weight'.*state\.value"):
        compile.jit(lambda: {"a": state})()


def test_an_outer_watcher_sees_reads_and_writes_through_a_transformation():
    model = Model()
    for name, (ours, _) in PAIRS.items():
        with StateTraceStack() as seen:
            ours(model, model)(X)
        assert {model.a, model.b} <= set(seen.states), name
        assert seen.get_write_states() == (model.a,), name


def test_a_value_with_structure_goes_through_everything():
    state = State({"w": jnp.ones(2), "n": {"k": jnp.int32(0)}})

    def step(x):
        old = state.value
        state.value = {"w": old["w"] + x, "n": {"k": old["n"]["k"] + 1}}
        return state.value["w"].sum()

    ys = compile.jit(lambda: compile.for_loop(step, jnp.arange(3.0)))()
    np.testing.assert_allclose(ys, [2, 4, 8])
    assert state.value["n"]["k"] == 3
