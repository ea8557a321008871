"""The document: one drawing, its edits, its history and its file."""

from __future__ import annotations

import copy
import dataclasses
import threading
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import networkx as nx

from .._errors import Refused, UnknownNameError, nearest
from ._change import Change, describe_change, edge_record, node_record
from ._codec import Decoded, by_id, doc_of, from_node_link
from ._edits import Edit
from ._filed import Filed
from ._history import History, Step
from ._notices import file_problems, read_only
from ._perform import copied, name_of, perform_all
from ._place import Place
from ._records import Settings, plain
from ._store import Attrs, Draft, Records, Store
from ._values import free_label, parse_setting

if TYPE_CHECKING:
    from engine.lower import Estimate, Plan, Problem
    from engine.run import Forecast

Listener = Callable[[Change], None]
BRING_BACK = "Bring back unsaved edits"


class Document(Filed):
    """A network as it is drawn; the only truth, of which all else is a view.

    Parameters
    ----------
    name : str, default "Untitled"
    dt : str or Quantity, default "0.1 ms"
        Time step.
    seed : int, default 0
    precision : {32, 64}, default 32

    Notes
    -----
    Every method may be called from any thread; edits are made one at a time.

    Examples
    --------
    >>> document = Document("Two populations")
    >>> change = document.apply([{"op": "add-node", "kind": "LIFRef", "sign": 1}])
    >>> change.upserted_nodes[0]["label"]
    'E'
    """

    def __init__(
        self,
        name: str = "Untitled",
        dt: Any = "0.1 ms",
        seed: int = 0,
        precision: int = 32,
    ):
        graph = nx.MultiDiGraph(**plain(Settings()))
        given = {"name": name, "dt": dt, "seed": seed, "precision": precision}
        for key, value in given.items():
            if value != graph.graph[key]:
                graph.graph[key] = parse_setting(key, value)
        self._start(Decoded(graph), Place())

    def _start(self, decoded: Decoded, place: Place) -> None:
        self._lock = threading.RLock()
        self._store = Store(decoded.graph)
        self._history = History()
        self._revision = decoded.revision
        self._decoded = decoded
        self._place = place
        self._listeners: list[Listener] = []

    @classmethod
    def _of(cls, decoded: Decoded, place: Place | None = None) -> Document:
        document = super().__new__(cls)
        document._start(decoded, place or Place())
        return document

    # what it holds

    @property
    def graph(self) -> nx.MultiDiGraph:
        """A copy of the drawing, for the engine or for networkx."""
        with self._lock:
            return copy.deepcopy(self._store.graph)

    @property
    def name(self) -> str:
        """Name of the document."""
        return self._store.graph.graph["name"]

    @property
    def settings(self) -> Attrs:
        """Name, dt, seed and precision."""
        return dict(self._store.graph.graph)

    @property
    def revision(self) -> int:
        """Grows with every change, also with undo."""
        return self._revision

    @property
    def n_nodes(self) -> int:
        """Number of populations, inputs and probes."""
        return self._store.graph.number_of_nodes()

    @property
    def n_edges(self) -> int:
        """Number of projections, drives and recordings."""
        return self._store.graph.number_of_edges()

    def to_doc(self) -> dict[str, Any]:
        """Return the whole document as JSON, in the order of the ids."""
        with self._lock:
            doc = copy.deepcopy(doc_of(self._store.graph))
        for records in (doc["nodes"], doc["edges"]):
            records.sort(key=lambda record: by_id(record["id"]))
        return doc

    @classmethod
    def from_doc(cls, doc: Mapping[str, Any]) -> Document:
        """Make a document from what `to_doc` gave."""
        rest = {
            key: value for key, value in doc.items() if key not in ("nodes", "edges")
        }
        data = {"graph": rest, "nodes": doc.get("nodes"), "edges": doc.get("edges")}
        return cls._of(Decoded(from_node_link(data, "This document")))

    @classmethod
    def from_graph(cls, graph: nx.MultiDiGraph) -> Document:
        """Make a document from a `networkx.MultiDiGraph` with the same attributes."""
        return cls.from_doc(doc_of(graph))

    def element(self, key: str) -> Attrs:
        """Return the record of a node or an edge, a copy.

        Raises
        ------
        UnknownNameError
        """
        with self._lock:
            if self._store.is_node(key):
                return copy.deepcopy(node_record(key, self._store.node(key)))
            if self._store.is_edge(key):
                return copy.deepcopy(edge_record(key, self._store.edge(key)))
        raise UnknownNameError(f"There is no element {key!r}.")

    def look(self, ids: Iterable[str]) -> tuple[dict[str, Attrs | None], int, Attrs]:
        """Return records by id, None for what is gone, with revision and settings.

        All of one moment, whoever else is editing.
        """
        with self._lock:
            known = {key: key in self._store for key in ids}
            records = {
                k: self.element(k) if there else None for k, there in known.items()
            }
            return records, self._revision, self.settings

    def find(self, name: str) -> str:
        """Return the id of the node with this label or id.

        Raises
        ------
        UnknownNameError
            With the nearest name.
        """
        with self._lock:
            labels = self._store.labels()
            if name in labels:
                return labels[name]
            if self._store.is_node(name):
                return name
        raise UnknownNameError(f"There is no node {name!r}.{nearest(name, labels)}")

    def name_of(self, key: str | None) -> str:
        """Return how a person calls an element: its label, or "E to I"."""
        with self._lock:
            return name_of(Draft(self._store), key)

    def free_id(self, prefix: str) -> str:
        """Return an id that no element has or had since the document was opened."""
        with self._lock:
            return self._store.fresh_id(prefix)

    def free_label(self, wanted: str) -> str:
        """Return `wanted`, or the first of "E 2", "E 3", ... that is free."""
        with self._lock:
            return free_label(self._store.labels(), wanted)

    def copy(self, ids: list[str]) -> dict[str, list[Attrs]]:
        """Return nodes, and the edges among them, as a paste edit takes them."""
        with self._lock:
            return copy.deepcopy(copied(Draft(self._store), ids))

    # edits

    def apply(
        self,
        edits: Iterable[Mapping[str, Any] | Edit],
        *,
        label: str | None = None,
        gesture: Hashable | None = None,
        is_done: bool = False,
    ) -> Change:
        """Make edits together, or none of them.

        Parameters
        ----------
        edits : iterable of dict or Edit
            As in the protocol: `{"op": "set", "element": "n1", ...}`.
        label : str, optional
            What the undo menu says; found from the edits by default.
        gesture : hashable, optional
            Edits of one gesture (a slider being dragged) are one step to undo.
        is_done : bool, default False
            Whether the gesture ends here.

        Returns
        -------
        Change
            What is different now, for the views and the running network.

        Raises
        ------
        Refused
            With the problems; the document is as it was.
        """
        return self._make(lambda d: perform_all(d, edits), label, gesture, is_done)

    def restore(self, other: Document) -> Change:
        """Become what a person drew elsewhere, in one step that can be undone."""
        graph = other.graph
        change = self._make(lambda draft: draft.become(graph), BRING_BACK)
        if self.path is None:
            self._place.move_to(other._place)
        self._place.is_by_hand = True
        return change

    def _make(
        self,
        make: Callable[[Draft], str | None],
        label: str | None,
        gesture: Hashable | None = None,
        is_done: bool = False,
    ) -> Change:
        with self._lock:
            self._refuse_if_read_only()
            draft = Draft(self._store)
            try:
                found = make(draft)
            except Refused as error:
                draft.roll_back()
                raise Refused(map(self._placed, error.problems)) from error
            except BaseException:
                draft.roll_back()
                raise
            label = found or "" if label is None else label
            before, after = draft.before, draft.after()
            same = [ref for ref in before if before[ref] == after[ref]]
            for ref in same:
                del before[ref], after[ref]
            step = Step(label, gesture, before, after)
            # the step of a gesture absorbs: its own records have to stay apart
            change = self._changed(dict(before), dict(after), label)
            if before:
                self._history.add(step, is_done=is_done)
            elif is_done:
                self._history.end_gesture()
        self._tell(change)
        return change

    def undo(self) -> Change | None:
        """Take the last step back; None when there is none."""
        return self._turn(self._history.undo, "Undo")

    def redo(self) -> Change | None:
        """Make the step that was taken back again; None when there is none."""
        return self._turn(self._history.redo, "Redo")

    def _turn(self, turn: Callable[[], Step | None], word: str) -> Change | None:
        with self._lock:
            self._refuse_if_read_only()
            step = turn()
            if step is None:
                return None
            old, new = step.before, step.after
            if word == "Undo":
                old, new = new, old
            self._store.write(new)
            change = self._changed(old, new, f"{word} {step.label}")
        self._tell(change)
        return change

    @property
    def undo_label(self) -> str | None:
        """What undo would take back, None when nothing."""
        return self._history.undo_label

    @property
    def redo_label(self) -> str | None:
        """What redo would make again, None when nothing."""
        return self._history.redo_label

    def forget_history(self) -> None:
        """Start here: nothing to undo, and revision 0."""
        with self._lock:
            self._history.clear()
            self._revision = 0

    def on_change(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after every change; returns the way to stop that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @property
    def is_watched(self) -> bool:
        """Whether somebody listens for changes."""
        return bool(self._listeners)

    def _changed(self, before: Records, after: Records, label: str) -> Change:
        if before:
            self._revision += 1
        return describe_change(before, after, self._revision, label)

    def _tell(self, change: Change) -> None:
        if change.is_empty:
            return
        if self._place.journal is not None:
            self._place.journal.touch()
        for listener in list(self._listeners):
            listener(change)

    def _placed(self, found: Problem) -> Problem:
        """Return a problem whose element, one that was never made, is not named."""
        if found.element is None or found.element in self._store:
            return found
        return dataclasses.replace(found, element=None, fixes=())

    def _refuse_if_read_only(self) -> None:
        if self.is_read_only:
            raise read_only(self.name, self._decoded.version)

    # what the engine makes of it

    def problems(self) -> list[Problem]:
        """Return what is wrong or doubtful, from the engine and about the file."""
        from engine.lower import check

        return [*check(self.graph), *file_problems(self._decoded, self._place)]

    def plan(self) -> Plan:
        """Return the plan of this document.

        Raises
        ------
        engine.lower.LoweringError
            If there are errors among the problems.
        """
        from engine.lower import plan

        return plan(self.graph)

    def estimate(self) -> Estimate:
        """Return how many neurons, synapses and bytes a run would take."""
        from engine.lower import estimate

        return estimate(self.graph)

    def forecast(self) -> Forecast:
        """Return what tells how long a run takes here, after one trace of a step.

        Raises
        ------
        engine.lower.LoweringError
            If there are errors among the problems.
        """
        from engine.run import Forecast

        return Forecast(self.plan())

    # plain Python

    def __eq__(self, other: object) -> bool:
        """Whether both draw the same: history, file and revision do not count."""
        if not isinstance(other, Document):
            return NotImplemented
        return self.to_doc() == other.to_doc()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<Document {self.name!r}: {self.n_nodes} nodes, {self.n_edges} edges>"
