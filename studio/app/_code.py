"""The script beside the drawing: the last that could be made, and whether it fits."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import networkx as nx

from .._script import script_of
from ..document import Document
from ._worker import Worker

Told = Callable[[Document, dict[str, Any], dict[str, Any]], None]

_WRITING = "The script is being written."
_log = logging.getLogger(__name__)


class Code:
    """The text of the code pane.

    While the drawing has errors the last text stays, and says that it is not in step.
    """

    def __init__(self) -> None:
        self._text = ""
        self._map: dict[str, list[int]] = {}
        self._why: str | None = _WRITING

    def read(self, graph: nx.MultiDiGraph) -> None:
        """Make the text of a drawing, if it can be made."""
        from engine.lower import ExportError, LoweringError, plan

        if graph.number_of_nodes() == 0:
            self._text, self._map, self._why = "", {}, None
            return
        try:
            self._text, self._map = script_of(plan(graph))
            self._why = None
        except LoweringError as error:
            first = next(p for p in error.problems if p.severity == "error")
            self._why = first.text
        except ExportError as error:
            self._why = str(error)
        except Exception as error:
            _log.exception("The script could not be written")
            self._why = f"The script could not be written: {error}"

    def to_dict(self) -> dict[str, Any]:
        """Return it as the messages have it."""
        told = {"text": self._text, "map": self._map, "in_step": self._why is None}
        return told if self._why is None else told | {"why": self._why}


class Writer:
    """Writes scripts and estimates on a thread of its own, so that no edit waits.

    Parameters
    ----------
    tell : callable
        Called on that thread with the document, the code and the estimate.
    """

    def __init__(self, tell: Told):
        self._tell = tell
        self._worker = Worker("neuroloom-code")
        self._lock = threading.Lock()
        self._wanted: Document | None = None
        self._of: Document | None = None
        self._code = Code()

    def code(self, document: Document) -> dict[str, Any]:
        """Return the last script of a document."""
        with self._lock:
            known = self._code if self._of is document else Code()
            return known.to_dict()

    def ask(self, document: Document) -> None:
        """Write the script of a document as it will be when its turn comes."""
        with self._lock:
            is_waiting = self._wanted is not None
            self._wanted = document
        if not is_waiting:
            self._worker.post(self._write)

    def wait(self) -> None:
        """Wait until what was asked for is written."""
        self._worker.wait()

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    def _write(self) -> None:
        with self._lock:
            document, self._wanted = self._wanted, None
        if document is None:
            return
        code = self._code if self._of is document else Code()
        code.read(document.graph)
        with self._lock:
            self._code, self._of = code, document
        self._tell(document, code.to_dict(), document.estimate().to_dict())
