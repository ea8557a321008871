"""The half of a document that faces the disk: its file, and edits not saved yet."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Protocol, Self

from ._codec import Decoded, decode, encode
from ._journal import Recovery, recoveries, recoveries_of
from ._place import Place
from ._store import Store


class Replaced(Protocol):
    """What goes when its edits are kept elsewhere."""

    def discard(self) -> None:
        """Go."""


class Filed:
    """What `Document` is beside a drawing: something in a file, or not yet."""

    _lock: threading.RLock
    _store: Store
    _place: Place
    _decoded: Decoded
    _revision: int

    @classmethod
    def _of(cls, decoded: Decoded, place: Place | None = None) -> Self:
        raise NotImplementedError

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
    def decode(cls, data: bytes, where: str = "This file") -> Self:
        """Read a document from bytes.

        Raises
        ------
        DamagedFileError, NewerFormatError
        """
        return cls._of(decode(data, where), Place(original=data))

    @classmethod
    def load(cls, path: str | Path) -> Self:
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

    def start_journal(self, origin: str = "", replaces: Replaced | None = None) -> None:
        """Keep unsaved edits on disk from now on, for `recoveries`.

        Parameters
        ----------
        origin : str, default ""
            Where this is drawn, such as a cell of a notebook.
        replaces : Recovery, optional
            Where these edits came from; it is discarded once they are kept here.
        """
        with self._lock:
            journal = self._place.journal
            if journal is None and not self.is_read_only:
                journal = self._place.start_journal(self.encode, origin)
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

    @property
    def is_by_hand(self) -> bool:
        """Whether a person drew what is not saved, and not only a program."""
        return self._place.is_by_hand and not self.is_saved

    def mark_by_hand(self) -> None:
        """Note that a person draws here: no cell would make these edits again."""
        self._place.is_by_hand = True

    @classmethod
    def recover(cls, recovery: Recovery) -> Self:
        """Return the document with edits that a program which died had not saved.

        It belongs to the same file and is not saved yet; the file is read for what
        it holds now, so that saving may replace it.
        """
        place = Place(is_by_hand=recovery.is_by_hand)
        place.belong_to(recovery.path)
        return cls._of(decode(recovery.data, "The recovered document"), place)

    @staticmethod
    def recoveries(path: str | Path | None = None) -> list[Recovery]:
        """Return edits of a file that were never saved, the newest first."""
        return recoveries(Path(path).resolve() if path is not None else None)

    @staticmethod
    def recoveries_of(origin: str) -> list[Recovery]:
        """Return edits made in one place of a notebook and never saved."""
        return recoveries_of(origin)
