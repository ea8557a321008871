"""The editor as a widget: a comm with a document trait, messages and back-pressure."""

from __future__ import annotations

import dataclasses
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ._credits import Credits
from ._errors import FrontEndMissingError, ProtocolError
from ._protocol import (
    Ack,
    Asset,
    BrowserMessage,
    Bye,
    Frame,
    Hello,
    KernelMessage,
    Need,
    Refused,
    parse,
    parse_kernel,
)

Buffers = Sequence[bytes | bytearray | memoryview]
Callback = Callable[[BrowserMessage], None]

_STATIC = Path(__file__).parent / "static"
_SCRIPT, _STYLE = _STATIC / "editor.js", _STATIC / "editor.css"
_ASSETS = {"plotly": _STATIC / "plotly-gl2d.min.js"}
_IS_BUILT = _SCRIPT.is_file() and _STYLE.is_file()

_MISSING = (
    "The editor's browser half is not built: {path} is missing. A checkout builds it "
    "with `npm ci && npm run build` in widgets/frontend, or with `pip install -e .`."
)

_log = logging.getLogger(__name__)


class Editor(anywidget.AnyWidget):
    """The drawing, the plots and the run bar, in the output of a cell.

    The widget knows no simulation: it validates what the browser sends, hands it to
    the callbacks, and sends what it is given. In JupyterLab messages arrive on a
    thread of their own, so callbacks must only put them into a queue.

    Parameters
    ----------
    document : dict, optional
        The drawing as plain JSON, shown when a notebook is opened without a kernel.
    catalogue : dict, optional
        The kinds that can be drawn, as plain JSON.

    Raises
    ------
    FrontEndMissingError
        If the files of the browser were not built.
    """

    if _IS_BUILT:  # anywidget reads the paths when the class is made
        _esm = _SCRIPT
        _css = _STYLE

    document = traitlets.Dict().tag(sync=True)
    catalogue = traitlets.Dict().tag(sync=True)
    theme_hint = traitlets.Unicode("").tag(sync=True)

    def __init__(self, **traits: Any):
        if not hasattr(type(self), "_esm"):
            raise FrontEndMissingError(_MISSING.format(path=_SCRIPT))
        self._credits = Credits()
        self._callbacks: list[Callback] = []
        self._seq = 0
        self._sending = threading.RLock()
        super().__init__(**traits)
        self.on_msg(self._receive)

    @property
    def n_views(self) -> int:
        """How many views are open."""
        return self._credits.n_views

    @property
    def n_listening(self) -> int:
        """How many open views answer: a hidden tab does not."""
        return self._credits.n_listening

    def on_message(self, callback: Callback, remove: bool = False) -> None:
        """Call `callback` with every valid message of the browser.

        Acknowledgements and requests for files are served here and not passed on.

        Parameters
        ----------
        callback : callable
            Takes a `BrowserMessage`; runs on the thread of the comm, so it must only
            enqueue.
        remove : bool, default False
            Take the callback away again.
        """
        if remove:
            self._callbacks.remove(callback)
        else:
            self._callbacks.append(callback)

    def post(
        self, message: KernelMessage | Mapping[str, Any], buffers: Buffers = ()
    ) -> bool:
        """Send a message to all open views; safe from any thread.

        Parameters
        ----------
        message : KernelMessage or mapping
            The message, or its JSON object, which is then checked.
        buffers : sequence of bytes, default ()
            Binary parts, in the order the message describes.

        Returns
        -------
        bool
            Whether it was sent. Nothing is sent while no view is open, and a frame
            only when every listening view has credit: otherwise fold it into the next.

        Raises
        ------
        ProtocolError
            If a mapping is not a message of the kernel.
        """
        if not isinstance(message, KernelMessage):
            message = parse_kernel(message)
        with self._sending:  # frames leave in the order of their numbers
            if isinstance(message, Frame):
                if not self._credits.take(self._seq + 1):
                    return False
                self._seq += 1
                message = dataclasses.replace(message, seq=self._seq)
            elif not self._credits.n_views:
                return False
            self.send(message.to_content(), list(buffers))
        return True

    def frame_ready(self) -> bool:
        """Return whether a frame posted now would be sent."""
        return self._credits.ready()

    def wait_frame_ready(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds until a frame would be sent; tell whether."""
        return self._credits.wait(timeout)

    def _receive(self, _widget: object, content: object, _buffers: object) -> None:
        try:
            message = parse(content)
        except ProtocolError as error:
            self._refuse(content, error)
            return
        match message:
            case Ack():
                self._credits.ack(message.view, message.seq)
                return
            case Need():
                self._serve(message.asset)
                return
            case Hello():
                self._credits.open(message.view)
            case Bye():
                self._credits.close(message.view)
            case _:
                self._credits.heard(getattr(message, "view", None))
        for callback in tuple(self._callbacks):
            callback(message)

    def _refuse(self, content: object, error: ProtocolError) -> None:
        """Log what is not a message, and answer it when it says who asks."""
        _log.warning("A browser message was not understood. %s", error)
        intent = content.get("intent") if isinstance(content, Mapping) else None
        if isinstance(intent, int) and not isinstance(intent, bool):
            problem = {
                "code": "protocol",
                "severity": "error",
                "element": None,
                "field": None,
                "text": f"The kernel did not understand this. {error}",
                "fixes": [],
            }
            self.post(Refused(intent=intent, problems=[problem]))

    def _serve(self, asset: str) -> None:
        path = _ASSETS[asset]
        if not path.is_file():
            raise FrontEndMissingError(_MISSING.format(path=path))
        self.post(Asset(name=asset), [path.read_bytes()])

    def __repr__(self) -> str:
        document: dict[str, Any] = self.document
        nodes, edges = document.get("nodes", ()), document.get("edges", ())
        name = document.get("name") or "untitled"
        return (
            f"Neuroloom editor {name!r}: {_count(nodes, 'node')}, "
            f"{_count(edges, 'edge')}. Open the notebook with a running kernel to edit."
        )


def _count(items: Sequence[object], word: str) -> str:
    return f"{len(items)} {word}{'' if len(items) == 1 else 's'}"
