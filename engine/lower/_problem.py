"""What is wrong with a drawing, as data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from .._errors import EngineError

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Fix:
    """An edit that solves a problem.

    Parameters
    ----------
    label : str
        What a button says, such as "Use 67 nS".
    ops : tuple of dict
        Edits of the document.
    """

    label: str
    ops: tuple[dict[str, Any], ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"label": self.label, "ops": list(self.ops)}


@dataclass(frozen=True)
class Problem:
    """What is wrong, where, and what to do.

    Parameters
    ----------
    code : str
        Stable name of the kind of problem; never shown.
    severity : {"error", "warning", "note"}
        Errors keep a network from running.
    element : str or None
        Id of the node or edge; None for the drawing as a whole.
    field : str or None
        Path of the field, such as "params.tau".
    text : str
        For people.
    fixes : tuple of Fix
        Edits to choose from.
    """

    code: str
    severity: Severity
    element: str | None
    field: str | None
    text: str
    fixes: tuple[Fix, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "code": self.code,
            "severity": self.severity,
            "element": self.element,
            "field": self.field,
            "text": self.text,
            "fixes": [fix.to_dict() for fix in self.fixes],
        }


def set_op(element: str | None, field: str, value: Any) -> dict[str, Any]:
    """Return the edit that sets a field."""
    return {"op": "set", "element": element, "field": field, "value": value}


def set_fix(label: str, element: str | None, field: str, value: Any) -> Fix:
    """Return the fix that sets a field."""
    return Fix(label, (set_op(element, field, value),))


class LoweringError(EngineError, ValueError):
    """A drawing that cannot be made into a network.

    Parameters
    ----------
    problems : iterable of Problem
        What is wrong with it, errors at least.
    """

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        errors = [p for p in self.problems if p.severity == "error"]
        lines = [
            f"{problem.element or 'drawing'}: {problem.text}" for problem in errors
        ]
        super().__init__("The network cannot be built.\n" + "\n".join(lines))
