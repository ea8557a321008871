"""What a document says about the file it came from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .._errors import Refused
from ._codec import Decoded
from ._place import Place
from ._problem import problem, refusal

if TYPE_CHECKING:
    from engine.lower import Problem


def file_problems(decoded: Decoded, place: Place) -> Iterator[Problem]:
    """Yield what a person should know about the file of a document."""
    if decoded.is_changed_outside and place.original is not None:
        text = (
            "The file was written or changed outside Neuroloom, or damaged. Look it "
            "over; saving it makes this go away."
        )
        yield problem("changed-outside", text, severity="warning")
    if decoded.is_newer:
        text = f"Made by a newer Neuroloom (format {decoded.version}): read-only."
        yield problem("read-only", text, severity="note")


def read_only(name: str, version: int) -> Refused:
    """Return the refusal of an edit of a document that is only to be looked at."""
    return refusal(
        "read-only",
        f"{name} was made by a newer Neuroloom (format {version}), so it can only be "
        "looked at. Update Neuroloom to change it.",
    )
