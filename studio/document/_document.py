"""The document: one drawing, its edits, its history and its file."""

from __future__ import annotations

import copy
import dataclasses
import threading
from collections.abc import Callable, Hashable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx

from .._errors import Refused, UnknownNameError, nearest
from . import _files
from ._change import Change, describe_change, edge_record, node_record
from ._codec import Decoded, by_id, decode, doc_of, encode, from_node_link
from ._edits import Edit, checked
from ._history import History, Step
from ._journal import Journal, Recovery, recoveries
from ._notices import file_problems, read_only
from ._perform import copied, name_of, perform
from ._place import Place
from ._records import Settings, plain
from ._store import Attrs, Draft, Records, Store
from ._values import free_label, parse_setting

if TYPE_CHECKING:
    from engine.lower import Estimate, Plan, Problem

Listener = Callable[[Change], None]


class Document:
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
        graph = nx.MultiDiGraph()
        graph.graph.update(plain(Settings()))
        given = {"name": name, "dt": dt, "seed": seed, "precision": precision}
        defaults = plain(Settings())
        graph.graph.update(
            {
                key: value if value == defaults[key] else parse_setting(key, value)
                for key, value in given.items()
            }
        )
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
            store = self._store
            nodes = sorted(store.graph.nodes, key=by_id)
            edges = sorted(store.edges(), key=by_id)
            doc = dict(store.graph.graph) | {
                "nodes": [node_record(key, store.node(key)) for key in nodes],
                "edges": [edge_record(key, store.edge(key)) for key in edges],
            }
            return copy.deepcopy(doc)

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
        with self._lock:
            self._refuse_if_read_only()
            draft = Draft(self._store)
            try:
                # one by one: a generator may look at what came of its last edit
                labels = [perform(draft, checked(edit)) for edit in edits]
            except Refused as error:
                draft.roll_back()
                raise Refused(map(self._placed, error.problems)) from error
            except BaseException:
                draft.roll_back()
                raise
            if label is None:
                more = len(labels) - 1
                label = f"{labels[0]} and {more} more" if more > 0 else "".join(labels)
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
        with self._lock:
            self._refuse_if_read_only()
            step = self._history.undo()
            if step is None:
                return None
            self._store.write(step.before)
            change = self._changed(step.after, step.before, f"Undo {step.label}")
        self._tell(change)
        return change

    def redo(self) -> Change | None:
        """Make the step that was taken back again; None when there is none."""
        with self._lock:
            self._refuse_if_read_only()
            step = self._history.redo()
            if step is None:
                return None
            self._store.write(step.after)
            change = self._changed(step.before, step.after, f"Redo {step.label}")
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

    # files

    @property
    def path(self) -> Path | None:
        """The file of this document, None before its first save."""
        return self._place.path

    @property
    def is_saved(self) -> bool:
        """Whether the file holds all that is drawn."""
        return self._place.saved_revision == self._revision

    @property
    def is_read_only(self) -> bool:
        """Whether a newer version wrote it."""
        return self._decoded.is_newer

    def encode(self) -> bytes:
        """Return the bytes of the file."""
        with self._lock:
            if self.is_read_only and self._place.original is not None:
                return self._place.original  # nothing we do not understand is lost
            return encode(self._store.graph, self._revision, self._decoded.extra)

    @classmethod
    def decode(cls, data: bytes, where: str = "This file") -> Document:
        """Read a document from bytes.

        Raises
        ------
        DamagedFileError, NewerFormatError
        """
        return cls._of(decode(data, where), Place(original=data))

    @classmethod
    def load(cls, path: str | Path) -> Document:
        """Read a document from a `*.loom.json` file.

        Raises
        ------
        FileError
            If there is no such file, or it cannot be read.
        DamagedFileError
            With what is wrong, and the backups that are there.
        """
        place, decoded = Place.of_file(Path(path))
        return cls._of(decoded, place)

    def save(self, path: str | Path | None = None, *, overwrite: bool = False) -> Path:
        """Write the document to its file, or to another one that becomes its file.

        Raises
        ------
        ConflictError
            If the file holds something that was not read here. Nothing is written.
        FileError
            If the system refused. The old file is whole.
        """
        with self._lock:
            return self._place.save(
                self.encode(),
                self._revision,
                self.encode,
                path,
                overwrite=overwrite,
                is_read_only=self.is_read_only,
            )

    def start_journal(self, origin: str = "", replaces: Recovery | None = None) -> None:
        """Keep unsaved edits on disk from now on, for `recoveries`.

        Parameters
        ----------
        origin : str, default ""
            Where this is drawn, for a document that has no file.
        replaces : Recovery, optional
            What this document was recovered from; it goes once it is kept here.
        """
        with self._lock:
            journal = self._place.journal
            if journal is None and not self.is_read_only:
                journal = Journal(self.encode, self.path, origin)
                self._place.journal = journal
                if not self.is_saved and self._revision:
                    journal.touch()
        if replaces is not None and journal is not None:
            journal.touch()
            journal.flush()
            replaces.discard()

    def close(self) -> None:
        """Give up what is not saved: its journal goes."""
        with self._lock:
            self._place.forget()

    @classmethod
    def recover(cls, recovery: Recovery) -> Document:
        """Return the document with edits that a program which died had not saved.

        It belongs to the same file and is not saved yet; the file is read for what
        it holds now, so that saving may replace it.
        """
        place = Place(recovery.path)
        if recovery.path is not None and recovery.path.exists():
            place.known = {_files.digest(_files.read(recovery.path))}
        return cls._of(decode(recovery.data, "The recovered document"), place)

    @staticmethod
    def recoveries(path: str | Path | None = None) -> list[Recovery]:
        """Return edits of a file that were never saved, the newest first."""
        return recoveries(Path(path).resolve() if path is not None else None)

    # plain Python

    def __eq__(self, other: object) -> bool:
        """Whether both draw the same: history, file and revision do not count."""
        if not isinstance(other, Document):
            return NotImplemented
        return self.to_doc() == other.to_doc()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<Document {self.name!r}: {self.n_nodes} nodes, {self.n_edges} edges>"
