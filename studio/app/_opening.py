"""What an editor is opened on: a document, a file, an example, or nothing yet."""

from __future__ import annotations

import hashlib
import json
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
    "Your edits are still here. The cell ran again and goes on with what is not saved. "
    "New, Open or an example begins afresh."
)
_BACK = (
    "Your edits are back. They were not saved when the kernel stopped, at {time}. "
    "Save keeps them in a file."
)
_SAVED = (
    "This cell begins again with its own drawing. What was drawn here before is saved "
    "as {name}: Open shows it."
)


@dataclass(frozen=True)
class Left:
    """A document whose edits went into another one."""

    document: Document

    def discard(self) -> None:
        """Let its journal go, unless another editor shows it."""
        if not self.document.is_watched:
            self.document.close()


@dataclass(frozen=True)
class Opened:
    """A document on its way to the desk.

    Attributes
    ----------
    document : Document
    origin : str
        Where it is drawn, for the journal of one that has no file.
    replaces : Recovery or Left, optional
        Where its edits came from; it goes once they are kept here.
    notice : str or None
        What the person should know.
    """

    document: Document
    origin: str = ""
    replaces: Recovery | Left | None = None
    notice: str | None = None


def opened_again(
    source: Any, origin: str | None = None, earlier: Studio | None = None
) -> Opened:
    """Open something, and go on with what was not saved of it.

    Parameters
    ----------
    source
        The argument of `Studio`.
    origin : str, optional
        Place in a notebook; None outside of one.
    earlier : Studio, optional
        The editor that the cell showed when it ran before.
    """
    if _is_named(source):
        key = "" if origin is None else f"{origin}#{source or ''}"
        return _named_again(source, key, earlier)
    document = opened(source)
    # a cell that draws something else now does not mean the old edits
    key = "" if origin is None else f"{origin}#{_digest(document)}"
    return _given_again(document, key, earlier)


def _named_again(source: Any, key: str, earlier: Studio | None) -> Opened:
    if earlier is not None and earlier.source == source and not _is_settled(earlier):
        return Opened(earlier.document, key, notice=_AGAIN)
    document = opened(source)
    if document.is_read_only:
        return Opened(document, key)
    found = Document.recoveries_of(key) if key else []
    if document.path is not None:
        found += Document.recoveries(document.path)
    for recovery in found:
        recovered = _recovered(recovery, document)
        if recovered is not None:
            return Opened(recovered, key, recovery, _notice(_BACK, recovery))
    return Opened(document, key, notice=_where_saved(document, key, earlier))


def _given_again(document: Document, key: str, earlier: Studio | None) -> Opened:
    """Go on with edits of a document that the cell makes anew.

    Whoever made it holds it: it takes the edits in and stays the same object. Edits
    of programs do not come back here, for cells make them again.
    """
    if not key or document.is_read_only:
        return Opened(document, key)
    if earlier is not None and earlier.origin == key:
        left = earlier.document
        if left is not document and left.is_by_hand:
            document.restore(left)
            return Opened(document, key, Left(left), _AGAIN)
    for recovery in Document.recoveries_of(key):
        recovered = _recovered(recovery, document) if recovery.is_by_hand else None
        if recovered is not None:
            document.restore(recovered)
            return Opened(document, key, recovery, _notice(_BACK, recovery))
    return Opened(document, key, notice=_where_saved(document, key, earlier))


def _where_saved(document: Document, key: str, earlier: Studio | None) -> str | None:
    if earlier is None or earlier.origin != key:
        return None
    path = earlier.document.path
    if path is None or path == document.path:
        return None
    return _SAVED.format(name=path.name)


def _is_named(source: Any) -> bool:
    return source is None or isinstance(source, str | Path)


def _is_settled(studio: Studio) -> bool:
    return studio.document.is_saved or studio.document.revision == 0


def _digest(document: Document) -> str:
    text = json.dumps(document.to_doc(), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _notice(text: str, recovery: Recovery) -> str:
    at = time.strftime("%H:%M on %d %B", time.localtime(recovery.time))
    return text.format(time=at)


def _recovered(recovery: Recovery, document: Document) -> Document | None:
    """Return what a recovery holds, unless its file is newer or it adds nothing."""
    path = recovery.path
    if path is not None and path.exists() and path.stat().st_mtime > recovery.time:
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
