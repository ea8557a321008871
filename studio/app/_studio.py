"""The editor as a person opens it: `from studio import Studio; Studio()`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from widgets import Editor

from .._errors import StudioError
from .._network import Network
from .._values import seconds as in_seconds
from ..document import Document
from ..live import EngineBuilder, _commands as commands
from . import _cell
from ._desk import Desk
from ._opening import opened_again

if TYPE_CHECKING:
    from engine.run import Result


class Studio:
    """An editor for networks of spiking neurons, in the output of a cell.

    Parameters
    ----------
    source : Document, Network, networkx.MultiDiGraph, str or Path, optional
        What to open: a drawing, the path of a `*.loom.json` file, or the key of an
        example such as "first". Default: an empty drawing.

    Notes
    -----
    Nothing is compiled and nothing runs by displaying it; the first Run does. A cell
    that runs again goes on with edits that were not saved, also after the kernel
    died.

    Attributes
    ----------
    source
        As given.
    origin : str
        Names the place where it is shown, the same after a restart of the kernel.

    Examples
    --------
    >>> studio = Studio("first")
    >>> studio
    >>> studio.network.set("E", tau=25 * u.ms)  # the drawing follows
    >>> studio.run("1 s")
    """

    def __init__(self, source: Any = None):
        from engine.kinds import catalogue

        cell = _cell.current()
        number, earlier = (0, None) if cell is None else _cell.place(cell)
        origin = None if cell is None else f"{cell.origin}#{number}"
        start = opened_again(source, origin, earlier)
        if earlier is not None:
            earlier.close()  # its output is gone, and with it the way to stop its run
        self.source = source
        self.origin = start.origin
        self._is_closed = False
        document = start.document.to_doc()
        self._editor = Editor(document=document, catalogue=catalogue())
        self._desk = Desk(start, self._editor, EngineBuilder(), Path.cwd())
        if cell is not None:
            _cell.enter(cell, self)

    # what it shows

    @property
    def document(self) -> Document:
        """The document on the desk; another one after Open in the browser."""
        return self._desk.document

    @property
    def network(self) -> Network:
        """The same document as a network of Python: add, connect, set, probe."""
        return Network.of(self.document)

    @property
    def editor(self) -> Editor:
        """The widget."""
        return self._editor

    @property
    def state(self) -> str:
        """Where the run stands: "ready", "building", "running", "paused", ..."""
        return self._desk.running.status.state

    # the run

    def run(self, duration: Any = None) -> Studio:
        """Run on, without an end or for a duration; returns at once.

        Parameters
        ----------
        duration : Quantity or str, optional
            Such as `1 * u.second` or "500 ms".
        """
        length = None if duration is None else in_seconds(duration)
        return self._post(commands.Start(length))

    def pause(self) -> Studio:
        """Stop after the chunk under way; everything is kept."""
        return self._post(commands.Pause())

    def step(self, n_steps: int = 1) -> Studio:
        """Run some steps and pause."""
        return self._post(commands.Advance(n_steps))

    def reset(self) -> Studio:
        """Go back to t = 0; parameters are kept."""
        return self._post(commands.Reset())

    def speed(self, limit: float | None) -> Studio:
        """Limit simulated seconds a second of wall time; None for no limit."""
        if limit is not None and not limit > 0:
            raise StudioError(f"Studio.speed: got {limit!r}; give a number above 0.")
        return self._post(commands.Speed(limit))

    def record(self, on: bool = True) -> Studio:
        """Keep all spikes and traces from now on, for `results`; or stop that."""
        return self._post(commands.Record(on))

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the run pauses or fails; tell whether it did in time.

        An interrupt (the stop button of JupyterLab) pauses the run.
        """
        try:
            self._desk.worker.wait()
            return self._desk.running.wait(timeout)
        except KeyboardInterrupt:
            self.pause()
            raise

    def results(self) -> Result:
        """Return what was recorded since `record`, as `Network.run` returns it.

        Raises
        ------
        StudioError
            If nothing was recorded.
        """
        from ..live._recording import result_of

        controller = self._desk.running.controller
        return result_of(controller.recording(), controller.network)

    # the drawing

    def undo(self) -> Studio:
        """Take the last edit back."""
        self.document.undo()
        return self

    def redo(self) -> Studio:
        """Make the edit that was taken back again."""
        self.document.redo()
        return self

    def to_python(self) -> str:
        """Return a script that builds and runs the network."""
        return self.network.to_python()

    def save(self, path: str | Path | None = None, *, overwrite: bool = False) -> Path:
        """Write the document; see `Document.save`."""
        saved = self.document.save(path, overwrite=overwrite)
        self._desk.worker.post(self._desk.tell_file)
        return saved

    def open(self, source: Any) -> Studio:
        """Show something else; as the argument of `Studio`."""
        start = opened_again(source)
        self._desk.worker.post(lambda: self._desk.open(start))
        self._desk.worker.wait()
        return self

    def close(self) -> None:
        """Stop the run, and take the editor from the page."""
        if not self._is_closed:
            self._is_closed = True
            self._desk.close()
            self._editor.close()

    def _post(self, command: commands.Command) -> Studio:
        if self._is_closed:
            raise StudioError("This editor was closed. Make another: Studio(document).")
        self._desk.worker.post(lambda: self._desk.command(command))
        return self

    # plain Python

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict, dict] | None:
        found = self._editor._repr_mimebundle_(**options)
        if found is None:
            return None
        data, metadata = found if isinstance(found, tuple) else (found, {})
        return {**data, "text/plain": repr(self)}, metadata

    def __repr__(self) -> str:
        document = self.document
        nodes, edges = (
            _count(document.n_nodes, "node"),
            _count(document.n_edges, "edge"),
        )
        state = "closed" if self._is_closed else self.state
        return f"<Studio {document.name!r}: {nodes}, {edges}, {state}>"


def _count(n: int, word: str) -> str:
    return f"{n} {word}{'' if n == 1 else 's'}"
