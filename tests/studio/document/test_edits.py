"""Edits: what each does, what it refuses, and that undo is its exact inverse."""

import json

import networkx as nx
import pytest

from engine import kinds
from studio.document import Document

# adding


def test_kernel_chooses_ids_and_names(editor):
    document = editor.document
    signs = [1, -1, 1, None, None]
    ids = [editor.add(**({"sign": s} if s else {})) for s in signs]
    assert ids == ["n1", "n2", "n3", "n4", "n5"]
    labels = [document.element(key)["label"] for key in ids]
    assert labels == ["E", "I", "E 2", "LIF", "LIF 2"]


def test_given_ids_and_names_are_kept(editor):
    document = editor.document
    assert editor.add(id="cells", label="L4 <E>", size=7) == "cells"
    assert document.element("cells")["size"] == 7
    editor.refused([{"op": "add-node", "kind": "LIFRef", "id": "cells"}])
    editor.refused([{"op": "add-node", "kind": "LIFRef", "label": "L4 <E>"}])


def test_removed_ids_do_not_come_back(editor):
    document = editor.document
    first = editor.add()
    document.apply([{"op": "remove", "ids": [first]}])
    assert editor.add() != first


def test_every_kind_can_be_added(editor):
    document = editor.document
    for kind in kinds.all_kinds("node"):
        key = editor.add(kind.key)
        assert document.element(key)["kind"] == kind.key
        assert ("sign" in document.element(key)) == (kind.shape == "population")


def test_parameters_of_a_new_node_are_normalised(editor):
    document = editor.document
    key = editor.add(params={"tau": "0.02 s", "V_init": "-55 ± 5 mV"})
    assert document.element(key)["params"] == {
        "tau": "20 ms",
        "V_init": {"dist": "Normal", "mean": "-55 mV", "std": "5 mV"},
    }


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "LIFReff"}, "'LIFRef'"),
        ({"params": {"V_thh": 1}}, "'V_th'"),
        ({"params": {"tau": "5 mV"}}, "voltage"),
        ({"size": 0}, "size"),
        ({"size": 10**13}, "size"),
        ({"label": "a\nb"}, "label"),
        ({"label": "\ud800"}, "label|surrogate"),
        ({"position": [0, float("nan")]}, "position"),
        ({"position": [0]}, "position"),
        ({"sign": 2}, "sign"),
        ({"colour": "red"}, "colour"),
        ({"id": "a.b"}, "id"),
    ],
)
def test_wrong_nodes_are_refused_in_words(editor, fields, words):
    problem = editor.refused([{"op": "add-node", "kind": "LIFRef"} | fields])
    assert any(word in problem.text for word in words.split("|"))


@pytest.mark.parametrize(
    "edit",
    [
        {},
        {"op": "explode"},
        {"op": "remove"},
        {"op": "set", "field": "x"},
        {"op": None},
    ],
)
def test_what_is_no_edit_is_refused(editor, edit):
    editor.refused([edit])


# connecting


@pytest.mark.parametrize(
    ("sign", "tau", "reversal", "weight"),
    [(1, "5 ms", "0 mV", "6 nS"), (-1, "10 ms", "-80 mV", "67 nS")],
)
def test_defaults_follow_the_sign_of_the_source(editor, sign, tau, reversal, weight):
    source, target = editor.add(sign=sign), editor.add(sign=1)
    edge = editor.connect(source, target)
    assert edge["kind"] == "Projection"
    assert (edge["source_port"], edge["target_port"]) == ("spikes", "synapse")
    assert edge["rule"] == {"kind": "FixedProb", "params": {"prob": 0.02}}
    assert edge["synapse"] == {"kind": "Expon", "params": {"tau": tau}}
    assert edge["output"] == {"kind": "COBA", "params": {"E": reversal}}
    assert edge["weight"] == weight


def test_defaults_follow_the_way_the_target_is_fed(pair):
    editor, e, i = pair
    edge = editor.connect(e, e, attrs={"output": "CUBA"})
    assert edge["weight"] == kinds.get("output", "CUBA").weight.default_value
    after = editor.connect(i, e)
    assert after["output"]["kind"] == "CUBA"
    assert after["weight"] == "-" + edge["weight"]
    other = type(editor)()
    a, b = other.add(sign=1), other.add(sign=-1)
    other.connect(a, b, attrs={"synapse": "Delta"})
    after = other.connect(b, b)
    assert after["synapse"] == {"kind": "Delta", "params": {}}
    assert "output" not in after
    assert after["weight"].startswith("-")


