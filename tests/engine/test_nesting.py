"""Transformations nest: over States they do what pure JAX does over values.

What is tested is one list, `nests.BODIES` times `nests.PAIRS` twice: States that are
written, made inside, shared between modules, random; every transformation in and
around every other.
"""

import jax
import numpy as np
import pytest
from nests import (
    BODIES,
    DEEP,
    PAIRS,
    Model,
    X,
    assert_as_at_first,
    has_no_derivative,
    nested,
    pure,
    values_of,
)

from engine import compile


@pytest.fixture(autouse=True, scope="module")
def _quick_compiler():
    before = jax.config.read("jax_disable_most_optimizations")
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", before)


TWO = [[outer, inner] for outer in PAIRS for inner in PAIRS]
# scan and for_loop are one program: of the other bodies only one of them is tested
CASES = [
    pytest.param(names, body, id=f"{' '.join(names)} {body}")
    for body in BODIES
    for names in TWO
    if body == "writes" or "scan" not in names
]


def assert_nest_is_pure_jax(names, body="writes"):
    nest = nested(names, body)
    values = values_of(nest.model)
    if has_no_derivative(names):
        with pytest.raises(ValueError, match="Reverse-mode"):
            nest.with_states(X)
        assert_as_at_first(nest.model)
        return
    y = nest.with_states(X)
    new, wanted = jax.jit(nest.without)(values, X)
    np.testing.assert_allclose(y, wanted, rtol=1e-4, atol=1e-6)
    for name, value in values_of(nest.model).items():
        assert not isinstance(value, jax.core.Tracer), name
        np.testing.assert_allclose(value, new[name], rtol=1e-5, err_msg=name)
    assert nest.model.b.value == values["b"]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("name", PAIRS)
def test_a_transformation_is_that_of_pure_jax(name, body):
    assert_nest_is_pure_jax([name], body)


@pytest.mark.parametrize(("names", "body"), CASES)
def test_pairs_are_those_of_pure_jax(names, body):
    assert_nest_is_pure_jax(names, body)


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("names", DEEP, ids=" ".join)
def test_deep_nests_are_those_of_pure_jax(names, body):
    assert_nest_is_pure_jax(names, body)


# How often the function runs in Python


@pytest.mark.parametrize("names", DEEP, ids=" ".join)
@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5])
def test_discovering_states_costs_at_most_one_more_trace(names, depth, monkeypatch):
    n_traces = 0

    def counted(values, x):
        nonlocal n_traces
        n_traces += 1
        return pure(values, x)

    monkeypatch.setitem(BODIES, "counted", (Model, counted))
    nest = nested(names[:depth], "counted")
    nest.without(values_of(nest.model), X)
    nest.with_states(X)
    assert nest.model.n_traces <= n_traces + 1
    assert nest.model.n_traces == 1


@pytest.mark.parametrize("depth", [1, 3, 9])
def test_compiling_again_and_again_traces_once(depth):
    model = Model()
    f = model
    for _ in range(depth):
        f = compile.jit(f)
    f(X)
    f(X + 1)
    assert model.n_traces == 1


# Errors half-way


def broken(body):
    """Return a body that raises after it has touched its States, until mended."""
    made, without = BODIES[body]

    class Broken(made):
        is_broken = True

        def body(self, x):
            y = super().body(x)
            if self.is_broken:
                raise RuntimeError("half-way")
            return y

    return Broken, without


@pytest.mark.parametrize(("names", "body"), CASES)
def test_states_are_as_before_when_the_function_raises(names, body, monkeypatch):
    monkeypatch.setitem(BODIES, "broken", broken(body))
    nest = nested(names, "broken")
    with pytest.raises(RuntimeError, match="half-way"):
        nest.with_states(X)
    assert_as_at_first(nest.model)


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("name", PAIRS)
def test_nothing_of_a_failed_trace_is_kept(name, body, monkeypatch):
    made, without = broken(body)
    monkeypatch.setitem(BODIES, "broken", (made, without))
    nest = nested([name], "broken")
    with pytest.raises(RuntimeError, match="half-way"):
        nest.with_states(X)
    made.is_broken = False
    new, wanted = jax.jit(nest.without)(values_of(nest.model), X)
    np.testing.assert_allclose(nest.with_states(X), wanted, rtol=1e-4, atol=1e-6)
    assert np.isclose(nest.model.a.value, new["a"])


@pytest.mark.parametrize("name", ["jit", "for_loop", "scan", "while_loop", "vmap"])
def test_the_compiled_program_raises_too(name, monkeypatch):
    class Checked(Model):
        def body(self, x):
            y = super().body(x)
            compile.jit_error_if(abs(x).max() > 0.1, "half-way")
            return y

    def run():
        jax.block_until_ready(nest.with_states(X))
        jax.effects_barrier()

    monkeypatch.setitem(BODIES, "checked", (Checked, pure))
    nest = nested(["jit", name], "checked")
    with pytest.raises(RuntimeError, match="half-way"):
        run()
    assert not isinstance(nest.model.a.peek(), jax.core.Tracer)
