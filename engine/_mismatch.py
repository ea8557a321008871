"""Units that do not match inside of a function: the line, and the States it has read."""

from __future__ import annotations

import contextlib
import linecache
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import brainunit as u
import jax

from ._errors import EngineError, UnitError
from ._frames import is_inside
from ._state import State
from ._where import kind_text, state_text

_MISMATCH = (
    "{where}: units do not match{place}: {error}{states} Bring both sides to one "
    "dimension: multiply or divide by what is missing, and give plain numbers a unit, "
    "such as `3 * u.mV`."
)
_MOST = 4  # States that a message lists
_LIBRARIES = ("saiunit", "brainunit", "jax", "numpy")


class UnitArithmeticError(UnitError, u.UnitMismatchError):
    """Quantities of different dimensions met in a function that reads States."""

    def __init__(self, text: str):
        u.UnitMismatchError.__init__(self, text)


@contextlib.contextmanager
def units_explained(
    where: str, states: Callable[[], Sequence[State[Any]]], *roots: Any
) -> Iterator[None]:
    """Let an error about units inside of the context name line and States.

    Parameters
    ----------
    where : str
        The transformation or module, for the message.
    states : callable
        Gives the States that were read.
    *roots
        Where to look for the paths of the States.

    Raises
    ------
    UnitArithmeticError
        In place of what the arithmetic of quantities raises.
    """
    try:
        yield
    except EngineError:
        raise
    except Exception as error:
        if not _is_about_units(error):
            raise
        text = _text(where, error, states(), roots)
        raise UnitArithmeticError(text) from error


def _is_about_units(error: Exception) -> bool:
    if isinstance(error, (u.UnitMismatchError, u.DimensionMismatchError)):
        return True
    if not isinstance(error, TypeError):
        return False
    module = _modules(error)[-1]
    return module.partition(".")[0] in ("saiunit", "brainunit")


def _modules(error: Exception) -> list[str]:
    frames = traceback.walk_tb(error.__traceback__)
    return [frame.f_globals.get("__name__", "") for frame, _ in frames]


def _text(
    where: str, error: Exception, states: Sequence[State[Any]], roots: Any
) -> str:
    with_unit = [state for state in states if _has_unit(state.peek())]
    listed = [
        f"{state_text(state, *roots)} holds {kind_text(state.peek())}"
        for state in with_unit[:_MOST]
    ]
    return _MISMATCH.format(
        where=where or "trace",
        place=_place(error),
        error=" ".join(str(error).split()).rstrip(".") + ".",
        states=f" States with units: {'; '.join(listed)}." if listed else "",
    )


def _has_unit(value: Any) -> bool:
    leaves = jax.tree.leaves(value, is_leaf=lambda x: isinstance(x, u.Quantity))
    return any(isinstance(x, u.Quantity) and not x.is_unitless for x in leaves)


def _place(error: Exception) -> str:
    """Return `` in `V + I` (file:line)``: the innermost line that a user has written."""
    found = ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        module = frame.f_globals.get("__name__", "")
        if not is_inside(module) and module.partition(".")[0] not in _LIBRARIES:
            file = frame.f_code.co_filename
            code = linecache.getline(file, line, frame.f_globals).strip()
            found = f" in `{code}` ({file}:{line})" if code else f" ({file}:{line})"
    return found
