"""What cannot be divided."""

from __future__ import annotations

from .._errors import EngineError


class DivisionError(EngineError, ValueError):
    """A network, or a number of devices, that does not allow division."""