def test_inputs_of_equal_size_connect_one_to_one(pair):
    editor, e, _ = pair
    same, other = editor.add("Poisson"), editor.add("Poisson", size=3)
    assert editor.connect(same, e)["rule"]["kind"] == "OneToOne"
    assert editor.connect(other, e)["rule"]["kind"] == "FixedProb"


def test_currents_drive_and_probes_record(pair):
    editor, e, _ = pair
    drive = editor.connect(editor.add("ConstantCurrent"), e)
    assert (drive["kind"], drive["target_port"], drive["weight"]) == (
        "Drive",
        "current",
        1,
    )
    for kind, port in (("SpikeProbe", "spikes"), ("StateProbe", "state")):
        record = editor.connect(e, editor.add(kind))
        assert record["kind"] == "Record"
        assert (record["source_port"], record["target_port"]) == (port, "in")
        assert "weight" not in record


def test_every_pair_of_kinds_connects_or_is_refused_in_words(editor):
    nodes = kinds.all_kinds("node")
    for source in nodes:
        for target in nodes:
            editor = type(editor)()
            ends = editor.add(source.key), editor.add(target.key)
            out = {port.signal for port in source.ports if port.direction == "out"}
            into = {port.signal for port in target.ports if port.direction == "in"}
            edit = {"op": "connect", "source": ends[0], "target": ends[1]}
            if out & into:
                editor.document.apply([edit])
            else:
                assert editor.refused([edit]).element in ends


def test_attributes_of_a_new_edge_are_normalised(pair):
    editor, e, i = pair
    attrs = {
        "rule": {"kind": "FixedProb", "params": {"prob": "5 %"}},
        "weight": "0.006 uS",
        "delay": "0.001 s",
        "label": "feed",
    }
    edge = editor.connect(e, i, attrs=attrs)
    assert edge["rule"]["params"]["prob"] == 0.05
    assert (edge["weight"], edge["delay"], edge["label"]) == ("6 nS", "1 ms", "feed")


@pytest.mark.parametrize(
    "fields",
    [
        {"source": "n9"},
        {"target": "n9"},
        {"source_port": "current"},
        {"attrs": {"rule": "Fixedprob"}},
        {"attrs": {"rule": 3}},
        {"attrs": {"output": {"kind": "COBA", "params": {"E_rev": 0}}}},
        {"attrs": {"weight": "6 pA"}},
        {"attrs": {"wait": 1}},
        {"attrs": {"kind": "Drive"}},
    ],
)
def test_wrong_edges_are_refused(pair, fields):
    editor, e, i = pair
    editor.refused([{"op": "connect", "source": e, "target": i} | fields])


# setting


def test_values_are_normalised(pair):
    editor, e, _ = pair
    document = editor.document
    change = editor.put(e, "params.tau", "2*10 ms")
    assert change.upserted_nodes[0]["params"]["tau"] == "20 ms"
    assert change.label == "Set tau of E"
    editor.put(e, "size", "3\u2009200")
    assert document.element(e)["size"] == 3200
    editor.put(None, "graph.dt", "50 us")
    assert document.settings["dt"] == "0.05 ms"
    editor.put(e, "params.tau", None)
    assert "tau" not in document.element(e)["params"]


def test_refusals_name_place_and_fix(pair):
    editor, e, i = pair
    document = editor.document
    edge = editor.connect(i, e)["id"]
    edit = {"op": "set", "element": edge, "field": "weight", "value": "67 pA"}
    problem = editor.refused([edit], element=edge, field="weight")
    assert "conductance" in problem.text
    (fix,) = problem.fixes
    document.apply(fix.ops)
    assert document.element(edge)["weight"] == "67 nS"


def test_taken_names_are_refused_with_a_free_one(pair):
    editor, _, i = pair
    document = editor.document
    edit = {"op": "set", "element": i, "field": "label", "value": "E"}
    problem = editor.refused([edit], element=i, field="label")
    document.apply(problem.fixes[0].ops)
    assert document.element(i)["label"] == "E 2"
    editor.put(i, "label", "E 2")  # its own name is no clash


@pytest.mark.parametrize(
    ("element", "field", "value"),
    [
        ("n1", "params.taau", "1 ms"),
        ("n1", "params.tau", "-1 ms"),
        ("n1", "params.tau", {"dist": "Cauchy"}),
        ("n1", "colour", "red"),
        ("n1", "id", "n7"),
        ("n1", "size", 2.5),
        ("n1", "label", ""),
        ("n1", "label", None),
        ("n1", "position", None),
        ("n1", "kind", "Poisson"),
        ("n1", "kind", None),
        ("n9", "size", 1),
        ("e1", "rule.kind", "Nothing"),
        ("e1", "rule.params.tau", "1 ms"),
        ("e1", "source", "n2"),
        ("e1", "delay", "-1 ms"),
        (None, "graph.dt", "0 ms"),
        (None, "graph.dt", "5 mV"),
        (None, "graph.seed", 0.5),
        (None, "graph.seed", -1),
        (None, "graph.precision", 16),
        (None, "graph.colour", 1),
        (None, "name", ""),
    ],
)
def test_wrong_values_are_refused(pair, element, field, value):
    editor, e, i = pair
    editor.connect(e, i)
    edit = {"op": "set", "element": element, "field": field, "value": value}
    # an element that never was cannot be pointed at
    editor.refused([edit], element=None if element == "n9" else element)


