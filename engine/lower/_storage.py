"""Which random connections are stored, and which are drawn anew at every spike.

Both are the same connections. A table takes memory and is faster while it fits; so
connections are stored unless all tables together would not fit, or the user chooses by
``environ.set(connectivity=...)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .. import environ
from ..event._blocks import is_dense
from ..event._csr import MAX_SYNAPSES
from ._read import Drawing, EdgeRecord

WORD = 4  # bytes of a weight, and of the number of a target where it is whole
SPARE = 1.25  # small tables have room to grow while a network runs
SPARE_BELOW = 2**24  # synapses
RECIPE_BYTES = 2**15  # of connections that are not stored
ROOM = 0.75  # share of the free memory that is used without a word


@dataclass(frozen=True)
class Storage:
    """What is stored.

    Parameters
    ----------
    unstored : frozenset of str
        Ids of the edges whose connections are drawn anew at every spike.
    free : int or None
        The memory that there was, as far as it was asked for.
    reasons : mapping of str to str
        Why the others of a random rule have to be stored, by id.
    """

    unstored: frozenset[str] = frozenset()
    free: int | None = None
    reasons: dict[str, str] = field(default_factory=dict)


def n_synapses(drawing: Drawing, edge: EdgeRecord) -> float:
    """Return the expected number of synapses of an edge; 0 if it is no projection."""
    ends = (drawing.nodes.get(edge.source), drawing.nodes.get(edge.target))
    if edge.rule is None or None in ends:
        return 0.0
    n_pre, n_post = (end.size for end in ends)  # type: ignore[union-attr]
    return float(edge.rule.kind.expected(n_pre, n_post, edge.rule.params))


def table_bytes(drawing: Drawing, edge: EdgeRecord) -> float:
    """Return how much memory the table of an edge takes."""
    n = n_synapses(drawing, edge)
    bytes_each = WORD * isinstance(edge.weight, dict) + index_bytes(drawing, edge)
    if isinstance(edge.delay, dict):  # the delays, and the table in two orders
        bytes_each = 2 * bytes_each + 2 * WORD
    return n * bytes_each * (SPARE if n < SPARE_BELOW else 1.0)


def index_bytes(drawing: Drawing, edge: EdgeRecord) -> int:
    """Return how much memory the number of a target takes.

    It is that of a CPU: asking for the device would start JAX, and hosts have to join
    before.
    """
    ends = (drawing.nodes.get(edge.source), drawing.nodes.get(edge.target))
    if None in ends or isinstance(edge.delay, dict):
        return WORD
    sizes = (end.size for end in ends)  # type: ignore[union-attr]
    return WORD // 2 if is_dense(n_synapses(drawing, edge), *sizes) else WORD


def why_stored(edge: EdgeRecord) -> str | None:
    """Say why the connections of an edge have to be stored, None if they need not."""
    if edge.rule is None:
        return "nothing says who is connected"
    if edge.rule.kind.layer is None:
        rule = edge.rule.kind.label
        return f"the targets of one neuron do not follow from “{rule}” alone"
    if isinstance(edge.weight, dict):
        return "each synapse has a weight of its own"
    if isinstance(edge.delay, dict):
        return "each synapse has a delay of its own"
    return None


def storage(
    drawing: Drawing, state_bytes: float, free_bytes: Callable[[], int | None]
) -> Storage:
    """Decide what is stored.

    Parameters
    ----------
    drawing : Drawing
    state_bytes : float
        Memory of all else.
    free_bytes : callable
        Returns the memory that there is, if anybody knows; asked for large networks.
    """
    choice = environ.get("connectivity", "auto")
    edges = [e for e in drawing.edges.values() if n_synapses(drawing, e)]
    reasons = {e.id: why for e in edges if (why := why_stored(e)) is not None}
    can = [e for e in edges if e.id not in reasons]
    if choice == "stored":
        return Storage(reasons=reasons)
    if choice == "just-in-time":
        return Storage(frozenset(e.id for e in can), reasons=reasons)
    sizes = {e.id: table_bytes(drawing, e) for e in edges}
    chosen = {e.id for e in can if n_synapses(drawing, e) > MAX_SYNAPSES}
    total = state_bytes + sum(n for key, n in sizes.items() if key not in chosen)
    free = free_bytes() if total >= 2**27 else None
    if free is not None:
        for edge in sorted(can, key=lambda e: -sizes[e.id]):
            if total <= ROOM * free:
                break
            if edge.id not in chosen:
                chosen.add(edge.id)
                total -= sizes[edge.id]
    return Storage(frozenset(chosen), free, reasons)
