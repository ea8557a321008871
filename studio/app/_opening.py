"""What an editor is opened on: a document, a file, an example, or nothing yet."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx

from .. import examples
from .._errors import FileError, StudioError, nearest
from .._network import Network
from ..document import SUFFIX, DamagedFileError, Document, Recovery

if TYPE_CHECKING:
    from ._studio import Studio

_log = logging.getLogger(__name__)

_AGAIN = (
    "The cell ran again, and the drawing goes on with the edits that are not saved. "
    "New, Open or an example starts afresh."
)
_BACK = (
    "Edits that were not saved when the kernel stopped, at {time}, are back. Save "
    "keeps them; Open, New or an example leaves them."
)


@dataclass(frozen=True)
class Opened:
    """A document on its way to the desk.

    Attributes
    ----------
    document : Document
    origin : str
        Where it is drawn, for the journal of one that has no file.
    recovery : Recovery or None
        What it was recovered from.
    notice : str or None
        What the person should know.
    """

    document: Document
    origin: str = ""
    recovery: Recovery | None = None
    notice: str | None = None


def opened_again(source: Any, origin: str | None, earlier: Studio | None) -> Opened:
    """Open something, and go on with what was not saved of it.

    Parameters
    ----------
    source
        The argument of `Studio`.
    origin : str or None
        Place in a notebook; None outside of one.
    earlier : Studio or None
        The editor that the cell showed when it ran before.
    """
    if earlier is not None and earlier.source == source and _is_unsaved(earlier):
        return Opened(earlier.document, origin or "", notice=_AGAIN)
    document = opened(source)
    is_named = source is None or isinstance(source, str | Path)
    if not is_named or document.is_read_only:
        return Opened(document, origin or "")
    key = "" if origin is None else f"{origin}#{source or ''}"
    for recovery in Document.recoveries(document.path):
        if document.path is None and (not key or recovery.origin != key):
            continue
        recovered = _recovered(recovery, document)
        if recovered is not None:
            at = time.strftime("%H:%M on %d %B", time.localtime(recovery.time))
            return Opened(recovered, key, recovery, _BACK.format(time=at))
    return Opened(document, key)


def _is_unsaved(studio: Studio) -> bool:
    return not studio.document.is_saved and studio.document.revision > 0


def _recovered(recovery: Recovery, document: Document) -> Document | None:
    """Return what a recovery holds, unless the file is newer or holds it."""
    path = document.path
    if path is not None and path.stat().st_mtime > recovery.time:
        return None
    try:
        recovered = Document.recover(recovery)
    except DamagedFileError as error:
        _log.warning("Unsaved edits could not be read. %s", error)
        return None
    if recovered == document:
        recovery.discard()
        return None
    return recovered


def opened(source: Any) -> Document:
    """Return the document that an argument of `Studio` means.

    Raises
    ------
    FileError
        If there is no such file or example, with the nearest.
    StudioError
        If it is nothing that can be opened.
    """
    if source is None:
        return Document()
    if isinstance(source, Document):
        return source
    if isinstance(source, Network):
        return source.document
    if isinstance(source, nx.MultiDiGraph):
        return Document.from_graph(source)
    if isinstance(source, Path):
        return Document.load(source)
    if isinstance(source, str):
        return _named(source)
    raise StudioError(
        f"Studio: got {type(source).__name__}; give a Document, a Network, a "
        f"networkx.MultiDiGraph, the path of a *{SUFFIX} file, or the key of an "
        "example."
    )


def _named(name: str) -> Document:
    keys = [example.key for example in examples.EXAMPLES]
    if name in keys and not Path(name).exists():
        return examples.load(name)
    path = Path(name)
    if path.exists() or name.endswith(".json") or len(path.parts) > 1:
        return Document.load(path)
    raise FileError(
        f"There is no file and no example {name!r}.{nearest(name, keys)} A file is "
        f"written by `studio.save('name{SUFFIX}')`."
    )
