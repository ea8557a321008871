"""What is wrong with drawings: every problem there is, and that its fixes solve it."""

import re
import time

import networkx as nx
import pytest
from drawings import draw, drive, node, project, record, zoo
from hypothesis import HealthCheck, example, given, settings, strategies as st
from strategies import docs, values

from engine import lower
from engine.kinds import all_kinds
from engine.lower import Problem, _check as check_module, check, plan
from studio.document import DamagedFileError, Document

A, B = node("a", size=10, label="A"), node("b", size=10, label="B")
LINK = ("a", "b")


def attrs(element, **changes):
    """Return an element with other attributes; None takes one away."""
    *ends, found = element
    merged = {k: v for k, v in (found | changes).items() if v is not None}
    return *ends, merged


# code: drawing, severity, element, field, what it says
CASES = {
    "unknown-kind": (draw(node("a", "LIFRaf")), "error", "a", "kind",
                     "no model 'LIFRaf' here. Did you mean 'LIFRef'"),
    "unknown-kind rule": (draw(A, B, project("e", *LINK, rule="FixedProp")), "error", "e",
                          "rule.kind", "no rule 'FixedProp'"),
    "unknown-kind none": (draw(attrs(A, kind=None)), "error", "a", "kind", "no kind of node"),
    "unknown-parameter": (draw(node("a", tua="3 ms")), "warning", "a", "params.tua",
                          "no parameter 'tua', so it is ignored. Did you mean 'tau'"),
    "params": (draw(attrs(A, params=[1])), "error", "a", "params", "no table"),
    "value": (draw(node("a", tau="fast")), "error", "a", "params.tau", "no unit 'fast'"),
    "unit": (draw(node("a", tau="3 mV")), "error", "a", "params.tau",
             "mV is a voltage; Time constant needs a time"),
    "unit weight": (draw(A, B, project("e", *LINK, weight="67 pA")), "error", "e", "weight",
                    "pA is a current; this synapse needs a conductance"),
    "limit": (draw(node("a", tau="-3 ms")), "error", "a", "params.tau", "or more"),
    "sign node": (draw(attrs(A, sign=3)), "error", "a", "sign", "1, 0 or -1"),
    "sign": (draw(attrs(A, sign=-1), B, project("e", *LINK, weight="5 nS")), "warning", "e",
             "weight", "A is inhibitory, but this projection excites"),
    "size": (draw(attrs(A, size=0)), "error", "a", "size", "1 or more"),
    "label": (draw(attrs(A, label="")), "error", "a", "label", "1 to 200 characters"),
    "name-taken": (draw(A, attrs(B, label="A")), "error", "b", "label", "name of another"),
    "combination": (draw(node("a", V_reset="-40 mV")), "error", "a", "params.V_reset",
                    "at or above the threshold"),
    "below-step": (draw(node("a", tau="0.05 ms")), "warning", "a", "params.tau",
                   "shorter than one step"),
    "above-step": (draw(node("p", "Poisson", rate="20000 Hz"), A, project("e", "p", "a")),
                   "warning", "p", "params.rate", "more than once in a step"),
    "above-step counted": (
        draw(node("p", "Poisson", rate="300 Hz", n_sources=1000), A, project("e", "p", "a")),
        "error", "p", "params.rate", "1000 sources give 30 spikes in a step"),
    "not-recorded": (
        draw(node("p", "Poisson", n_sources=9), A, project("e", "p", "a"),
             node("v", "SpikeProbe"), record("r", "p", "v", "spikes")),
        "warning", "r", None, "are not recorded, so v shows nothing"),
    "unusual": (draw(node("a", tau="3 s")), "warning", "a", "params.tau",
                "3000 ms is unusual: mostly 2 to 100 ms"),
    "unconnected": (draw(A, node("p", "Poisson")), "note", "p", None, "drives nothing"),
    "ports": (draw(node("c", "ConstantCurrent"), A, project("e", "c", "a")), "error", "e",
              "target_port", "c has no output 'spikes'"),
    "no-rule": (draw(A, B, attrs(project("e", *LINK), rule=None)), "error", "e", "rule.kind",
                "which neurons are connected"),
    "no-synapse": (draw(A, B, attrs(project("e", *LINK), synapse=None)), "error", "e",
                   "synapse.kind", "what a spike does"),
    "no-output": (draw(A, B, project("e", *LINK, output=None)), "error", "e", "output.kind",
                  "does to the neuron"),
    "output-ignored": (draw(A, B, attrs(project("e", *LINK, synapse="Delta"),
                                        output={"kind": "COBA"})), "note", "e", "output.kind",
                       "so the output is ignored"),
    "delay-short": (draw(A, B, project("e", *LINK, delay="0.04 ms")), "error", "e", "delay",
                    "Shorter than one step"),
    "delay-rounded": (draw(A, B, project("e", *LINK, delay="0.26 ms")), "note", "e", "delay",
                      "0.3 ms is used"),
    "rule": (draw(A, attrs(B, size=5), project("e", *LINK, rule="OneToOne")), "error", "e",
             "rule.kind", "needs equal sizes"),
    "rule degree": (draw(A, B, project("e", *LINK, rule="FixedInDegree", rule_params={"n": 11})),
                    "error", "e", "rule.kind", "11 different neurons"),
    "too-big": (draw(attrs(A, size=10**5), attrs(B, size=10**5), project("e", *LINK)),
                "error", "e", "rule.kind", "a table holds at most 2.15 G"),
    "too-slow": (draw(attrs(A, size=10**6), attrs(B, size=10**6),
                      project("e", *LINK, rule="FixedProb", rule_params={"prob": 1.0})),
                 "error", "e", "rule.kind", "second at 10 Hz takes about"),
    "empty": (draw(A, B, project("e", *LINK, rule="FixedProb", rule_params={"prob": 0})),
              "warning", "e", "rule.params.prob", "makes no synapses"),
    "nearly-empty": (draw(A, B, project("e", *LINK, rule="FixedProb", rule_params={"prob": 0.002})),
                     "warning", "e", "rule.params.prob", "Did you mean 0.2"),
    "sizes": (draw(node("c", "ConstantCurrent", 3), A, drive("d", "c", "a")), "error", "d",
              "target_port", "3 currents, and A has 10 neurons"),
    "no-variable": (draw(A, node("v", "StateProbe", variable="W"), record("r", "a", "v")),
                    "error", "v", "params.variable", "no variable 'W'; it has V"),
    "no-neuron": (draw(A, node("v", "StateProbe", neurons=[3, 10]), record("r", "a", "v")),
                  "error", "v", "params.neurons", "there is no neuron 10"),
    "no-neuron none": (draw(A, node("v", "StateProbe", neurons=[]), record("r", "a", "v")),
                       "error", "v", "params.neurons", "nothing is recorded"),
    "instant-cycle": (draw(A, B, project("e", *LINK, delay="0 ms"),
                           project("f", "b", "a", delay="0 ms")), "error", "f", "delay",
                      "A → B → A is a circle"),
    "instant-cycle self": (draw(A, project("e", "a", "a", delay="0 ms")), "error", "e", "delay",
                           "A → A is a circle"),
    "value dt": (draw(A, dt="never"), "error", None, "graph.dt", "Time step needs a time"),
    "limit seed": (draw(A, seed=-1), "error", None, "graph.seed", "Seed lies between"),
    "same-id": (draw(A, B, project("a", *LINK)), "error", "a", None, "have the id 'a'"),
}  # fmt: skip


