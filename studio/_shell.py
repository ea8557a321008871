"""How the command line speaks: plain lines, and errors as exit codes."""

from __future__ import annotations

import functools
import logging
import re
import sys
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
INTERRUPTED = 130
_FILE_ERRORS = (DamagedFileError, NewerFormatError, FileError, ReadOnlyError)

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger("studio")
_NUMBER = re.compile(r"[\d\s.,]+( [A-Za-z]+)?")


def set_verbosity(*, quiet: bool, verbose: bool) -> None:
    """Choose what is said: errors and results only, or the log of the program too."""
    level = logging.INFO if verbose else logging.ERROR if quiet else logging.WARNING
    logging.basicConfig(
        level=level, format="%(levelname)s %(name)s: %(message)s", force=True
    )
    _log.setLevel(level)


def is_quiet() -> bool:
    """Whether only errors and results are wanted."""
    return not _log.isEnabledFor(logging.WARNING)


def say(text: object = "", *, is_error: bool = False) -> None:
    """Print a line; nothing in it can steer the terminal."""
    lines = str(text).split("\n")
    typer.echo("\n".join(map(_printable, lines)), err=is_error)


def note(text: object) -> None:
    """Print what was done, unless nobody wants to know."""
    if not is_quiet():
        say(text)


def speaks(command: Callable[P, T]) -> Callable[P, T]:
    """Turn the errors of a command into a sentence and an exit code."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except Exception as error:
            code = _exit_code(error)
            if code is None:
                raise  # a fault of ours: its traceback is what we need
            _log.info("The cause", exc_info=error)
            say(_sentence(error), is_error=True)
            raise typer.Exit(code) from error
        except KeyboardInterrupt as error:
            say("Stopped.", is_error=True)
            raise typer.Exit(INTERRUPTED) from error

    return wrapped


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and not isinstance(error, StudioError):
        return f"{error.filename}: {error.strerror}."
    return str(error)


def _exit_code(error: Exception) -> int | None:
    """Return how a command ends by an error that says what to do; else None."""
    if isinstance(error, _FILE_ERRORS):
        return FILE
    if isinstance(error, StudioError):
        return PROBLEMS if isinstance(error, Refused) else USAGE
    engine = sys.modules.get("engine._errors")  # not loaded, not its error
    if engine is not None and isinstance(error, engine.EngineError):
        return PROBLEMS
    return FILE if isinstance(error, OSError) and error.filename else None


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
    return _NUMBER.fullmatch(cell) is not None


def _printable(line: str) -> str:
    return "".join(_shown(c) for c in line)


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() else "?"
