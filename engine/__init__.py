"""Simulates: State, transformations over State, and spiking networks on JAX."""

from . import environ as environ, mixin as mixin
from ._errors import EngineError as EngineError, TraceContextError as TraceContextError
from ._state import (
    HiddenState as HiddenState,
    LongTermState as LongTermState,
    ParamState as ParamState,
    ShortTermState as ShortTermState,
    State as State,
    TreefyState as TreefyState,
)
from ._trace import (
    StateTraceStack as StateTraceStack,
    catch_new_states as catch_new_states,
    check_state_jax_tracer as check_state_jax_tracer,
    check_state_value_tree as check_state_value_tree,
)
