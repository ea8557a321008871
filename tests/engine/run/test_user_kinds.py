"""Neuron models that a person wrote in a notebook, registered while it runs."""

import brainunit as u
import numpy as np
import pytest
from cells import ADEX, HODGKIN_HUXLEY, IZHIKEVICH, notebook, run_cell
from drawings import draw, drive, node, project, record

from engine import kinds, lower
from engine.kinds import NEURON_PORTS, NodeKind, Param
from engine.lower import LoweringError, check, plan, to_python
from engine.run import RunError, Simulation, simulate

CELLS = {"Izhikevich": IZHIKEVICH, "AdEx": ADEX, "HH": HODGKIN_HUXLEY}
DRIVES = {"Izhikevich": "10 pA", "AdEx": "1000 pA", "HH": "100 pA"}


@pytest.fixture
def known():
    """Forget the kinds of a test afterwards."""
    before = kinds.all_kinds("node")
    yield
    for kind in kinds.all_kinds("node"):
        if kind not in before:
            kinds.unregister(kind)
    for kind in before:
        if kinds.find("node", kind.key) is not kind:
            kinds.register(kind)


def network(key, *more, **settings):
    return draw(
        node("c", "ConstantCurrent", amplitude=DRIVES[key]),
        node("s", "SpikeTimes", 1, times=["5 ms"], indices=[0]),
        node("a", key, 4, label="My cells"),
        node("b", "LIFRef", 6, label="Others"),
        node("v", "StateProbe", neurons=[0, 2]),
        drive("d", "c", "a"),
        project("e", "s", "a", synapse="Delta", weight="0.5 mV"),
        project("f", "a", "b", weight="30 nS"),
        record("r", "a", "v"),
        *more,
        **({"dt": "0.05 ms"} | settings),
    )  # fmt: skip


def ran(script, duration=60 * u.ms):
    """Run the class of an exported script, in a notebook of its own."""
    scope = run_cell(script, {"__name__": "exported"})
    made = [
        c for c in scope.values() if isinstance(c, type) and c.__module__ == "exported"
    ]
    return simulate(
        made[-1](), duration, dt=scope["DT"], record=scope["RECORD"],
        seed=scope["SEED"], progress=False,
    )  # fmt: skip


def is_same(one, other):
    assert one.spikes.keys() == other.spikes.keys()
    for label, train in one.spikes.items():
        assert np.array_equal(train.steps, other.spikes[label].steps), label
        assert np.array_equal(train.neurons, other.spikes[label].neurons), label
    for key, trace in one.traces.items():
        assert np.array_equal(u.get_mantissa(trace), u.get_mantissa(other.traces[key]))
    return True


@pytest.mark.parametrize("key", CELLS)
def test_a_kind_of_ones_own_checks_runs_and_exports(known, key):
    notebook(CELLS[key])
    graph = network(key)
    if key == "Izhikevich":
        graph.remove_edge("s", "a", "e")  # its delta inputs have no unit
        graph.remove_node("s")
    assert [p for p in check(graph) if p.severity == "error"] == []
    drawn = plan(graph)
    result = simulate(lower.build(drawn), 60 * u.ms, progress=False)
    assert len(result.spikes["My cells"]) > 4
    assert len(result.spikes["Others"]) > 0
    script = to_python(drawn)
    assert f"class {key}(nn.Neuron)" in script
    assert to_python(plan(graph)) == script
    found = ran(script)
    result.spikes.pop("s", None)
    assert is_same(result, found)


def test_the_script_holds_what_a_cell_names(known):
    notebook(ADEX)
    script = to_python(plan(network("AdEx")))
    for line in ("T_SLOPE = 2.0 * u.mV", "PEAK = 0.0", "import jax.numpy as jnp",
                 "import engine.nn as nn", "def upstroke(V, V_T):"):  # fmt: skip
        assert line in script, line
    assert "register" not in script


def test_parameters_of_ones_own_act_without_compiling(known):
    notebook(ADEX)
    sim = Simulation(lower.build(plan(network("AdEx"))))
    sim.advance(100)
    for name in ("C", "g", "E", "V_T", "V_r", "tau_w", "a", "b", "V_init"):
        path = f"a.params.{name}"
        value = sim.parameters[path]
        number, _, unit = value.partition(" ")
        assert sim.set(path, f"{float(number) * 1.01} {unit}"), path
        sim.advance(20)
    assert sim.n_traces == 1


def test_whole_numbers_of_a_parameter_are_real(known):
    """`d = 8` is no constant of the program: 8.5 comes next."""
    notebook(IZHIKEVICH)
    graph = draw(node("a", "Izhikevich", 3, d=8))
    sim = Simulation(lower.build(plan(graph)))
    assert sim.set("a.params.d", 8.5)
    assert sim.set("a.params.d", 2)
    sim.advance(5)
    assert sim.n_traces == 1


