"""What an editor is opened on: a document, a file, an example, or nothing yet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx

from .. import examples
from .._errors import FileError, StudioError, nearest
from .._network import Network
from ..document import SUFFIX, Document


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
