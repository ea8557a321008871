"""Metrics over batches equal those over all values at once."""

import jax.numpy as jnp
import numpy as np
import pytest

from engine import compile
from engine.nn import metrics

BATCHES = [np.random.default_rng(i).normal(1e3, 2.0, 7 + i) for i in range(4)]
VALUES = np.concatenate(BATCHES)


def test_average():
    metric = metrics.Average()
    assert np.isnan(metric.compute())
    for batch in BATCHES:
        metric.update(values=batch)
    assert np.isclose(metric.compute(), VALUES.mean(), rtol=1e-6)
    metric.reset()
    metric.update(values=3)
    assert metric.compute() == 3
    with pytest.raises(TypeError, match=r"keyword argument 'loss', got \['values'\]"):
        metrics.Average("loss").update(values=1)


def test_welford_is_stable_far_from_zero():
    # 0.1.0: compute() divides by a State
    metric = metrics.Welford()
    for batch in BATCHES:
        compile.jit(lambda b, m=metric: m.update(values=b))(batch.astype(np.float32))
    found = metric.compute()
    assert np.isclose(found.mean, VALUES.mean(), rtol=1e-6)
    assert np.isclose(found.standard_deviation, VALUES.std(), rtol=1e-3)
    error = VALUES.std() / np.sqrt(VALUES.size)
    assert np.isclose(found.standard_error_of_mean, error, rtol=1e-3)
    metric.update(values=jnp.zeros(0))
    assert metric.compute().mean == found.mean
    metric.reset()
    assert metric.count.value == 0


def test_accuracy():
    metric = metrics.Accuracy()
    logits = jnp.array([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]])
    metric.update(logits=logits, labels=jnp.array([1, 0, 0, 0]))
    assert metric.compute() == 0.75
    for labels in (jnp.ones(4), jnp.ones((4, 2), jnp.int32)):
        with pytest.raises(ValueError, match="labels must be integers"):
            metric.update(logits=logits, labels=labels)


def test_several_metrics_together():
    both = metrics.MultiMetric(
        accuracy=metrics.Accuracy(), loss=metrics.Average("loss")
    )
    logits, labels = jnp.array([[0.1, 0.9], [0.8, 0.2]]), jnp.array([1, 1])
    both.update(logits=logits, labels=labels, loss=jnp.array([1.0, 3.0]))
    assert both.compute() == {"accuracy": 0.5, "loss": 2.0}
    both.reset()
    assert both.loss.count.value == 0
    with pytest.raises(ValueError, match=r"\['update'\] are names of its methods"):
        metrics.MultiMetric(update=metrics.Average())
