"""Where a person works: drawings, live runs, examples and the command line.

Importing this package imports no engine and compiles nothing; its names are
loaded when they are first used.
"""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._errors import NeighbourError as NeighbourError, StudioError as StudioError

if TYPE_CHECKING:
    from . import examples as examples, plots as plots
    from ._network import Network as Network, load as load
    from ._values import normal as normal, uniform as uniform
    from .app import Studio as Studio
    from .document import Document as Document

__version__ = "0.1.0"

# public name -> module that has it; None for a module itself
_LAZY = {
    "Document": "document",
    "Network": "_network",
    "Studio": "app",
    "examples": None,
    "load": "_network",
    "normal": "_values",
    "plots": None,
    "uniform": "_values",
}


def _check_neighbour(name: str = "engine") -> None:
    """Raise unless `import engine` finds the folder beside this one."""
    here = Path(__file__).resolve().parent.parent
    spec = importlib.util.find_spec(name)
    found = Path(spec.origin).resolve().parent if spec and spec.origin else None
    if found != here / name:
        raise NeighbourError(
            f"studio needs the {name!r} of Neuroloom at {here / name}, but Python "
            f"finds {found or 'none'}. Another package or folder has the same name: "
            "remove it, or run from elsewhere; a half installation is repaired by "
            "`pip install --force-reinstall neuroloom`."
        )


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'studio' has no attribute {name!r}")
    module = _LAZY[name]
    if module is None:
        return importlib.import_module(f"studio.{name}")
    return getattr(importlib.import_module(f"studio.{module}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_LAZY])


_check_neighbour()
