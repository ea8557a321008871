"""Logic on spikes that are numbers, so that gradients pass."""

from __future__ import annotations

from .._errors import EngineError, nearest


class OperationError(EngineError, ValueError):
    """A logical operation that is not known."""


def spike_bitwise_or(x, y):
    """Return ``x + y - x y``: 1 where one of them spikes."""
    return x + y - x * y


def spike_bitwise_and(x, y):
    """Return ``x y``: 1 where both spike."""
    return x * y


def spike_bitwise_iand(x, y):
    """Return ``(1 - x) y``: 1 where `y` spikes and `x` does not."""
    return (1 - x) * y


def spike_bitwise_not(x):
    """Return ``1 - x``: 1 where `x` does not spike."""
    return 1 - x


def spike_bitwise_xor(x, y):
    """Return ``x + y - 2 x y``: 1 where just one of them spikes."""
    return x + y - 2 * x * y


def spike_bitwise_ixor(x, y):
    """Return ``x (1 - y) + (1 - x) y``: the same as xor, written by its two cases."""
    return x * (1 - y) + (1 - x) * y


def _add(x, y):
    return x + y


OPERATIONS = {
    "add": _add,
    "or": spike_bitwise_or,
    "and": spike_bitwise_and,
    "iand": spike_bitwise_iand,
    "xor": spike_bitwise_xor,
    "ixor": spike_bitwise_ixor,
}


def check_operation(op: str) -> str:
    """Return `op`, or raise `OperationError` if it is not known."""
    if op not in OPERATIONS:
        known = ", ".join(map(repr, OPERATIONS))
        raise OperationError(
            f"spike_bitwise: op is {op!r}; it must be one of {known}."
            f"{nearest(op, OPERATIONS)}"
        )
    return op


def spike_bitwise(x, y, op: str):
    """Combine spikes by the name of the operation.

    Parameters
    ----------
    x, y : array
        Spikes, 0 or 1, as numbers.
    op : str
        ``"add"``, ``"or"``, ``"and"``, ``"iand"``, ``"xor"`` or ``"ixor"``.

    Raises
    ------
    OperationError
        If `op` is another name.
    """
    return OPERATIONS[check_operation(op)](x, y)
