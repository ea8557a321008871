"""What is saved comes back as it was: values, units, keys, optimizers, training."""

import sys

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from engine import (
    HiddenState,
    ParamState,
    State,
    augment,
    checkpoint,
    compile,
    graph,
    nn,
    optim,
    random,
)

VALUES = {
    "array": jnp.arange(6, dtype=jnp.float32).reshape(2, 3),
    "half": jnp.ones(3, jnp.bfloat16),
    "flags": jnp.array([True, False]),
    "scalar": jnp.int32(7),
    "weak": jnp.asarray(2.0),
    "quantity": jnp.arange(3.0) * u.mV,
    "quotient": jnp.float32(2.5) * u.nS / u.cm**2,
    "host": np.arange(4),
    "host quantity": np.arange(4.0, dtype=np.float32) * u.ms,
    "numbers": (3, 2.5, True),
    "raw key": jax.random.PRNGKey(5),
    "typed key": jax.random.key(5),
    "typed keys": jax.random.split(jax.random.key(5, impl="rbg"), 3),
    "tree": {"w": jnp.ones(2), "deep": [{"k": jnp.zeros(())}, None]},
    "empty": jnp.zeros((0, 3)),
    "nothing": None,
    "a/b.c%": jnp.ones(1),
}


def blank(value):
    """Return zeros of the same kind."""
    if isinstance(value, u.Quantity):
        return u.Quantity(blank(value.mantissa), unit=value.unit)
    if isinstance(value, (bool, int, float)):
        return type(value)(0)
    if jnp.issubdtype(value.dtype, jax.dtypes.prng_key):
        zeros = jnp.zeros_like(jax.random.key_data(value))
        return jax.random.wrap_key_data(zeros, impl=jax.random.key_impl(value))
    return (np if isinstance(value, np.ndarray) else jnp).zeros_like(value)


def assert_same(found, wanted):
    assert jax.tree.structure(found) == jax.tree.structure(wanted)
    for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(wanted), strict=True):
        assert type(a) is type(b)
        if isinstance(b, jax.Array):
            assert jax.typeof(a) == jax.typeof(b)  # weak types too
            if jnp.issubdtype(b.dtype, jax.dtypes.prng_key):
                a, b = jax.random.key_data(a), jax.random.key_data(b)
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", VALUES)
def test_values_come_back_as_they_were(name, tmp_path):
    value = VALUES[name]
    saved = {name: State(value), "other": State(jnp.ones(1))}
    checkpoint.save(tmp_path / "c", saved)
    zeros = jax.tree.map(blank, value, is_leaf=lambda x: isinstance(x, u.Quantity))
    target = {name: State(zeros), "other": State(jnp.zeros(1))}
    report = checkpoint.restore(tmp_path / "c", target)
    assert report.is_complete
    assert len(report.restored) == 2
    assert_same(target[name].value, value)
    assert target["other"].value == 1


def test_a_quantity_is_read_into_the_unit_of_the_state(tmp_path):
    checkpoint.save(tmp_path / "c", {"V": State(jnp.array([-60.0, 1.0]) * u.mV)})
    state = State(jnp.zeros(2) * u.volt)
    checkpoint.restore(tmp_path / "c", {"V": state})
    assert state.value.unit == u.volt
    np.testing.assert_allclose(state.value.mantissa, [-0.06, 0.001], rtol=1e-6)


class Cell(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(2, 3), nn.Linear(3, 2)]
        self.again = self.layers[0]  # shared: stored once
        self.V = HiddenState(jnp.zeros(2) * u.mV)

    def update(self, x):
        return self.layers[1](jnp.tanh(self.layers[0](x)))


def test_a_module_by_itself_by_its_pytree_and_part_of_more(tmp_path):
    random.seed(1)
    saved, other = Cell(), Cell()
    checkpoint.save(tmp_path / "forms", graph.treefy_states(saved))
    checkpoint.save(tmp_path / "more", {"cell": saved, "n": State(3)})

    forms = graph.treefy_states(other)
    checkpoint.restore(tmp_path / "forms", forms)
    graph.update_states(other, forms)
    for a, b in zip(
        graph.states(saved).values(), graph.states(other).values(), strict=True
    ):
        assert_same(b.value, a.value)

    another = Cell()
    report = checkpoint.restore(tmp_path / "more", {"cell": another}, strict=False)
    assert report.extra == ("n",)
    assert "cell.V" in report.restored
    assert len(report.restored) == 3
    assert_same(another.again.weight.value, saved.again.weight.value)


