"""Compiled code over States: jit, branches, loops, checkpoints, jaxprs."""

from ._branch import (
    cond as cond,
    ifelse as ifelse,
    switch as switch,
)
from ._checkpoint import checkpoint as checkpoint, remat as remat
from ._error_if import JitError as JitError, jit_error_if as jit_error_if
from ._fit import (
    BranchError as BranchError,
    BranchOutputError as BranchOutputError,
    CarryError as CarryError,
    LoopError as LoopError,
)
from ._jaxpr import (
    ArgumentError as ArgumentError,
    NotTracedError as NotTracedError,
    StatefulFunction as StatefulFunction,
    make_jaxpr as make_jaxpr,
)
from ._jit import JittedFunction as JittedFunction, jit as jit
from ._progress import ProgressBar as ProgressBar, ProgressError as ProgressError
from ._retrace import RetraceWarning as RetraceWarning
from ._scan import (
    checkpointed_for_loop as checkpointed_for_loop,
    checkpointed_scan as checkpointed_scan,
    for_loop as for_loop,
    scan as scan,
)
from ._while import bounded_while_loop as bounded_while_loop, while_loop as while_loop
