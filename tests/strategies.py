"""Random documents for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

ids = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,6}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
numbers = st.integers(-(2**53), 2**53) | st.floats(
    allow_nan=False, allow_infinity=False, width=64
)
# what a parameter may hold in a file, sensible or not
values = st.recursive(
    st.none() | st.booleans() | numbers | texts | st.sampled_from(["20 ms", "-60 mV"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
    ),
    max_leaves=6,
)
params = st.dictionaries(texts, values, max_size=4)
positions = st.lists(st.integers(-1000, 1000), min_size=2, max_size=2)
kinds = st.sampled_from(["LIFRef", "Poisson", "SpikeProbe", "NotYetInvented"])


def _unknown(known: set[str]) -> st.SearchStrategy[dict]:
    """Fields of a later version: names that this one does not use."""
    names = texts.filter(lambda name: name not in known)
    return st.dictionaries(names, values, max_size=2)


_NODE = {"id", "kind", "label", "size", "sign", "params", "position", "pins", "muted"}
_EDGE = {"id", "key", "source", "target", "kind", "rule", "synapse", "output"}
_MORE = {"silenced", "weight", "delay", "source_port", "target_port"}
parts = st.fixed_dictionaries({"kind": texts, "params": params})


@st.composite
def nodes(draw: st.DrawFn, key: str) -> dict:
    known = {
        "id": st.just(key),
        "kind": kinds,
        "label": texts,
        "params": params,
        "position": positions,
    }
    optional = {
        "size": st.integers(1, 10**12),
        "sign": st.sampled_from([-1, 0, 1]),
        "muted": st.booleans(),
        "silenced": st.lists(texts, max_size=2),
    }
    record = draw(st.fixed_dictionaries(known, optional=optional))
    return draw(_unknown(_NODE | _EDGE | _MORE)) | record


@st.composite
def edges(draw: st.DrawFn, key: str, ends: list[str]) -> dict:
    known = {
        "id": st.just(key),
        "source": st.sampled_from(ends),
        "target": st.sampled_from(ends),
        "kind": st.sampled_from(["Projection", "Drive", "Record", "Other"]),
        "source_port": texts,
        "target_port": texts,
    }
    optional = {
        "rule": parts,
        "synapse": parts,
        "output": parts,
        "weight": numbers | texts,
        "delay": texts,
        "pins": st.lists(texts, max_size=2),
    }
    record = draw(st.fixed_dictionaries(known, optional=optional))
    return draw(_unknown(_NODE | _EDGE | _MORE)) | record


@st.composite
def docs(draw: st.DrawFn) -> dict:
    """Whole documents as views have them, with fields of the future and odd values."""
    keys = draw(st.lists(ids, min_size=1, max_size=6, unique=True))
    cut = draw(st.integers(1, len(keys)))
    node_ids, edge_ids = keys[:cut], keys[cut:]
    return {
        "name": draw(texts),
        "dt": draw(st.sampled_from(["0.1 ms", "0.05 ms", "1 ms"])),
        "seed": draw(st.integers(0, 2**32 - 1)),
        "precision": draw(st.sampled_from([32, 64])),
        "nodes": [draw(nodes(key)) for key in node_ids],
        "edges": [draw(edges(key, node_ids)) for key in edge_ids],
    }
