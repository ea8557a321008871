"""What a live run kept, as a result like that of a run from Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .._errors import StudioError
from ._network import LiveNetwork
from ._simulated import SimulatedNetwork

if TYPE_CHECKING:
    from engine.run import Result


def result_of(chunks: Sequence[Any], network: LiveNetwork | None) -> Result:
    """Return the result of recorded chunks; time counts from the first of them.

    Raises
    ------
    StudioError
        If nothing was recorded.
    """
    from engine.run._simulate import joined

    if not chunks or not isinstance(network, SimulatedNetwork):
        raise StudioError(
            "Nothing was recorded. Press Record, or call `studio.record()`, then run."
        )
    return joined(network.simulation, chunks)