def test_another_kind_keeps_what_fits(pair):
    editor, e, _ = pair
    document = editor.document
    editor.put(e, "params.tau", "30 ms")
    editor.put(e, "params.tau_ref", "2 ms")
    editor.put(e, "kind", "LIF")
    record = document.element(e)
    assert record["params"] == {"tau": "30 ms"}
    assert record["label"] == "E"


def test_another_synapse_takes_output_and_weight_along(pair):
    editor, e, i = pair
    document = editor.document
    edge = editor.connect(e, i)["id"]
    editor.put(edge, "synapse.kind", "Delta")
    record = document.element(edge)
    assert "output" not in record
    assert record["weight"].endswith(" mV")
    editor.put(edge, "synapse.kind", "Alpha")
    record = document.element(edge)
    assert record["output"]["kind"] == "COBA"
    assert record["weight"].endswith(" nS")
    editor.put(edge, "weight", "9 nS")
    editor.put(edge, "output.kind", "MgBlock")
    assert document.element(edge)["weight"] == "9 nS"  # the same unit: kept
    editor.put(edge, "output.kind", "CUBA")
    assert document.element(edge)["weight"].endswith(" pA")


def test_kinds_that_are_not_known_keep_their_data(pair):
    editor, _, _ = pair
    document = editor.document
    doc = document.to_doc()
    doc["nodes"][0] |= {"kind": "Quantum", "params": {"psi": [1, {"a": None}]}}
    document = Document.from_doc(doc)
    editor = type(editor)(document)
    editor.put("n1", "params.psi", "any JSON")
    assert document.element("n1")["params"] == {"psi": "any JSON"}
    editor.refused([{"op": "connect", "source": "n1", "target": "n2"}])
    assert any(p.element == "n1" for p in document.problems())


# what a change means


@pytest.mark.parametrize(
    ("element", "field", "value", "invalidates"),
    [
        ("n1", "label", "X", "layout"),
        ("n1", "pins", ["params.tau"], "layout"),
        ("n1", "position", [5, 5], "layout"),
        ("n1", "silenced", ["x"], "layout"),
        ("n1", "params.tau", "30 ms", "parameter"),
        ("n1", "params.tau", "30 +- 2 ms", "structure"),
        ("n1", "params.spk_reset", "soft", "structure"),
        ("n1", "size", 5, "structure"),
        ("n1", "muted", True, "structure"),
        ("n1", "kind", "LIF", "structure"),
        ("e1", "weight", "7 nS", "parameter"),
        ("e1", "delay", "3 ms", "parameter"),
        ("e1", "rule.params.prob", 0.1, "parameter"),
        ("e1", "rule.params.allow_self", False, "structure"),
        ("e1", "synapse.params.tau", "7 ms", "parameter"),
        ("e1", "output.params.E", "-70 mV", "parameter"),
        ("e1", "output.kind", "CUBA", "structure"),
        ("e1", "rule.kind", "AllToAll", "structure"),
        ("e1", "label", "feed", "layout"),
        (None, "graph.name", "X", "layout"),
        (None, "graph.dt", "0.2 ms", "structure"),
        (None, "graph.seed", 9, "structure"),
        (None, "graph.silenced", ["x"], "layout"),
    ],
)
def test_changes_say_what_they_invalidate(pair, element, field, value, invalidates):
    editor, e, i = pair
    document = editor.document
    editor.connect(e, i)
    before = document.to_doc()
    change = editor.put(element, field, value)
    assert change.invalidates == invalidates
    assert not change.is_empty
    assert change.revision == document.revision
    undone = document.undo()
    assert undone.invalidates == invalidates
    assert document.to_doc() == before


def test_setting_what_is_there_changes_nothing(pair):
    editor, e, _ = pair
    document = editor.document
    revision = document.revision
    assert editor.put(e, "label", "E").is_empty
    assert document.revision == revision
    assert document.undo_label == "Add I"


