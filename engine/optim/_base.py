"""Optimizers: what they keep for every weight, and the loop over weights."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Mapping
from typing import Any, ClassVar, Self

import jax
import jax.numpy as jnp

from .._errors import EngineError, nearest
from .._state import LongTermState, State
from ..graph import Node
from ..util import DictManager
from ._schedule import LearningRateScheduler, make_schedule


class OptimizerError(EngineError, ValueError):
    """A setting, weight or gradient that an optimizer cannot work with."""


class WeightTypeError(EngineError, TypeError):
    """Something registered as a weight that is no State."""


class OptimState(LongTermState):
    """A State that an optimizer keeps for a weight."""


def to_same_dict_tree(*dicts: Mapping[Hashable, Any]) -> Any:
    """Return plain dictionaries of values, all with the keys of the first.

    Parameters
    ----------
    *dicts : dict
        Key to `State` or value.

    Returns
    -------
    dict or tuple of dict
        One for each; not a tuple when there is only one. States are replaced by what
        they hold.

    Raises
    ------
    OptimizerError
        If a dictionary lacks a key of the first.
    """
    if not dicts:
        return ()
    found = []
    for position, one in enumerate(dicts):
        for key in dicts[0]:
            if key not in one:
                raise OptimizerError(
                    f"Dictionary {position} has no {key!r}, which the first one has."
                    f"{nearest(str(key), one)} Give all of them the same keys."
                )
        found.append({key: _value(one[key]) for key in dicts[0]})
    return found[0] if len(found) == 1 else tuple(found)


def _value(x: Any) -> Any:
    return x.value if isinstance(x, State) else x


def check_weights(where: str, param_states: Any) -> dict[Hashable, State[Any]]:
    """Return the weights, or raise if they are no dictionary of states."""
    given = {} if param_states is None else param_states
    if not isinstance(given, dict):
        raise WeightTypeError(
            f"{where}.register_trainable_weights: needs a dictionary of states, such as "
            f"`model.states(ParamState)`; got {type(given).__name__}."
        )
    for key, state in given.items():
        if not isinstance(state, State):
            raise WeightTypeError(
                f"{where}.register_trainable_weights: {key!r} is a "
                f"{type(state).__name__}; it needs to be a State."
            )
    return given


class Optimizer(Node):
    """Base of the optimizers.

    Attributes
    ----------
    param_states : DictManager
        The registered weights by key; one that was given twice is there once.
    """

    param_states: DictManager

    def __init__(self):
        self.param_states = DictManager()

    @abstractmethod
    def register_trainable_weights(
        self, param_states: dict[Hashable, State[Any]] | None = None
    ) -> Self:
        """Take over weights, by key.

        Parameters
        ----------
        param_states : dict of State
            Such as ``model.states(ParamState)``.
        """

    @abstractmethod
    def update(self, grads: Mapping[Hashable, Any]) -> None:
        """Change the weights.

        Parameters
        ----------
        grads : dict
            Gradients by the keys of the weights, as `augment.grad` returns them.
        """


class SGDOptimizer(Optimizer):
    """Base of the optimizers with a learning rate.

    Parameters
    ----------
    lr : float, State or LearningRateScheduler
        Learning rate.
    """

    lr: LearningRateScheduler

    def __init__(self, lr: float | State[Any] | LearningRateScheduler):
        super().__init__()
        self.lr = make_schedule(lr)


class RuleOptimizer(SGDOptimizer):
    """Optimizer that is a rule for one array, and the arrays the rule keeps.

    A subclass names what it keeps in `slots` (attributes of this name map a key to an
    `OptimState` of the shape of the weight, zero at first), and writes `rule`.

    Parameters
    ----------
    lr : float, State or LearningRateScheduler
        Learning rate.
    weight_decay : float, optional
        Share of the weights that every step takes away.

    Raises
    ------
    OptimizerError
        If `weight_decay` is not between 0 and 1.
    """

    slots: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        lr: float | State[Any] | LearningRateScheduler,
        weight_decay: float | None = None,
    ):
        super().__init__(lr)
        if weight_decay is not None and not 0 <= weight_decay <= 1:
            raise OptimizerError(
                f"{type(self).__name__}.weight_decay is {weight_decay}; give a number "
                "from 0 to 1, or None."
            )
        self.weight_decay = weight_decay
        self.count = OptimState(jnp.zeros((), jnp.int32))
        for name in self.slots:
            setattr(self, name, DictManager())

    def register_trainable_weights(
        self, param_states: dict[Hashable, State[Any]] | None = None
    ) -> Self:
        """Take over weights, by key; see `Optimizer`."""
        for key, state in check_weights(type(self).__name__, param_states).items():
            if self.param_states.add_unique_value(key, state):
                for name in self.slots:
                    zeros = jax.tree.map(jnp.zeros_like, state.value)
                    getattr(self, name)[key] = OptimState(zeros)
        return self

    @abstractmethod
    def rule(self, lr, t, p, g, *kept) -> tuple[Any, ...]:
        """Return the new array, then the new arrays of the slots.

        Parameters
        ----------
        lr : array, shape ()
            Learning rate.
        t : array, shape (), int
            Number of this step, from 1.
        p, g : array
            Weights and their gradient, of equal shape.
        *kept : array
            The slots, of the same shape.
        """

    def _decayed(self, p):
        """Return the weights without the share that `weight_decay` takes away."""
        return p if self.weight_decay is None else p * (1 - self.weight_decay)

    def update(self, grads: Mapping[Hashable, Any]) -> None:
        """Change the weights by one step; see `Optimizer`."""
        lr, t = self.lr(), self.count.value + 1
        for key, state in self.param_states.items():
            slots = [getattr(self, name)[key] for name in self.slots]
            p, tree = jax.tree.flatten(state.value)
            g = self._leaves(key, state, grads)
            kept = [jax.tree.leaves(slot.value) for slot in slots]
            rows = [self.rule(lr, t, *row) for row in zip(p, g, *kept, strict=True)]
            for one, *column in zip((state, *slots), *rows, strict=True):
                new = [a.astype(b.dtype) for a, b in zip(column, p, strict=True)]
                one.value = jax.tree.unflatten(tree, new)
        self.count.value = t
        self.lr.step_call()

    def _leaves(self, key, state, grads) -> list[Any]:
        """Return the arrays of a gradient, checked against those of its weight."""
        if key not in grads:
            raise OptimizerError(
                f"{type(self).__name__}.update: there is no gradient for {key!r}."
                f"{nearest(str(key), grads)} Take the gradient by all registered weights."
            )
        g, p = jax.tree.leaves(grads[key]), jax.tree.leaves(state.value)
        if [jnp.shape(x) for x in g] != [jnp.shape(x) for x in p]:
            raise OptimizerError(
                f"{type(self).__name__}.update: the gradient for {key!r} has shapes "
                f"{[jnp.shape(x) for x in g]}, the weight {[jnp.shape(x) for x in p]}."
            )
        return g
