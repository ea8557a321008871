"""From a drawing to a network: check, plan, build, print."""

import importlib
from typing import TYPE_CHECKING, Any

from ._check import check as check
from ._estimate import Estimate as Estimate, estimate as estimate
from ._plan import (
    Plan as Plan,
    PlannedDrive as PlannedDrive,
    PlannedNode as PlannedNode,
    PlannedProbe as PlannedProbe,
    PlannedProjection as PlannedProjection,
    describe as describe,
    plan as plan,
)
from ._problem import (
    Fix as Fix,
    LoweringError as LoweringError,
    Problem as Problem,
)
from ._python import (
    ExportError as ExportError,
    code_map as code_map,
    to_python as to_python,
)

if TYPE_CHECKING:
    from ._build import Network as Network, build as build
    from ._report import ProjectionReport as ProjectionReport, report as report

_NEEDS_MODULES = {
    "Network": "_build",
    "build": "_build",
    "ProjectionReport": "_report",
    "report": "_report",
}


def __getattr__(name: str) -> Any:
    """Import what builds networks at its first use: checking needs no modules."""
    if name in _NEEDS_MODULES:
        module = importlib.import_module(f".{_NEEDS_MODULES[name]}", __name__)
        return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
