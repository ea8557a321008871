"""What goes wrong in modules."""

from __future__ import annotations

from .._errors import (
    EngineError,
    StepUnitError as StepUnitError,
    UnitError as UnitError,
    UnknownNameError,
    nearest,
)


class SizeError(EngineError, ValueError):
    """A size that is not a positive integer or a tuple of them."""


class ShapeError(EngineError, ValueError, TypeError):
    """An array whose shape does not fit a layer."""


class InputError(EngineError, ValueError):
    """An input that is registered twice, or not at all."""


class ChoiceError(EngineError, ValueError):
    """A word that is not among the choices."""


class UnboundError(EngineError, ValueError):
    """A synaptic output that was asked for a current before its projection ran."""


class DelayError(EngineError, ValueError):
    """A delay that cannot be kept: negative, or longer than its buffer."""


class EntryError(UnknownNameError):
    """A delay entry that is unknown, or known with another time."""


class MissingMethodError(EngineError, NotImplementedError):
    """A method that a subclass has to write."""


def check_choice(where: str, given, choices: tuple[str, ...]) -> str:
    """Return `given` if it is one of `choices`; name the nearest otherwise."""
    if given in choices:
        return given
    listed = ", ".join(repr(choice) for choice in choices)
    raise ChoiceError(
        f"{where} is {given!r}; give one of {listed}.{nearest(given, choices)}"
    )
