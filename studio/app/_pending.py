"""What changed since the views were last told, folded into one patch."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ..document import Change, Document

if TYPE_CHECKING:
    from ..document._store import Attrs

_RANK = {"layout": 0, "parameter": 1, "structure": 2}


@dataclass
class Pending:
    """Changes that the views have not seen.

    A patch is made of what the document holds when it is sent, so that edits of
    several threads may be told in any order.

    Attributes
    ----------
    intent : int or None
        The edit to answer.
    gesture : hashable or None
        The gesture that it belongs to.
    values : dict
        (element, field) -> the newest value, for the running network.
    label : str
        What was done last.
    """

    intent: int | None = None
    gesture: Hashable | None = None
    touched: dict[str, None] = field(default_factory=dict)
    has_meta: bool = False
    invalidates: Literal["layout", "parameter", "structure"] = "layout"
    values: dict[tuple[str, str], Any] = field(default_factory=dict)
    label: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell and nobody to answer."""
        return self.intent is None and not self.touched and not self.has_meta

    def add(self, change: Change) -> None:
        """Take in a change."""
        for record in (*change.upserted_nodes, *change.upserted_edges):
            self.touched[record["id"]] = None
        for key in change.removed_ids:
            self.touched[key] = None
        self.has_meta = self.has_meta or bool(change.meta_changed)
        self.invalidates = max(
            self.invalidates, change.invalidates, key=_RANK.__getitem__
        )
        self.values |= change.values
        self.label = change.label

    def to_fields(self, document: Document) -> dict[str, Any]:
        """Return the fields of the patch that come from the document."""
        records, revision, settings = document.look(list(self.touched))
        nodes: list[Attrs] = []
        edges: list[Attrs] = []
        removed: list[str] = []
        for key, record in records.items():
            if record is None:
                removed.append(key)
            else:
                (edges if "source" in record else nodes).append(record)
        return {
            "intent": self.intent,
            "revision": revision,
            "nodes": nodes,
            "edges": edges,
            "removed": removed,
            "meta": settings if self.has_meta else None,
            "invalidates": self.invalidates,
        }
