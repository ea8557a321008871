"""What can go wrong when a network runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from .._errors import EngineError, nearest


class RunError(EngineError, ValueError):
    """A network that cannot run as it is."""


class RecordError(RunError):
    """Something to be recorded that a network does not have."""


class ParameterError(RunError, KeyError):
    """A parameter that a network does not have, or cannot change while it runs."""

    @classmethod
    def of(cls, path: str, known: Iterable[str]) -> Self:
        """Say that there is no parameter of that path."""
        return cls(
            f"Simulation.set: there is no parameter {path!r} that can change while the "
            f"network runs.{nearest(path, known)} `parameters` lists them."
        )

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""
