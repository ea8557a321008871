"""A table that is nowhere stored gives what the stored one gives, bit for bit."""

import functools
from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from engine import ParamState, event, init, nn
from engine.event import _drawn, _kernels
from engine.fuse import _kernel
from engine.run import Simulation

BACKENDS = ("native", "xla") if event.backend().name == "native" else ("xla",)
each_backend = pytest.mark.parametrize("backend", BACKENDS)
RULES: dict[str, Any] = {
    "prob": (event.JITFixedProb, event.sample_fixed_prob, 0.1, {}),
    "rare": (event.JITFixedProb, event.sample_fixed_prob, 1e-3, {}),
    "all": (event.JITFixedProb, event.sample_fixed_prob, 1.0, {"allow_self": False}),
    "many": (event.JITFixedProb, event.sample_fixed_prob, 0.1, {"allow_multi": True}),
    "out": (event.JITFixedOutDegree, event.sample_fixed_out_degree, 6, {}),
    "multi": (
        event.JITFixedOutDegree,
        event.sample_fixed_out_degree,
        6,
        {"allow_multi": True, "allow_self": False},
    ),
}
each_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


def both(rule, n_pre, n_post, weight: Any = 1.5, seed=3):
    """Return the layer without a table, and that with it."""
    layer, sample, amount, more = rule
    table = sample(n_pre, n_post, amount, seed, **more)
    return (
        layer(n_pre, n_post, amount, weight, seed, **more),
        event.CSRLinear(n_pre, n_post, *table, weight),
    )


def some_spikes(n_pre, seed, share, is_bool, batch=()):
    rng = np.random.default_rng(seed)
    spikes = rng.random((*batch, n_pre)) < share
    if not is_bool:
        spikes = np.where(spikes, rng.normal(size=spikes.shape), 0).astype(np.float32)
    return jnp.asarray(spikes)


@each_rule
def test_the_table_is_the_one_that_would_be_stored(rule):
    for shape in ((50, 50), (40, 70)):
        one, other = both(rule, *shape)
        assert isinstance(one.weight, ParamState)
        for a, b in zip(one.table, other.table, strict=True):
            np.testing.assert_array_equal(a, b)


@each_rule
@each_backend
@given(
    seed=st.integers(0, 2**64 - 1),
    share=st.sampled_from([0.0, 0.05, 0.5, 1.0]),
    is_bool=st.booleans(),
    batch=st.sampled_from([(), (3,), (2, 3)]),
)
@settings(max_examples=12, deadline=None, derandomize=True)
def test_product_is_that_of_the_table(rule, backend, seed, share, is_bool, batch):
    one, other = both(rule, 60, 60, seed=seed)
    spikes = some_spikes(60, seed % 2**32, share, is_bool, batch)
    found = compiled(one._kind, backend)(spikes, one.recipe)
    np.testing.assert_array_equal(found, other(spikes))


@functools.cache  # one compilation for all seeds
def compiled(kind, backend):
    def product(spikes, recipe):
        out = jnp.zeros((*spikes.shape[:-1], 60))
        with event.use_backend(backend):
            return _drawn.drawn_product(kind)(out, spikes, recipe, jnp.float32(1.5))

    return jax.jit(product)


def _with(layer, recipe, spikes):
    before, layer.recipe = layer.recipe, recipe
    try:
        return layer(spikes)
    finally:
        layer.recipe = before


@each_backend
@pytest.mark.parametrize(("n_pre", "n_post", "prob"), [(7, 20_000, 0.3), (900, 1, 0.5)])
def test_long_and_short_rows(backend, n_pre, n_post, prob):  # many segments; one place
    rule = (event.JITFixedProb, event.sample_fixed_prob, prob, {})
    one, other = both(rule, n_pre, n_post)
    spikes = jnp.ones(n_pre, bool)
    with event.use_backend(backend):
        np.testing.assert_array_equal(one(spikes), other(spikes))


@each_rule
def test_accelerators_run_rows_side_by_side(rule):
    one, other = both(rule, 90, 90)
    spikes = some_spikes(90, 0, 0.4, False)
    out, weight = jnp.zeros(90), jnp.float32(1.5)
    found = _drawn._push_rows(out, spikes, one.recipe, weight, one._kind, lanes=8)
    np.testing.assert_allclose(found, other(spikes), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("rule", "backend", "grad_mode"),
    [("prob", one, "vjp") for one in BACKENDS] + [("out", BACKENDS[0], "jvp")],
)
def test_derivatives_are_those_of_the_table(rule, backend, grad_mode):
    layers = both(RULES[rule], 40, 40)
    x = some_spikes(40, 1, 0.7, False)

    def derivatives(layer):
        layer.grad_mode = grad_mode

        def f(x, w):
            before, layer.weight.value = layer.weight.value, w
            y = layer(x)
            layer.weight.value = before
            return (y**2).sum()

        def all_of_them(x, w):
            batch = jnp.stack([x, -2 * x])
            return (
                jax.jvp(f, (x, w), (2 * x, 3 * w)),
                jax.vmap(jax.grad(f, (0, 1)), (0, 0))(batch, jnp.stack([w, 2 * w])),
                jax.vmap(jax.grad(f, (0, 1)), (0, None))(batch, w),
                jax.hessian(f, 1)(x, w),
                jax.grad(lambda w: jax.lax.map(lambda x: f(x, w), batch).sum())(w),
            )

        return jax.jit(all_of_them)(x, jnp.float32(1.5))

    with event.use_backend(backend):
        one, other = map(derivatives, layers)
    for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=1e-4)


