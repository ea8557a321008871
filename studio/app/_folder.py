"""The files a browser may ask for: those in and below the folder of the notebook."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from widgets import File, FileDone

from .. import examples
from .._errors import FileError, StudioError
from .._script import script_of
from ..document import SUFFIX, ConflictError, Document, inside
from ..document._files import replace
from ..document._problem import problem
from ._opening import Opened, opened_again

MAX_ENTRIES = 500
MAX_PATH = 400
_OURS = "Made by Neuroloom."


class Folder:
    """Opens, saves and lists below one folder, whatever the browser asks for.

    Parameters
    ----------
    root : Path
        The folder; nothing outside of it is read or written.
    document : callable
        Returns the document that is open.
    open_document : callable
        Shows another document.
    """

    def __init__(
        self,
        root: Path,
        document: Callable[[], Document],
        open_document: Callable[[Opened], None],
    ):
        self._root = root.resolve()
        self._document = document
        self._open_document = open_document
        self._commands: dict[str, Callable[[str | None], dict[str, Any]]] = {
            "save": self._save,
            "open": self._open,
            "export": self._export,
            "new": self._new,
            "example": self._example,
            "list": self._list,
        }

    def do(self, message: File) -> FileDone:
        """Do what a message asks for; what cannot be done is told in the answer."""
        try:
            if len(message.path or "") > MAX_PATH:
                raise FileError(f"A path has at most {MAX_PATH} characters.")
            found = self._commands[message.command](message.path)
        except (StudioError, OSError, ValueError) as error:
            code = "conflict" if isinstance(error, ConflictError) else "file"
            told = problem(code, str(error)).to_dict()
            found = {"path": message.path, "problems": [told]}
        return FileDone(intent=message.intent, command=message.command, **found)

    def name(self, path: Path | None) -> str | None:
        """Return a path as the browser has it: relative to the folder if inside."""
        if path is None:
            return None
        if path.is_relative_to(self._root):
            return path.relative_to(self._root).as_posix()
        return path.name

    def _save(self, name: str | None) -> dict[str, Any]:
        document = self._document()
        target = None if name is None else inside(self._root, name)
        if target is None and document.path is None:
            target = self._free(document.name)
        return {"path": self.name(document.save(target))}

    def _open(self, name: str | None) -> dict[str, Any]:
        if name is None:
            raise FileError("Say which file to open.")
        path = inside(self._root, name)
        self._open_document(opened_again(path))
        return {"path": self.name(path)}

    def _new(self, _name: str | None) -> dict[str, Any]:
        self._open_document(Opened(Document()))
        return {"path": None}

    def _example(self, key: str | None) -> dict[str, Any]:
        self._open_document(Opened(examples.load(key or "")))
        return {"path": None}

    def _export(self, name: str | None) -> dict[str, Any]:
        text, _ = script_of(self._document().plan())
        if name is None:
            return {"path": None, "text": text}
        path = inside(self._root, name, suffix=".py")
        if path.exists() and _OURS not in path.read_text("utf-8", errors="replace"):
            raise FileError(
                f"{path.name} is not a script that Neuroloom made. Choose another name."
            )
        replace(path, text.encode())
        return {"path": self.name(path), "text": text}

    def _list(self, name: str | None) -> dict[str, Any]:
        folder = inside(self._root, name, suffix="") if name else self._root
        if not folder.is_dir():
            raise FileError(f"There is no folder {name!r}.")
        entries = sorted(
            self._entries(folder), key=lambda e: (not e["folder"], e["name"])
        )
        return {"path": name, "entries": entries[:MAX_ENTRIES]}

    def _entries(self, folder: Path) -> Iterator[dict[str, Any]]:
        for path in folder.iterdir():
            is_folder = path.is_dir()
            if path.name.startswith(".") or not _is_text(path.name):
                continue
            if not (is_folder or path.name.endswith(SUFFIX)):
                continue
            if path.resolve().is_relative_to(self._root):  # a link may lead out
                place = path.relative_to(self._root).as_posix()
                yield {"name": path.name, "path": place, "folder": is_folder}

    def _free(self, title: str) -> Path:
        """Return a path that no file has, from the name of the document."""
        stem = re.sub(r"[^\w -]+", "", title).strip(" -_")[:60] or "network"
        stem = stem.replace(" ", "_").lower()
        n, path = 1, inside(self._root, stem)
        while path.exists():
            n += 1
            path = inside(self._root, f"{stem}_{n}")
        return path


def _is_text(name: str) -> bool:
    return name.isprintable() and not any(0xD800 <= ord(c) <= 0xDFFF for c in name)
