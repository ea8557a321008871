"""The live run of an editor: commands of the browser in, run states and frames out."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from widgets import Editor, Frame, Run, RunState, View, pack

from ..document import Document
from ..live import Arrays, RunController, Status, _commands as commands
from ..live._network import Builder
from ._pending import Pending

INTERVAL = 0.1
"""Seconds between run states that only tell the time or a value."""
MAX_SPEED = 1e4
MAX_SECONDS = 1e6
MAX_ROWS = 5000
WINDOWS = (0.01, 60.0)


class Running:
    """Joins one `RunController` and the editor that shows it.

    Parameters
    ----------
    editor : Editor
        Where states and frames are sent.
    build : Builder
        Makes a network of a drawing.
    later : callable
        Does a piece of work after some seconds, on the thread of the editor.
    """

    def __init__(
        self,
        editor: Editor,
        build: Builder,
        later: Callable[[float, Callable[[], object]], None],
    ):
        self._editor = editor
        self._later = later
        self.controller = RunController(
            build, self._on_status, self._send_frame, editor.frame_ready
        )
        self._shows: dict[str, tuple[int | None, float]] = {}
        self._n_errors = 0
        self._changed = threading.Condition()
        self._told = -math.inf
        self._layout: dict[str, Any] = {}  # of the last frame that was sent
        self._n_layouts = 0
        self._last: Status | None = None

    @property
    def status(self) -> Status:
        """Where the run stands; a drawing with errors is a draft."""
        status = self.controller.status
        if self._n_errors and status.state in ("ready", "changed"):
            return replace(status, state="draft")
        return status

    def wait(self, timeout: float | None) -> bool:
        """Wait until nothing is built and nothing runs; tell whether that is so."""
        mark = threading.Event()
        self.controller.post(commands.Mark(mark))
        end = None if timeout is None else time.monotonic() + timeout
        if not mark.wait(timeout):
            return False
        with self._changed:
            return self._changed.wait_for(
                lambda: self.controller.status.state not in ("building", "running"),
                None if end is None else max(0.0, end - time.monotonic()),
            )

    # from the document

    def open(self, document: Document) -> None:
        """Take another drawing; it runs when somebody asks."""
        self.controller.post(commands.Structure(document.graph, document.revision))

    def take(self, pending: Pending, document: Document) -> None:
        """Let the running network follow what changed."""
        if pending.invalidates == "structure":
            self.open(document)
        elif pending.invalidates == "parameter":
            self.controller.post(
                commands.Parameters(
                    pending.values, document.graph, document.revision, pending.label
                )
            )

    def note_errors(self, n_errors: int) -> None:
        """Note how many errors the drawing has."""
        before = self.status.state
        self._n_errors = n_errors
        if self.status.state != before:
            self._post(self.status)

    # from the browser

    def command(self, message: Run) -> None:
        """Do what the run bar asks for."""
        try:
            wanted = _command(message)
        except ValueError as error:
            self._post(replace(self.status, text=str(error)))
            return
        self.controller.post(wanted)

    def show(self, message: View) -> None:
        """Draw as many neurons, and as long, as the most demanding view wants."""
        rows = message.rows
        if rows is not None:
            rows = max(1, min(rows, MAX_ROWS))
        window = message.window if math.isfinite(message.window) else 1.0
        self._shows[message.view] = (rows, max(WINDOWS[0], min(window, WINDOWS[1])))
        self._show()

    def retell(self) -> None:
        """Tell a view that opened, or missed it, where the run stands and what is drawn."""
        self.controller.post(commands.Retell())

    def closed(self, view: str) -> None:
        """Forget what a view wanted to see."""
        if self._shows.pop(view, None) is not None and self._shows:
            self._show()

    def _show(self) -> None:
        numbers = [rows for rows, _ in self._shows.values() if rows is not None]
        window = max(window for _, window in self._shows.values())
        self.controller.post(commands.Show(max(numbers, default=None), window))

    # to the browser, on the thread of the run

    def _on_status(self, status: Status) -> None:
        with self._changed:
            last, self._last = self._last, status
            self._changed.notify_all()
        is_tick = last is not None and _news(last) == _news(status)
        if not is_tick:
            self._post(self.status)
        elif self._editor.n_listening:  # nobody looks: the clock is not worth a message
            wait = self._told + INTERVAL - time.monotonic()
            if wait <= 0:
                self._post(self.status)
            else:
                self._later(wait, lambda: self._post(self.status))

    def _post(self, status: Status) -> None:
        self._told = time.monotonic()
        self._editor.post(RunState(**status.to_dict()))

    def _send_frame(self, header: dict[str, Any], arrays: Arrays) -> bool:
        metas, sizes, buffer = pack(arrays)
        frame, told = dict(header), None
        changed = frame.pop("layout")
        if changed is not None or metas != self._layout["arrays"]:
            told = {**(changed or self._layout), "arrays": metas}
        number = self._n_layouts + (told is not None)
        is_sent = self._editor.post(
            Frame(sizes=sizes, layout=number, told=told, **frame), [buffer]
        )
        if is_sent and told is not None:
            self._layout, self._n_layouts = told, number
        return is_sent


def _news(status: Status) -> tuple[Any, ...]:
    """Return what of a status must be told at once."""
    progress = None if status.progress is None else status.progress.step
    told = (status.state, progress, status.text, status.speed, status.recording)
    return (*told, None if status.problem is None else status.problem.get("text"))


def _command(message: Run) -> commands.Command:
    value = message.value
    match message.command:
        case "run":
            return commands.Start()
        case "pause":
            return commands.Pause()
        case "step":
            return commands.Advance(1)
        case "step-ms":
            return commands.Start(0.001)
        case "run-for":
            return commands.Start(number(value, "run-for", MAX_SECONDS))
        case "reset":
            return commands.Reset()
        case "speed":
            limit = None if value is None else number(value, "speed", MAX_SPEED)
            return commands.Speed(limit)
        case "cancel":
            return commands.Cancel()
        case "record":
            return commands.Record(bool(value))
    raise ValueError(f"There is no command {message.command!r}.")


def number(value: object, what: str, most: float) -> float:
    """Return a positive number, or say what is needed."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 < value <= most:  # type: ignore[operator]
        raise ValueError(f"{what} needs a number above 0 and at most {most:g}.")
    return float(value)  # type: ignore[arg-type]
