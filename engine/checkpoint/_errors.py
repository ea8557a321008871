"""What can go wrong with a checkpoint."""

from __future__ import annotations

from .._errors import EngineError


class CheckpointError(EngineError, ValueError):
    """A checkpoint cannot be written or read as asked."""


class UnsavableValueError(CheckpointError, TypeError):
    """The value of a State is nothing that can be stored."""


class DifferentStatesError(CheckpointError):
    """States of the target and of the checkpoint do not fit together."""


class NotACheckpointError(CheckpointError, FileNotFoundError):
    """There is no finished checkpoint of States at a path."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class DamagedCheckpointError(CheckpointError):
    """The checkpoint is there, but its arrays cannot be read."""


class MissingPackageError(EngineError, ImportError):
    """orbax-checkpoint is not installed."""
