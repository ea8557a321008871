"""What JAX is tracing: which transformation runs, and which values belong to one."""

from __future__ import annotations

from typing import Any

import jax
from jax.core import Tracer
from jax.extend.core import get_opaque_trace_state


def current_trace() -> Any:
    """Return what tells one JAX trace from another, to be compared with `==`."""
    return get_opaque_trace_state(convention="flax")


_OUTSIDE = current_trace()


def is_tracing() -> bool:
    """Tell whether a JAX transformation is tracing: what is computed belongs to it."""
    return bool(current_trace() != _OUTSIDE)


def is_traced(*values: Any) -> bool:
    """Tell whether any number of the values is known only when running."""
    return any(isinstance(leaf, Tracer) for leaf in jax.tree.leaves(values))