def code_of(name):
    return name.partition(" ")[0]


def find(problems, case):
    code, (_, _, element, field, _) = case
    wanted = (code_of(code), element, field)
    return [p for p in problems if (p.code, p.element, p.field) == wanted]


@pytest.mark.parametrize("name", CASES)
def test_problem(name):
    graph, severity, _, _, text = CASES[name]
    found = find(check(graph), (name, CASES[name]))
    assert len(found) == 1, [p.to_dict() for p in check(graph)]
    assert found[0].severity == severity
    assert text in found[0].text.replace("\u2009", "").replace("\u2212", "-")
    assert not re.search(r"None|\{|\}|<class|Error", found[0].text)
    assert found[0].text.endswith((".", "?"))


@pytest.mark.parametrize("name", CASES)
def test_every_fix_solves_its_problem(name):
    graph = CASES[name][0]
    (problem,) = find(check(graph), (name, CASES[name]))
    errors = sum(p.severity == "error" for p in check(graph))
    for fix in problem.fixes:
        try:
            document = Document.from_graph(graph.copy())
        except DamagedFileError:
            pytest.skip("no document can hold this")
        document.apply(list(fix.ops))
        left = document.problems()
        assert not find(left, (name, CASES[name])), fix.to_dict()
        assert sum(p.severity == "error" for p in left) <= errors, fix.to_dict()


NEED_A_FIX = {"unknown-kind", "unit", "limit", "size", "name-taken", "no-rule", "no-synapse",
              "no-output", "delay-short", "delay-rounded", "nearly-empty", "sizes",
              "no-variable", "no-neuron", "instant-cycle", "value", "label"}  # fmt: skip


