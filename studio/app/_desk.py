"""The kernel half of an editor: messages in, edits made, patches out.

Messages arrive on a thread of the comm, which only enqueues; everything here that is
not marked otherwise happens on the thread of the worker.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import widgets
from widgets import BrowserMessage, Editor

from .. import examples
from .._errors import Refused
from ..document import Change, Document
from ..document._problem import problem
from ..live import _commands as commands
from ..live._controller import failure
from ..live._network import Builder
from ..live._simulated import prepare
from ._code import Writer
from ._folder import Folder
from ._opening import Opened
from ._pending import Pending
from ._running import Running
from ._worker import Worker

GESTURE = 0.05
"""Seconds between patches while a slider is dragged, or a script edits."""
SETTLED = 0.2
"""Seconds without an edit after which a dragged slider rests."""
SYNC = 1.0
"""Seconds without an edit after which the saved notebook gets the drawing."""

_BY_HAND = (widgets.Edit, widgets.Undo, widgets.Redo, widgets.Silence)
_log = logging.getLogger(__name__)


class Desk:
    """One document on one editor.

    Parameters
    ----------
    start : Opened
        What is drawn, and where it comes from.
    editor : Editor
        The widget.
    build : Builder
        Makes networks that run.
    folder : Path
        Where the browser may read and write.
    """

    def __init__(self, start: Opened, editor: Editor, build: Builder, folder: Path):
        self.editor = editor
        self.worker = Worker("neuroloom-editor")
        self.running = Running(editor, build, self._later_status)
        self.folder = Folder(folder, lambda: self.document, self.open)
        self._pending = Pending()  # for the views
        self._due = Pending()  # for the run
        self._writer = Writer(self._written)
        self._is_code_old = True
        self._told = 0.0
        self._kinds = _declared()
        self._problems: list[dict[str, Any]] = []
        self._cancels: list[Callable[[], None]] = []
        self._handlers: Mapping[type[BrowserMessage], Callable[[Any], None]] = {
            widgets.Hello: self._hello,
            widgets.Bye: lambda message: self.running.closed(message.view),
            widgets.Missed: lambda _: self.running.retell(),
            widgets.Edit: self._edit,
            widgets.Undo: lambda message: self._turn(message, Document.undo),
            widgets.Redo: lambda message: self._turn(message, Document.redo),
            widgets.Run: self._run,
            widgets.View: self.running.show,
            widgets.File: self._file,
            widgets.Silence: self._silence,
        }
        self._origin = start.origin
        self._settle(start)
        editor.on_message(self._receive)
        self._cancels.append(_on_kinds(lambda: self.worker.post(self._new_kinds)))

    # on any thread

    def _receive(self, message: BrowserMessage) -> None:
        self.worker.post(lambda: self._take(message))

    def _listen(self, document: Document) -> Callable[[], None]:
        def changed(change: Change) -> None:
            if self.worker.is_here:
                self._follow(change)
            else:
                self.worker.post(lambda: self._follow_outside(document, change))

        return document.on_change(changed)

    def _later_status(self, delay: float, work: Callable[[], object]) -> None:
        self.worker.post(lambda: self.worker.later("status", delay, work))

    def close(self) -> None:
        """Stop the run and the threads; the widget is closed by its owner."""
        for cancel in self._cancels:
            cancel()
        self.editor.on_message(self._receive, remove=True)
        self.worker.post(self._sync)
        self.worker.close()
        self._writer.close()
        self.running.controller.close()
        self._stop_following()

    # the document

    def _settle(self, start: Opened) -> None:
        document = self.document = start.document
        self._notice = start.notice
        self._stop_following = self._listen(document)
        try:
            document.start_journal(self._origin, start.replaces)
        except OSError as error:
            _log.warning("Unsaved edits are not kept for a crash: %s", error)
        self.running.open(document)

    def open(self, start: Opened) -> None:
        """Show another document in all views."""
        self._flush()
        left = self.document
        self._stop_following()
        if left is not start.document and not left.is_watched:
            left.close()  # left on purpose: it does not come back by itself
        self._settle(start)
        self._is_code_old = True
        self._snapshot()
        self._sync()

    def command(self, command: commands.Command) -> None:
        """Ask the run for something, after the edits that were made before."""
        self._flush()
        self.running.controller.post(command)

    def tell_file(self) -> None:
        """Tell the views where the document is, after Python saved it."""
        self._flush()
        self._patch()

    def _follow(self, change: Change) -> None:
        self._pending.add(change)
        self._due.add(change)
        if change.invalidates != "layout" or change.meta_changed:
            self._is_code_old = True
        elif any("label" in record for record in change.upserted_nodes):
            self._is_code_old = True  # names are in the script
        self.worker.later("sync", SYNC, self._sync, latest=5 * SYNC)

    def _follow_outside(self, document: Document, change: Change) -> None:
        """Follow an edit that Python made: many of them are one patch."""
        if document is not self.document:
            return  # another one was opened meanwhile
        self._follow(change)
        self._flush_soon()

    # messages

    def _take(self, message: BrowserMessage) -> None:
        """Handle a message; whatever goes wrong is answered."""
        try:
            if isinstance(message, _BY_HAND):
                self.document.mark_by_hand()
            self._handlers[type(message)](message)
        except Refused as error:
            self._refuse(message, [found.to_dict() for found in error.problems])
        except Exception as error:
            _log.exception("A message of the browser could not be handled")
            self._refuse(message, [failure(f"This did not work: {error}")])

    def _refuse(self, message: BrowserMessage, problems: list[dict[str, Any]]) -> None:
        self._flush()
        intent = getattr(message, "intent", None)
        if intent is not None:
            self.editor.post(widgets.Refused(intent=intent, problems=problems))

    def _hello(self, message: widgets.Hello) -> None:
        if message.protocol != widgets.PROTOCOL_VERSION:
            _log.warning(
                "A view speaks protocol %s, this kernel %s: reload the page.",
                message.protocol,
                widgets.PROTOCOL_VERSION,
            )
        self._flush()
        self._snapshot()
        self.running.retell()
        prepare()

    def _edit(self, message: widgets.Edit) -> None:
        gesture = None
        if message.gesture is not None:
            gesture = (message.view, message.gesture)
        if self._pending.gesture != gesture:
            self._flush()
        is_done = gesture is None or bool(message.done)
        self.document.apply(
            message.ops, label=message.label, gesture=gesture, is_done=is_done
        )
        self._pending.intent = message.intent
        self._pending.gesture = gesture
        if is_done:
            self._flush()
            return
        if not self.worker.has_more:  # the newest value is the one that counts
            self._drive()
        self._flush_soon()

    def _turn(
        self,
        message: widgets.Undo | widgets.Redo,
        turn: Callable[[Document], Change | None],
    ) -> None:
        self._flush()
        turn(self.document)
        self._pending.intent = message.intent
        self._flush()

    def _run(self, message: widgets.Run) -> None:
        self._flush()
        self.running.command(message)

    def _file(self, message: widgets.File) -> None:
        self._flush()
        try:
            answer = self.folder.do(message)
        except Exception as error:
            _log.exception("A file command could not be done")
            answer = widgets.FileDone(
                intent=message.intent,
                command=message.command,
                path=message.path,
                problems=[failure(f"This did not work: {error}")],
            )
        self.editor.post(answer)
        if message.command == "save":
            self._patch()

    def _silence(self, message: widgets.Silence) -> None:
        self._flush()
        key = message.element
        holder = self.document.settings if key is None else self.document.element(key)
        codes = list(dict.fromkeys([*holder.get("silenced", ()), message.code]))
        field = "silenced" if key is not None else "graph.silenced"
        edit = {"op": "set", "element": key, "field": field, "value": codes}
        label = f"Silence a warning of {self.document.name_of(key)}"
        self.document.apply([edit], label=label)
        self._pending.intent = message.intent
        self._flush()

    # to the browser

    def _drive(self) -> None:
        """Let the run follow, at once while a slider moves."""
        due, self._due = self._due, Pending()
        self.running.take(due, self.document)

    def _flush_soon(self) -> None:
        wait = max(0.0, self._told + GESTURE - time.monotonic())
        self.worker.later("patch", wait, self._flush, latest=wait)

    def _flush(self) -> None:
        """Let run and views follow what is pending."""
        self.worker.forget("patch")
        self._drive()
        if not self._pending.is_empty:
            self._patch()

    def _patch(self) -> None:
        pending, self._pending = self._pending, Pending()
        self._told = time.monotonic()
        self.editor.post(
            widgets.Patch(
                **pending.to_fields(self.document),
                problems=self._check(),
                history=self._history(),
                file=self._file_state(),
            )
        )
        if self._is_code_old:
            # after the patch, and not while a slider moves: it takes longest
            is_single = pending.intent is not None and pending.gesture is None
            wait = GESTURE if is_single else SETTLED
            self.worker.later("code", wait, self._write_code)

    def _write_code(self) -> None:
        self._is_code_old = False
        self._writer.ask(self.document)

    def _written(
        self, document: Document, code: dict[str, Any], size: dict[str, Any]
    ) -> None:
        self.worker.post(lambda: self._tell_code(document, code, size))

    def _tell_code(
        self, document: Document, code: dict[str, Any], size: dict[str, Any]
    ) -> None:
        """Tell the script and the size, which the last patch left out."""
        if document is not self.document:
            return
        self.editor.post(
            widgets.Patch(
                **Pending().to_fields(self.document),
                problems=self._problems,
                history=self._history(),
                code=code,
                estimate=size,
            )
        )

    def _snapshot(self) -> None:
        self.editor.post(
            widgets.Snapshot(
                document=self.document.to_doc(),
                catalogue=self.editor.catalogue,
                problems=self._check(),
                code=self._writer.code(self.document),
                estimate=self.document.estimate().to_dict(),
                history=self._history(),
                run=self.running.status.to_dict(),
                revision=self.document.revision,
                file=self._file_state(),
                examples=[example.to_dict() for example in examples.EXAMPLES],
            )
        )
        if self._is_code_old:
            self._write_code()

    def _sync(self) -> None:
        """Put the drawing where a saved notebook keeps it."""
        self.worker.forget("sync")
        self.editor.document = self.document.to_doc()

    def _new_kinds(self) -> None:
        """Follow a cell that registered a kind; several at once are one message."""
        self.worker.later("kinds", 0.05, self._tell_kinds)

    def _tell_kinds(self) -> None:
        from engine.kinds import catalogue

        known: dict[str, Any] = catalogue()
        self.editor.catalogue = known
        self.editor.post(widgets.Catalogue(catalogue=known))
        before, self._kinds = self._kinds, _declared()
        keys = before.keys() | self._kinds.keys()
        changed = {key for key in keys if before.get(key) is not self._kinds.get(key)}
        if changed & _used(self.document):  # what is drawn means something else now
            self._is_code_old = True
            self.running.open(self.document)
            self._patch()

    # parts of messages

    def _check(self) -> list[dict[str, Any]]:
        problems = self.document.problems()
        if self._notice is not None and not self.document.is_saved:
            problems.append(problem("reopened", self._notice, severity="note"))
        self.running.note_errors(sum(p.severity == "error" for p in problems))
        self._problems = [found.to_dict() for found in problems]
        return self._problems

    def _history(self) -> dict[str, Any]:
        return {"undo": self.document.undo_label, "redo": self.document.redo_label}

    def _file_state(self) -> dict[str, Any]:
        path = self.folder.name(self.document.path)
        return {"path": path, "saved": self.document.is_saved}


def _on_kinds(callback: Callable[[], object]) -> Callable[[], None]:
    from engine.kinds import subscribe

    return subscribe(callback)


def _declared() -> dict[tuple[str, str], object]:
    """Return the declarations of all kinds there are, by family and key."""
    from engine import kinds

    families = ("node", "edge", "rule", "synapse", "output")
    return {(f, kind.key): kind for f in families for kind in kinds.all_kinds(f)}


def _used(document: Document) -> set[tuple[str, str]]:
    """Return family and key of the kinds that are drawn."""
    from ..document import _kinds

    doc = document.to_doc()
    keys = {("node", node["kind"]) for node in doc["nodes"]}
    for edge in doc["edges"]:
        keys.add(("edge", edge["kind"]))
        keys |= {(f, edge[p]["kind"]) for p, f in _kinds.PARTS.items() if p in edge}
    return keys
