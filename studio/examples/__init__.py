"""Networks to start from, each a document made through the Python API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .._errors import UnknownNameError, nearest
from ..document import Document
from ._balanced import (
    balanced as balanced,
    cuba as cuba,
    driven as driven,
    first as first,
)
from ._chain import synfire_chain as synfire_chain
from ._competition import winner_takes_all as winner_takes_all
from ._single import step_current as step_current


@dataclass(frozen=True)
class Example:
    """A network to start from.

    Attributes
    ----------
    key : str
        Name for `load` and for the command line.
    title, text : str
        What a list shows: the name, and one sentence.
    make : callable
        Returns a new document.
    """

    key: str
    title: str
    text: str
    make: Callable[[], Document]

    def to_dict(self) -> dict[str, Any]:
        """Return key, title and text as JSON."""
        return {"key": self.key, "title": self.title, "text": self.text}


EXAMPLES = (
    Example(
        "first",
        "First network",
        "100 neurons, 80 that excite and 20 that inhibit, under a random input.",
        first,
    ),
    Example(
        "neuron",
        "One neuron",
        "A current is switched on and off: from current to rate.",
        step_current,
    ),
    Example(
        "balanced",
        "Balanced E/I",
        "4 000 neurons that keep each other active with no input at all.",
        balanced,
    ),
    Example(
        "driven",
        "Balanced E/I with drive",
        "The same network under a constant current.",
        driven,
    ),
    Example(
        "cuba",
        "Balanced E/I, current-based",
        "4 000 neurons whose synapses send currents.",
        cuba,
    ),
    Example(
        "winner",
        "Winner takes all",
        "Two pools compete; the one with the stronger input silences the other.",
        winner_takes_all,
    ),
    Example(
        "synfire",
        "Synfire chain",
        "A volley of spikes travels from group to group.",
        synfire_chain,
    ),
)


def load(key: str) -> Document:
    """Return a new document of an example.

    Raises
    ------
    UnknownNameError
        With the nearest key.
    """
    found = {example.key: example for example in EXAMPLES}
    if key not in found:
        raise UnknownNameError(f"There is no example {key!r}.{nearest(key, found)}")
    document = found[key].make()
    document.forget_history()
    return document
