"""Gradient transformations of optax as optimizers."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, Self

import optax

from .._errors import EngineError, nearest
from .._state import State
from ._base import Optimizer, OptimizerError, OptimState, check_weights


class TransformationError(EngineError, TypeError):
    """Something that is no gradient transformation of optax."""


class OptaxOptimizer(Optimizer):
    """Optimizer that runs a gradient transformation of optax.

    Parameters
    ----------
    tx : optax.GradientTransformation
        Such as ``optax.adam(1e-3)``, or a chain.

    States
    ------
    opt_state : OptimState
        What the transformation keeps; None until weights are registered.

    Raises
    ------
    TransformationError
        If `tx` is something else.
    """

    opt_state: OptimState | None

    def __init__(self, tx: optax.GradientTransformation):
        super().__init__()
        if not isinstance(tx, optax.GradientTransformation):
            raise TransformationError(
                f"OptaxOptimizer: tx is a {type(tx).__name__}; give a gradient "
                "transformation of optax, such as optax.adam(1e-3)."
            )
        self.tx = tx
        self.opt_state = None

    def _values(self) -> list[Any]:
        return [state.value for state in self.param_states.values()]

    def register_trainable_weights(
        self, param_states: dict[Hashable, State[Any]] | None = None
    ) -> Self:
        """Take over weights, by key, and begin the transformation anew.

        Parameters
        ----------
        param_states : dict of State
            Such as ``model.states(ParamState)``.
        """
        for key, state in check_weights("OptaxOptimizer", param_states).items():
            self.param_states.add_unique_value(key, state)
        self.opt_state = OptimState(self.tx.init(self._values()))
        return self

    def update(self, grads: Mapping[Hashable, Any]) -> None:
        """Change the weights by one step; see `Optimizer`.

        Raises
        ------
        OptimizerError
            If no weights are registered, or a gradient is missing.
        """
        if self.opt_state is None:
            raise OptimizerError(
                "OptaxOptimizer.update: no weights are registered. Call "
                "register_trainable_weights(model.states(ParamState)) first."
            )
        for key in self.param_states:
            if key not in grads:
                raise OptimizerError(
                    f"OptaxOptimizer.update: there is no gradient for {key!r}."
                    f"{nearest(str(key), grads)}"
                )
        given = [grads[key] for key in self.param_states]
        values = self._values()
        updates, kept = self.tx.update(given, self.opt_state.value, values)
        new: Any = optax.apply_updates(values, updates)  # type: ignore[arg-type]
        for state, value in zip(self.param_states.values(), new, strict=True):
            state.value = value
        self.opt_state.value = kept
