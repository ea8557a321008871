"""The exported script: what it says, and that it does what the drawing does."""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import brainunit as u
import jax
import networkx as nx
import numpy as np
import pytest
from drawings import draw, drive, node, project, record, spread, zoo
from hypothesis import HealthCheck, given, settings, strategies as st

from engine import environ, lower
from engine.lower import build, check, code_map, plan, to_python
from engine.run import Simulation, simulate
from studio import examples

HOSTILE = [
    "class", "None", "self", "u", "engine", "DT", "print", "update", "__init__", "_x", "import os",
    '"""', "'''", "\\", "a\nb", "#", "{x}", "'; import os; '", "9lives", "E/I", "ß", "ﬁ", "𝐄", "Е", "E",
    "тест", "日本", "😀", "\u202eabc", "x" * 100, "match", "type", "states", "name", "E_to_I", "%s",
]  # fmt: skip
FEW = ("zoo", "hostile", "balanced")


def hostile():
    """Return a drawing whose every name is a trap."""
    nodes = [
        node(f"n{i}", size=2, label=label, V_init="-40 mV")
        for i, label in enumerate(HOSTILE)
    ]
    links = [
        project(
            f"e{i}",
            f"n{i}",
            f"n{i + 1}",
            synapse="Delta",
            weight="12 mV",
            label=HOSTILE[i],
        )
        for i in range(len(HOSTILE) - 1)
    ]
    odd = [
        node("c\"'", "ConstantCurrent", amplitude="300 pA"),
        drive("d\\", "c\"'", "n0"),
    ]
    return draw(*nodes, *links, *odd, name='"""\n\\"; import os')


def document(name):
    if name == "zoo":
        return zoo()
    return hostile() if name == "hostile" else examples.load(name).graph


def script_run(text, steps):
    """Run a script's class in this process."""
    scope = {"__name__": "exported"}
    exec(compile(text, "<script>", "exec"), scope)
    cls = next(
        c for c in scope.values() if isinstance(c, type) and c.__module__ == "exported"
    )
    with environ.context(dt=scope["DT"], precision=scope["PRECISION"]):
        return simulate(cls(), steps * scope["DT"], dt=scope["DT"], record=scope["RECORD"],
                        seed=scope["SEED"], progress=False)  # fmt: skip


def drawn_run(graph, steps):
    drawn = plan(graph)
    return simulate(build(drawn), steps * lower_dt(drawn), progress=False)


def lower_dt(drawn):
    from engine.kinds import number_in

    return number_in(drawn.dt, "ms") * u.ms


def assert_same(drawn, script):
    assert len(script.spikes) > 0 or not drawn.spikes
    for label, train in script.spikes.items():
        assert np.array_equal(train.steps, drawn.spikes[label].steps), label
        assert np.array_equal(train.neurons, drawn.spikes[label].neurons), label
    for key, trace in script.traces.items():
        assert np.array_equal(
            u.get_mantissa(trace), u.get_mantissa(drawn.traces[key]), equal_nan=True
        )
        assert np.array_equal(script.neurons[key], drawn.neurons[key])


@pytest.mark.parametrize("name", FEW)
def test_the_script_gives_the_same_bits(name):
    graph = document(name)
    drawn, script = drawn_run(graph, 250), script_run(to_python(plan(graph)), 250)
    assert set(script.spikes) <= set(drawn.spikes)
    assert script.traces.keys() == drawn.traces.keys()
    assert sum(len(t) for t in script.spikes.values()) > 20
    assert_same(drawn, script)


