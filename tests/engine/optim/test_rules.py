"""Every optimizer takes the steps of its optax counterpart, on trees of weights."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from engine import ParamState, State, augment, compile, graph, nn, optim

LR = 0.05


def decayed(tx, share):
    """Take `share` of the weights away in every step, whatever the rate."""
    return optax.chain(tx, optax.add_decayed_weights(-share))


# name: (optimizer, the same in optax)
RULES = {
    "SGD": (optim.SGD(LR), optax.sgd(LR)),
    "SGD decay": (optim.SGD(LR, weight_decay=0.01), decayed(optax.sgd(LR), 0.01)),
    "Momentum": (optim.Momentum(LR), optax.sgd(LR, 0.9)),
    "Momentum decay": (
        optim.Momentum(LR, 0.5, weight_decay=0.01),
        decayed(optax.sgd(LR, 0.5), 0.01),
    ),
    "Nesterov": (optim.MomentumNesterov(LR), optax.sgd(LR, 0.9, nesterov=True)),
    # 0.1.0: LARS cannot be made, and fails in update with weight_decay=None
    "LARS": (optim.LARS(LR), optax.lars(LR, 1e-4, eps=1e-5)),
    "LARS plain": (optim.LARS(LR, weight_decay=None), optax.lars(LR, 0.0, eps=1e-5)),
    "Adagrad": (optim.Adagrad(LR), optax.adagrad(LR, 0.0, eps=1e-6)),
    "Adadelta": (optim.Adadelta(1.0), optax.adadelta(1.0, rho=0.95, eps=1e-6)),
    "RMSProp": (optim.RMSProp(LR), optax.rmsprop(LR, eps=1e-6)),
    "Adam": (optim.Adam(LR), optax.adam(LR)),
    "Adam decay": (
        optim.Adam(LR, 0.8, 0.99, weight_decay=0.01),
        decayed(optax.adam(LR, 0.8, 0.99), 0.01),
    ),
    # 0.1.0: AdamW fails in update
    "AdamW": (optim.AdamW(LR), optax.adamw(LR, weight_decay=1e-2)),
    "AdamW plain": (optim.AdamW(LR, weight_decay=None), optax.adam(LR)),
    "AMSGrad": (
        optim.AdamW(LR, weight_decay=None, amsgrad=True),
        optax.amsgrad(LR),
    ),
    "optax": (optim.OptaxOptimizer(optax.adamw(LR)), optax.adamw(LR)),
}


def weights():
    rng = np.random.default_rng(0)
    tree = {"weight": rng.normal(size=(3, 2)), "bias": np.zeros(2)}
    return {
        ("layer", "weight"): jax.tree.map(lambda x: jnp.asarray(x, jnp.float32), tree),
        ("deep", "scale"): jnp.float32(1.5),
    }


def gradients(n_steps):
    rng = np.random.default_rng(1)
    for _ in range(n_steps):
        yield jax.tree.map(
            lambda x: jnp.asarray(rng.normal(size=x.shape), jnp.float32), weights()
        )


@pytest.mark.parametrize("name", RULES)
def test_steps_are_those_of_optax(name):
    optimizer, tx = RULES[name]
    states = {key: ParamState(value) for key, value in weights().items()}
    optimizer.register_trainable_weights(states)
    values = list(weights().values())
    kept = tx.init(values)
    update = compile.jit(optimizer.update)
    for grads in gradients(5):
        update(grads)
        steps, kept = tx.update([grads[key] for key in states], kept, values)
        values = optax.apply_updates(values, steps)
        for state, value in zip(states.values(), values, strict=True):
            jax.tree.map(
                lambda a, b: np.testing.assert_allclose(a, b, rtol=3e-5, atol=1e-6),
                state.value,
                value,
            )


def test_adan_is_algorithm_1_of_its_paper():
    # not that of optax, which has 1 - b2 for the b2 of the authors' program
    # 0.1.0: fails for trees and with weight_decay=None
    optimizer = optim.Adan(LR, weight_decay=None)
    key = ("layer", "weight")
    state = ParamState(weights()[key])
    optimizer.register_trainable_weights({key: state})
    b1, b2, b3 = 0.02, 0.08, 0.01
    for name in ("bias", "weight"):
        theta = np.asarray(weights()[key][name], np.float64)
        m = v = n = np.zeros_like(theta)
        last = None
        for k, grads in enumerate(gradients(5), start=1):
            g = np.asarray(grads[key][name], np.float64)
            diff = 0 if last is None else g - last
            m = (1 - b1) * m + b1 * g
            v = (1 - b2) * v + b2 * diff
            n = (1 - b3) * n + b3 * (g + (1 - b2) * diff) ** 2
            m_hat, v_hat, n_hat = (
                x / (1 - (1 - b) ** k) for x, b in ((m, b1), (v, b2), (n, b3))
            )
            theta = theta - LR * (m_hat + (1 - b2) * v_hat) / (np.sqrt(n_hat) + 1e-8)
            last = g
        if name == "bias":
            for grads in gradients(5):
                optimizer.update(grads)
        np.testing.assert_allclose(state.value[name], theta, rtol=1e-4)


@pytest.mark.parametrize("no_prox", [False, True])
def test_adan_decays_as_the_paper_says(no_prox):
    first = optim.Adan(LR, weight_decay=None)
    second = optim.Adan(LR, weight_decay=0.1, no_prox=no_prox)
    p, q = ParamState(jnp.array([1.0, -2.0])), ParamState(jnp.array([1.0, -2.0]))
    for optimizer, state in ((first, p), (second, q)):
        optimizer.register_trainable_weights({"w": state})
        optimizer.update({"w": jnp.array([0.3, 0.7])})
    step = np.array([1.0, -2.0]) - p.value
    if no_prox:
        wanted = np.array([1.0, -2.0]) * (1 - LR * 0.1) - step
    else:
        wanted = p.value / (1 + LR * 0.1)
    np.testing.assert_allclose(q.value, wanted, rtol=1e-6)


@pytest.mark.parametrize("name", RULES)
def test_everything_kept_is_a_state_of_the_optimizer(name):
    optimizer, _ = RULES[name]
    optimizer.register_trainable_weights({"w": ParamState(jnp.ones(2))})
    kept = graph.states(optimizer, optim.OptimState)
    if isinstance(optimizer, optim.OptaxOptimizer):
        assert len(kept) == 1
    else:
        n_weights = len(optimizer.param_states)
        assert len(kept) == 1 + n_weights * len(optimizer.slots)


def test_a_model_learns():
    model = nn.Linear(3, 1)
    x = jax.random.normal(jax.random.key(0), (64, 3))
    y = x @ jnp.array([[1.0], [-2.0], [0.5]]) + 0.3
    weights = model.states(ParamState)
    optimizer = optim.Adam(0.1).register_trainable_weights(weights)

    def loss():
        return ((model(x) - y) ** 2).mean()

    @compile.jit
    def step(i):
        grads, value = augment.grad(loss, weights, return_value=True)()
        optimizer.update(grads)
        return value

    losses = compile.for_loop(step, jnp.arange(150))
    assert losses[-1] < 1e-3 < losses[0]
    np.testing.assert_allclose(model.weight.value["bias"], [0.3], atol=0.05)


def test_the_rate_is_a_state_that_can_be_changed_without_compiling():
    rate, w, n_traces = State(0.1), ParamState(jnp.float32(0.0)), 0
    optimizer = optim.SGD(rate).register_trainable_weights({"w": w})

    @compile.jit
    def step(g):
        nonlocal n_traces
        n_traces += 1
        optimizer.update({"w": g})

    step(1.0)
    rate.value = jnp.asarray(0.5, rate.value.dtype)
    step(1.0)
    assert np.isclose(w.value, -0.6)
    optimizer.lr.lr = 1.0
    step(1.0)
    assert np.isclose(w.value, -1.6)
    assert n_traces == 1


def test_schedules_by_call_move_with_the_optimizer():
    w = ParamState(jnp.float32(0.0))
    schedule = optim.ExponentialDecayLR(1.0, decay_steps=1, decay_rate=0.5)
    optimizer = optim.SGD(schedule).register_trainable_weights({"w": w})
    for _ in range(3):
        optimizer.update({"w": jnp.float32(1.0)})
    assert np.isclose(w.value, -(1 + 0.5 + 0.25))


def test_a_weight_given_twice_is_there_once():
    w = ParamState(jnp.float32(1.0))
    optimizer = optim.Momentum(0.1).register_trainable_weights({"a": w, "b": w})
    assert list(optimizer.param_states) == ["a"]
    assert list(optimizer.momentum_states) == ["a"]


def test_what_does_not_fit_is_refused():
    w = ParamState(jnp.ones(2))
    for optimizer in (optim.SGD(0.1), optim.OptaxOptimizer(optax.sgd(0.1))):
        with pytest.raises(TypeError, match="'w' is a float; it needs to be a State"):
            optimizer.register_trainable_weights({"w": 1.0})
        with pytest.raises(TypeError, match=r"dictionary of states.*got list"):
            optimizer.register_trainable_weights([w])
        optimizer.register_trainable_weights({"weight": w})
        with pytest.raises(ValueError, match=r"no gradient for 'weight'.*'weigth'"):
            optimizer.update({"weigth": jnp.ones(2)})
    with pytest.raises(
        ValueError, match=r"has shapes \[\(3,\)\], the weight \[\(2,\)\]"
    ):
        optim.SGD(0.1).register_trainable_weights({"w": w}).update({"w": jnp.ones(3)})
    with pytest.raises(ValueError, match="weight_decay is 2"):
        optim.SGD(0.1, weight_decay=2)
    with pytest.raises(ValueError, match=r"Adam\.beta1 is 1\.0"):
        optim.Adam(0.1, beta1=1.0)
    with pytest.raises(ValueError, match="three numbers"):
        optim.Adan(betas=(0.1, 0.2))
    with pytest.raises(ValueError, match=r"eps is -1.*negative"):
        optim.Adan(eps=-1)
    with pytest.raises(TypeError, match="lr is a str"):
        optim.SGD("fast")
    with pytest.raises(TypeError, match="tx is a float"):
        optim.OptaxOptimizer(0.1)
    with pytest.raises(ValueError, match="no weights are registered"):
        optim.OptaxOptimizer(optax.sgd(0.1)).update({})


def test_dictionaries_are_aligned():
    a, b = {"x": State(1), "y": 2}, {"y": 20, "x": 10, "z": 30}
    assert optim.to_same_dict_tree(a, b) == ({"x": 1, "y": 2}, {"x": 10, "y": 20})
    assert optim.to_same_dict_tree(a) == {"x": 1, "y": 2}
    assert optim.to_same_dict_tree() == ()
    with pytest.raises(ValueError, match="Dictionary 1 has no 'x'"):
        optim.to_same_dict_tree(a, {"y": 1})