def test_changes_carry_whole_records(pair):
    editor, e, i = pair
    document = editor.document
    edge = editor.connect(e, i)
    change = document.apply([{"op": "remove", "ids": [e, edge["id"]]}])
    assert set(change.removed_ids) == {e, edge["id"]}
    change = document.undo()
    assert [node["id"] for node in change.upserted_nodes] == [e]
    assert change.upserted_edges == (edge,)
    change = editor.put(None, "seed", 5)
    assert change.meta_changed == {"seed": 5}
    assert change.values == {}


def test_changes_tell_which_values_a_running_network_can_take(pair):
    editor, e, i = pair
    edge = editor.connect(e, i)["id"]
    change = editor.put(edge, "weight", "7 nS")
    assert change.values == {(edge, "weight"): "7 nS"}
    change = editor.put(e, "params.tau", "21 ms")
    assert change.values == {(e, "params.tau"): "21 ms"}
    assert editor.document.undo().values == {(e, "params.tau"): None}
    assert editor.put(e, "size", 7).values == {}
    assert editor.put(e, "label", "Z").values == {}


def test_listeners_hear_of_every_change(pair):
    editor, e, _ = pair
    document = editor.document
    heard = []
    stop = document.on_change(heard.append)
    editor.put(e, "size", 5)
    document.undo()
    document.redo()
    stop()
    document.undo()
    assert [change.label for change in heard] == [
        "Set size of E",
        "Undo Set size of E",
        "Redo Set size of E",
    ]


# removing, moving, copying


def test_a_node_takes_its_edges_along(pair):
    editor, e, i = pair
    document = editor.document
    edges = [editor.connect(*ends)["id"] for ends in ((e, e), (e, i), (i, i))]
    change = document.apply([{"op": "remove", "ids": [e]}])
    assert set(change.removed_ids) == {e, *edges[:2]}
    assert document.n_edges == 1
    editor.refused([{"op": "remove", "ids": [e]}])


def test_duplicates_keep_what_is_inside(pair):
    editor, e, i = pair
    document = editor.document
    for ends in ((e, i), (i, i), (i, e)):
        editor.connect(*ends)
    change = document.apply([{"op": "duplicate", "ids": [i], "offset": [10, 20]}])
    (copy_,) = change.upserted_nodes
    assert copy_["label"] == "I 2"
    assert copy_["position"] == [10, 20]
    (loop,) = change.upserted_edges
    assert loop["source"] == loop["target"] == copy_["id"]
    change = document.apply([{"op": "duplicate", "ids": [e, i]}])
    assert len(change.upserted_nodes) == 2
    assert len(change.upserted_edges) == 3


def test_paste_makes_the_same_elsewhere(pair):
    editor, e, i = pair
    document = editor.document
    editor.connect(e, i)
    clip = document.copy([e, i])
    other = Document()
    other.apply([{"op": "paste", **clip}])
    assert other.to_doc()["nodes"] == document.to_doc()["nodes"]
    assert other.to_doc()["edges"] == document.to_doc()["edges"]
    change = document.apply([{"op": "paste", **clip}])
    assert [n["label"] for n in change.upserted_nodes] == ["E 2", "I 2"]
    (edge,) = change.upserted_edges
    assert [edge["source"], edge["target"]] == [n["id"] for n in change.upserted_nodes]


@pytest.mark.parametrize(
    "clip",
    [
        {"nodes": [{"id": "n1"}]},
        {"nodes": [], "edges": [{"id": "e1", "source": "a", "target": "b"}]},
        {"nodes": [{"id": "x", "kind": "LIFRef", "label": "x", "size": "many"}]},
    ],
)
def test_what_cannot_be_pasted_is_refused(pair, clip):
    pair[0].refused([{"op": "paste", "edges": []} | clip])


def test_the_graph_handed_out_is_a_copy(pair):
    editor, e, _ = pair
    document = editor.document
    graph = document.graph
    assert isinstance(graph, nx.MultiDiGraph)
    graph.nodes[e]["params"]["tau"] = "1 ms"
    graph.remove_node(e)
    assert document.element(e)["params"] == {}


def test_what_is_given_may_change_afterwards(pair):
    editor, e, _ = pair
    document = editor.document
    position = [1, 2]
    document.apply([{"op": "move", "positions": {e: position}}])
    position.append(3)
    assert document.element(e)["position"] == [1, 2]


def test_read_only_documents_refuse(editor):
    data = json.loads(Document("New").encode()) | {"version": 99}
    document = Document.decode(json.dumps(data).encode())
    problem = type(editor)(document).refused([{"op": "add-node", "kind": "LIFRef"}])
    assert problem.code == "read-only"
    assert any(p.code == "read-only" for p in document.problems())
