"""The values of all States at step 0, made anew only where something else is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax.numpy as jnp

from .. import nn, random
from .._state import State
from ..init import Initializer
from ..lower import Plan
from ._compiled import RANDOM, strong
from ._inputs import is_mutable
from ._walk import Path, states, walk


class Start:
    """How a network begins.

    A drawn network that begins again, as in a sweep of weights or of an input, draws
    nothing anew: what its parts begin with is kept, unless one of their values changed.

    Parameters
    ----------
    network : Module
    plan : Plan, optional
        What it was built from.
    seed : int, optional
        Of random numbers that no part has a stream of its own for. Default: that of the
        plan, or 0.

    Attributes
    ----------
    states : dict of path to State
        All States, from the first `values` on.
    """

    def __init__(self, network: nn.Module, plan: Plan | None, seed: int | None):
        self._network, self._plan = network, plan
        usual = 0 if plan is None else plan.seed
        self._seed = usual if seed is None else seed
        self.states: dict[Path, State[Any]] = {}
        self._kept: dict[Path, Any] | None = None
        self._made_of: list[Any] = []

    def values(self, may_keep: bool) -> dict[Path, Any]:
        """Return the values of all States.

        Parameters
        ----------
        may_keep : bool
            Whether nobody writes into their memory.
        """
        may_keep = may_keep and self._plan is not None
        if may_keep and self._kept is not None and self._is_as_made():
            rest = self.states.keys() - self._kept.keys()
            return self._kept | {p: strong(self.states[p].value) for p in rest}
        before = states(self._network)
        new = self._made()
        self._kept = None
        if may_keep:
            same = {path for path, s in self.states.items() if s is before.get(path)}
            self._kept = {path: v for path, v in new.items() if path not in same}
            self._made_of = list(self._settings())
        return new

    def _made(self) -> dict[Path, Any]:
        """Make all States anew; streams of random numbers begin where they began."""
        for _, node in walk(self._network):
            for value in vars(node).values():
                if (
                    isinstance(value, Initializer)
                    and getattr(value, "seed", None) is not None
                ):
                    value.rng.seed(value.seed)  # type: ignore[attr-defined]
        with random.DEFAULT.seeded(self._seed):
            nn.init_all_states(self._network)
            key = jnp.array(random.DEFAULT.peek())
        self.states = states(self._network)
        return {p: strong(s.value) for p, s in self.states.items()} | {RANDOM: key}

    def _settings(self) -> Iterator[Any]:
        """Yield what the parts of the network hold, but for what no start is made of.

        That are connections and their weights, and inputs without States.
        """
        plan, network = self._plan, self._network
        assert plan is not None
        others = {id(getattr(network, p.name).comm) for p in plan.projections}
        parts = (getattr(network, node.name) for node in plan.inputs)
        others |= {id(part) for part in parts if not states(part)}
        drives = {drive.name for drive in plan.drives}
        for path, node in walk(network, others):
            for name, value in vars(node).items():
                if not isinstance(value, State) and (path or name not in drives):
                    yield value

    def _is_as_made(self) -> bool:
        """Tell whether all settings are those of before, and could not change."""
        found, before = list(self._settings()), self._made_of
        return len(found) == len(before) and all(
            a is b and not is_mutable(a) for a, b in zip(found, before, strict=True)
        )
