"""From the program of a step of the whole network to that of one device.

The jaxpr is walked once. Every value in it is whole, and the same on every device, or
divided. What is computed from whole values alone is computed by every device, random
numbers among it, so that all draw what one device would draw. Where whole and divided
values meet, the whole ones are cut. An operation that mixes neurons is refused: there
is no other way to compute it than on one device.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jax.extend.core import ClosedJaxpr, Literal

from ._errors import DivisionError
from ._layout import Layout, Pieces

_ENGINE = Path(__file__).resolve().parents[1]

CALLS = frozenset(
    {
        *("jit", "pjit", "closed_call", "core_call", "remat", "checkpoint", "remat2"),
        *("custom_jvp_call", "custom_vjp_call", "custom_vjp_call_jaxpr"),
    }
)


@dataclass(frozen=True)
class Cell:
    """A value of the program.

    Parameters
    ----------
    value : array
        What this device holds of it.
    layout : Layout, optional
        How it is divided; None for a whole value.
    owner : str
        Name of the population it belongs to, for messages.
    """

    value: Any
    layout: Layout | None = None
    owner: str = ""


@dataclass(frozen=True)
class Site:
    """An operation that has to be done on blocks.

    Parameters
    ----------
    eqn : JaxprEqn
        The operation on whole arrays.
    cells : list of Cell
        What goes in.
    pieces : Pieces
        The division.
    """

    eqn: Any
    cells: list[Cell]
    pieces: Pieces

    @property
    def name(self) -> str:
        """Name of the primitive."""
        return self.eqn.primitive.name

    @property
    def owner(self) -> str:
        """Name of the first population that takes part."""
        return next((cell.owner for cell in self.cells if cell.owner), "")

    @property
    def layouts(self) -> list[Layout]:
        """Layouts of what is divided."""
        return [cell.layout for cell in self.cells if cell.layout is not None]

    def shape(self, i: int) -> tuple[int, ...]:
        """Return the shape of an operand on one device."""
        return tuple(self.eqn.invars[i].aval.shape)

    @property
    def out_shape(self) -> tuple[int, ...]:
        """Shape of the result on one device."""
        return tuple(self.eqn.outvars[0].aval.shape)

    def bind(self, *values: Any, **changes: Any) -> Any:
        """Do the operation on blocks."""
        return self.eqn.primitive.bind(*values, **(self.eqn.params | changes))

    def whole(self, i: int) -> Any:
        """Return an operand whole, exchanged among the devices if need be."""
        cell = self.cells[i]
        if cell.layout is None:
            return cell.value
        if cell.layout.kind != "neurons":
            raise self.refusal()
        axis = cell.layout.where
        return self.pieces.gather(cell.value, axis, self.shape(i)[axis])

    def cut(self, i: int, layout: Layout) -> Any:
        """Return an operand divided in that way."""
        cell = self.cells[i]
        if cell.layout == layout:
            return cell.value
        if cell.layout is not None or layout.kind != "neurons":
            raise self.refusal()
        return self.pieces.cut(cell.value, layout.where)

    def refusal(self) -> DivisionError:
        """Return the error that says that this operation cannot be divided."""
        owner = repr(self.owner) if self.owner else "The network"
        place = _place_of(self.eqn)
        return DivisionError(
            f"{owner} cannot be divided among devices: the operation {self.name!r}"
            f"{place} does not treat every neuron by itself. Leave out "
            "`devices`, or let neurons act on each other through projections only."
        )


def _place_of(eqn: Any) -> str:
    """Say which line of whose program an operation comes from, if that is known."""
    traceback = getattr(eqn.source_info, "traceback", None)
    for frame in getattr(traceback, "frames", ()):
        path = Path(frame.file_name)
        if "site-packages" not in path.parts and _ENGINE not in path.parents:
            line = getattr(frame, "line_num", "?")
            return f" in {frame.function_name} ({path.name}, line {line})"
    return ""


def local_step(
    closed: ClosedJaxpr,
    inputs: Sequence[Cell | None],
    wanted: Sequence[bool],
    pieces: Pieces,
) -> list[Cell | None]:
    """Run a program on the block of this device.

    Parameters
    ----------
    closed : ClosedJaxpr
        The step of the whole network.
    inputs : sequence of Cell or None
        Its inputs; None for those that nothing wanted depends on.
    wanted : sequence of bool
        Which of its outputs are needed; others are not computed.
    pieces : Pieces
        The division. The call is inside of `jax.shard_map` over its axis.

    Returns
    -------
    list of Cell or None
        The outputs, None for those that are not wanted.

    Raises
    ------
    DivisionError
        If an operation mixes neurons.
    """
    jaxpr = closed.jaxpr
    kept, _ = needed(closed, wanted)
    cells: dict[Any, Cell] = {
        var: Cell(const)
        for var, const in zip(jaxpr.constvars, closed.consts, strict=True)
    }
    cells |= {
        var: cell
        for var, cell in zip(jaxpr.invars, inputs, strict=True)
        if cell is not None
    }
    _walk(kept, cells, pieces)
    rows = zip(jaxpr.outvars, wanted, strict=True)
    return [_read(var, cells) if is_wanted else None for var, is_wanted in rows]


def needed(closed: ClosedJaxpr, wanted: Sequence[bool]) -> tuple[list[Any], list[bool]]:
    """Return the operations that wanted outputs depend on, and which inputs they do."""
    jaxpr = closed.jaxpr
    rows = zip(jaxpr.outvars, wanted, strict=True)
    used = {var for var, w in rows if w and not isinstance(var, Literal)}
    kept: list[Any] = []
    for eqn in reversed(jaxpr.eqns):
        if eqn.effects or used.intersection(eqn.outvars):
            used.update(var for var in eqn.invars if not isinstance(var, Literal))
            kept.append(eqn)
    return kept[::-1], [var in used for var in jaxpr.invars]


def _read(atom: Any, cells: dict[Any, Cell]) -> Cell:
    return Cell(atom.val) if isinstance(atom, Literal) else cells[atom]


def _walk(eqns: Iterable[Any], cells: dict[Any, Cell], pieces: Pieces) -> None:
    for eqn in eqns:
        site = Site(eqn, [_read(atom, cells) for atom in eqn.invars], pieces)
        cells.update(zip(eqn.outvars, _outputs(site), strict=True))


def _outputs(site: Site) -> list[Cell]:
    from ._loops import LOOPS  # these read this module
    from ._rules import FUNCTIONS, RULES

    is_call = site.name in CALLS
    table = FUNCTIONS if is_call else RULES
    rule = table.get(site.eqn.params.get("name", "") if is_call else site.name)
    if site.layouts and rule is not None:
        value, layout = rule(site)
        return [Cell(value, layout, site.owner)]
    if is_call:
        names = ("jaxpr", "call_jaxpr", "fun_jaxpr")
        inner = next(site.eqn.params[n] for n in names if n in site.eqn.params)
        return inline(inner, site.cells, site.pieces)
    if site.layouts and site.name in LOOPS:
        return LOOPS[site.name](site)
    if site.layouts:
        raise site.refusal()
    found = site.bind(*(cell.value for cell in site.cells))
    many = site.eqn.primitive.multiple_results
    return [Cell(value) for value in (found if many else [found])]


def inline(inner: Any, inputs: Sequence[Cell], pieces: Pieces) -> list[Cell]:
    """Walk through a function that is called, and return what it gives."""
    jaxpr, consts = getattr(inner, "jaxpr", inner), getattr(inner, "consts", ())
    constants = zip(jaxpr.constvars, consts, strict=True)
    cells = {var: Cell(value) for var, value in constants}
    cells |= dict(zip(jaxpr.invars, inputs, strict=True))
    _walk(jaxpr.eqns, cells, pieces)
    return [_read(var, cells) for var in jaxpr.outvars]
