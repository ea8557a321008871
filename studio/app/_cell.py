"""Which cell of which notebook runs: it tells a second run of a cell from another."""

from __future__ import annotations

import os
import sys
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._studio import Studio


@dataclass(frozen=True)
class Cell:
    """A cell that runs.

    Attributes
    ----------
    origin : str
        Names notebook and cell, the same after a restart of the kernel.
    run : str
        Names this run of the cell.
    """

    origin: str
    run: str


def current() -> Cell | None:
    """Return the cell that runs; None outside of a notebook."""
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython is not None else None
    if shell is None or not hasattr(shell, "get_parent"):
        return None
    parent = shell.get_parent() or {}
    cell = parent.get("metadata", {}).get("cellId")
    run = parent.get("header", {}).get("msg_id")
    if not (isinstance(cell, str) and isinstance(run, str)):
        return None
    return Cell(f"{os.environ.get('JPY_SESSION_NAME', '')}#{cell}", run)


@dataclass
class _Row:
    """The editors of the last run of a cell, and those of the run before."""

    run: str
    now: list[weakref.ref[Studio]] = field(default_factory=list)
    before: list[weakref.ref[Studio]] = field(default_factory=list)


_rows: dict[str, _Row] = {}


def place(cell: Cell) -> tuple[int, Studio | None]:
    """Return the number of the next editor of a cell, and whose place it takes.

    That is the editor of the same number that the run before showed.
    """
    row = _rows.get(cell.origin)
    if row is None:
        row = _rows[cell.origin] = _Row(cell.run)
    elif row.run != cell.run:
        row = _rows[cell.origin] = _Row(cell.run, before=row.now)
    n = len(row.now)
    return n, row.before[n]() if n < len(row.before) else None


def enter(cell: Cell, studio: Studio) -> None:
    """Note that a cell shows an editor."""
    _rows[cell.origin].now.append(weakref.ref(studio))
