"""What each operation of JAX becomes when its operands are divided."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..event import current_choice
from ..event._delayed import delayed_push
from ._layout import Layout
from ._local import Site

Rule = Callable[[Site], tuple[Any, Layout | None]]

_ELEMENTWISE = (
    *("add", "add_any", "sub", "mul", "div", "rem", "neg", "abs", "sign", "max", "min"),
    *("pow", "integer_pow", "square", "sqrt", "rsqrt", "cbrt", "exp", "exp2", "expm1"),
    *("log", "log1p", "logistic", "sin", "cos", "tan", "asin", "acos", "atan", "atan2"),
    *("sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "erf_inv"),
    *("lgamma", "digamma", "floor", "ceil", "round", "is_finite", "nextafter"),
    *("eq", "ne", "lt", "le", "gt", "ge", "and", "or", "xor", "not", "select_n"),
    *("clamp", "shift_left", "shift_right_logical", "shift_right_arithmetic"),
    *("convert_element_type", "bitcast_convert_type", "reduce_precision", "copy"),
    *("copy_p", "stop_gradient", "population_count", "clz", "real", "imag"),
)
_REDUCTIONS = (
    *("reduce_sum", "reduce_prod", "reduce_max", "reduce_min", "reduce_or"),
    *("reduce_and", "argmax", "argmin"),
)


def _elementwise(site: Site) -> tuple[Any, Layout]:
    layout = site.layouts[0]
    if layout.kind in ("rows", "targets"):  # numbers of synapses and neurons
        raise site.refusal()
    values = [_fitted(site, i, layout) for i in range(len(site.cells))]
    return site.bind(*values), layout


def _fitted(site: Site, i: int, layout: Layout) -> Any:
    """Return an operand for blocks of that layout; what is one for all stays whole."""
    cell, shape, out = site.cells[i], site.shape(i), site.out_shape
    if shape == out:
        return site.cut(i, layout)
    is_one = cell.layout is None and (not shape or len(shape) == len(out))
    if is_one and layout.kind == "neurons" and shape:
        is_one = shape[layout.where] == 1
    if not is_one:
        raise site.refusal()
    return cell.value


def _axis(site: Site, i: int = 0) -> int:
    """Return along which axis an operand is divided: one of neurons, no table."""
    layout = site.cells[i].layout
    if layout is None or layout.kind != "neurons":
        raise site.refusal()
    return layout.where


def _blocks(site: Site, shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return site.pieces.local(shape, axis)


def _broadcast(site: Site) -> tuple[Any, Layout]:
    axis = site.eqn.params["broadcast_dimensions"][_axis(site)]
    n = site.shape(0)[_axis(site)]
    if site.out_shape[axis] != n:  # one neuron becomes many
        raise site.refusal()
    shape = _blocks(site, site.out_shape, axis)
    return site.bind(site.cells[0].value, shape=shape), Layout("neurons", axis)


def _reshape(site: Site) -> tuple[Any, Layout]:
    layout = site.layouts[0]
    if site.shape(0) == site.out_shape:
        return site.cells[0].value, layout
    axis, old, new = _axis(site), site.shape(0), site.out_shape
    before = math.prod(old[:axis])
    for other, n in enumerate(new):
        if n == old[axis] and math.prod(new[:other]) == before:
            shape = _blocks(site, new, other)
            value = site.cells[0].value.reshape(shape)
            return value, Layout("neurons", other)
    raise site.refusal()


def _squeeze(site: Site) -> tuple[Any, Layout]:
    axis, gone = _axis(site), site.eqn.params["dimensions"]
    if axis in gone:
        raise site.refusal()
    place = axis - sum(d < axis for d in gone)
    return site.bind(site.cells[0].value), Layout("neurons", place)


def _transpose(site: Site) -> tuple[Any, Layout]:
    axis = site.eqn.params["permutation"].index(_axis(site))
    return site.bind(site.cells[0].value), Layout("neurons", axis)


def _reduction(site: Site) -> tuple[Any, Layout]:
    axis, gone = _axis(site), site.eqn.params["axes"]
    if axis in gone:
        raise site.refusal()
    place = axis - sum(d < axis for d in gone)
    changes = {}
    if "out_sharding" in site.eqn.params:
        changes["out_sharding"] = None
    return site.bind(site.cells[0].value, **changes), Layout("neurons", place)


def _slice(site: Site) -> tuple[Any, Layout]:
    axis, params = _axis(site), site.eqn.params
    if site.out_shape[axis] != site.shape(0)[axis]:
        raise site.refusal()
    limits = list(params["limit_indices"])
    limits[axis] = site.cells[0].value.shape[axis]
    return site.bind(site.cells[0].value, limit_indices=tuple(limits)), site.layouts[0]


def _dynamic_slice(site: Site) -> tuple[Any, Layout]:
    axis, sizes = _axis(site), list(site.eqn.params["slice_sizes"])
    if sizes[axis] != site.shape(0)[axis]:
        raise site.refusal()
    block = site.cells[0].value
    sizes[axis] = block.shape[axis]
    starts = [site.whole(i) for i in range(1, len(site.cells))]
    return site.bind(block, *starts, slice_sizes=tuple(sizes)), Layout("neurons", axis)


def _dynamic_update_slice(site: Site) -> tuple[Any, Layout]:
    axis = _axis(site, 0 if site.cells[0].layout is not None else 1)
    layout = Layout("neurons", axis)
    if site.shape(0)[axis] != site.shape(1)[axis]:
        raise site.refusal()
    starts = [site.whole(i) for i in range(2, len(site.cells))]
    return site.bind(site.cut(0, layout), site.cut(1, layout), *starts), layout


def _concatenate(site: Site) -> tuple[Any, Layout]:
    layout = site.layouts[0]
    if layout.kind != "neurons" or layout.where == site.eqn.params["dimension"]:
        raise site.refusal()
    return site.bind(*(site.cut(i, layout) for i in range(len(site.cells)))), layout


def _table(site: Site) -> tuple[Any, Any, Any]:
    """Return rows, targets and weights of a product: all of one table, or refuse."""
    rows, targets, weight = site.cells[2:5]
    table = None if rows.layout is None else rows.layout.where
    wanted = (Layout("rows", table), Layout("targets", table))
    is_table = (rows.layout, targets.layout) == wanted
    is_one = weight.layout is None and not site.shape(4)
    if not is_table or not (is_one or weight.layout == Layout("synapses", table)):
        raise site.refusal()
    return rows.value, targets.value, weight.value


def _push(site: Site) -> tuple[Any, Layout]:
    """Let spikes of all neurons arrive at the synapses of this device."""
    layout, table = Layout("neurons", len(site.shape(0)) - 1), _table(site)
    out, spikes = site.cut(0, layout), site.whole(1)
    return site.bind(out, spikes, *table, choice=current_choice()), layout


def _drawn(site: Site) -> tuple[Any, None]:
    """Let spikes of all neurons arrive at those of all, by a table that is no array."""
    operands = [site.whole(i) for i in range(len(site.cells))]
    return site.bind(*operands, choice=current_choice()), None


def _delayed(site: Site) -> tuple[Any, Layout]:
    """Let spikes of the last steps arrive at the synapses of this device."""
    layout, table = Layout("neurons", 0), _table(site)
    out, past = site.cut(0, layout), site.whole(1)
    return delayed_push(out, past, *table, site.whole(5)), layout


RULES: dict[str, Rule] = {
    **dict.fromkeys(_ELEMENTWISE, _elementwise),
    **dict.fromkeys(_REDUCTIONS, _reduction),
    "broadcast_in_dim": _broadcast,
    "reshape": _reshape,
    "squeeze": _squeeze,
    "transpose": _transpose,
    "slice": _slice,
    "dynamic_slice": _dynamic_slice,
    "dynamic_update_slice": _dynamic_update_slice,
    "concatenate": _concatenate,
    "event_csr_push": _push,
    "event_drawn_push": _drawn,
}
"""By the name of the primitive."""

FUNCTIONS: dict[str, Rule] = {"delayed_push": _delayed}
"""By the name of a function of the engine that is called."""
