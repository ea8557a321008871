"""Where a document lives: its file, what that file is known to hold, its journal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .._errors import DamagedFileError, NewerFormatError, ReadOnlyError
from . import _files
from ._codec import Decoded, decode
from ._journal import Journal


@dataclass
class Place:
    """The outside of one document.

    Attributes
    ----------
    path : Path or None
        Its file; None before the first save.
    known : set of str
        Digests of what the file may hold without anybody having changed it.
    saved_revision : int or None
        The revision in the file.
    original : bytes or None
        What was read; None once this program has written the file.
    journal : Journal or None
    is_by_hand : bool
        Whether a person drew since the last save, and not only a program.
    """

    path: Path | None = None
    known: set[str] = field(default_factory=set)
    saved_revision: int | None = None
    original: bytes | None = None
    journal: Journal | None = None
    is_by_hand: bool = False

    @classmethod
    def of_file(cls, path: Path) -> tuple[Place, Decoded]:
        """Read a file; errors name its backups."""
        data = _files.read(path)
        try:
            decoded = decode(data, path.name)
        except NewerFormatError:
            raise
        except DamagedFileError as error:
            kept = _files.backups(path.resolve())
            if not kept:
                raise
            names = ", ".join(str(file) for file in kept)
            raise type(error)(f"{error}\nBackups of it: {names}.") from error
        place = cls(path.resolve(), {_files.digest(data)}, decoded.revision, data)
        return place, decoded

    def belong_to(self, path: Path | None) -> None:
        """Belong to a file, which may be replaced as it is now."""
        self.path = path
        if path is not None and path.exists():
            self.known = {_files.digest(_files.read(path))}

    def move_to(self, other: Place) -> None:
        """Belong to the file of another document, knowing what that knows of it."""
        self.path, self.known = other.path, set(other.known)

    def save(
        self,
        data: bytes,
        revision: int,
        encode: Callable[[], bytes],
        path: str | Path | None,
        *,
        overwrite: bool,
        is_read_only: bool,
    ) -> Path:
        """Write `data` to the file, or to another one that becomes the file."""
        target = Path(path).resolve() if path is not None else self.path
        if target is None:
            raise ValueError(
                "This document has no file yet. Give a path, such as "
                f"'network{_files.SUFFIX}'."
            )
        if is_read_only and target == self.path:
            raise ReadOnlyError(
                f"{target.name} was made by a newer Neuroloom. Save a copy under "
                "another name."
            )
        is_moved = target != self.path
        known = () if is_moved else self.known
        self.known = {_files.save(target, data, known=known, overwrite=overwrite)}
        self.path, self.saved_revision = target, revision
        if not is_read_only:
            self.original = None
        self.is_by_hand = False
        if self.journal is not None and is_moved:
            self.journal.close()
            self.start_journal(encode, self.journal.origin)
        elif self.journal is not None:
            self.journal.clear()
        return target

    def start_journal(self, encode: Callable[[], bytes], origin: str) -> Journal:
        """Keep what is not saved on disk from now on."""
        self.journal = Journal(encode, self.path, origin, lambda: self.is_by_hand)
        return self.journal

    def forget(self) -> None:
        """Let the journal go, and with it what is not saved."""
        if self.journal is not None:
            self.journal.close()
            self.journal = None
