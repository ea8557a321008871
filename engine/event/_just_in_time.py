"""Layers with a random table that is nowhere stored."""

from __future__ import annotations

from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np

from ..init import Constant, Initializer
from ._csr import EventError, as_events, as_weight, join_unit, split_unit
from ._drawn import drawn_product
from ._modules import GradMode, _count, _EventModule
from ._rows import Recipe, draw, in_degrees
from ._sample import check_size, recipe_fixed_degree, recipe_fixed_prob

_ONE_WEIGHT = (
    "event.{name}: the weight is {given}, but a table that is not stored has no place "
    "for a weight of each synapse. Give one weight for all, or store the table: "
    "CSRLinear(n_pre, n_post, *{sample}(...), weight)."
)


class _JustInTime(_EventModule):
    """What both layers share: the recipe, and the product with it."""

    def __init__(
        self,
        recipe: Recipe,
        n_pre: Any,
        n_post: Any,
        weight: Any,
        sample: str,
        name: str | None,
        grad_mode: GradMode,
    ) -> None:
        is_drawn = isinstance(weight, Initializer) and not isinstance(weight, Constant)
        shape = () if isinstance(weight, Initializer) else u.math.shape(weight)
        if is_drawn or shape not in ((), (1,)):
            given = type(weight).__name__ if is_drawn else f"an array of shape {shape}"
            raise EventError(
                _ONE_WEIGHT.format(name=type(self).__name__, given=given, sample=sample)
            )
        super().__init__(n_pre, n_post, weight, (), name, grad_mode)
        self.recipe = jax.device_put(recipe.words)
        self._kind = recipe.kind

    @property
    def table(self) -> tuple[np.ndarray, np.ndarray]:
        """The connections by source neuron, written out: indptr and indices."""
        where = f"{type(self).__name__}.table"
        return draw(self._rows(), 1.0, lambda n: check_size(where, n))

    def in_degrees(self) -> np.ndarray:
        """Return how many synapses each target neuron has, without a table."""
        return in_degrees(self._rows())

    def _rows(self) -> Recipe:
        return Recipe(self.n_pre, self.n_post, np.asarray(self.recipe))

    def update(self, spk: Any) -> Any:
        """Multiply; `spk` is (*batch, n_pre), the result (*batch, n_post)."""
        spikes, spike_unit = split_unit(spk)
        weight, weight_unit = split_unit(self.weight.value)
        if spikes.shape[-1:] != (self.n_pre,):
            raise EventError(
                f"event.{type(self).__name__}: spikes have shape {spikes.shape}. Give "
                f"(..., {self.n_pre})."
            )
        weight = as_weight(weight).reshape(())
        out = jnp.zeros((*spikes.shape[:-1], self.n_post), weight.dtype)
        spikes = as_events(spikes, weight.dtype)
        y = drawn_product(self._kind)(out, spikes, self.recipe, weight)
        unit: Any = spike_unit * weight_unit
        return join_unit(y, unit)


class JITFixedProb(_JustInTime):
    r"""Sparse layer for spikes that draws a neuron's targets when it spikes.

    .. math:: y_j = w \sum_i s_i \, c_{ij}, \qquad c_{ij} \sim Bernoulli(prob)

    The connections are those of ``sample_fixed_prob(n_pre, n_post, prob, seed,
    allow_self, allow_multi)``, bit for bit, but there is no table: the row of a neuron
    follows from the seed and its number. It takes no memory, however large it is, and
    up to about twice as long for a spike as a table.

    Parameters
    ----------
    n_pre, n_post : int
        Number of source and target neurons.
    prob : float, in [0, 1]
        Probability of a connection.
    weight : scalar or `Constant` initializer; any unit
        Weight of every synapse.
    seed : int or key, optional
        From system entropy if left out.
    allow_self, allow_multi : bool
        As for `sample_fixed_prob`. Default True and False.
    name : str, optional
    grad_mode : {'vjp', 'jvp'}
        Both forward and reverse mode work with either. Default 'vjp'.

    States
    ------
    weight : ParamState, shape ()

    Raises
    ------
    EventError
        If `prob` is no probability, there is more than one weight, or `grad_mode` is
        unknown.

    Notes
    -----
    See `engine.event._rows._recipe` for how rows are drawn. Steele, Lea, Flood, Fast
    splittable pseudorandom number generators, OOPSLA 2014; Walker, ACM TOMS 3 (1977).
    """

    def __init__(
        self,
        n_pre: Any,
        n_post: Any,
        prob: float,
        weight: Any,
        seed: Any = None,
        allow_self: bool = True,
        allow_multi: bool = False,
        name: str | None = None,
        grad_mode: GradMode = "vjp",
    ) -> None:
        sizes = _count(n_pre), _count(n_post)
        rows = recipe_fixed_prob(
            "JITFixedProb", *sizes, prob, seed, allow_self, allow_multi
        )
        sample = "sample_fixed_prob"
        super().__init__(rows, n_pre, n_post, weight, sample, name, grad_mode)


class JITFixedOutDegree(_JustInTime):
    r"""Sparse layer for spikes that draws a neuron's targets, a fixed number, anew.

    .. math:: y_j = w \sum_i s_i \, c_{ij}, \qquad \sum_j c_{ij} = degree

    The connections are those of ``sample_fixed_out_degree(n_pre, n_post, degree, seed,
    allow_self, allow_multi)``, bit for bit, without a table; see `JITFixedProb`.

    Parameters
    ----------
    degree : int
        Targets of each source neuron.
    n_pre, n_post, weight, seed, allow_self, allow_multi, name, grad_mode
        As for `JITFixedProb`.

    States
    ------
    weight : ParamState, shape ()

    Raises
    ------
    EventError
        If there are not so many different targets, there is more than one weight, or
        `grad_mode` is unknown.

    Notes
    -----
    Candidates are thinned as by Fan, Muller, Rezucha, J. Am. Stat. Assoc. 57 (1962).
    """

    def __init__(
        self,
        n_pre: Any,
        n_post: Any,
        degree: int,
        weight: Any,
        seed: Any = None,
        allow_self: bool = True,
        allow_multi: bool = False,
        name: str | None = None,
        grad_mode: GradMode = "vjp",
    ) -> None:
        sizes = _count(n_pre), _count(n_post)
        rows = recipe_fixed_degree(
            "JITFixedOutDegree", *sizes, degree, seed, allow_self, allow_multi
        )
        sample = "sample_fixed_out_degree"
        super().__init__(rows, n_pre, n_post, weight, sample, name, grad_mode)
