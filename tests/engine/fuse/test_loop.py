"""Loops of programs as native code, beside those of XLA."""

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from jax.extend.core import Primitive

import engine
from engine import augment, compile, environ, event, nn, random
from engine._state import ShortTermState
from engine.compile._native import has_products
from engine.fuse._loop import native_loop_p

N_STEPS = 60


@pytest.fixture(autouse=True)
def step_of_time():
    with environ.context(dt=0.1 * u.ms):
        yield


def table(n_pre, n_post, seed=0, prob=0.2):
    rng = np.random.default_rng(seed)
    found = rng.random((n_pre, n_post)) < prob
    indptr = np.concatenate([[0], found.sum(1).cumsum()]).astype(np.int32)
    return indptr, np.nonzero(found)[1].astype(np.uint32)


class Net(nn.Module):
    """Excitation and inhibition, with a ring of spikes written by hand."""

    def __init__(self, n=40, delay=5, noise=False, spread=False, output="COBA"):
        super().__init__()
        self.n, self.delay, self.split = n, delay, n - n // 4
        start = np.random.default_rng(1).uniform(-60, -50, n)
        self.cells = nn.LIFRef(
            n,
            tau=20 * u.ms,
            R=100 * u.Mohm,
            V_rest=-60 * u.mV,
            V_th=-50 * u.mV,
            V_reset=-60 * u.mV,
            tau_ref=2 * u.ms,
            V_initializer=lambda *_, **__: jnp.asarray(start, "float32") * u.mV,
            spk_reset="hard",
        )
        self.sides = []
        for i, (size, weight) in enumerate([(self.split, 3.0), (n // 4, 20.0)]):
            indptr, indices = table(size, n, seed=i)
            if spread:
                weight = np.random.default_rng(i).normal(weight, 1, indices.size)
                weight = weight.astype(np.float32)
            if output == "CUBA":
                weight = weight * (1 - 2 * i) * 10 * u.pA / u.volt
                out = nn.CUBA.desc()
            else:
                weight, out = weight * u.nS, nn.COBA.desc(E=(0, -80)[i] * u.mV)
            comm = event.CSRLinear(size, n, indptr, indices, weight)
            syn = nn.Expon.desc(n, tau=(5, 10)[i] * u.ms)
            side = nn.AlignPostProj(comm=comm, syn=syn, out=out, post=self.cells)
            self.sides.append(side)
        self.input = nn.PoissonSpike(n, 100 * u.Hz) if noise else None
        self.past = ShortTermState(jnp.zeros((delay, n), bool))

    def update(self, i):
        spikes = self.past.value[i % self.delay]
        self.sides[0](spikes[: self.split])
        self.sides[1](spikes[self.split :])
        if self.input is not None:
            arrived = self.input() != 0
            self.cells.add_delta_input("noise", arrived.astype(jnp.float32) * u.mV)
        found = self.cells(220 * u.pA) != 0
        self.past.value = self.past.value.at[i % self.delay].set(found)
        return {"spikes": found, "v": self.cells.V.value, "n": found.sum()}


def run_net(n_steps=N_STEPS, **how):
    random.seed(3)
    net = Net(**how)
    nn.init_all_states(net)

    def step(i):
        with environ.context(i=i, t=i * 0.1 * u.ms):
            return net.update(i)

    out = compile.for_loop(step, jnp.arange(n_steps))
    return out, [state.value for state in net.states().values()]


def is_native(function, *args):
    jaxpr = jax.make_jaxpr(function)(*args).jaxpr
    return any(eqn.primitive is native_loop_p for eqn in _all(jaxpr))


def _all(jaxpr):
    for eqn in jaxpr.eqns:
        yield eqn
        for value in eqn.params.values():
            inner = getattr(value, "jaxpr", value)
            if hasattr(inner, "eqns"):
                yield from _all(inner)


def close(found, wanted, tol=2e-5):
    found, wanted = jax.tree.leaves(found), jax.tree.leaves(wanted)
    assert len(found) == len(wanted)
    for a, b in zip(found, wanted, strict=True):
        a, b = np.asarray(a), np.asarray(b)
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        if a.dtype.kind == "f":
            np.testing.assert_allclose(a, b, rtol=tol, atol=tol)
        else:
            np.testing.assert_array_equal(a, b)


def by_xla(function, *args):
    with event.use_backend("xla"):
        return function(*args)


NETS = {
    "plain": {},
    "noise": {"noise": True},
    "weights": {"spread": True},
    "currents": {"output": "CUBA"},
    "one row": {"delay": 1},
    "few": {"n": 4},
    "many": {"n": 333},
}


@pytest.mark.parametrize("how", NETS.values(), ids=NETS)
@pytest.mark.parametrize("wrap", [lambda f: f, compile.jit], ids=["eager", "jit"])
def test_a_network_spikes_as_with_xla(how, wrap):
    out, states = wrap(lambda: run_net(**how))()
    wanted, states_wanted = by_xla(lambda: run_net(**how))
    assert wanted["spikes"].sum() > 0
    close(out, wanted)
    close(states, states_wanted)


def test_a_network_runs_as_native_code_unless_xla_is_chosen():
    assert is_native(lambda: run_net()[0])
    with event.use_backend("xla"):
        assert not is_native(lambda: run_net()[0])


def test_other_devices_get_the_scan():
    traced = jax.jit(lambda: run_net()[0]).trace()
    assert "neuroloom_loop" in traced.lower(lowering_platforms=("cpu",)).as_text()
    text = traced.lower(lowering_platforms=("cuda",)).as_text()
    assert "neuroloom_loop" not in text
    assert "stablehlo.while" in text


def push(spikes, weight, n_post=30, seed=0):
    return event.csr_matvec(
        spikes, *table(spikes.shape[-1], n_post, seed), weight, n_post
    )


def total(xs, start, weight):
    """Return sums of rows of events; everything a scan may be given at once."""

    def step(carry, x):
        sums, count = carry
        sums = 0.9 * sums + push(x["spikes"], weight) * x["gain"]
        found = {"sum": sums, "gain": x["gain"], "count": count, "more": sums > 2}
        return (sums, count + x["whole"]), found

    return compile.scan(step, (start, jnp.int32(5)), xs)


def rows(n_pre=20, n_post=30, n=N_STEPS, seed=0, dtype=bool):
    rng = np.random.default_rng(seed)
    spikes = (rng.random((n, n_pre)) < 0.1).astype(dtype)
    return {
        "spikes": jnp.asarray(spikes),
        "gain": jnp.asarray(rng.random((n, n_post)), jnp.float32),
        "whole": jnp.asarray(rng.integers(0, 9, n), jnp.int32),
    }


START = jnp.linspace(0, 1, 30)


@pytest.mark.parametrize("dtype", [bool, np.float32])
@pytest.mark.parametrize("each", [False, True], ids=["one weight", "weights"])
def test_carry_rows_and_outputs_of_all_kinds(dtype, each):
    n = table(20, 30)[1].size
    weight = jnp.linspace(-1, 1, n) if each else jnp.float32(0.7)
    xs = rows(dtype=dtype)
    assert is_native(total, xs, START, weight)
    close(total(xs, START, weight), by_xla(total, xs, START, weight))


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 130), st.integers(1, 130), st.integers(1, 12), st.integers(0, 2**31)
)
def test_sizes_of_all_kinds(n_pre, n_post, n, seed):
    xs = rows(n_pre, n_post, n, seed)

    def run(xs, start):
        def step(sums, x):
            sums = 0.5 * sums + push(x["spikes"], 1.5, n_post, seed) * x["gain"]
            return sums, sums

        return compile.scan(step, start, xs)

    start = jnp.ones(n_post)
    close(run(xs, start), by_xla(run, xs, start))


@pytest.mark.parametrize("weight", [np.nan, np.inf])
def test_numbers_that_are_none(weight):
    xs = rows()
    close(total(xs, START, weight), by_xla(total, xs, START, weight))


def test_targets_that_do_not_exist_are_left_out():
    indptr, indices = table(20, 30)
    wrong = indices.copy()
    wrong[::5] = 2**32 - 1 - np.arange(wrong[::5].size)
    xs = rows()["spikes"]

    def run(indices):
        def step(sums, x):
            sums = sums + event.csr_matvec(x, indptr, indices, 1.0, 30)
            return sums, sums

        return compile.scan(step, START, xs)

    for given_ in (wrong, indices):
        traced = jax.jit(run)(given_)
        close(traced, by_xla(run, given_))
        close(run(jnp.asarray(given_)), by_xla(run, jnp.asarray(given_)))


def test_rows_that_do_not_exist_are_not_written():
    def run(places):
        def step(kept, x):
            place, spikes = x
            sums = push(spikes, 1.0)
            return (kept[0].at[place].set(sums), kept[1].at[place].set(sums[0])), sums

        start = jnp.zeros((3, 30)), jnp.zeros(3)
        return compile.scan(step, start, (places, rows()["spikes"]))

    places = jnp.asarray(np.random.default_rng(0).integers(-7, 7, N_STEPS), jnp.int32)
    assert is_native(run, places)
    close(run(places), by_xla(run, places))


def test_lanes_of_vmap_share_what_is_equal():
    xs, weights = rows(), jnp.linspace(0.1, 2, 5)
    together = jax.vmap(lambda w: total(xs, START, w))
    assert is_native(together, weights)
    close(together(weights), by_xla(together, weights))


AXES = {
    "spikes": ({"spikes": 0, "gain": None, "whole": None}, None, None),
    "gain, not in front": ({"spikes": None, "gain": 1, "whole": None}, None, None),
    "start": (None, 1, None),
    "all": ({"spikes": 0, "gain": 0, "whole": 0}, 0, 0),
}


@pytest.mark.parametrize("axes", AXES.values(), ids=AXES)
def test_lanes_of_any_operand(axes):
    def many(x, axis):
        if axis is None:
            return x
        shape = [*x.shape[:axis], 3, *x.shape[axis:]]
        scale = jnp.arange(1, 4).reshape(
            [3 if i == axis else 1 for i in range(len(shape))]
        )
        return (jnp.expand_dims(x, axis) * scale).astype(x.dtype)

    xs, start, weight = rows(), START, jnp.float32(0.7)
    where = axes[0] or dict.fromkeys(xs)
    given_ = {key: many(x, where[key]) for key, x in xs.items()}
    together = jax.vmap(total, axes)
    args = given_, many(start, axes[1]), many(weight, axes[2])
    assert is_native(together, *args)
    close(together(*args), by_xla(together, *args))


def test_lanes_of_lanes():
    xs, weights, starts = rows(), jnp.linspace(0.1, 2, 3), jnp.stack([START, 2 * START])
    run = lambda weight, start: total(xs, start, weight)
    crossed = jax.vmap(jax.vmap(run, (0, None)), (None, 0))
    paired = jax.vmap(jax.vmap(run), (None, 0))
    for together, start in ((crossed, starts), (paired, jnp.stack([starts] * 3, 1))):
        assert is_native(together, weights, start)
        close(together(weights, start), by_xla(together, weights, start))


def test_lanes_of_tables():
    indptr, indices = table(20, 30)
    several = jnp.stack([jnp.asarray(indices), jnp.asarray((indices + 3) % 30)])

    def run(indices):
        def step(sums, x):
            sums = sums + event.csr_matvec(x, indptr, indices, 1.0, 30)
            return sums, ()

        return compile.scan(step, START, rows()["spikes"])[0]

    close(jax.vmap(run)(several), jnp.stack([by_xla(run, one) for one in several]))


def test_lanes_with_states_of_their_own():
    weights = jnp.linspace(1, 9, 4)

    def run(weight):
        net = Net()
        net.sides[1].comm.weight.value = weight * u.nS
        nn.init_all_states(net)
        step = lambda i: net.update(i)["n"]
        return compile.for_loop(step, jnp.arange(N_STEPS))

    for size in (None, 2):
        together = compile.jit(augment.vmap(run, batch_size=size))
        alone = [by_xla(run, weight) for weight in weights]
        assert len({int(one.sum()) for one in alone}) > 1
        close(together(weights), jnp.stack(alone))


def test_derivatives_are_those_of_the_scan():
    xs = rows()

    def loss(weight, start, gain):
        (last, _), ys = total({**xs, "gain": gain}, start, weight)
        return last.sum() + (ys["sum"] ** 2).mean()

    args = jnp.float32(0.7), START, xs["gain"]
    grad = jax.grad(loss, (0, 1, 2))
    close(jax.jit(grad)(*args), by_xla(grad, *args), 1e-4)
    some = jax.grad(lambda w: loss(w, *args[1:]))
    close(some(args[0]), by_xla(some, args[0]), 1e-4)
    again = jax.grad(jax.checkpoint(loss), (0, 1, 2))
    close(again(*args), by_xla(grad, *args), 1e-4)
    forward = lambda *a: jax.jvp(loss, a, jax.tree.map(jnp.ones_like, a))
    close(forward(*args), by_xla(forward, *args), 1e-4)
    lanes = jax.vmap(jax.grad(loss), (0, None, None))
    weights = jnp.linspace(0.1, 1, 3)
    close(lanes(weights, *args[1:]), by_xla(lanes, weights, *args[1:]), 1e-4)


def test_surrogate_gradients_of_a_network():
    weight = engine.ParamState(jnp.float32(3.0))
    xs = rows(40, 30)["spikes"]

    def loss():
        cells = nn.LIF(30, V_th=1 * u.mV, tau=5 * u.ms, R=1 * u.ohm)
        cells.init_state()

        def step(x):
            return cells(push(x, weight.value) * u.mA).sum()

        return compile.for_loop(step, xs).sum()

    gradient = lambda: augment.grad(loss, weight)()
    found = gradient()
    assert float(jnp.abs(found)) > 0
    close(found, by_xla(gradient), 1e-4)


def test_random_numbers_are_those_of_jax():
    key = jax.random.key(4)
    xs = rows()["spikes"]

    def run():
        random.seed(5)

        def step(i, x):
            a = jax.random.uniform(jax.random.fold_in(key, i), (30,))
            one, two = jax.random.split(jax.random.fold_in(key, i + 1))
            b = jax.random.normal(one, (30,)) * jax.random.uniform(two)
            return push(x, 1.0) + a + b + random.rand(30)

        out = compile.for_loop(step, jnp.arange(N_STEPS), xs)
        return out, random.DEFAULT.value

    assert is_native(run)
    close(run(), by_xla(run))


OTHERS = {
    "of another generator": lambda key: jax.random.wrap_key_data(
        jnp.concatenate([key, key]), impl="rbg"
    ),
    "in arithmetic": lambda key: jax.random.wrap_key_data(key ^ jnp.uint32(1)),
}


@pytest.mark.parametrize("of", OTHERS.values(), ids=OTHERS)
def test_keys(of):
    xs, words = rows()["spikes"], jnp.arange(2, dtype=jnp.uint32)

    def run():
        def step(key, x):
            more = jax.random.key_data(jax.random.split(jax.random.wrap_key_data(key)))
            noise = jax.random.uniform(of(more[0]), (30,))
            return more[1], (push(x, 1.0) + noise, more[0])

        return compile.scan(step, words, xs)

    close(run(), by_xla(run))


def test_what_is_not_known_runs_in_xla():
    xs = rows()["spikes"]

    def run():
        def step(sums, x):
            sums = sums + push(x, 1.0)
            return jnp.sort(sums)[::-1], jnp.fft.fft(sums)

        return compile.scan(step, START, xs)

    assert not is_native(run)
    assert jnp.all(jnp.isfinite(run()[0]))


def test_double_precision():
    with jax.enable_x64(True):
        xs = rows() | {"whole": jnp.arange(N_STEPS, dtype=jnp.int32)}
        start, weight = START.astype(jnp.float64), jnp.float64(0.7)
        assert is_native(total, xs, start, weight)
        found = total(xs, start, weight)
        close(found, by_xla(total, xs, start, weight), 1e-13)
        assert found[1]["sum"].dtype == jnp.float64


def test_without_jit():
    xs = rows()
    with jax.disable_jit():
        found = total(xs, START, 0.7)
    close(found, by_xla(total, xs, START, 0.7))


def test_loops_in_loops():
    xs = rows()

    def run(start):
        def outer(sums, gain):
            (sums, _), ys = total(xs, sums, gain)
            return sums, ys["count"]

        return compile.scan(outer, start, jnp.linspace(0.1, 0.5, 3))

    assert is_native(run, START)
    close(run(START), by_xla(run, START))


def test_the_last_first():
    xs = rows()["spikes"]

    def run():
        def step(sums, x):
            sums = 0.5 * sums + push(x, 1.0)
            return sums, sums

        return compile.scan(step, START, xs, reverse=True)

    close(run(), by_xla(run))


def test_products_are_found_in_inner_programs():
    one = lambda x: push(x, 1.0)
    inside = jax.jit(lambda x: jax.lax.cond(x[0], jax.jit(one), lambda x: START, x))
    assert has_products(jax.make_jaxpr(inside)(jnp.ones(20, bool)).jaxpr)
    assert not has_products(jax.make_jaxpr(jnp.cumsum)(START).jaxpr)
    names = [event._primitive.csr_push_p, *_drawn()]
    assert all(isinstance(p, Primitive) and p.name.startswith("event_") for p in names)


def _drawn():
    from engine.event import _drawn

    return [p for p in vars(_drawn).values() if isinstance(p, Primitive)]
