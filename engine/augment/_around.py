"""Lanes of States that a mapped function takes from its surroundings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jax

from .._state import State
from .._where import state_text
from ..random import RandomState
from ._axes import AxesError

_NO_STATE = (
    "{name}: {what} holds {given}. Give States: one, a container of them such as "
    "model.states(), or {{axis: container}}."
)
_TWO_AXES = (
    "{name}: {state} has its lanes in axis {first} and in axis {second}. Lanes stay where "
    "they are: name it once, or with the same axis in in_states and out_states."
)


class Around:
    """The axes of such States, before the map and after it.

    Parameters
    ----------
    in_states, out_states : States or mapping of int to States, optional
        As `vmap` takes them.
    name : str
        Of the transformation, for errors.

    Attributes
    ----------
    states : dict of int to State
        Those that have lanes before, by their `id`.
    before, after : dict of int to int
        Axis of lanes by the `id` of a State.

    Raises
    ------
    AxesError
        If there is something else than States, or a State has two axes.
    """

    def __init__(self, in_states: Any, out_states: Any, name: str):
        self.states: dict[int, State[Any]] = {}
        self.before: dict[int, int] = {}
        self.after: dict[int, int] = {}
        self._kept: list[State[Any]] = []  # an `id` is that of a living object
        for state, axis in _rows(in_states, name, "in_states"):
            self._note(self.before, state, axis, name)
            self._note(self.after, state, axis, name)
            self.states[id(state)] = state
        for state, axis in _rows(out_states, name, "out_states"):
            self._note(self.after, state, axis, name)

    def _note(
        self, axes: dict[int, int], state: State[Any], axis: int, name: str
    ) -> None:
        first = axes.setdefault(id(state), axis)
        self._kept.append(state)
        if first != axis:
            text = state_text(state)
            raise AxesError(
                _TWO_AXES.format(name=name, state=text, first=first, second=axis)
            )


def _rows(given: Any, name: str, what: str) -> Iterator[tuple[State[Any], int]]:
    """Yield each State with its axis."""
    if given is None:
        return
    by_axis = isinstance(given, Mapping) and all(type(key) is int for key in given)
    for axis, states in given.items() if by_axis and given else [(0, given)]:
        for state in jax.tree.leaves(states, is_leaf=lambda x: isinstance(x, State)):
            if not isinstance(state, State):
                raise AxesError(
                    _NO_STATE.format(name=name, what=what, given=type(state).__name__)
                )
            if not isinstance(state, RandomState):  # every lane draws its own numbers
                yield state, axis
