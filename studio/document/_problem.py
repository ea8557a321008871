"""Refusals as data: the same `Problem` that the checker gives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from .._errors import Refused

if TYPE_CHECKING:
    from engine.lower import Problem
    from engine.lower._problem import Severity


def problem(
    code: str,
    text: str,
    element: str | None = None,
    field: str | None = None,
    *,
    severity: Severity = "error",
    fixes: Iterable[tuple[str, Sequence[dict[str, Any]]]] = (),
) -> Problem:
    """Return a problem; a fix is its label and the edits that make it."""
    from engine.lower import Fix, Problem

    return Problem(
        code=code,
        severity=severity,
        element=element,
        field=field,
        text=text,
        fixes=tuple(Fix(label, tuple(ops)) for label, ops in fixes),
    )


def refusal(code: str, text: str, *args: Any, **options: Any) -> Refused:
    """Return the error to raise for one problem; arguments as of `problem`."""
    return Refused([problem(code, text, *args, **options)])


def set_op(element: str | None, field: str, value: Any) -> dict[str, Any]:
    """Return the edit that sets a field."""
    return {"op": "set", "element": element, "field": field, "value": value}