@pytest.mark.parametrize("name", [n for n in CASES if n in NEED_A_FIX])
def test_problems_that_can_be_fixed_say_how(name):
    (problem,) = find(check(CASES[name][0]), (name, CASES[name]))
    assert problem.fixes
    assert all(
        fix.label.startswith(("Use ", "Make ", "Connect ")) for fix in problem.fixes
    )


def test_every_code_is_listed():
    codes = {code_of(n) for n in CASES} - {"unit"} | {"memory", "check-failed"}
    codes |= {"just-in-time", "stored"}  # test_storage
    from pathlib import Path

    folder = Path(lower.__file__).parent
    text = "\n".join(p.read_text() for p in folder.glob("_*.py"))
    written = re.findall(r'report\(\s*"([a-z-]+)"', text)
    values = re.findall(r'"(limit)"\)', (folder.parent / "kinds/_value.py").read_text())
    assert set(written) | set(values) | {"value"} == codes


def test_a_weight_of_another_kind_offers_the_synapse_it_fits():
    (problem,) = find(check(CASES["unit weight"][0]), ("unit", CASES["unit weight"]))
    labels = [fix.label for fix in problem.fixes]
    assert labels == ["Use 67 nS", "Make it current-based"]


def test_ports_offer_the_line_that_fits():
    graph = draw(node("c", "ConstantCurrent"), A)
    graph.add_edge(
        "c",
        "a",
        key="e",
        kind="Projection",
        source_port="current",
        target_port="synapse",
    )
    problem = next(p for p in check(graph) if p.code == "ports")
    assert "gives a current; A takes spikes" in problem.text
    document = Document.from_graph(graph)
    document.apply(list(problem.fixes[0].ops))
    assert not [p for p in document.problems() if p.severity == "error"]


def test_memory_is_refused_with_the_numbers(monkeypatch):
    graph = draw(attrs(A, size=20_000), attrs(B, size=20_000), project("e", *LINK))
    size = lower.estimate(graph).bytes
    monkeypatch.setattr(check_module, "free_bytes", lambda: 2 * size)
    assert not [p for p in check(graph) if p.code == "memory"]
    monkeypatch.setattr(check_module, "free_bytes", lambda: 1.2 * size)
    (warning,) = [p for p in check(graph) if p.code == "memory"]
    assert (warning.severity, warning.element) == ("warning", None)
    monkeypatch.setattr(check_module, "free_bytes", lambda: 0.5 * size)
    (error,) = [p for p in check(graph) if p.code == "memory"]
    assert error.severity == "error"
    assert "400 M synapses need about" in error.text
    document = Document.from_graph(graph)
    document.apply(list(error.fixes[0].ops))
    assert lower.estimate(document.graph).bytes < 0.75 * 0.5 * size
    monkeypatch.setattr(check_module, "free_bytes", lambda: None)
    assert not [p for p in check(graph) if p.code == "memory"]


def test_worst_comes_first():
    severities = [
        p.severity
        for p in check(
            draw(
                *(
                    c[0].nodes[n] and (n, c[0].nodes[n])
                    for c in CASES.values()
                    for n in c[0]
                ),
                node("z", "Poisson"),
            )
        )
    ]
    assert severities == sorted(severities, key=["error", "warning", "note"].index)


def test_silenced_warnings_are_left_out():
    graph = draw(node("a", tau="3 s", silenced=["unusual"]))
    assert check(graph) == []
    assert plan(graph).notes == ()
    graph = draw(node("a", tau="-3 s", silenced=["limit"]))
    assert [p.code for p in check(graph)] == ["limit"]
    graph = draw(A, B, project("e", *LINK, delay="0.26 ms", silenced=["delay-rounded"]))
    assert check(graph) == []
    assert check(draw(A, silenced=["x"])) == []


def test_a_clean_drawing_has_no_errors():
    assert not [p for p in check(zoo()) if p.severity == "error"]


def test_problems_are_json():
    import json

    for graph, *_ in CASES.values():
        json.dumps([p.to_dict() for p in check(graph)], allow_nan=False)
    assert isinstance(check(draw(node("a", "X")))[0], Problem)


def test_errors_of_a_plan_carry_the_problems():
    with pytest.raises(lower.LoweringError, match="a: ") as caught:
        plan(CASES["unit"][0])
    assert caught.value.problems[0].code == "unit"
    with pytest.raises(lower.LoweringError, match="nothing to run yet"):
        plan(draw())
    with pytest.raises(lower.LoweringError, match="nothing to run yet"):
        plan(draw(attrs(A, muted=True)))


# whatever a graph holds

