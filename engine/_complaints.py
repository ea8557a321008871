"""What is said when a function with States cannot be traced or run as it is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax

from ._errors import EngineError, LeakedStateError, StateValueError
from ._state import Leaked, State
from ._tracing import is_traced
from ._where import kind_text, state_text

_RETURNED_STATE = (
    "{where}: the function returns a State. {state} cannot leave a transformation; "
    "return its value, `state.value`."
)
_NO_ARRAY = (
    "{where}: {state} holds {kind}, which is no array. A transformation takes only "
    "arrays, numbers and quantities; keep anything else in a plain attribute."
)
_RETURNED = (
    "{where}: the function returns {kind}, which is no array. Return arrays, numbers "
    "and quantities, or None."
)
_OVER = (
    "{where}: the value of a State belongs to a JAX transformation that is over: "
    "{states}. It was written inside of a transformation that does not know States, "
    "such as jax.jit; use the engine's own in its place, and give the State a new value."
)


class TransformationError(EngineError, ValueError):
    """A function cannot be transformed as it is written."""


class OutputError(TransformationError, TypeError):
    """A function returns something that is no array."""


def aval_of_leaf(value: Any, state: State[Any], where: str, function: Any) -> Any:
    """Return the shape of a leaf of a State.

    Raises
    ------
    StateValueError
        If it is no array.
    """
    try:
        return jax.typeof(value)
    except TypeError as error:
        text = state_text(state, function)
        kind = kind_text(state.peek())
        raise StateValueError(
            _NO_ARRAY.format(where=where or "trace", state=text, kind=kind)
        ) from error


def check_output(leaf: Any, where: str, function: Any) -> None:
    """Raise unless something that a function returns is an array.

    Raises
    ------
    TransformationError
        If it is a State.
    OutputError
        If it is something else.
    """
    where = where or "trace"
    if isinstance(leaf, State):
        text = state_text(leaf, function)
        raise TransformationError(_RETURNED_STATE.format(where=where, state=text))
    try:
        jax.typeof(leaf)
    except TypeError as error:
        kind = f"{leaf!r:.80} of type {type(leaf).__name__}"
        raise OutputError(_RETURNED.format(where=where, kind=kind)) from error


def retire(created: Sequence[State[Any]], where: str) -> None:
    """Mark the States that were made while something was traced, and hold tracers."""
    for state in created:
        if is_traced(state.peek()):
            state.poke(Leaked(where or "a transformation"))


def explain_leak(where: str, states: Sequence[State[Any]], error: Exception) -> None:
    """Raise an error that names the States whose values no trace owns any more.

    Parameters
    ----------
    where : str
        The transformation, for the message.
    states : sequence of State
        Those that it was given.
    error : Exception
        What JAX says; raised by the caller if no State is to blame.

    Raises
    ------
    LeakedStateError
        If a State holds a tracer.
    """
    guilty = [state_text(state) for state in states if is_traced(state.peek())]
    if guilty:
        text = _OVER.format(where=where or "transformation", states="; ".join(guilty))
        raise LeakedStateError(text) from error