def test_a_decision_by_a_number_has_an_understandable_error(known):
    notebook("""
class Choosy(nn.LIF):
    def __init__(self, in_size, gain=1.5, name=None):
        super().__init__(in_size, name=name)
        self.gain = gain

    def update(self, x=0 * u.mA):
        if self.gain > 1:
            x = x * 2
        return super().update(x)

kinds.register(kinds.NodeKind(key="Choosy", label="Choosy", cls=Choosy,
    ports=kinds.NEURON_PORTS, params=(Param("gain", default=1.5),)))
""")
    with pytest.raises(
        RunError, match=r"(?s)Choosy\.gain.*jnp\.where.*fixed_attributes"
    ):
        Simulation(lower.build(plan(draw(node("a", "Choosy", 2)))))


def test_fixed_attributes_are_part_of_the_program(known):
    notebook("""
class Fixed(nn.LIF):
    fixed_attributes = ("gain",)

    def __init__(self, in_size, gain=1.5, name=None):
        super().__init__(in_size, name=name, V_th=1 * u.mV)
        self.gain = gain

    def update(self, x=0 * u.mA):
        return super().update((2.0 if self.gain > 1 else 0.5) * u.mA)

kinds.register(kinds.NodeKind(key="Fixed", label="Fixed", cls=Fixed,
    ports=kinds.NEURON_PORTS, variables=(("V", "mV"),), params=(Param("gain", default=1.5),)))
""")
    sims = [
        Simulation(lower.build(plan(draw(node("a", "Fixed", 1, gain=gain)))))
        for gain in (1.5, 0.5)
    ]
    assert sims[0]._program is not sims[1]._program
    counts = [sim.advance(300).counts["a"].sum() for sim in sims]
    assert counts[0] > 0 == counts[1]
    assert not sims[0].set("a.params.gain", 0.5)


def test_what_a_class_computes_from_a_parameter_is_not_forgotten(known):
    """A tuple is no input; so its change needs a new network, never the old values."""
    notebook("""
class Derived(nn.LIF):
    def __init__(self, in_size, gain=1.5, name=None):
        super().__init__(in_size, name=name, V_th=1 * u.mV)
        self.gains = (gain, 2 * gain)

    def update(self, x=0 * u.mA):
        return super().update(self.gains[1] * u.mA)

kinds.register(kinds.NodeKind(key="Derived", label="Derived", cls=Derived,
    ports=kinds.NEURON_PORTS, variables=(("V", "mV"),), params=(Param("gain", default=1.5),)))
""")
    make = lambda gain: Simulation(
        lower.build(plan(draw(node("a", "Derived", 1, gain=gain))))
    )
    one, other = make(1.5), make(0.1)
    assert (
        one.advance(300).counts["a"].sum() > 0 == other.advance(300).counts["a"].sum()
    )
    assert not one.set("a.params.gain", 0.2)


def test_closures_are_never_shared(known):
    notebook("""
class Closed(nn.LIF):
    def __init__(self, in_size, gain=1.5, name=None):
        super().__init__(in_size, name=name, V_th=1 * u.mV)
        self.drive = lambda: gain * 2 * u.mA

    def update(self, x=0 * u.mA):
        return super().update(self.drive())

kinds.register(kinds.NodeKind(key="Closed", label="Closed", cls=Closed,
    ports=kinds.NEURON_PORTS, variables=(("V", "mV"),), params=(Param("gain", default=1.5),)))
""")
    make = lambda gain: Simulation(
        lower.build(plan(draw(node("a", "Closed", 1, gain=gain))))
    )
    one, other = make(1.5), make(0.1)
    assert (
        one.advance(300).counts["a"].sum() > 0 == other.advance(300).counts["a"].sum()
    )
    assert not one.set("a.params.gain", 0.2)


def test_a_cell_that_is_run_again_is_another_class(known):
    first = """
class Mine(nn.LIF):
    def __init__(self, in_size, name=None):
        super().__init__(in_size, name=name, V_th=1 * u.mV)

    def update(self, x=0 * u.mA):
        return super().update(DRIVE * u.mA)

kinds.register(kinds.NodeKind(key="Mine", label="Mine", cls=Mine, ports=kinds.NEURON_PORTS))
"""
    scope = notebook("DRIVE = 0.1", first)
    graph = draw(node("a", "Mine", 1))
    assert Simulation(lower.build(plan(graph))).advance(300).counts["a"].sum() == 0
    scope["DRIVE"] = 3.0
    run_cell(first, scope)
    assert Simulation(lower.build(plan(graph))).advance(300).counts["a"].sum() > 0


def test_without_spikes_the_error_says_so(known):
    notebook("""
class Mute(nn.Neuron):
    def update(self, x=0 * u.pA):
        pass

kinds.register(kinds.NodeKind(key="Mute", label="Mute", cls=Mute, ports=kinds.NEURON_PORTS))
""")
    with pytest.raises(RunError, match=r"Mute.*no variable 'spike'"):
        Simulation(lower.build(plan(draw(node("a", "Mute", 2)))))


