"""The bugs of brainstate 0.1.0 that the engine does not have, one row each.

Every row is a program in the names that both packages share. It passes here and fails
there: `python tests/engine/test_peer_bugs.py brainstate` runs the same rows against an
installed 0.1.0 and expects each of them to fail.
"""

import importlib
import sys

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

MS = u.ms
BUGS = {}


def bug(text):
    """Register a row: what goes wrong in 0.1.0."""

    def register(row):
        BUGS[text] = row
        return row

    return register


@bug("Dynamics.align_pre of a description is always a TypeError")
def align_pre(p):
    cells = p.nn.LIF(3)
    synapse = cells.align_pre(p.nn.Expon.desc(3, tau=5.0 * MS))
    assert isinstance(synapse, p.nn.Expon)


def descend(p, optimizer):
    weight = p.ParamState({"w": jnp.ones(2), "b": jnp.ones(())})
    optimizer.register_trainable_weights({"layer": weight})
    optimizer.update({"layer": {"w": jnp.ones(2), "b": jnp.ones(())}})
    assert np.all(np.asarray(weight.value["w"]) < 1)
    assert weight.value["b"] < 1


@bug("LARS cannot be made, since its default weight_decay is refused")
def lars(p):
    descend(p, p.optim.LARS(0.1))


@bug("LARS without decay fails in update")
def lars_plain(p):
    descend(p, p.optim.LARS(0.1, weight_decay=None))


@bug("Adan fails for weights that are dictionaries")
def adan(p):
    descend(p, p.optim.Adan(0.1))


@bug("Adan fails without decay")
def adan_plain(p):
    optimizer, weight = p.optim.Adan(0.1, weight_decay=None), p.ParamState(jnp.ones(2))
    optimizer.register_trainable_weights({"w": weight})
    optimizer.update({"w": jnp.ones(2)})
    assert np.all(np.asarray(weight.value) < 1)


@bug("AdamW fails in update")
def adamw(p):
    descend(p, p.optim.AdamW(0.1))


@bug("AlphaDropout is always an AttributeError")
def alpha_dropout(p):
    with p.environ.context(fit=True):
        assert p.nn.AlphaDropout(0.5)(jnp.ones((4, 3))).shape == (4, 3)


@bug("FeatureAlphaDropout is always an AttributeError")
def feature_alpha_dropout(p):
    with p.environ.context(fit=True):
        assert p.nn.FeatureAlphaDropout(0.5)(jnp.ones((4, 3, 2))).shape == (4, 3, 2)


@bug("all samples of a batch share one mask in Dropout1d")
def dropout_of_batches(p):
    p.random.seed(0)
    with p.environ.context(fit=True):
        y = np.asarray(p.nn.Dropout1d(0.5)(jnp.ones((64, 3, 8))))
    assert len(np.unique(y[:, 0], axis=0)) > 1


@bug("STP.update fails with units")
def short_term_plasticity(p):
    with p.environ.context(dt=0.1 * MS):
        synapse = p.nn.STP(2, U=0.2, tau_f=100.0 * MS, tau_d=50.0 * MS)
        p.nn.init_all_states(synapse)
        for _ in range(2):
            release = synapse.update(jnp.ones(2))
    assert np.all(np.asarray(release) > 0)


@bug("Welford.compute divides by a State")
def welford(p):
    statistics = p.nn.metrics.Welford()
    statistics.update(values=jnp.arange(4.0))
    found = statistics.compute()
    assert np.isclose(found.mean, 1.5)


@bug("save_all_states needs save_state of every module, which Linear has not")
def save_all_states(p):
    layer = p.nn.Linear(2, 3)
    assert p.nn.save_all_states(layer) is not None


@bug("jit(f).eval_shape takes no arguments")
def eval_shape(p):
    shape = p.compile.jit(lambda x: x + 1).eval_shape(jnp.ones(3))
    assert jax.tree.leaves(shape)[0].shape == (3,)


@bug("jit(f).lower takes no arguments")
def lower(p):
    assert "add" in p.compile.jit(lambda x: x + 1).lower(jnp.ones(3)).as_text()


@bug("ifelse without a true condition fails while it makes its message")
def no_branch(p):
    def call():
        p.compile.ifelse([False, False], [lambda: 1.0, lambda: 2.0])
        jax.effects_barrier()

    with pytest.raises(Exception, match="condition") as raised:
        call()
    assert "IndexError" not in repr(raised.value)


@bug("a State cannot be hashed")
def hashed(p):
    a, b = p.State(1), p.State(1)
    assert len({a, b, a}) == 2


@bug("comparing States of arrays raises")
def compared(p):
    a, b = p.State(jnp.ones(3)), p.State(jnp.ones(3))
    assert bool(a == a)
    assert not bool(a == b)


@bug("nn.CSRLinear is an empty class beside event.CSRLinear")
def csr_linear(p):
    assert p.nn.CSRLinear is p.event.CSRLinear


@bug("a missing dt is told in the words of another package")
def missing_dt(p):
    with pytest.raises(KeyError) as raised:
        p.environ.get("dt")
    assert "share" not in str(raised.value)


@bug("all lanes of vmap draw the same random numbers")
def lanes(p):
    p.random.seed(0)
    found = p.augment.vmap(lambda x: p.random.rand())(jnp.arange(3))
    assert len(set(np.asarray(found).tolist())) == 3


def pytest_generate_tests(metafunc):
    if "row" in metafunc.fixturenames:
        metafunc.parametrize("row", BUGS.values(), ids=BUGS)


def test_what_fails_in_the_peer_works(row):
    row(importlib.import_module("engine"))


def main(name: str) -> None:
    """Run all rows against a package; exit with an error unless each fails."""
    package = importlib.import_module(name)
    for part in ("augment", "compile", "environ", "event", "nn", "optim", "random"):
        importlib.import_module(f"{name}.{part}")
    passed = []
    for text, row in BUGS.items():
        try:
            row(package)
        except Exception as error:
            print(f"fails   {text}: {type(error).__name__}")  # noqa: T201
        else:
            print(f"passes  {text}")  # noqa: T201
            passed.append(text)
    raise SystemExit(f"{len(passed)} of {len(BUGS)} rows pass" if passed else 0)


if __name__ == "__main__":
    main(sys.argv[1])
