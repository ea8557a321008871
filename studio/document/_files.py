"""Whole old or whole new: how documents reach the disk."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path

from filelock import FileLock, Timeout

from .._errors import ConflictError, FileError
from ._parse import MAX_BYTES

SUFFIX = ".loom.json"
N_BACKUPS = 3
LOCK_SECONDS = 10.0


def digest(data: bytes) -> str:
    """Return the SHA-256 of the bytes of a file."""
    return hashlib.sha256(data).hexdigest()


def read(path: Path) -> bytes:
    """Return what a file holds, at most one byte more than a document may have."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise FileError(
            f"{path} could not be read: {error.strerror or error}."
        ) from error


def backups(path: Path) -> list[Path]:
    """Return the backups of a document that exist, the newest first."""
    return [file for file in _backup_names(path) if file.exists()]


def save(
    path: Path,
    data: bytes,
    *,
    known: Iterable[str] = (),
    overwrite: bool = False,
) -> str:
    """Replace the file at `path` by `data`, durably, keeping three backups.

    A temporary file in the same folder is written, synced and renamed, and the
    folder is synced: whatever stops the program, the path holds a whole old or a
    whole new file.

    Parameters
    ----------
    path : Path
        Where to; a link is followed.
    data : bytes
        The whole new content.
    known : iterable of str
        Digests of the contents that the caller knows of and means to replace.
    overwrite : bool, default False
        Replace whatever is there.

    Returns
    -------
    str
        Digest of what is there now.

    Raises
    ------
    ConflictError
        If the file holds something that the caller has never seen.
    FileError
        If the system refused; the old file is whole.
    """
    path = Path(path).resolve()
    if not path.parent.is_dir():  # the lock would make it
        raise FileError(f"{path} could not be saved: there is no folder {path.parent}.")
    try:
        with FileLock(_hidden(path, "lock"), timeout=LOCK_SECONDS):
            return _save_locked(path, data, set(known), overwrite)
    except Timeout as error:
        raise FileError(
            f"{path.name} is being saved by another program for over "
            f"{LOCK_SECONDS:.0f} s. Try again, or save under another name."
        ) from error
    except ConflictError:
        raise
    except OSError as error:
        raise FileError(
            f"{path} could not be saved: {error.strerror or error}. "
            "What was there before is untouched."
        ) from error


def _save_locked(path: Path, data: bytes, known: set[str], overwrite: bool) -> str:
    new = digest(data)
    old_data = path.read_bytes() if path.exists() else None
    if old_data is not None:
        old = digest(old_data)
        if old == new:
            return new
        if not overwrite and old not in known:
            raise ConflictError(
                f"{path.name} was changed on disk since it was opened here. Save under "
                "another name, open it again, or overwrite it on purpose."
            )
    name = _glob_escape(path.name)
    for pattern in (f".{name}.*.tmp", f"..{name}.bak*.*.tmp"):
        for stale in path.parent.glob(pattern):
            stale.unlink(missing_ok=True)  # of a killed save: we hold the lock
    if old_data is not None:
        _rotate(path, old_data)
    replace(path, data)
    return new


def replace(path: Path, data: bytes) -> None:
    """Write `data` beside `path`, sync it, rename it over, sync the folder."""
    temporary = _hidden(path, f"{secrets.token_hex(6)}.tmp")
    # 0o666 less the umask, as any new file; mkstemp would make it private
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            temporary.chmod(stat.S_IMODE(path.stat().st_mode))
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _rotate(path: Path, data: bytes) -> None:
    """Make `data` the newest backup; a crash between two renames loses none."""
    names = _backup_names(path)
    if names[0].exists() and names[0].read_bytes() == data:
        return  # of a save that was killed after this: no backup for nothing
    for older, newer in zip(reversed(names), [*reversed(names[:-1])], strict=False):
        if newer.exists():
            newer.replace(older)
    replace(names[0], data)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # a folder cannot be opened there, nor needs it
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        # some network file systems cannot; the rename itself is done
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def _backup_names(path: Path) -> list[Path]:
    return [_hidden(path, f"bak{i}") for i in range(1, N_BACKUPS + 1)]


def _hidden(path: Path, ending: str) -> Path:
    return path.with_name(f".{path.name}.{ending}")


def _glob_escape(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def inside(folder: Path, name: str, suffix: str = SUFFIX) -> Path:
    """Return the path of a file that a browser asked for, never outside `folder`.

    Raises
    ------
    FileError
        If the name is absolute, climbs out, is reached through a link that does,
        is hidden, or holds what no file name may.
    """
    refusal = f"{name[:80]!r} is not the name of a file in {folder.name or folder}."
    pieces = name.replace("\\", "/").split("/")
    if (
        not name
        or Path(name).is_absolute()
        or any(piece in ("", ".", "..") or piece.startswith(".") for piece in pieces)
        or any(ord(c) < 32 or c == "\x7f" or 0xD800 <= ord(c) <= 0xDFFF for c in name)
        or (os.name == "nt" and ":" in name)
    ):
        raise FileError(f"{refusal} Use a plain name such as 'network{suffix}'.")
    if not name.endswith(suffix):
        name += suffix
    root = folder.resolve()
    path = (root / name.replace("\\", "/")).resolve()
    if not path.is_relative_to(root):
        raise FileError(f"{refusal} It leads out of the folder.")
    return path