KEYS = [
    k.key
    for family in ("node", "edge", "rule", "synapse", "output")
    for k in all_kinds(family)
]
PARAMS = sorted(
    {
        p.name
        for f in ("node", "rule", "synapse", "output")
        for k in all_kinds(f)
        for p in k.params
    }
)
ODD = st.sampled_from(
    [
        float("nan"),
        float("inf"),
        -float("inf"),
        10**400,
        -1,
        0,
        1e308,
        b"x",
        (),
        set(),
        object(),
        "1e400 ms",
        "-0",
        "\x00",
        "\ud800",
        "9" * 5000,
        "0 ms",
        "1 ms",
        "0.1 mV",
        1j,
        True,
        "((((",
        "1/0",
        "² ms",
        "1 ± ",
        {"dist": "Normal"},
        {"dist": "Normal", "mean": "-55 mV", "std": "-5 mV"},
        {"dist": ["x"]},
        {"dist": "Uniform", "low": None, "high": "1 mV"},
    ]
)
junk = values | ODD | st.sampled_from(KEYS)
keys = (
    st.sampled_from(["a", "b", "c"])
    | st.integers(0, 3)
    | st.none()
    | st.floats()
    | st.tuples(st.integers(0, 1))
    | st.text(max_size=2)
)
names = st.sampled_from(
    [
        "kind",
        "label",
        "size",
        "sign",
        "params",
        "muted",
        "silenced",
        "rule",
        "synapse",
        "output",
        "weight",
        "delay",
        "source_port",
        "target_port",
        "pins",
        "position",
    ]
)
tables = st.dictionaries(
    st.sampled_from(PARAMS) | st.text(max_size=3), junk, max_size=3
)
parts = st.fixed_dictionaries(
    {"kind": st.sampled_from(KEYS) | junk}, optional={"params": tables | junk}
)
things = st.dictionaries(names, junk | parts | tables, max_size=6)
known = st.fixed_dictionaries({"kind": st.sampled_from(KEYS)}, optional={
    "params": tables, "size": st.integers(-1, 20) | ODD, "rule": parts, "synapse": parts, "output": parts,
    "weight": junk, "delay": junk, "sign": junk, "label": junk})  # fmt: skip


@st.composite
def graphs(draw):
    data = draw
    graph = data(
        st.sampled_from([nx.MultiDiGraph, nx.MultiGraph, nx.DiGraph, nx.Graph])
    )()
    graph.graph.update(
        data(
            st.dictionaries(
                st.sampled_from(["dt", "seed", "precision", "name", "silenced"]), junk
            )
        )
    )
    nodes = data(st.lists(keys.filter(lambda k: k is not None), min_size=0, max_size=4))
    for key in nodes:
        graph.add_node(key, **data(things | known))
    for _ in range(data(st.integers(0, 4)) if nodes else 0):
        ends = data(st.sampled_from(nodes)), data(st.sampled_from(nodes))
        attributes = data(things | known)
        if graph.is_multigraph():
            graph.add_edge(*ends, key=data(keys), **attributes)
        else:
            graph.add_edge(*ends, **attributes)
    return graph


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(graphs())
@example(nx.MultiDiGraph([("a", "a", "e")]))
@example(nx.DiGraph([(0, "a"), ("a", 0.0)]))
@example(nx.DiGraph([(-1, -2)]))
def test_check_raises_nothing(graph):
    problems = check(graph)
    assert all(isinstance(p, Problem) for p in problems)
    lower.estimate(graph)
    if any(p.severity == "error" for p in problems):
        with pytest.raises(lower.LoweringError):
            plan(graph)


def graph_of(doc):
    graph = nx.MultiDiGraph(**{k: doc[k] for k in ("name", "dt", "seed", "precision")})
    for one in doc["nodes"]:
        graph.add_node(one["id"], **{k: v for k, v in one.items() if k != "id"})
    for one in doc["edges"]:
        rest = {
            k: v for k, v in one.items() if k not in ("id", "source", "target", "key")
        }
        graph.add_edge(one["source"], one["target"], key=one["id"], **rest)
    return graph


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(docs())
def test_documents_of_the_future_raise_nothing(doc):
    check(graph_of(doc))


def test_large_drawings_are_checked_quickly():
    parts = [node(f"n{i}", size=100, label=f"P{i}") for i in range(200)]
    lines = [
        project(f"e{i}", f"n{i % 200}", f"n{(7 * i) % 200}", rule="FixedProb")
        for i in range(1000)
    ]
    graph = draw(*parts, *lines)
    check(graph)
    start = time.process_time()
    check(graph)
    assert time.process_time() - start < 1.0
