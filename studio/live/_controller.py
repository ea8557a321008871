"""The owner of a running network: one thread, commands by queue, work in chunks."""

from __future__ import annotations

import logging
import queue
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import networkx as nx

from . import _commands as commands
from ._network import Builder, BuildError, LiveNetwork, NeedsBuildingError
from ._pace import Pace
from ._status import BUILD_STEPS, Progress, Status
from ._stream import Arrays, Chunk, FrameBuilder, Take

_log = logging.getLogger(__name__)

STATUS_INTERVAL = 0.25
"""Seconds between statuses that only tell the time."""


@dataclass(frozen=True)
class _Building:
    """A step of the building that is under way began."""

    token: int
    step: int


@dataclass(frozen=True)
class _Built:
    """The building ended."""

    token: int
    network: LiveNetwork | None
    problem: dict[str, Any] | None
    revision: int


class RunController:
    """Builds, runs and changes one network on a thread of its own.

    Every method returns at once; what it asks for happens between two chunks.

    Parameters
    ----------
    build : callable
        Makes a network of a drawing.
    on_status : callable
        Called with each new `Status`, on the thread of the run.
    send_frame : callable
        Called with each frame; says whether a view took it.
    can_send : callable, optional
        Says whether a frame would be taken now: none is made in vain.
    """

    def __init__(
        self,
        build: Builder,
        on_status: Callable[[Status], None],
        send_frame: Take,
        can_send: Callable[[], bool] = lambda: True,
    ):
        self._build = build
        self._on_status = on_status
        self._send_frame = send_frame
        self._can_send = can_send
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._status = Status("empty")
        self._network: LiveNetwork | None = None
        self._graph: nx.MultiDiGraph | None = None
        self._revision = 0
        self._run = 0
        self._token = 0
        self._late: dict[tuple[str, str], Any] = {}
        self._wanted: commands.Start | commands.Advance | None = None
        self._left: int | None = None
        self._pace: Pace | None = None
        self._frames: FrameBuilder | None = None
        self._show: tuple[int | None, float] = (None, 1.0)
        self._recorded: list[Chunk] = []
        self._told = 0.0

    # From any thread

    @property
    def status(self) -> Status:
        """Where the run stands."""
        return self._status

    def post(self, command: commands.Command) -> None:
        """Ask for something; it is done between two chunks."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._work, name="neuroloom-run", daemon=True
                )
                self._thread.start()
        self._queue.put(command)

    def close(self, timeout: float = 5.0) -> None:
        """End the thread, and wait for it."""
        with self._lock:
            thread = self._thread
        if thread is not None and thread.is_alive():
            self._queue.put(commands.Close())
            thread.join(timeout)

    @property
    def network(self) -> LiveNetwork | None:
        """The network that runs, None before it is built."""
        return self._network

    def recording(self) -> list[Chunk]:
        """Return the chunks kept so far."""
        return list(self._recorded)

    # On the thread of the run

    def _work(self) -> None:
        while True:
            is_running = self._status.state == "running"
            try:
                command = self._queue.get(block=not is_running)
            except queue.Empty:
                command = None
            if isinstance(command, commands.Close):
                return
            try:
                if command is None:
                    self._chunk()
                else:
                    self._do(command)
            except Exception as error:
                # shown to the person; the thread has to live for what comes next
                _log.exception("The run stopped at %r", command)
                problem = failure(f"The run stopped: {error}")
                self._left = None
                self._tell(state="failed", problem=problem, text=problem["text"])

    def _do(self, command: Any) -> None:
        match command:
            case commands.Start(seconds=seconds):
                self._begin(command, seconds)
            case commands.Advance():
                self._begin(command, None)
            case commands.Pause():
                self._wanted = None  # what is being built does not start
                if self._status.state == "running":
                    self._pause()
            case commands.Reset():
                self._reset()
            case commands.Speed(limit=limit):
                if self._pace is not None:
                    self._pace.speed = limit
                    self._pace.restart()
                self._tell(speed=limit)
            case commands.Record(on=on):
                if on:
                    self._recorded.clear()
                self._tell(recording=on)
            case commands.Cancel():
                self._cancel()
            case commands.Structure(graph=graph, revision=revision):
                self._structure(graph, revision)
            case commands.Parameters():
                self._set(command)
            case commands.Show(n_rows=n_rows, window=window):
                self._show = (n_rows, window)
                if self._frames is not None:
                    self._frames.window = window
                    self._frames.show(n_rows)
            case commands.Retell():
                if self._frames is not None:
                    self._frames.resend()
                self._tell()
            case commands.Mark(reached=reached):
                reached.set()
            case _Building(token=token, step=step):
                if token == self._token:
                    self._building(step)
            case _Built():
                self._built(command)

    def _tell(self, **changes: Any) -> None:
        self._status = replace(self._status, **changes)
        self._told = time.monotonic()
        self._on_status(self._status)

    # Building

    def _structure(self, graph: nx.MultiDiGraph, revision: int) -> None:
        self._graph, self._revision = graph, revision
        self._token += 1  # what is being built is not wanted any more
        self._wanted = None
        self._late.clear()
        if graph.number_of_nodes() == 0:
            state = "empty"
        elif self._network is None:
            state = "ready"
        else:
            state = "changed"
        self._network = None
        self._tell(state=state, progress=None, problem=None, text=None, factor=None)

    def _begin(
        self, command: commands.Start | commands.Advance, seconds: float | None
    ) -> None:
        if self._network is None:
            self._wanted = command
            if self._status.state != "building":
                self._start_building()
            return
        if self._status.state == "failed":
            return
        if isinstance(command, commands.Advance):
            self._left = command.n_steps
        elif seconds is not None:
            self._left = max(1, round(seconds / self._network.dt))
        else:
            self._left = None
        if self._pace is not None:
            self._pace.restart()
        self._tell(state="running", progress=None, problem=None, text=None)

    def _start_building(self) -> None:
        if self._graph is None or self._graph.number_of_nodes() == 0:
            self._wanted = None
            self._tell(state="empty", text="Nothing to run yet")
            return
        self._token += 1
        threading.Thread(
            target=self._build_in_background,
            args=(self._graph, self._revision, self._token),
            name="neuroloom-build",
            daemon=True,
        ).start()
        self._building(1)

    def _build_in_background(
        self, graph: nx.MultiDiGraph, revision: int, token: int
    ) -> None:
        def report(step: int) -> None:
            self._queue.put(_Building(token, step))

        network, problem = None, None
        try:
            network = self._build(graph, report)
        except BuildError as error:
            problem = error.problem
        except Exception as error:
            # a failure inside of the engine reaches the person with its cause
            _log.exception("The network could not be built")
            problem = failure(f"The network could not be built: {error}")
        self._queue.put(_Built(token, network, problem, revision))

    def _building(self, step: int) -> None:
        progress = Progress(
            step, BUILD_STEPS[step - 1], fraction=(step - 1) / len(BUILD_STEPS)
        )
        self._tell(state="building", progress=progress, problem=None, text=None)

    def _built(self, built: _Built) -> None:
        if built.token != self._token:
            return  # cancelled, or the drawing changed meanwhile
        if built.network is None:
            self._wanted = None
            text = None if built.problem is None else built.problem["text"]
            self._tell(state="failed", progress=None, problem=built.problem, text=text)
            return
        network = self._network = built.network
        self._run += 1
        self._pace = Pace(network.dt, network.capacity, self._status.speed)
        self._frames = FrameBuilder(
            network.dt,
            network.sizes,
            network.traces,
            window=self._show[1],
            n_rows=self._show[0],
        )
        self._recorded.clear()
        late, self._late = self._late, {}
        self._tell(state="ready", t=0.0, step=0, progress=None, applied=None)
        if late and not self._write(late):
            return
        if self._wanted is not None:
            wanted, self._wanted = self._wanted, None
            self._do(wanted)

    def _cancel(self) -> None:
        if self._status.state == "building":
            self._token += 1
            self._wanted = None
            self._tell(state="ready", progress=None, text="Building was cancelled")

    # Running

    def _chunk(self) -> None:
        network, pace, frames = self._network, self._pace, self._frames
        if network is None or pace is None or frames is None:
            return
        wait = pace.wait(network.step)
        if wait > 0:
            if frames.has_news:
                self._send(frames)
            # short naps: a command is answered at once
            time.sleep(min(wait, 0.005))
            if wait > 0.005:
                return
        n_steps = pace.chunk(self._left)
        start = time.perf_counter()
        chunk = network.advance(n_steps)
        pace.note(n_steps, time.perf_counter() - start, network.step)
        frames.add(chunk)
        if self._status.recording:
            self._recorded.append(chunk)
        problem = network.blow_up(chunk)
        if problem is not None:
            self._flush()
            self._tell(
                state="failed",
                t=network.step * network.dt,
                step=network.step,
                problem=problem,
                text=problem["text"],
            )
            return
        self._send(frames)
        if self._left is not None:
            self._left -= n_steps
            if self._left <= 0:
                self._left = None
                self._pause()
                return
        if time.monotonic() - self._told >= STATUS_INTERVAL:
            self._tell(**self._clock())

    def _clock(self) -> dict[str, Any]:
        network, pace, frames = self._network, self._pace, self._frames
        if network is None or pace is None or frames is None:
            return {}
        return {
            "t": network.step * network.dt,
            "step": network.step,
            "factor": pace.factor,
            "left_out": frames.left_out,
        }

    def _send(self, frames: FrameBuilder) -> None:
        """Offer what is new; it stays, and is folded, until a view takes it."""
        if self._can_send():
            frames.offer(self._offer)

    def _offer(self, header: dict[str, Any], arrays: Arrays) -> bool:
        head = {"run": self._run, "revision": self._revision, **header}
        return self._send_frame(head, arrays)

    def _flush(self) -> None:
        """Show the last chunks of a run that stops, if a view takes them soon."""
        frames = self._frames
        deadline = time.monotonic() + 0.2
        while frames is not None and frames.has_news and time.monotonic() < deadline:
            self._send(frames)
            if frames.has_news:
                time.sleep(0.01)

    def _pause(self) -> None:
        self._flush()
        self._tell(state="paused", **self._clock())

    def _reset(self) -> None:
        if self._network is None:
            return
        self._network.reset()
        self._run += 1
        if self._frames is not None:
            self._frames.clear()
            self._frames.resend()
        self._recorded.clear()
        if self._pace is not None:
            self._pace.restart()
        state = "running" if self._status.state == "running" else "ready"
        self._tell(state=state, t=0.0, step=0, problem=None, text=None, applied=None)

    def _set(self, command: commands.Parameters) -> None:
        self._graph, self._revision = command.graph, command.revision
        if self._status.state == "building":
            self._late |= command.values  # what is being built has not seen them
        elif self._network is not None and self._write(command.values):
            at = self._network.step * self._network.dt
            self._tell(applied={"text": command.text, "t": at}, text=None)

    def _write(self, values: dict[tuple[str, str], Any]) -> bool:
        """Write values into the network and tell whether it took them."""
        if self._network is None or self._graph is None:
            return False
        try:
            self._network.set(values, self._graph)
        except NeedsBuildingError:
            wanted = self._wanted
            self._structure(self._graph, self._revision)
            if wanted is not None:
                self._do(wanted)
            return False
        except BuildError as error:
            self._tell(text=error.problem["text"])
            return False
        return True


def failure(text: str) -> dict[str, Any]:
    """Return the problem for the error that is being handled, with its traceback."""
    return {
        "code": "internal",
        "severity": "error",
        "element": None,
        "field": None,
        "text": text,
        "fixes": [],
        "detail": traceback.format_exc(),
    }
