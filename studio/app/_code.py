"""The script beside the drawing: the last that could be made, and whether it fits."""

from __future__ import annotations

from typing import Any

import networkx as nx


class Code:
    """The text of the code pane.

    While the drawing has errors the last text stays, and says that it is not in step.
    """

    def __init__(self) -> None:
        self._text = ""
        self._map: dict[str, list[int]] = {}
        self._why: str | None = None

    def read(self, graph: nx.MultiDiGraph) -> None:
        """Make the text of a drawing, if it can be made."""
        from engine.lower import ExportError, LoweringError, code_map, plan, to_python

        if graph.number_of_nodes() == 0:
            self._text, self._map, self._why = "", {}, None
            return
        try:
            planned = plan(graph)
            self._text, self._map = to_python(planned), code_map(planned)
            self._why = None
        except LoweringError as error:
            first = next(p for p in error.problems if p.severity == "error")
            self._why = first.text
        except ExportError as error:
            self._why = str(error)

    def to_dict(self) -> dict[str, Any]:
        """Return it as the messages have it."""
        told = {"text": self._text, "map": self._map, "in_step": self._why is None}
        return told if self._why is None else told | {"why": self._why}
