"""Base of the engine's errors, and those that several parts raise."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class EngineError(Exception):
    """Base of every error the engine raises on purpose.

    Concrete errors also derive from the builtin they mean, so that both
    `except EngineError` and `except ValueError` do what they say.
    """


class TraceContextError(EngineError):
    """A value of one JAX trace was written where another trace owns the State."""


class StateValueError(EngineError, ValueError):
    """A State was given a value that it cannot hold."""


class StateDeletedError(EngineError, RuntimeError):
    """The array of a State was donated or deleted."""


class LeakedStateError(EngineError, RuntimeError):
    """The value of a State belongs to a transformation that is over."""


class UnknownNameError(EngineError, KeyError):
    """A name that is not known where it is used."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class UnitError(EngineError, TypeError):
    """A quantity of the wrong dimension."""


class StepUnitError(EngineError, AssertionError):
    """A time step whose unit does not fit the derivative."""


def nearest(name: str, known: Iterable[object]) -> str:
    """Return ` Did you mean 'x'?`, or nothing when no name is near."""
    names = [str(item) for item in known]
    matches = difflib.get_close_matches(str(name), names, n=1)
    return f" Did you mean {matches[0]!r}?" if matches else ""
