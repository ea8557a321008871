"""Files: what is written is read again, and what is hostile is refused in words."""

import json
import time

import networkx as nx
import pytest
from hypothesis import given, settings, strategies as st
from strategies import docs

from studio.document import (
    DamagedFileError,
    Document,
    NewerFormatError,
    TooLargeError,
)
from studio.document._codec import checksum
from studio.document._migrate import migrate

DOC = {
    "name": "Two",
    "dt": "0.1 ms",
    "seed": 3,
    "precision": 32,
    "nodes": [
        {"id": "n1", "kind": "LIFRef", "label": "E", "size": 8, "sign": 1}
        | {"params": {"tau": "20 ms"}, "position": [0, 0]},
        {"id": "n2", "kind": "LIFRef", "label": "I", "size": 2, "sign": -1}
        | {"params": {}, "position": [200, 10.5]},
    ],
    "edges": [
        {"id": "e1", "source": "n1", "target": "n2", "kind": "Projection"}
        | {"source_port": "spikes", "target_port": "synapse", "weight": "6 nS"}
        | {"rule": {"kind": "FixedProb", "params": {"prob": 0.02}}}
    ],
}


def payload() -> dict:
    return json.loads(Document.from_doc(DOC).encode())


def encoded(change) -> bytes:
    data = payload()
    change(data)
    return json.dumps(data).encode()


@given(docs())
@settings(max_examples=60, deadline=None)
def test_decode_inverts_encode(doc):
    document = Document.from_doc(doc)
    data = document.encode()
    again = Document.decode(data)
    assert again == document
    assert again.encode() == data


def test_to_doc_inverts_from_doc():
    assert Document.from_doc(DOC).to_doc() == DOC


def test_networkx_reads_the_graph_part():
    graph = nx.node_link_graph(payload()["graph"], edges="edges")
    assert isinstance(graph, nx.MultiDiGraph)
    assert graph.nodes["n1"]["params"] == {"tau": "20 ms"}
    assert graph.edges["n1", "n2", "e1"]["weight"] == "6 nS"
    assert graph.graph["dt"] == "0.1 ms"
    assert Document.from_graph(graph) == Document.from_doc(DOC)


def test_order_of_drawing_does_not_show():
    turned = DOC | {"nodes": DOC["nodes"][::-1]}
    assert Document.from_doc(turned).encode() == Document.from_doc(DOC).encode()


def test_unknown_fields_and_kinds_are_kept():
    def change(data):
        data["future"] = {"a": [None, 1]}
        data["graph"]["graph"]["theme"] = "blue"
        data["graph"]["nodes"][0] |= {"kind": "Quantum", "node_for_adding": None}
        data["graph"]["edges"][0] |= {"u_for_edge": 1, "plasticity": {"kind": "STDP"}}

    document = Document.decode(encoded(change))
    again = json.loads(document.encode())
    assert again["future"] == {"a": [None, 1]}
    assert again["graph"]["graph"]["theme"] == "blue"
    node, edge = again["graph"]["nodes"][0], again["graph"]["edges"][0]
    assert node["kind"] == "Quantum"
    assert node["node_for_adding"] is None
    assert edge["plasticity"] == {"kind": "STDP"}


def test_checksum_tells_edits_by_hand():
    def change(data):
        data["graph"]["nodes"][0]["size"] = 9

    assert Document.decode(encoded(change))._decoded.is_changed_outside
    assert not Document.decode(encoded(lambda data: None))._decoded.is_changed_outside
    without = encoded(lambda data: data.pop("checksum"))
    assert Document.decode(without)._decoded.is_changed_outside


def test_checksum_sees_every_flipped_letter_that_still_parses():
    data = Document.from_doc(DOC).encode()
    unseen = []
    for i in range(0, len(data), 3):
        flipped = bytearray(data)
        flipped[i] ^= 1
        try:
            decoded = Document.decode(bytes(flipped))
        except (DamagedFileError, NewerFormatError):
            continue
        same = json.loads(flipped) == json.loads(data)
        if not (decoded._decoded.is_changed_outside or same):
            unseen.append(i)
    assert unseen == []


@pytest.mark.parametrize("n", [0, 1, 7, 60, -2])
def test_cut_files_are_refused(n):
    data = Document.from_doc(DOC).encode()
    with pytest.raises(DamagedFileError, match="my file"):
        Document.decode(data[:n].rstrip(b"}\n"), "my file")


def _duplicate_key() -> bytes:
    return (
        Document.from_doc(DOC).encode().replace(b'"seed": 3', b'"seed": 3, "seed": 4')
    )


def _with(text: bytes) -> bytes:
    return Document.from_doc(DOC).encode().replace(b'"seed": 3', b'"seed": ' + text)


