"""Simulates: State, transformations over State, and spiking networks on JAX."""

import importlib
from types import ModuleType

import jax

from . import environ as environ, mixin as mixin, random as random
from ._errors import EngineError as EngineError, TraceContextError as TraceContextError
from ._state import (
    HiddenState as HiddenState,
    LongTermState as LongTermState,
    ParamState as ParamState,
    ShortTermState as ShortTermState,
    State as State,
    TreefyState as TreefyState,
)
from ._state_dict import StateDictManager as StateDictManager
from ._trace import (
    StateTraceStack as StateTraceStack,
    catch_new_states as catch_new_states,
    check_state_jax_tracer as check_state_jax_tracer,
    check_state_value_tree as check_state_value_tree,
)

__version__ = "0.1.0"

_SUBMODULES = (
    "augment",
    "checkpoint",
    "compile",
    "event",
    "functional",
    "graph",
    "init",
    "kinds",
    "lower",
    "nn",
    "optim",
    "run",
    "surrogate",
    "transform",
    "typing",
    "util",
)


def __getattr__(name: str) -> ModuleType:
    """Import a part at its first use: `import engine` stays fast."""
    if name in _SUBMODULES:
        # inside of a jitted function the constants of a module must not be traced
        with jax.ensure_compile_time_eval():
            return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_SUBMODULES})
