"""The one place that turns State into values: discover, purify, lift.

Every transformation is written as
`lift(transformed, effects, *arguments)` where `transformed` takes the values of the
States first. `discover` finds the States by an abstract run; `purify` makes a function
of values from one that uses States; `lift` reads the values, calls, and commits what
was written, only after the call has succeeded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax

from ._state import State
from ._trace import StateTraceStack, watch


@dataclass(frozen=True)
class Effects:
    """The States a function touches, in the order of first touch.

    Parameters
    ----------
    states : tuple of State
        Those that existed before the function ran.
    is_written : tuple of bool
        Which of them it writes.
    out : object
        What the abstract run returned: a pytree of shapes.
    """

    states: tuple[State[Any], ...] = ()
    is_written: tuple[bool, ...] = ()
    out: Any = None

    def __or__(self, other: Effects) -> Effects:
        written = dict(zip(self.states, self.is_written, strict=True))
        for state, is_written in zip(other.states, other.is_written, strict=True):
            written[state] = written.get(state, False) or is_written
        return Effects(tuple(written), tuple(written.values()), self.out)

    def writes(self) -> tuple[State[Any], ...]:
        """Return the States that are written."""
        rows = zip(self.states, self.is_written, strict=True)
        return tuple(state for state, is_written in rows if is_written)

    def split(self, chosen: Sequence[State[Any]]) -> tuple[Effects, Effects]:
        """Return the effects on the chosen States and those on the others."""
        ids = {id(state) for state in chosen}
        rows = list(zip(self.states, self.is_written, strict=True))
        inside = [row for row in rows if id(row[0]) in ids]
        outside = [row for row in rows if id(row[0]) not in ids]
        return tuple(
            Effects(tuple(s for s, _ in part), tuple(w for _, w in part))
            for part in (inside, outside)
        )  # type: ignore[return-value]

    def read(self) -> list[Any]:
        """Return the present values, seen by an outer transformation."""
        return [state.value for state in self.states]

    def commit(self, values: Sequence[Any]) -> None:
        """Write the values of those States that are written."""
        rows = zip(self.states, self.is_written, values, strict=True)
        for state, is_written, value in rows:
            if is_written:
                state.value = value


def discover(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Effects:
    """Run `function` abstractly once and return what it does to States.

    Every State is as before afterwards, also when the function raises; States made
    inside are forgotten.
    """
    trace = StateTraceStack[Any]()
    outer, watch.traces = watch.traces, [trace]
    try:
        # a fresh lambda: a cached trace would not touch the States again
        out = jax.eval_shape(lambda *a, **k: function(*a, **k), *args, **kwargs)
    finally:
        watch.traces = outer
        trace.recovery_original_values()
    rows = [
        (state, is_written)
        for state, is_written in zip(trace.states, trace.been_writen, strict=True)
        if not trace.is_created(state)
    ]
    return Effects(tuple(s for s, _ in rows), tuple(w for _, w in rows), out)


def purify(
    function: Callable[..., Any], effects: Effects
) -> Callable[..., tuple[list[Any], Any]]:
    """Return `(values, *args) -> (new values, out)`, which touches no State outside."""
    states = effects.states

    def pure(values: Sequence[Any], *args: Any, **kwargs: Any) -> tuple[list[Any], Any]:
        held = [state.peek() for state in states]
        outer, watch.traces = watch.traces, [StateTraceStack[Any]()]
        for state, value in zip(states, values, strict=True):
            state.poke(value)
        try:
            out = function(*args, **kwargs)
            return [state.peek() for state in states], out
        finally:
            for state, value in zip(states, held, strict=True):
                state.poke(value)
            watch.traces = outer

    return pure


def lift(
    call: Callable[..., tuple[Sequence[Any], Any]],
    effects: Effects,
    *args: Any,
    **kwargs: Any,
) -> Any:
    """Call with the values of the States, commit what was written, return the rest."""
    values, out = call(effects.read(), *args, **kwargs)
    effects.commit(values)
    return out
