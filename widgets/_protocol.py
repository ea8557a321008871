"""Every message between the kernel and the browser, both ways.

Messages are custom messages of the widget's comm: a JSON object with a `type`, and
binary buffers. `widgets/frontend/src/protocol.ts` says the same in TypeScript; a test
compares the two.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeVar

from ._errors import ProtocolError
from ._validate import Json, check, decode

PROTOCOL_VERSION = 2

Record = dict[str, Json]
"""A JSON object whose fields another part declares: a document, a problem, a kind."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """Base of all messages; `type` is the tag on the wire."""

    type: ClassVar[str]

    def to_content(self) -> dict[str, Any]:
        """Return the JSON object that goes over the comm."""
        return {"type": self.type, **_plain(self)}


class BrowserMessage(Message):
    """A message that the browser sends."""


class KernelMessage(Message):
    """A message that the kernel sends."""


_BROWSER: dict[str, type[BrowserMessage]] = {}
_KERNEL: dict[str, type[KernelMessage]] = {}

M = TypeVar("M", bound=type[Message])


def _message(tag: str) -> Callable[[M], M]:
    """Give a message class its tag and enter it in the table of its direction."""

    def register(cls: M) -> M:
        cls.type = tag
        table: dict[str, Any] = _BROWSER if issubclass(cls, BrowserMessage) else _KERNEL
        table[tag] = cls
        return cls

    return register


_OPTIONAL = {"optional": True}  # such a field is left out while it is None


def _plain(record: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for entry in dataclasses.fields(record):
        value = getattr(record, entry.name)
        if value is None and entry.metadata.get("optional"):
            continue
        plain[entry.name] = _plain(value) if isinstance(value, Message) else value
    return plain


# Browser -> kernel


@_message("hello")
@dataclass(frozen=True, kw_only=True)
class Hello(BrowserMessage):
    """A view opened and wants a snapshot."""

    view: str
    protocol: int


@_message("bye")
@dataclass(frozen=True, kw_only=True)
class Bye(BrowserMessage):
    """A view closed."""

    view: str


@_message("ack")
@dataclass(frozen=True, kw_only=True)
class Ack(BrowserMessage):
    """A view has drawn the frame `seq`: one more may come."""

    view: str
    seq: int


@_message("need")
@dataclass(frozen=True, kw_only=True)
class Need(BrowserMessage):
    """A view wants a file that is too large for the first script."""

    asset: Literal["plotly"]


@_message("missed")
@dataclass(frozen=True, kw_only=True)
class Missed(BrowserMessage):
    """A view got a frame in a layout that never reached it, and wants it told again."""

    view: str


@_message("edit")
@dataclass(frozen=True, kw_only=True)
class Edit(BrowserMessage):
    """Edits of the document; those of one gesture fold into one undo step."""

    intent: int
    view: str
    ops: list[Record]
    gesture: int | None = field(default=None, metadata=_OPTIONAL)
    done: bool | None = field(default=None, metadata=_OPTIONAL)
    label: str | None = field(default=None, metadata=_OPTIONAL)


@_message("undo")
@dataclass(frozen=True, kw_only=True)
class Undo(BrowserMessage):
    """Take the last step back."""

    intent: int


@_message("redo")
@dataclass(frozen=True, kw_only=True)
class Redo(BrowserMessage):
    """Do the step again that was taken back."""

    intent: int


RunCommand = Literal[
    "run",
    "pause",
    "step",
    "step-ms",
    "reset",
    "run-for",
    "speed",
    "cancel",
    "record",
]


@_message("run")
@dataclass(frozen=True, kw_only=True)
class Run(BrowserMessage):
    """A command to the live run; `value`: seconds, speed, or whether to record."""

    command: RunCommand
    value: float | bool | None = field(default=None, metadata=_OPTIONAL)


@_message("view")
@dataclass(frozen=True, kw_only=True)
class View(BrowserMessage):
    """What a view shows: how many neurons (None: the kernel chooses), window in s."""

    view: str
    rows: int | None
    window: float


FileCommand = Literal["save", "open", "export", "new", "example", "list"]


@_message("file")
@dataclass(frozen=True, kw_only=True)
class File(BrowserMessage):
    """A file command; `path` is relative to the folder the kernel allows."""

    command: FileCommand
    intent: int
    path: str | None = field(default=None, metadata=_OPTIONAL)


@_message("silence")
@dataclass(frozen=True, kw_only=True)
class Silence(BrowserMessage):
    """A warning is intended: do not show it again."""

    element: str | None
    code: str
    intent: int


# Kernel -> browser

RunStateName = Literal[
    "empty",
    "draft",
    "ready",
    "changed",
    "building",
    "running",
    "paused",
    "stopped",
    "failed",
]


@_message("run-state")
@dataclass(frozen=True, kw_only=True)
class RunState(KernelMessage):
    """Where the live run stands; times in seconds of simulated time."""

    state: RunStateName
    t: float
    step: int
    progress: Record | None = None
    speed: float | None = None
    factor: float | None = None
    text: str | None = None
    problem: Record | None = None
    applied: Record | None = None
    recording: bool = False
    left_out: int = 0


@_message("snapshot")
@dataclass(frozen=True, kw_only=True)
class Snapshot(KernelMessage):
    """Everything a view needs to begin."""

    document: Record
    catalogue: Record
    problems: list[Record]
    code: Record
    estimate: Record
    history: Record
    run: Json  # the body of a run-state message, or a RunState
    revision: int
    file: Record
    examples: list[Record]
    protocol: int = PROTOCOL_VERSION


@_message("patch")
@dataclass(frozen=True, kw_only=True)
class Patch(KernelMessage):
    """What an accepted edit changed; `intent` is None when the kernel began it."""

    intent: int | None
    revision: int
    nodes: list[Record]
    edges: list[Record]
    removed: list[str]
    problems: list[Record]
    history: Record
    invalidates: Literal["layout", "parameter", "structure"]
    meta: Record | None = field(default=None, metadata=_OPTIONAL)
    code: Record | None = field(default=None, metadata=_OPTIONAL)
    estimate: Record | None = field(default=None, metadata=_OPTIONAL)
    file: Record | None = field(default=None, metadata=_OPTIONAL)


@_message("refused")
@dataclass(frozen=True, kw_only=True)
class Refused(KernelMessage):
    """An edit that was not applied, and why."""

    intent: int
    problems: list[Record]


@_message("frame")
@dataclass(frozen=True, kw_only=True)
class Frame(KernelMessage):
    """One picture of the activity: one buffer holds all arrays, without gaps.

    `sizes` are how many numbers they are. `layout` is the number of what else is needed
    to read them, and `told` is that layout itself: `dt`, steps of a bin and between
    samples, rows of each population, names and types of the arrays. It is told when it
    changes, when a view opens, and when one has missed it. Only sent while every open
    view has credit. The editor numbers frames (`seq`).
    """

    run: int
    revision: int
    step0: int
    n_steps: int
    rates: dict[str, float]
    sizes: list[int]
    layout: int
    told: Record | None = field(default=None, metadata=_OPTIONAL)
    left_out: int = 0
    seq: int = 0


@_message("asset")
@dataclass(frozen=True, kw_only=True)
class Asset(KernelMessage):
    """A file that a view asked for; its bytes are the one buffer."""

    name: str


@_message("catalogue")
@dataclass(frozen=True, kw_only=True)
class Catalogue(KernelMessage):
    """The kinds changed: a cell registered a model."""

    catalogue: Record


@_message("file")
@dataclass(frozen=True, kw_only=True)
class FileDone(KernelMessage):
    """The answer to a file command."""

    intent: int
    command: FileCommand
    path: str | None
    text: str | None = field(default=None, metadata=_OPTIONAL)
    problems: list[Record] | None = field(default=None, metadata=_OPTIONAL)
    entries: list[Record] | None = field(default=None, metadata=_OPTIONAL)


def parse(content: object) -> BrowserMessage:
    """Read a message of the browser; nothing is converted, nothing is guessed.

    Parameters
    ----------
    content : object
        What arrived over the comm.

    Returns
    -------
    BrowserMessage
        The message, each field of its declared type.

    Raises
    ------
    ProtocolError
        If the content is not exactly one of the messages.
    """
    return _decode(content, _BROWSER)


def parse_kernel(content: object) -> KernelMessage:
    """Read a message of the kernel in the same strict way.

    Parameters
    ----------
    content : object
        A JSON object with the tag of a kernel message.

    Returns
    -------
    KernelMessage
        The message.

    Raises
    ------
    ProtocolError
        If the content is not exactly one of the messages.
    """
    return _decode(content, _KERNEL)


def _decode(content: object, table: Mapping[str, type[Any]]) -> Any:
    if not isinstance(content, Mapping):
        raise ProtocolError("A message needs to be an object with a type.")
    values = dict(content)
    tag = values.pop("type", None)
    check(tag, Literal[tuple(table)], "type")  # type: ignore[valid-type]
    return decode(table[tag], values, f"{tag}")