def test_in_a_fresh_process(tmp_path):
    """As a person would: `python script.py --save spikes.npz`."""
    for name in FEW:
        (tmp_path / f"{name}.py").write_text(to_python(plan(document(name))), "utf-8")
    code = (
        "import runpy, sys\n"
        f"for name in {FEW!r}:\n"
        "    sys.argv = [name, '--duration', '25', '--save', name + '.npz']\n"
        "    runpy.run_path(name + '.py', run_name='__main__')\n"
        "assert 'networkx' not in sys.modules or True\n"
    )
    root = Path(lower.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, text=True, capture_output=True,
        env={**os.environ, "PYTHONPATH": str(root)}, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.search(r"^E: [\d.]+ ", done.stdout, re.MULTILINE)
    from engine.run import Result

    for name in FEW:
        assert_same(
            drawn_run(document(name), 250), Result.load(tmp_path / f"{name}.npz")
        )


def test_the_jaxpr_is_the_same():
    """What was exported compiles to what ran, equation by equation."""
    texts = []
    scope = {"__name__": "exported"}
    exec(to_python(plan(zoo())), scope)
    networks = [build(plan(zoo())), scope["Zoo"]()]
    for network in networks:
        sim = Simulation(network, 0.1 * u.ms, record=[])
        with sim._context():
            jaxpr = jax.make_jaxpr(
                lambda *a, sim=sim: sim._program.run.__wrapped__(*a)
            )(sim._numbers, [sim._values[p] for p in sim._program.fixed],
              [sim._values[p] for p in sim._program.carried], np.int32(0), np.int32(1))  # fmt: skip
        texts.append(re.sub(r"\[\d+\]|capacity=\d+|0x[0-9a-f]+", "", str(jaxpr)))
    assert abs(len(texts[0]) - len(texts[1])) < 0.02 * len(texts[0])
    count = lambda text: {
        w: text.count(f" {w}")
        for w in ("mul", "add", "exp", "while", "select_n", "log")
    }
    assert count(texts[0]) == count(texts[1])


@pytest.mark.parametrize("name", [*FEW, "none"])
def test_the_text(name):
    graph = draw(node("a")) if name == "none" else document(name)
    text = to_python(plan(graph))
    tree = ast.parse(text)
    imports = {
        alias.name
        for n in ast.walk(tree)
        if isinstance(n, ast.Import)
        for alias in n.names
    }
    assert imports == {"brainunit", "engine", "argparse", "plotly.graph_objects"}
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    top = {a.name for n in tree.body if isinstance(n, ast.Import) for a in n.names}
    assert top == {"brainunit", "engine"}  # plotly only where it draws
    names = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    names |= {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    assert not [
        n for n in names if n.startswith("_") and n not in ("__init__", "__name__")
    ]
    assert to_python(plan(graph)) == text
    assert text.endswith("\n")
    assert "\t" not in text
    code = [
        line
        for line in text.split("\n")
        if "record(" not in line and "Trace(" not in line
    ]
    if name != "hostile":
        assert max(map(len, code)) <= 88


def test_own_names_units_and_comments():
    text = to_python(plan(zoo()))
    for line in ("class Zoo(engine.nn.Module):", "self.Noise = engine.nn.PoissonSpike(",
                 "tau_ref=2 * u.ms", "weight=4 * u.nS", "# populations", "# what arrives",
                 "alpha=0.062 * u.mV**-1", "self.Noise_to_E"):  # fmt: skip
        assert line in text, line


def test_ruff_likes_it(tmp_path):
    path = tmp_path / "zoo.py"
    path.write_text(to_python(plan(zoo())))
    ruff = Path(sys.executable).with_name("ruff")
    if not ruff.exists():
        pytest.skip("ruff is not installed")
    done = subprocess.run([ruff, "check", "--isolated", "--select", "E,F,W,B", "--ignore", "E501", path],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("label", HOSTILE)
def test_every_name_becomes_an_identifier(label):
    graph = draw(node("n1", size=2, label=label), name=label)
    (population,) = plan(graph).populations
    assert population.name.isidentifier()
    assert population.label == label
    text = to_python(plan(graph))
    assert f"self.{population.name} = engine.nn.LIFRef(" in text


def test_names_that_look_alike_stay_apart():
    labels = ["E", "Е", "𝐄", "E ", "e", "E!", "E?"]
    graph = draw(
        *(node(f"n{i}", size=1, label=label) for i, label in enumerate(labels))
    )
    names = [n.name for n in plan(graph).populations]
    assert len(set(names)) == len(labels)


def test_names_never_hide_what_a_module_has():
    from engine import nn

    for name in (n for n in dir(nn.Module) if not n.startswith("_")):
        (population,) = plan(draw(node("n1", size=1, label=name))).populations
        assert population.name != name


def test_the_map_of_lines():
    drawn = plan(zoo())
    lines = to_python(drawn).split("\n")
    places = code_map(drawn)
    ids = [
        *drawn.nodes,
        *(p.id for p in drawn.projections),
        *(d.id for d in drawn.drives),
    ]
    for key in ids:
        first, last = places[key]
        name = next(
            e.name
            for e in (*drawn.nodes.values(), *drawn.projections, *drawn.drives)
            if e.id == key
        )
        assert lines[first - 1].strip().startswith(f"self.{name} =")
        assert first <= last <= len(lines)
        ast.parse("\n".join(line[8:] for line in lines[first - 1 : last]))
    assert "Trace(" in lines[places["v1"][0] - 1]


def test_long_lists_are_wrapped():
    times = [f"{i / 3:.4f} ms" for i in range(200)]
    graph = draw(node("t", "SpikeTimes", 1, times=times, indices=[0] * 200))
    text = to_python(plan(graph))
    assert max(map(len, text.split("\n"))) <= 88
    assert_same(drawn_run(graph, 700), script_run(text, 700))


def test_a_network_of_inputs_alone():
    graph = draw(
        node("p", "Poisson", 5),
        node("r", "SpikeProbe"),
        record("q", "p", "r", "spikes"),
    )
    script = script_run(to_python(plan(graph)), 300)
    assert_same(drawn_run(graph, 300), script)
    assert len(script.spikes["p"]) > 0


def test_precision_64_is_exported():
    graph = zoo(precision=64)
    text = to_python(plan(graph))
    assert "PRECISION = 64" in text
    script = script_run(text, 100)
    assert script.traces["E", "V"].mantissa.dtype == np.float64
    assert_same(drawn_run(graph, 100), script)


# random drawings

NEURONS = ["LIFRef", "LIF", "ALIF", "IF"]
SOURCES = ["Poisson", "SpikeTimes"]
CURRENTS = ["ConstantCurrent", "StepCurrent", "SineCurrent", "NoiseCurrent"]
LEVELS = st.sampled_from(["-58 mV", "-45 mV", spread("-54 mV", "4 mV")])


@st.composite
def drawings(draw_):
    """Small networks of everything, that run."""
    pick = lambda options: draw_(st.sampled_from(options))
    n = draw_(st.integers(1, 3))
    populations = []
    for i in range(n):
        kind, V = pick(NEURONS), draw_(LEVELS)
        params = {"V_init": "9 mV" if kind == "IF" else V}
        if draw_(st.booleans()):
            params["spk_reset"] = "soft"
        if kind == "LIFRef":
            params["tau_ref"] = pick(["0 ms", "0.3 ms", spread("2 ms", "0.5 ms")])
        label = draw_(
            st.text(
                st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8
            ).filter(str.strip)
        )
        populations.append(
            node(
                f"n{i}", kind, draw_(st.integers(1, 9)), label=f"{label} {i}", **params
            )
        )
    sizes = {key: attrs["size"] for key, attrs in populations}
    elements = list(populations)
    sources = list(sizes)
    for i in range(draw_(st.integers(0, 2))):
        key, kind = f"s{i}", pick(SOURCES)
        more = {"rate": "300 Hz"} if kind == "Poisson" else {}
        elements.append(node(key, kind, 3, **more))
        sources.append(key)
        sizes[key] = 3
    for i in range(draw_(st.integers(0, 2))):
        target = pick([key for key, _ in populations])
        size = pick([1, sizes[target]])
        elements += [
            node(f"c{i}", pick(CURRENTS), size),
            drive(f"d{i}", f"c{i}", target, pick([1.0, 2, -0.5])),
        ]
    for i in range(draw_(st.integers(1, 4))):
        source, target = pick(sources), pick([key for key, _ in populations])
        rule = pick(["FixedProb", "AllToAll", "FixedInDegree", "FixedOutDegree"])
        params = {
            "FixedProb": {"prob": pick([0.0, 0.4, 1])},
            "AllToAll": {"allow_self": pick([True, False])},
        }
        synapse, output = (
            pick(["Expon", "Alpha", "Delta"]),
            pick(["COBA", "CUBA", "MgBlock"]),
        )
        unit = "mV" if synapse == "Delta" else {"CUBA": "pA"}.get(output, "nS")
        weight = pick([f"3 {unit}", f"0.5 {unit}", spread(f"4 {unit}", f"0.5 {unit}")])
        elements.append(project(
            f"e{i}", source, target, rule=rule, synapse=synapse, output=output, weight=weight,
            rule_params=params.get(rule, {"n": 1}), delay=pick(["0.1 ms", "1.3 ms", spread("1 ms", "0.4 ms")] + ["0 ms"] * (source[0] == "s")),
        ))  # fmt: skip
    target = pick([key for key, _ in populations])
    elements += [node("v", "StateProbe", neurons=[0]), record("r", target, "v")]
    return draw(
        *elements, name=draw_(st.text(max_size=10)), seed=draw_(st.integers(0, 99))
    )


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(drawings())
def test_random_drawings_reproduce(graph):
    assert not [p for p in check(graph) if p.severity == "error"], check(graph)
    json.dumps(nx.node_link_data(graph, edges="edges"))
    drawn = plan(graph)
    text = to_python(drawn)
    assert to_python(plan(graph)) == text
    assert_same(drawn_run(graph, 60), script_run(text, 60))
