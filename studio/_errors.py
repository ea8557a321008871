"""The errors of this part, and how a wrong name finds its neighbour."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.lower import Problem


class StudioError(Exception):
    """Base of everything `studio` raises on purpose."""


class NeighbourError(StudioError, ImportError):
    """The `engine` that Python finds is not the one `studio` was shipped with."""


class Refused(StudioError, ValueError):  # noqa: N818 - an answer, not a fault
    """An edit that was not made; the document is as it was.

    Parameters
    ----------
    problems : iterable of Problem
        What stands in the way, each with its element, field, text and fixes.
    """

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.text for problem in self.problems))


class UnknownNameError(StudioError, KeyError):
    """A name that the document does not hold."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class FileError(StudioError, OSError):
    """A file that could not be read or written."""


class DamagedFileError(StudioError, ValueError):
    """A file that is not a document, or not a whole one."""


class NewerFormatError(StudioError, ValueError):
    """A file of a later format that this version cannot even show."""


class ConflictError(FileError):
    """The file was changed by somebody else since it was read."""


class ReadOnlyError(StudioError, PermissionError):
    """A document that is only to be looked at."""


class TooLargeError(DamagedFileError):
    """A file beyond the caps on size, depth or number of nodes."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ` Did you mean 'x'?`, or the known names when none is near."""
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1)
    if not near:
        folded = {other.casefold(): other for other in names}
        close = difflib.get_close_matches(name.casefold(), folded, n=1)
        near = [folded[other] for other in close]
    if not near:
        # "probability" means prob, and "rev" means reversal
        near = [o for o in names if min(len(o), len(name)) > 2 and _begins(o, name)]
    if near:
        return f" Did you mean {near[0]!r}?"
    return f" Known: {', '.join(names[:12])}." if names else ""


def _begins(one: str, other: str) -> bool:
    one, other = one.casefold(), other.casefold()
    return one.startswith(other) or other.startswith(one)