def test_a_shared_state_is_found_by_any_of_its_names(tmp_path):
    weight = ParamState(jnp.ones(2))
    checkpoint.save(tmp_path / "c", {"a": weight, "b": weight})
    other = ParamState(jnp.zeros(2))
    assert checkpoint.restore(tmp_path / "c", {"b": other}).is_complete
    np.testing.assert_array_equal(other.value, [1, 1])


OPTIMIZERS = {
    "Adam": lambda: optim.Adam(optim.ExponentialDecayLR(0.05, 2, 0.9)),
    "Momentum": lambda: optim.Momentum(0.05),
    "optax": lambda: optim.OptaxOptimizer(optax.adamw(0.05)),
}


class Training:
    """Random batches, noise and all that goes on from step to step."""

    def __init__(self, make_optimizer):
        random.seed(2)
        self.model = Cell()
        weights = self.model.states(ParamState)
        optimizer = make_optimizer().register_trainable_weights(weights)
        self.everything = {
            "model": self.model,
            "optimizer": optimizer,
            "random": random.DEFAULT,
        }

        @compile.jit
        def step():
            x = random.normal(size=(8, 2))

            def loss():
                return (
                    (self.model(x + 0.1 * random.normal(size=x.shape)) - x) ** 2
                ).mean()

            grads, value = augment.grad(loss, weights, return_value=True)()
            optimizer.update(grads)
            self.model.V.value = self.model.V.value + value * u.mV
            return value

        self.step = step


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_goes_on_as_if_it_had_not_been_interrupted(name, tmp_path):
    whole = Training(OPTIMIZERS[name])
    wanted = [float(whole.step()) for _ in range(6)]

    first = Training(OPTIMIZERS[name])
    found = [float(first.step()) for _ in range(3)]
    checkpoint.save(tmp_path / "c", first.everything)
    random.seed(99)
    second = Training(OPTIMIZERS[name])
    second.step()
    assert checkpoint.restore(tmp_path / "c", second.everything).is_complete
    found += [float(second.step()) for _ in range(3)]

    assert found == wanted  # bit for bit
    pairs = zip(
        graph.states(whole.model).values(),
        graph.states(second.model).values(),
        strict=True,
    )
    for a, b in pairs:
        assert_same(b.value, a.value)


def test_restoring_needs_no_new_trace(tmp_path):
    n_traces, state = 0, State(jnp.float32(1.0))

    @compile.jit
    def step():
        nonlocal n_traces
        n_traces += 1
        state.value = 2 * state.value

    step()
    checkpoint.save(tmp_path / "c", state)
    step()
    checkpoint.restore(tmp_path / "c", state)
    step()
    assert state.value == 4.0
    assert n_traces == 1


def test_a_folder_is_replaced_when_asked(tmp_path):
    state = State(jnp.float32(1.0))
    checkpoint.save(tmp_path / "c", state)
    state.value = jnp.float32(2.0)
    with pytest.raises(ValueError, match=r"exists already.*force=True"):
        checkpoint.save(tmp_path / "c", state)
    checkpoint.save(tmp_path / "c", state, force=True)
    state.value = jnp.float32(0.0)
    checkpoint.restore(tmp_path / "c", state)
    assert state.value == 2.0
    assert [one.name for one in tmp_path.iterdir()] == ["c"]


def test_a_relative_path_is_that_of_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    checkpoint.save("runs/c", State(jnp.ones(1)))
    assert (tmp_path / "runs" / "c").is_dir()


def test_orbax_is_imported_only_to_save_and_restore(monkeypatch, tmp_path):
    for name in [one for one in sys.modules if one.split(".")[0] == "orbax"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "orbax", None)
    with pytest.raises(ImportError, match=r"pip install 'neuroloom\[train\]'"):
        checkpoint.save(tmp_path / "c", State(jnp.ones(1)))
    with pytest.raises(ImportError, match=r"pip install 'neuroloom\[train\]'"):
        checkpoint.restore(tmp_path / "c", State(jnp.ones(1)))