def test_a_check_that_fails_is_a_problem_of_the_drawing(known):
    def check_it(size, params):
        raise KeyError("tau")

    kinds.register(NodeKind(key="Bad", label="Bad", cls="engine.nn:LIF", ports=NEURON_PORTS,
                            params=(Param("tau", unit="ms", default=1.0),), check=check_it))  # fmt: skip
    graph = draw(node("a", "Bad", 2))
    assert [p.code for p in check(graph)] == ["check-failed"]
    plan(graph)


def test_a_network_called_like_ones_own_class(known):
    notebook(IZHIKEVICH)
    graph = network("Izhikevich", name="Izhikevich")
    graph.remove_node("s")
    script = to_python(plan(graph))
    assert "class IzhikevichNetwork(engine.nn.Module)" in script
    assert len(ran(script).spikes["My cells"]) > 4


def test_two_classes_of_one_name_cannot_be_exported(known):
    text = """
class Same(nn.LIF):
    def twice(self):
        return {}

kinds.register(kinds.NodeKind(key="{}", label="{}", cls=Same, ports=kinds.NEURON_PORTS))
"""
    scope = notebook(text.format(1, "One", "One"))
    run_cell(text.format(2, "Two", "Two"), scope)
    assert "return 2" in to_python(plan(draw(node("b", "Two"))))
    with pytest.raises(lower.ExportError, match="'Same' means two different things"):
        to_python(plan(draw(node("a", "One"), node("b", "Two"))))


def test_what_cannot_be_written_is_named(known):
    notebook(
        "TABLE = jnp.zeros(10)",
        """
class Far(nn.LIF):
    def update(self, x=0 * u.mA):
        return super().update(TABLE[0] * u.mA)

kinds.register(kinds.NodeKind(key="Far", label="Far", cls=Far, ports=kinds.NEURON_PORTS))
""",
    )
    with pytest.raises(
        lower.ExportError, match=r"Far: TABLE is a .*Array.* from outside"
    ):
        to_python(plan(draw(node("a", "Far"))))
    made = type("Made", (kinds.get("node", "LIF").resolve(),), {})
    made.__module__ = "__main__"
    kinds.register(NodeKind(key="Made", label="Made", cls=made, ports=NEURON_PORTS))
    with pytest.raises(lower.ExportError, match="Made has no source text"):
        to_python(plan(draw(node("a", "Made"))))


def test_a_class_in_a_module_is_imported(known):
    import drawings

    kinds.register(
        NodeKind(key="Mod", label="Mod", cls="engine.nn:LIF", ports=NEURON_PORTS)
    )
    assert "engine.nn.LIF(" in to_python(plan(draw(node("a", "Mod"))))
    drawings.Local = type(
        "Local", (kinds.get("node", "LIF").resolve(),), {"__module__": "drawings"}
    )
    try:
        kinds.register(
            NodeKind(key="Mod", label="Mod", cls=drawings.Local, ports=NEURON_PORTS)
        )
        assert "from drawings import Local" in to_python(plan(draw(node("a", "Mod"))))
    finally:
        del drawings.Local


def test_a_class_without_methods_is_found(known):
    notebook("""
class Bare(nn.LIF):
    colour = "red"

kinds.register(kinds.NodeKind(key="Bare", label="Bare", cls=Bare, ports=kinds.NEURON_PORTS))
""")
    assert 'colour = "red"' in to_python(plan(draw(node("a", "Bare"))))


def test_an_unknown_kind_is_no_network():
    with pytest.raises(LoweringError, match="no model 'Izhikevich'"):
        plan(draw(node("a", "Izhikevich")))


def test_synapses_and_outputs_of_ones_own(known):
    scope = notebook("""
class Slow(nn.Expon):
    def update(self, x=None):
        return 2 * super().update(x)

class Sink(nn.SynOut):
    def __init__(self, gain):
        super().__init__()
        self.gain = gain

    def update(self, conductance, potential=None):
        return self.gain * conductance * (0 * u.mV - potential)

slow = kinds.SynapseKind(key="Slow", label="Slow", cls=Slow,
    params=(Param("tau", unit="ms", default=5.0),))
sink = kinds.OutputKind(key="Sink", label="Sink", cls=Sink, params=(Param("gain", default=1.0),),
    weight=Param("weight", unit="nS", default=3.0))
kinds.register(slow), kinds.register(sink)
""")
    try:
        graph = draw(
            node("s", "SpikeTimes", 1), node("a", size=2, label="A"),
            project("e", "s", "a", synapse="Slow", output="Sink", weight="100 nS"),
        )  # fmt: skip
        drawn = plan(graph)
        result = simulate(lower.build(drawn), 60 * u.ms, progress=False)
        assert len(result.spikes["A"]) > 0
        sim = Simulation(lower.build(drawn))
        assert sim.set("e.output.params.gain", 2)
        assert sim.set("e.synapse.params.tau", "6 ms")
        found = ran(to_python(drawn))
        assert np.array_equal(found.spikes["A"].steps, result.spikes["A"].steps)
    finally:
        kinds.unregister(scope["slow"])
        kinds.unregister(scope["sink"])