HOSTILE = {
    "duplicate key": (_duplicate_key(), "'seed' twice"),
    "NaN": (_with(b"NaN"), "NaN"),
    "infinity": (_with(b"-Infinity"), "Infinity"),
    "overflow": (_with(b"1e999"), "too large"),
    "long integer": (_with(b"9" * 5000), "cannot be read|digits"),
    "big integer": (_with(b"9" * 1000), "digits|seed"),
    "lone surrogate": (_with(b'"\\ud800"'), "surrogate"),
    "surrogate as a key": (_with(b'0, "\\ud800": 1'), "surrogate"),
    "not UTF-8": (b"\xff\xfe{}", "UTF-8"),
    "a list": (b"[]", "not a Neuroloom document"),
    "another JSON": (b'{"format": "vega"}', "not a Neuroloom document"),
    "a notebook": (b'{"cells": [], "nbformat": 4}', "not a Neuroloom document"),
    "text": (b"hello", "not a whole JSON file"),
    "nothing": (b"", "not a whole JSON file"),
    "no version": (b'{"format": "neuroloom"}', "version"),
    "bool version": (b'{"format": "neuroloom", "version": true}', "version"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_are_refused_in_words(case):
    data, words = HOSTILE[case]
    with pytest.raises(DamagedFileError, match=words):
        Document.decode(data)


BROKEN = {
    "no nodes": lambda d: d["graph"].pop("nodes"),
    "graph is text": lambda d: d.update(graph="x"),
    "id twice": lambda d: d["graph"]["nodes"][1].update(id="n1"),
    "id of a node for an edge": lambda d: d["graph"]["edges"][0].update(key="n1"),
    "end is missing": lambda d: d["graph"]["edges"][0].update(target="n9"),
    "id with a path": lambda d: d["graph"]["nodes"][0].update(id="../../x"),
    "size is text": lambda d: d["graph"]["nodes"][0].update(size="many"),
    "size is true": lambda d: d["graph"]["nodes"][0].update(size=True),
    "size is none at all": lambda d: d["graph"]["nodes"][0].update(size=0),
    "position is short": lambda d: d["graph"]["nodes"][0].update(position=[1]),
    "label has a line break": lambda d: d["graph"]["nodes"][0].update(label="a\nb"),
    "label is long": lambda d: d["graph"]["nodes"][0].update(label="a" * 201),
    "rule is text": lambda d: d["graph"]["edges"][0].update(rule="FixedProb"),
    "seed is negative": lambda d: d["graph"]["graph"].update(seed=-1),
    "precision is odd": lambda d: d["graph"]["graph"].update(precision=16),
    "revision is text": lambda d: d.update(revision="1"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_records_are_refused(case):
    with pytest.raises(DamagedFileError):
        Document.decode(encoded(BROKEN[case]))


BOMBS = {
    "deep lists": b"[" * 1_000_000,
    "deep objects": b'{"a":' * 200_000,
    "wide": b"[" + b"[]," * 1_500_000 + b"[]]",
    "many values": b"[" + b"1," * 2_000_000 + b"1]",
    "long": b" " * (8 * 2**20 + 1),
    "open string of quotes": b'"' + b'\\"' * 2_000_000,
    "backslashes": b"\\" * 4_000_000,
    "quotes": b'"' * 4_000_001,
}


@pytest.mark.parametrize("case", BOMBS)
def test_bombs_are_answered_at_once(case):
    start = time.process_time()
    with pytest.raises((TooLargeError, DamagedFileError)):
        Document.decode(BOMBS[case])
    assert time.process_time() - start < 1.0  # measured: at most 0.2 s, idle


def test_too_many_nodes_are_refused():
    node = payload()["graph"]["nodes"][0]

    def change(data):
        data["graph"]["nodes"] = [node | {"id": f"n{i}"} for i in range(5001)]
        data["graph"]["edges"] = []

    with pytest.raises(TooLargeError, match="5001 nodes"):
        Document.decode(encoded(change))


def test_brackets_in_labels_are_no_nesting():
    doc = json.loads(json.dumps(DOC))
    doc["nodes"][0]["label"] = '["{' * 30
    assert Document.decode(Document.from_doc(doc).encode()).to_doc() == doc


def test_newer_files_open_read_only_and_keep_their_bytes(tmp_path):
    data = encoded(lambda d: d.update(version=99, invention={"x": 1}))
    path = tmp_path / "new.loom.json"
    path.write_bytes(data)
    document = Document.load(path)
    assert document.is_read_only
    assert document.n_nodes == 2
    assert document.encode() == data
    document.save(tmp_path / "copy.loom.json")
    assert (tmp_path / "copy.loom.json").read_bytes() == data


def test_newer_files_that_cannot_be_shown_say_so():
    with pytest.raises(NewerFormatError, match="Update Neuroloom"):
        Document.decode(encoded(lambda d: d.update(version=2, graph=[1])))


def test_old_files_are_migrated_a_step_at_a_time():
    steps = {
        1: lambda p: p | {"graph": p["graph"] + ["two"]},
        2: lambda p: p | {"graph": p["graph"] + ["three"]},
    }
    old = {"version": 1, "graph": ["one"]}
    new = migrate(old, to=3, migrations=steps)
    assert new == {"version": 3, "graph": ["one", "two", "three"]}
    assert migrate(new, to=2, migrations=steps) == new


def test_checksum_does_not_depend_on_layout():
    data = payload()
    assert checksum(data) == data["checksum"]
    assert checksum(dict(reversed(data.items()))) == data["checksum"]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    with pytest.raises(DamagedFileError):
        Document.decode(data)


def test_code_like_labels_are_text(tmp_path):
    names = ["__import__('os').system('x')", "<img src=x onerror=alert(1)>", "'; drop"]
    doc = json.loads(json.dumps(DOC))
    for node, name in zip(doc["nodes"], names, strict=False):
        node["label"] = name
    assert Document.decode(Document.from_doc(doc).encode()).to_doc() == doc
