"""Loops and branches over divided values: their bodies are walked as the step is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
from jax import lax

from ._layout import Layout
from ._local import Cell, Site, inline

Body = Callable[[Sequence[Any], Any], list[Cell]]
"""From what is carried, and what else goes in, to cells."""


def _layouts(run: Callable[[], list[Cell]]) -> list[Layout | None]:
    """Return how what a function gives would lie; nothing is computed."""
    found: list[Layout | None] = []

    def once() -> list[Any]:
        cells = run()
        found[:] = [cell.layout for cell in cells]
        return [cell.value for cell in cells]

    jax.eval_shape(once)
    return found


def _met(
    site: Site, ones: Sequence[Layout | None], others: Sequence[Layout | None]
) -> list[Layout | None]:
    """Return layouts that both can take: whole values can be cut."""
    pairs = list(zip(ones, others, strict=True))
    if any(a and b and a != b for a, b in pairs):
        raise site.refusal()
    return [a or b for a, b in pairs]


def _fitted(site: Site, cell: Cell, layout: Layout | None) -> Any:
    if cell.layout == layout:
        return cell.value
    if cell.layout is not None or layout is None or layout.kind != "neurons":
        raise site.refusal()
    return site.pieces.cut(cell.value, layout.where)


def _cells(site: Site, values: Sequence[Any], layouts: Sequence[Layout | None]) -> Any:
    pairs = zip(values, layouts, strict=True)
    return [Cell(value, layout, site.owner) for value, layout in pairs]


def _carried(
    site: Site, start: Sequence[Cell], turn: Callable[[list[Cell]], list[Cell]]
) -> tuple[list[Any], list[Layout | None]]:
    """Return first values and layouts of what a loop carries: those of every turn."""
    layouts = [cell.layout for cell in start]
    while True:
        values = [
            _fitted(site, cell, layout)
            for cell, layout in zip(start, layouts, strict=True)
        ]
        cells = _cells(site, values, layouts)
        after = _layouts(lambda cells=cells: turn(cells)[: len(cells)])
        met = _met(site, layouts, after)
        if met == layouts:
            return values, layouts
        layouts = met


def _scan(site: Site) -> list[Cell]:
    params = site.eqn.params
    n_consts, n_carry = params["num_consts"], params["num_carry"]
    consts, rest = site.cells[:n_consts], site.cells[n_consts:]
    start, rows = rest[:n_carry], rest[n_carry:]
    of_row = [_moved(site, cell.layout, -1) for cell in rows]

    def turn(carry: list[Cell], row: Sequence[Any]) -> list[Cell]:
        cells = [*consts, *carry, *_cells(site, row, of_row)]
        return inline(params["jaxpr"], cells, site.pieces)

    first = [cell.value[0] for cell in rows]
    values, layouts = _carried(site, start, lambda carry: turn(carry, first))
    of_found: list[Layout | None] = []

    def body(carry: Sequence[Any], row: Sequence[Any]) -> tuple[Any, Any]:
        cells = turn(_cells(site, carry, layouts), row)
        after = zip(cells[:n_carry], layouts, strict=True)
        of_found[:] = [_moved(site, cell.layout, 1) for cell in cells[n_carry:]]
        found = [cell.value for cell in cells[n_carry:]]
        return [_fitted(site, *pair) for pair in after], found

    names = ("length", "reverse", "unroll")
    options = {name: params[name] for name in names}
    values, found = lax.scan(body, values, [cell.value for cell in rows], **options)
    return _cells(site, [*values, *found], [*layouts, *of_found])


def _moved(site: Site, layout: Layout | None, by: int) -> Layout | None:
    """Return the layout of a row of something, or of a stack of rows."""
    if layout is None:
        return None
    if layout.kind != "neurons" or layout.where + by < 0:
        raise site.refusal()
    return Layout("neurons", layout.where + by)


def _while(site: Site) -> list[Cell]:
    params = site.eqn.params
    n_test, n_body = params["cond_nconsts"], params["body_nconsts"]
    for_test, for_body = site.cells[:n_test], site.cells[n_test : n_test + n_body]

    def turn(carry: list[Cell]) -> list[Cell]:
        return inline(params["body_jaxpr"], [*for_body, *carry], site.pieces)

    values, layouts = _carried(site, site.cells[n_test + n_body :], turn)

    def goes_on(carry: Sequence[Any]) -> Any:
        cells = [*for_test, *_cells(site, carry, layouts)]
        (answer,) = inline(params["cond_jaxpr"], cells, site.pieces)
        return _fitted(site, answer, None)

    def body(carry: Sequence[Any]) -> list[Any]:
        after = zip(turn(_cells(site, carry, layouts)), layouts, strict=True)
        return [_fitted(site, *pair) for pair in after]

    return _cells(site, lax.while_loop(goes_on, body, values), layouts)


def _cond(site: Site) -> list[Cell]:
    which, *cells = site.cells
    branches = site.eqn.params["branches"]
    walk = lambda branch: inline(branch, cells, site.pieces)
    layouts = _layouts(lambda: walk(branches[0]))
    for branch in branches[1:]:
        layouts = _met(site, layouts, _layouts(lambda branch=branch: walk(branch)))

    def fitted(branch: Any) -> Callable[[], list[Any]]:
        return lambda: [
            _fitted(site, cell, layout)
            for cell, layout in zip(walk(branch), layouts, strict=True)
        ]

    index = _fitted(site, which, None)
    if index.dtype == bool:
        index = index.astype("int32")
    return _cells(site, lax.switch(index, [fitted(b) for b in branches]), layouts)


LOOPS: dict[str, Callable[[Site], list[Cell]]] = {
    "scan": _scan,
    "while": _while,
    "cond": _cond,
}
"""By the name of the primitive."""
