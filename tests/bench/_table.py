"""Rounds of runs that take turns, and tables of their medians."""

from __future__ import annotations

import os
import platform
import statistics
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from _peers import RunFailedError

Run = Callable[[int], dict]
"""A run, given the number of the round from 1 on: its seed."""


def rounds(sides: Mapping[Any, Run], n: int) -> dict[Any, list[dict] | str]:
    """Run all sides in turn, `n` times.

    Returns
    -------
    dict
        What each run printed, or why a side does not run.
    """
    found: dict[Any, Any] = {name: [] for name in sides}
    for i in range(n):
        for name, run in sides.items():
            if isinstance(found[name], str):
                continue
            print(f"  round {i + 1} of {n}: {name}", end="\r", file=sys.stderr)
            try:
                found[name].append(run(i + 1))
            except RunFailedError as error:
                found[name] = str(error)
    return found


def median(rows: Iterable[Mapping[str, Any]], key: str) -> float:
    """Return the median of a number."""
    return statistics.median(row[key] for row in rows)


def show(
    titles: Sequence[str], lines: Iterable[Sequence[Any]], *, left: int = 1
) -> None:
    """Print a table; the first `left` columns begin at the left.

    Numbers are shown with three or four digits.
    """
    texts = [list(titles), *([_text(cell) for cell in line] for line in lines)]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    for line in texts:
        cells = (
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        print("  ".join(cells).rstrip())


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if not isinstance(cell, float):
        return str(cell)
    if cell == 0 or 0.01 <= abs(cell) < 1e5:
        digits = max(0, 3 - len(str(int(abs(cell)))))
        return f"{cell:.{digits + (abs(cell) < 1)}f}"
    return f"{cell:.2e}"


def heading(question: str, **settings: Any) -> None:
    """Print the question and where it is answered."""
    machine = f"Python {platform.python_version()}, {platform.system()}"
    machine += f" {platform.machine()}, {os.cpu_count()} cores"
    told = ", ".join(f"{name} {value}" for name, value in settings.items())
    print(f"{question}\n{machine}; one core, one thread{', ' if told else ''}{told}\n")
