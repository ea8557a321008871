"""Unsaved edits on disk, so that a dead kernel loses a second at most.

The journal of a document is one file with the whole document in it, replaced
atomically by a thread of its own at most twice a second. A lock tells whether its
writer still lives; it goes with the process, also by kill -9.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_state_path

from . import _files

INTERVAL = 0.5
"""Seconds between two writes: the other half of the second is for writing."""
_log = logging.getLogger(__name__)


def folder() -> Path:
    """Return where journals are kept: `NEUROLOOM_STATE`, or the user's state folder."""
    chosen = os.environ.get("NEUROLOOM_STATE")
    return (Path(chosen) if chosen else user_state_path("neuroloom")) / "journal"


class Journal:
    """Keeps the newest bytes of one document until it is saved.

    Parameters
    ----------
    encode : callable
        Returns the bytes of the document as it is now; called in another thread.
    path : Path or None
        The file of the document; None before its first save.
    origin : str, default ""
        Where the document is drawn, such as a cell of a notebook.
    is_by_hand : callable
        Tells whether a person drew in it.
    """

    def __init__(
        self,
        encode: Callable[[], bytes],
        path: Path | None,
        origin: str = "",
        is_by_hand: Callable[[], bool] = lambda: False,
    ):
        self._encode = encode
        self.origin = origin
        self._is_by_hand = is_by_hand
        home = folder()
        home.mkdir(parents=True, exist_ok=True)
        self._file = home / f"{_stem(path)}-{secrets.token_hex(4)}.json"
        self._lock = FileLock(self._file.with_suffix(".lock"))
        self._lock.acquire(timeout=0)
        self._header = {
            "path": str(path) if path else None,
            "folder": str(Path.cwd()),
            "origin": origin,
        }
        self._guard = threading.Lock()
        self._writing = threading.Lock()
        self._timer: threading.Timer | None = None
        self._last = 0.0
        self._n_clears = 0
        self._is_closed = False

    @property
    def file(self) -> Path:
        """Where this journal is."""
        return self._file

    def touch(self) -> None:
        """Tell that the document changed; it is on disk within a second.

        Also on a busy machine: writing begins after half of it at most.
        """
        with self._guard:
            if self._timer is not None or self._is_closed:
                return
            wait = max(0.0, self._last + INTERVAL - time.monotonic())
            self._timer = threading.Timer(wait, self._write)
            self._timer.daemon = True
            self._timer.start()

    def clear(self) -> None:
        """Forget what was journalled: the document is saved."""
        with self._guard:
            self._n_clears += 1
            self._cancel()
            self._file.unlink(missing_ok=True)

    def close(self) -> None:
        """Forget everything and let go of the lock."""
        with self._guard:
            self._is_closed = True
            self._cancel()
            self._file.unlink(missing_ok=True)
            self._lock.release()
            self._file.with_suffix(".lock").unlink(missing_ok=True)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def flush(self) -> None:
        """Write now what changed, or wait for the write that is under way."""
        with self._guard:
            if self._timer is not None:
                self._timer.cancel()
        self._write()

    def _write(self) -> None:
        with self._writing:
            self._write_in_turn()

    def _write_in_turn(self) -> None:
        with self._guard:
            if self._is_closed or self._timer is None:
                return
            # before the bytes are taken: a later edit starts the next timer
            self._timer = None
            self._last = time.monotonic()
            n_clears = self._n_clears
        # the document locks itself, and clears us while it is locked: never both
        data = self._encode()
        with self._guard:
            if self._is_closed or self._n_clears != n_clears:
                return  # saved meanwhile
            try:
                told = {"time": time.time(), "by_hand": self._is_by_hand()}
                head = json.dumps(self._header | told)
                _files.replace(self._file, head.encode() + b"\n" + data)
            except OSError as error:
                _log.warning("Unsaved edits could not be journalled: %s", error)


@dataclass(frozen=True)
class Recovery:
    """Edits that a program which died had not saved.

    Attributes
    ----------
    path : Path or None
        The file they belong to; None for a document that was never saved.
    time : float
        When they were written, in seconds since 1970.
    data : bytes
        The document.
    file : Path
        The journal.
    origin : str
        Where it was drawn, such as a cell of a notebook.
    is_by_hand : bool
        Whether a person drew in it, not only a program.
    """

    path: Path | None
    time: float
    data: bytes
    file: Path
    origin: str = ""
    is_by_hand: bool = False

    def discard(self) -> None:
        """Delete them for good, with what a killed write left beside them."""
        self.file.unlink(missing_ok=True)
        for torn in self.file.parent.glob(f".{self.file.name}.*.tmp"):
            torn.unlink(missing_ok=True)
        self.file.with_suffix(".lock").unlink(missing_ok=True)


def recoveries(path: Path | None) -> list[Recovery]:
    """Return what can be recovered for a file, the newest first.

    With None: documents that were never saved, drawn in the current folder.
    """
    files = folder().glob(f"{_stem(path)}-*.json")
    return _newest_first(one for one in _dead(files) if one.path == path)


def recoveries_of(origin: str) -> list[Recovery]:
    """Return what can be recovered of a place in a notebook, the newest first."""
    files = folder().glob("*.json")
    return _newest_first(one for one in _dead(files) if one.origin == origin)


def _newest_first(found: Iterable[Recovery]) -> list[Recovery]:
    return sorted(found, key=lambda recovery: recovery.time, reverse=True)


def _dead(files: Iterable[Path]) -> Iterator[Recovery]:
    """Go through the journals of programs that died, of the current folder."""
    for file in files:
        lock = FileLock(file.with_suffix(".lock"))
        try:
            with lock.acquire(timeout=0):
                data = file.read_bytes()
        except Timeout:
            continue  # its writer lives
        except OSError as error:
            _log.warning("%s could not be read: %s", file, error)
            continue
        head, _, body = data.partition(b"\n")
        with contextlib.suppress(ValueError, KeyError, TypeError):
            header = json.loads(head)
            path = Path(header["path"]) if header["path"] else None
            if path is None and header["folder"] != str(Path.cwd()):
                continue
            origin, by_hand = header.get("origin", ""), header.get("by_hand", True)
            at = float(header["time"])
            yield Recovery(path, at, body, file, str(origin), bool(by_hand))


def _stem(path: Path | None) -> str:
    text = str(path) if path else ""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]
