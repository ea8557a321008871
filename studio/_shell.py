"""How the command line speaks: plain lines, and errors as exit codes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import typer

from ._errors import (
    DamagedFileError,
    FileError,
    NewerFormatError,
    ReadOnlyError,
    Refused,
    StudioError,
)

if TYPE_CHECKING:
    from engine.lower import Problem

    from .document import Document

OK, PROBLEMS, USAGE, FILE = 0, 1, 2, 3
_FILE_ERRORS = (DamagedFileError, NewerFormatError, FileError, ReadOnlyError)

P = ParamSpec("P")
T = TypeVar("T")


def say(text: object = "", *, is_error: bool = False) -> None:
    """Print a line; nothing in it can steer the terminal."""
    lines = str(text).split("\n")
    typer.echo("\n".join(map(_printable, lines)), err=is_error)


def speaks(command: Callable[P, T]) -> Callable[P, T]:
    """Turn the errors of a command into a sentence and an exit code."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except Refused as error:
            say(error, is_error=True)
            raise typer.Exit(PROBLEMS) from error
        except _FILE_ERRORS as error:
            say(error, is_error=True)
            raise typer.Exit(FILE) from error
        except (StudioError, KeyboardInterrupt) as error:
            say(str(error) or "Stopped.", is_error=True)
            raise typer.Exit(
                USAGE if isinstance(error, StudioError) else 130
            ) from error

    return wrapped


def say_problems(document: Document, problems: Iterable[Problem]) -> None:
    """Print problems, errors first, each with where it is and what would fix it."""
    order = {"error": 0, "warning": 1, "note": 2}
    for problem in sorted(problems, key=lambda p: order.get(p.severity, 3)):
        where = document.name_of(problem.element) if problem.element else "document"
        field = f", {problem.field}" if problem.field else ""
        say(f"{problem.severity:8}{where}{field}: {problem.text}")
        for fix in problem.fixes:
            say(f"{'':8}  fix: {fix.label}")


def table(rows: Iterable[Iterable[Any]]) -> None:
    """Print rows in aligned columns, numbers to the right."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        line = [
            cell.rjust(width) if _is_number(cell) else cell.ljust(width)
            for cell, width in zip(row, widths, strict=True)
        ]
        say("  ".join(line).rstrip())


def _is_number(cell: str) -> bool:
    return cell[:1].isdigit()


def _printable(line: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in line)