def test_batches_of_seeds_run_one_after_another():
    layers = [both(RULES["prob"], 30, 20, seed=seed) for seed in range(3)]
    spikes = some_spikes(30, 1, 0.5, True)
    recipes = jnp.stack([one.recipe for one, _ in layers])
    found = jax.vmap(lambda r: _with(layers[0][0], r, spikes))(recipes)
    for row, (_, other) in zip(found, layers, strict=True):
        np.testing.assert_array_equal(row, other(spikes))


@each_backend
def test_double_precision_and_units(backend):
    with jax.enable_x64(True), event.use_backend(backend):
        one, other = both(RULES["prob"], 30, 20, np.float64(0.1) * u.nS)
        spikes = some_spikes(30, 1, 0.5, True)
        found = one(spikes)
        assert found.mantissa.dtype == jnp.float64
        np.testing.assert_array_equal(
            found.to_decimal(u.nS), other(spikes).to_decimal(u.nS)
        )


@pytest.mark.skipif(event.backend().name == "xla", reason="no native kernels here")
def test_the_chosen_backend_is_what_is_compiled(monkeypatch):
    def lowered(backend):
        layer = both(RULES["prob"], 30, 20)[0]
        with event.use_backend(backend):
            return jax.jit(lambda s: layer(s)).lower(jnp.ones(30, bool)).as_text()

    assert "neuroloom_drawn_push_bool_float32" in lowered("native")
    assert "neuroloom_drawn" not in lowered("xla")
    monkeypatch.setattr(_kernels, "native_problem", lambda: "the moon is full")
    assert "neuroloom_drawn" not in lowered("auto")


@pytest.mark.parametrize("weight", [np.ones(5), init.Normal(seed=1)])
def test_a_weight_of_each_synapse_is_refused(weight):
    with pytest.raises(event.EventError, match="store the table: CSRLinear"):
        event.JITFixedProb(5, 5, 0.5, weight)
    with pytest.raises(event.EventError, match="sample_fixed_out_degree"):
        event.JITFixedOutDegree(5, 5, 1, weight)


def test_wrong_arguments_are_named():
    with pytest.raises(
        event.EventError, match=r"JITFixedProb: prob = 1.2, .* \[0, 1\]"
    ):
        event.JITFixedProb(5, 5, 1.2, 1.0)
    with pytest.raises(event.EventError, match="JITFixedOutDegree: degree 6"):
        event.JITFixedOutDegree(5, 5, 6, 1.0)
    with pytest.raises(event.EventError, match="Give \\(\\.\\.\\., 5\\)"):
        event.JITFixedProb(5, 5, 0.5, 1.0)(jnp.ones(4, bool))
    one = event.JITFixedProb(5, 5, 0.5, init.Constant(2.0 * u.nS))
    assert one.weight.value == 2.0 * u.nS


# whole steps


class Net(nn.Module):
    """Two populations that excite and inhibit each other."""

    def __init__(self, is_stored, n=400):
        super().__init__()
        start = init.Normal(-55.0, 3.0, unit=u.mV, seed=1)
        cell: Any = {"V_rest": -60 * u.mV, "V_th": -50 * u.mV, "V_reset": -60 * u.mV}
        self.E = nn.LIFRef(n, tau_ref=2 * u.ms, V_initializer=start, **cell)
        self.I = nn.LIFRef(n // 4, tau_ref=2 * u.ms, V_initializer=start, **cell)
        rules = ["prob", "out", "multi", "many"]
        pairs = [(a, b) for a in (self.E, self.I) for b in (self.E, self.I)]
        self.projections = []
        for k, (pre, post) in enumerate(pairs):
            sizes = pre.varshape[0], post.varshape[0]
            weight = (0.5 if pre is self.E else 3.0) * u.mS
            comm = both(RULES[rules[k]], *sizes, weight, seed=k)[int(is_stored)]
            at = pre.prefetch("spike").delay.at((0.1 + 0.2 * k) * u.ms)
            out = nn.COBA(0 * u.mV if pre is self.E else -80 * u.mV)
            syn = nn.Expon(sizes[1], tau=5 * u.ms)
            one = nn.AlignPostProj(at, comm=comm, syn=syn, out=out, post=post)
            self.projections.append(one)

    def update(self):
        for projection in self.projections:
            projection()
        self.E(15 * u.mA)
        self.I(15 * u.mA)


def run(is_stored, n_steps=300):
    simulation = Simulation(Net(is_stored), dt=0.1 * u.ms)
    chunk = simulation.advance(n_steps)
    return simulation.backend.name, chunk.spikes


def test_a_native_step_draws_rows_as_the_table_has_them(monkeypatch):
    name, wanted = run(is_stored=True)
    assert sum(steps.size for steps, _ in wanted.values()) > 300
    found = {"one thread": run(is_stored=False)}
    monkeypatch.setattr(_kernel, "LARGE", 0)
    monkeypatch.setattr(_kernel.Choice, "next", lambda self: self.n)
    for n in (2, 3, 4):
        monkeypatch.setattr(_kernel, "n_processors", lambda n=n: n)
        found[f"{n} threads"] = run(is_stored=False)
    with event.use_backend("xla"):
        _, stored = run(is_stored=True)
        found["xla"] = run(is_stored=False)
    for how, (backend, spikes) in found.items():
        assert backend == ("xla" if how == "xla" else name), how
        same = stored if how == "xla" else wanted
        for key, events in same.items():
            for a, b in zip(events, spikes[key], strict=True):
                np.testing.assert_array_equal(a, b, err_msg=how)
