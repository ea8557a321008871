"""Undo is the exact inverse, for any edits in any order; gestures are one step."""

import copy

from hypothesis import given, settings, strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
)
from strategies import docs

from studio.document import Document, Refused


def test_edits_are_made_together_or_not_at_all(pair):
    editor, e, _ = pair
    editor.refused(
        [
            {"op": "set", "element": e, "field": "size", "value": 5},
            {"op": "remove", "ids": ["n2"]},
            {"op": "add-node", "kind": "LIFRef"},
            {"op": "set", "element": None, "field": "seed", "value": 5},
            {"op": "set", "element": "n9", "field": "size", "value": 5},
        ],
    )


def test_a_gesture_is_one_step(pair):
    editor, e, _ = pair
    document = editor.document
    before = document.to_doc()
    for i in range(50):
        editor.put(e, "params.tau", i + 1, gesture=("view", 7))
    editor.put(e, "params.tau", 60, gesture=("view", 7), is_done=True)
    editor.put(e, "params.tau", 61, gesture=("view", 7))
    document.undo()
    assert document.element(e)["params"]["tau"] == "60 ms"
    document.undo()
    assert document.to_doc() == before
    document.redo()
    assert document.element(e)["params"]["tau"] == "60 ms"


def test_a_gesture_that_returns_leaves_no_step(pair):
    editor, e, _ = pair
    document = editor.document
    editor.put(e, "params.tau", "20 ms")
    label = document.undo_label
    for tau in (30, 40, 20):
        editor.put(e, "params.tau", tau, gesture=1)
    assert document.undo_label == label
    assert document.element(e)["params"]["tau"] == "20 ms"


def test_other_edits_end_a_gesture(pair):
    editor, e, i = pair
    document = editor.document
    editor.put(e, "size", 5, gesture=1)
    editor.put(i, "size", 6, gesture=2)
    editor.put(e, "size", 7, gesture=1)
    document.undo()
    assert document.element(e)["size"] == 5


def test_at_least_200_steps_are_kept(pair):
    editor, e, _ = pair
    document = editor.document
    for i in range(600):
        editor.put(e, "size", i + 1)
    n = 0
    while document.undo():
        n += 1
    assert n >= 200


@given(docs(), st.data())
@settings(max_examples=40, deadline=None)
def test_undo_is_the_inverse_on_any_document(doc, data):
    document = Document.from_doc(doc)
    before = document.to_doc()
    ids = [node["id"] for node in doc["nodes"]]
    edges = [edge["id"] for edge in doc["edges"]]
    some = st.lists(st.sampled_from(ids + edges), unique=True)
    edits = [
        {"op": "remove", "ids": data.draw(some)},
        {"op": "duplicate", "ids": data.draw(some)},
        {"op": "move", "positions": {data.draw(st.sampled_from(ids)): [3, 4]}},
        {"op": "set", "element": None, "field": "seed", "value": 77},
        {"op": "paste", **document.copy(ids)},
    ]
    after = None
    made = 0
    for edit in data.draw(st.permutations(edits)):
        try:
            made += not document.apply([copy.deepcopy(edit)]).is_empty
        except Refused:
            continue  # moved or removed twice
    after = document.to_doc()
    for _ in range(made):
        document.undo()
    assert document.to_doc() == before
    for _ in range(made):
        document.redo()
    assert document.to_doc() == after


positions = st.lists(st.integers(-99, 99), min_size=2, max_size=2)
values = st.sampled_from([3, "20 ms", "-55 mV", "x", None, {"dist": "Normal"}, 0.5])
node_fields = st.sampled_from(
    ["label", "size", "sign", "kind", "muted", "params.tau", "params.V_th", "nothing"]
)
edge_fields = st.sampled_from(
    ["weight", "delay", "rule.params.prob", "synapse.params.tau", "output.params.E"]
)
part_kinds = st.sampled_from(
    [
        ("synapse.kind", "Delta"),
        ("synapse.kind", "Alpha"),
        ("output.kind", "CUBA"),
        ("rule.kind", "AllToAll"),
    ]
)


class Edits(RuleBasedStateMachine):
    """Any edits, undone and redone in between: history and document agree."""

    nodes = Bundle("nodes")
    edges = Bundle("edges")

    @initialize()
    def start(self):
        self.document = Document()
        self.past = [self.document.to_doc()]  # what each undo must bring back
        self.future = []

    def apply(self, edit):
        before = self.document.to_doc()
        try:
            change = self.document.apply([edit])
        except Refused:
            assert self.document.to_doc() == before
            return None
        if self.document.to_doc() == before:
            assert change.is_empty
        else:
            self.past.append(self.document.to_doc())
            self.future.clear()
        return change

    @rule(
        target=nodes,
        kind=st.sampled_from(
            ["LIFRef", "LIF", "Poisson", "ConstantCurrent", "SpikeProbe"]
        ),
        sign=st.sampled_from([-1, 0, 1]),
    )
    def add(self, kind, sign):
        change = self.apply({"op": "add-node", "kind": kind, "sign": sign})
        return change.upserted_nodes[0]["id"]

    @rule(target=edges, source=nodes, end=nodes)
    def connect(self, source, end):
        change = self.apply({"op": "connect", "source": source, "target": end})
        return change.upserted_edges[0]["id"] if change else "e0"

    @rule(element=nodes, field=node_fields, value=values)
    def set_node(self, element, field, value):
        self.apply({"op": "set", "element": element, "field": field, "value": value})

    @rule(element=edges, field=edge_fields, value=values)
    def set_edge(self, element, field, value):
        self.apply({"op": "set", "element": element, "field": field, "value": value})

    @rule(element=edges, change=part_kinds)
    def change_part(self, element, change):
        field, value = change
        self.apply({"op": "set", "element": element, "field": field, "value": value})

    @rule(element=nodes, position=positions)
    def move(self, element, position):
        self.apply({"op": "move", "positions": {element: position}})

    @rule(element=st.one_of(consumes(nodes), consumes(edges)))
    def remove(self, element):
        self.apply({"op": "remove", "ids": [element]})

    @rule(ids=st.lists(nodes, max_size=3))
    def duplicate(self, ids):
        self.apply({"op": "duplicate", "ids": ids})

    @rule(seed=st.integers(0, 9))
    def set_seed(self, seed):
        self.apply({"op": "set", "element": None, "field": "seed", "value": seed})

    @rule()
    def undo(self):
        assert (self.document.undo() is None) == (len(self.past) == 1)
        if len(self.past) > 1:
            self.future.append(self.past.pop())

    @rule()
    def redo(self):
        assert (self.document.redo() is None) == (not self.future)
        if self.future:
            self.past.append(self.future.pop())

    @invariant()
    def is_as_remembered(self):
        assert self.document.to_doc() == self.past[-1]

    @invariant()
    def is_a_file_that_can_be_read(self):
        assert Document.decode(self.document.encode()) == self.document

    @invariant()
    def index_of_edges_is_right(self):
        graph = self.document.graph
        assert {(u, v, key) for u, v, key in graph.edges(keys=True)} == {
            (edge["source"], edge["target"], edge["id"])
            for edge in self.document.to_doc()["edges"]
        }

    @invariant()
    def names_are_unique(self):
        labels = [node["label"] for node in self.document.to_doc()["nodes"]]
        assert len(set(labels)) == len(labels)


Edits.TestCase.settings = settings(
    max_examples=30, stateful_step_count=25, deadline=None
)
TestEdits = Edits.TestCase
