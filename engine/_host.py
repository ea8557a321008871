"""Arrays made on the host: nothing is compiled for them, in a trace or out of one."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from ._tracing import is_traced


def is_at_hand(*values: Any) -> bool:
    """Tell whether NumPy can look at all of the values: none traced or spread out."""
    return not is_traced(*values) and not any(
        isinstance(value, jax.Array) and len(value.sharding.device_set) > 1
        for value in values
    )


def on_host(value: np.ndarray) -> jax.Array:
    """Give a known array to JAX as it is; in a trace it is a constant."""
    with jax.ensure_compile_time_eval():
        return jax.device_put(value)
