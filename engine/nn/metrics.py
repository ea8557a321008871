"""Metrics: statistics that grow batch by batch."""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from typing import Any

import jax
import jax.numpy as jnp

from .._errors import EngineError
from .._state import State
from ..graph import Node


class MetricError(EngineError, TypeError):
    """A value that a metric needs was not given."""


class MetricShapeError(EngineError, ValueError):
    """Values whose shapes or types do not fit each other."""


class MetricNameError(EngineError, ValueError):
    """A metric with the name of a method."""


class MetricState(State):
    """A State of a metric."""


class Metric(Node):
    """Base of the metrics."""

    @abstractmethod
    def reset(self) -> None:
        """Forget all values."""

    @abstractmethod
    def update(self, **kwargs: Any) -> None:
        """Take in further values."""

    @abstractmethod
    def compute(self) -> Any:
        """Return the statistic of all values so far."""


def _values(metric: Any, given: dict[str, Any]) -> jax.Array:
    """Return the values under the name that the metric was given."""
    if metric.argname not in given:
        raise MetricError(
            f"{type(metric).__name__}.update: needs the keyword argument "
            f"{metric.argname!r}, got {sorted(given)}."
        )
    return jnp.asarray(given[metric.argname])


class Average(Metric):
    """Mean of all values.

    Parameters
    ----------
    argname : str, default "values"
        Keyword argument of `update` that holds the values.

    States
    ------
    total : MetricState, float32
    count : MetricState, int32

    Notes
    -----
    Without values the mean is not a number.
    """

    def __init__(self, argname: str = "values"):
        self.argname = argname
        self.total = MetricState(jnp.zeros((), jnp.float32))
        self.count = MetricState(jnp.zeros((), jnp.int32))

    def reset(self) -> None:
        """Forget all values."""
        self.total.value = jnp.zeros((), jnp.float32)
        self.count.value = jnp.zeros((), jnp.int32)

    def update(self, **kwargs: Any) -> None:
        """Take in values: a number or an array, under the name `argname`.

        Raises
        ------
        MetricError
            If the argument is missing.
        """
        values = _values(self, kwargs)
        self.total.value = self.total.value + values.sum()
        self.count.value = self.count.value + values.size

    def compute(self) -> jax.Array:
        """Return the mean."""
        return self.total.value / self.count.value


@jax.tree_util.register_dataclass
@dataclasses.dataclass
class Statistics:
    """What `Welford` computes.

    Parameters
    ----------
    mean : float
        Mean of the values.
    standard_error_of_mean : float
        Standard deviation over the root of the number of values.
    standard_deviation : float
        Root of the mean squared distance from the mean.
    """

    mean: Any
    standard_error_of_mean: Any
    standard_deviation: Any


class Welford(Metric):
    r"""Mean and variance of all values, stable however far they are from zero.

    .. math:: M_2 \leftarrow M_2 + m_2 + \delta^2 \, n m / (n + m)

    for a batch of :math:`m` values of squared distances :math:`m_2`, whose mean differs
    by :math:`\delta` from that of the :math:`n` values before.

    Parameters
    ----------
    argname : str, default "values"
        Keyword argument of `update` that holds the values.

    States
    ------
    count : MetricState, int32
    mean, m2 : MetricState, float32

    References
    ----------
    Chan et al., Updating formulae and a pairwise algorithm for computing sample
    variances, COMPSTAT (1982), eq. 2.1.
    """

    def __init__(self, argname: str = "values"):
        self.argname = argname
        self.count = MetricState(jnp.zeros((), jnp.int32))
        self.mean = MetricState(jnp.zeros((), jnp.float32))
        self.m2 = MetricState(jnp.zeros((), jnp.float32))

    def reset(self) -> None:
        """Forget all values."""
        self.count.value = jnp.zeros((), jnp.int32)
        self.mean.value = jnp.zeros((), jnp.float32)
        self.m2.value = jnp.zeros((), jnp.float32)

    def update(self, **kwargs: Any) -> None:
        """Take in values: a number or an array, under the name `argname`.

        Raises
        ------
        MetricError
            If the argument is missing.
        """
        values = _values(self, kwargs)
        if not values.size:
            return
        before, total = self.count.value, self.count.value + values.size
        share = values.size / total
        delta = values.mean() - self.mean.value
        self.count.value = total
        self.mean.value = self.mean.value + delta * share
        between = delta**2 * before * share
        self.m2.value = self.m2.value + values.var() * values.size + between

    def compute(self) -> Statistics:
        """Return mean, standard error of the mean, and standard deviation."""
        deviation = jnp.sqrt(self.m2.value / self.count.value)
        return Statistics(
            mean=self.mean.value,
            standard_error_of_mean=deviation / jnp.sqrt(self.count.value),
            standard_deviation=deviation,
        )


class Accuracy(Average):
    """Share of samples whose largest logit is that of the label.

    Parameters
    ----------
    argname : str, default "values"
        Not used; as in `Average`.
    """

    def update(self, *, logits: Any, labels: Any, **_: Any) -> None:  # type: ignore[override]
        """Take in a batch.

        Parameters
        ----------
        logits : array, shape (..., n_classes)
            Scores of the classes.
        labels : array of int, shape (...)
            The right classes.

        Raises
        ------
        MetricShapeError
            If `labels` are no integers, or have another number of axes.
        """
        logits, labels = jnp.asarray(logits), jnp.asarray(labels)
        is_integer = jnp.issubdtype(labels.dtype, jnp.integer)
        if logits.ndim != labels.ndim + 1 or not is_integer:
            raise MetricShapeError(
                f"Accuracy.update: logits have shape {logits.shape}, labels have shape "
                f"{labels.shape} and type {labels.dtype}; labels must be integers with "
                "one axis less than the logits."
            )
        super().update(**{self.argname: logits.argmax(axis=-1) == labels})


class MultiMetric(Metric):
    """Several metrics that are updated together.

    Parameters
    ----------
    **metrics : Metric
        The metrics by name; they become attributes.

    Raises
    ------
    MetricNameError
        If a name is that of a method.
    """

    def __init__(self, **metrics: Metric):
        if taken := {"reset", "update", "compute"} & metrics.keys():
            raise MetricNameError(
                f"MultiMetric: {sorted(taken)} are names of its methods. Give those "
                "metrics other names."
            )
        self._names = tuple(metrics)
        for name, metric in metrics.items():
            setattr(self, name, metric)

    def reset(self) -> None:
        """Forget all values of all metrics."""
        for name in self._names:
            getattr(self, name).reset()

    def update(self, **updates: Any) -> None:
        """Take in values; each metric picks those it needs."""
        for name in self._names:
            getattr(self, name).update(**updates)

    def compute(self) -> dict[str, Any]:
        """Return the statistic of every metric by its name."""
        return {name: getattr(self, name).compute() for name in self._names}
