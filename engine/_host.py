"""Arrays made on the host: nothing is compiled for them, in a trace or out of one."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
from jax.core import Tracer
from jax.extend.core import get_opaque_trace_state


def _present() -> Any:
    return get_opaque_trace_state(convention="flax")


_OUTSIDE = _present()


def is_tracing() -> bool:
    """Tell whether a JAX transformation is tracing: what is computed belongs to it."""
    return bool(_present() != _OUTSIDE)


def is_at_hand(*values: Any) -> bool:
    """Tell whether NumPy can look at all of the values: none traced or spread out."""
    return not any(
        isinstance(value, Tracer)
        or (isinstance(value, jax.Array) and len(value.sharding.device_set) > 1)
        for value in values
    )


def on_host(value: np.ndarray) -> jax.Array:
    """Give a known array to JAX as it is; in a trace it is a constant."""
    with jax.ensure_compile_time_eval():
        return jax.device_put(value)
