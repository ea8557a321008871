"""What the document asks `engine.kinds`; the engine is imported when first asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.kinds import Param, Port

# part of a projection -> family of kinds
PARTS = {"rule": "rule", "synapse": "synapse", "output": "output"}


def find(family: str, key: object) -> Any | None:
    """Return a kind, or None for one that is not registered."""
    from engine import kinds

    return kinds.find(family, key)


def keys(family: str) -> list[str]:
    """Return the keys of all kinds of a family."""
    from engine import kinds

    return [kind.key for kind in kinds.all_kinds(family)]


def param(kind: Any | None, name: str) -> Param | None:
    """Return the declaration of a parameter, or None."""
    return None if kind is None else kind.param(name)


def ports(kind: Any, direction: str) -> Sequence[Port]:
    """Return the ports of a node kind in one direction."""
    return [port for port in kind.ports if port.direction == direction]


def weight_param(attrs: dict[str, Any]) -> Param | None:
    """Return what the weight of an edge with these attributes is."""
    for part in ("output", "synapse"):
        kind = find(PARTS[part], attrs[part]["kind"]) if part in attrs else None
        if kind is not None and kind.weight is not None:
            return kind.weight
    return param(find("edge", attrs.get("kind")), "weight")


def edge_between(signal: str, shape: str) -> str | None:
    """Return the kind of edge that takes a signal into a shape of node."""
    from engine import kinds

    for kind in kinds.all_kinds("edge"):
        if signal in kind.signals and shape in kind.targets:
            return kind.key
    return None


def delay_param(attrs: dict[str, Any]) -> Param | None:
    """Return what the delay of an edge is."""
    return param(find("edge", attrs.get("kind")), "delay")


def needs_output(synapse: str) -> bool:
    """Return whether a synapse hands its state to an output (Delta does not)."""
    kind = find("synapse", synapse)
    return kind is None or kind.weight is None


def style(attrs: dict[str, Any]) -> str:
    """Return how a projection acts on its target: the kind of its last part."""
    return attrs["output" if "output" in attrs else "synapse"]["kind"]


def signs_of(nodes: Iterable[Mapping[str, Any]]) -> dict[str, int | None]:
    """Return label -> sign of what spikes; None for inputs."""
    signs: dict[str, int | None] = {}
    for node in nodes:
        kind = find("node", node["kind"])
        if kind is None or kind.shape != "probe":
            is_input = kind is not None and kind.shape == "input"
            signs[node["label"]] = None if is_input else node.get("sign", 0)
    return signs
