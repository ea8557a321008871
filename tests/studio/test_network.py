"""Networks from Python, without a widget."""

import brainunit as u
import numpy as np
import pytest

from studio import Network, examples, load
from studio._values import normal, uniform
from studio.document import Document, Refused, UnknownNameError


@pytest.fixture
def net():
    """Two populations, connected both ways and driven."""
    net = Network("Pair", dt=0.1 * u.ms, seed=3)
    e = net.add("LIFRef", 40, name="E")
    i = net.add("LIFRef", 10, name="I")
    net.connect(e, i, prob=0.2, weight=6 * u.nS)
    net.connect(i, e, prob=0.2, weight=67 * u.nS)
    noise = net.add("Poisson", 50, name="Noise", rate=200 * u.Hz)
    net.connect(noise, e, rule="FixedProb", prob=0.5, weight="6 nS")
    return net


def test_adding_chooses_label_sign_size_and_place(net):
    e, i = net["E"].record, net["I"].record
    assert (e["sign"], i["sign"]) == (1, -1)
    assert (e["size"], e["params"]) == (40, {})
    assert e["position"] != i["position"]
    other = net.add("LIFRef")
    assert other.record["label"] == "LIF"
    assert other.record["sign"] == 0
    assert net.add("LIFRef", name="Exc 2").record["sign"] == 1
    assert (
        net.add("LIFRef", name="E", sign="unsigned") if "E" not in net_names(net) else 1
    )


def net_names(net):
    return [element.name for element in net]


def test_quantities_become_text_with_units(net):
    net.set(
        "E", tau=25 * u.ms, V_th=-0.05 * u.volt, V_init=normal(-55 * u.mV, 5 * u.mV)
    )
    assert net["E"].record["params"] == {
        "tau": "25 ms",
        "V_th": "-50 mV",
        "V_init": {"dist": "Normal", "mean": "-55 mV", "std": "5 mV"},
    }
    net.set("E", V_init=uniform("-60 mV", "-50 mV"))
    assert net["E"].record["params"]["V_init"]["dist"] == "Uniform"


def test_connecting_finds_parameters_by_name(net):
    edge = net.connect(
        "I", "I", prob=0.1, tau=9 * u.ms, E_rev=-75 * u.mV, delay=1 * u.ms
    )
    record = edge.record
    assert record["rule"] == {"kind": "FixedProb", "params": {"prob": 0.1}}
    assert record["synapse"]["params"] == {"tau": "9 ms"}
    assert record["output"] == {"kind": "COBA", "params": {"E": "-75 mV"}}
    assert record["delay"] == "1 ms"
    assert edge.name == "I to I"
    assert net.undo().removed_ids == (edge.id,)
    delta = net.connect("E", "E", synapse="Delta", weight=0.5 * u.mV)
    assert "output" not in delta.record
    assert delta.record["weight"] == "0.5 mV"


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda n: n.add("LIFReff"), Refused, "Did you mean 'LIFRef'"),
        (lambda n: n.add("LIFRef", taau="1 ms"), Refused, "Did you mean 'tau'"),
        (lambda n: n.add("LIFRef", tau="1 mV"), Refused, "voltage"),
        (lambda n: n.add("LIFRef", name="E"), Refused, "name of another node"),
        (lambda n: n.add("LIFRef", sign="exitatory"), UnknownNameError, "'excitatory'"),
        (lambda n: n.add("LIFRef", 0), Refused, "greater than or equal to 1"),
        (lambda n: n.connect("E", "J"), UnknownNameError, "no node 'J'"),
        (lambda n: n.connect("E", "Noise"), Refused, "Noise"),
        (
            lambda n: n.connect("E", "I", probability=0.1),
            Refused,
            "Did you mean 'prob'",
        ),
        (lambda n: n.connect("E", "I", prob=2), Refused, "Probability"),
        (lambda n: n.connect("E", "I", weight="6 mV"), Refused, "voltage"),
        (lambda n: n.set("E", size="many"), Refused, "whole number"),
        (lambda n: n.set(dt="1 mV"), Refused, "voltage"),
        (lambda n: n.run("1 mV"), Refused, "needs a time"),
        (lambda n: n.run(0 * u.ms), ValueError, "at least one step"),
    ],
)
def test_wrong_names_and_values_are_refused_with_a_way_out(net, call, error, text):
    before = net.document.to_doc()
    with pytest.raises(error, match=text):
        call(net)
    assert net.document.to_doc() == before


def test_elements_belong_to_one_network(net):
    other = Network()
    with pytest.raises(UnknownNameError, match="another network"):
        other.connect(net["E"], net["I"])


def test_checking_and_estimating_run_nothing(net):
    assert [p for p in net.check() if p.severity == "error"] == []
    assert net.estimate().neurons == 100
    edge = net.projections[0]
    net.set(edge, delay="0.01 ms")
    assert [p.element for p in net.check() if p.severity == "error"] == [edge.id]
    with pytest.raises(ValueError, match="Shorter than one step"):
        net.run("10 ms")


def test_a_run_gives_spikes_rates_and_traces(net):
    net.probe("E", "V", neurons=[0, 3], name="Voltage")
    net.probe("E")
    net.probe("Noise")
    result = net.run(200 * u.ms)
    assert result.n_steps == 2000
    assert set(result.spikes) == {"E", "I", "Noise"}
    assert result.rates()["Noise"].to_decimal(u.Hz) == pytest.approx(200, rel=0.1)
    assert len(result.spikes["E"]) > 0
    trace = result.traces["E", "V"]
    assert trace.shape == (2000, 2)
    assert np.all(trace.to_decimal(u.mV) < 0)
    report = net.report()
    assert len(report) == 3
    figure = net.plot(result)
    assert figure.layout.title.text == "Pair"


def test_the_same_seed_gives_the_same_spikes(net):
    net.probe("Noise")
    one, two = (
        net.run("50 ms"),
        Network.of(Document.from_doc(net.document.to_doc())).run("50 ms"),
    )
    for label, train in one.spikes.items():
        np.testing.assert_array_equal(train.steps, two.spikes[label].steps)
        np.testing.assert_array_equal(train.neurons, two.spikes[label].neurons)
    net.set(seed=4)
    other = net.run("50 ms")
    assert not np.array_equal(one.spikes["Noise"].steps, other.spikes["Noise"].steps)


def test_the_order_of_drawing_does_not_matter():
    def draw(names):
        net = Network("Order", seed=1)
        for name in names:
            element = f"n{'EIN'.index(name) + 1}"
            kind = "Poisson" if name == "N" else "LIFRef"
            edit = {"op": "add-node", "id": element, "kind": kind, "label": name}
            size = {"size": 20, "sign": 1} if kind == "LIFRef" else {"size": 20}
            net.document.apply([edit | size])
        net.document.apply(
            [{"op": "connect", "id": "e1", "source": "n3", "target": "n1"}]
        )
        net.document.apply(
            [{"op": "connect", "id": "e2", "source": "n1", "target": "n2"}]
        )
        net.set("N", rate="500 Hz")
        return net.run("100 ms")

    one, two = draw("EIN"), draw("NIE")
    for label, train in one.spikes.items():
        np.testing.assert_array_equal(train.steps, two.spikes[label].steps)


def test_files_and_scripts(net, tmp_path):
    path = net.save(tmp_path / "pair.loom.json")
    again = load(path)
    assert again.document == net.document
    assert again.to_python() == net.to_python()
    compile(net.to_python(), "pair.py", "exec")


def test_what_it_prints(net):
    text = repr(net)
    assert text.startswith("<Network 'Pair': dt 0.1 ms, seed 3>")
    assert "  E -> I: FixedProb, Expon, COBA, 6 nS" in text
    assert repr(net["E"]) == "<LIFRef 'E' (n1)>"


@pytest.mark.parametrize("key", [example.key for example in examples.EXAMPLES])
def test_every_example_is_ready_to_run(key):
    net = Network.of(examples.load(key))
    assert [p.text for p in net.check() if p.severity != "note"] == []
    assert net.document.revision == 0
    assert net.document.undo_label is None
    result = net.run("20 ms")
    assert result.n_steps == 200


def test_an_interrupted_run_returns_what_there_is(net, monkeypatch):
    from engine.run import Simulation

    advance, calls = Simulation.advance, []

    def interrupted(self, n):
        calls.append(n)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return advance(self, n)

    monkeypatch.setattr(Simulation, "advance", interrupted)
    result = net.run("10 s")
    assert result.interrupted
    assert result.n_steps == calls[0]
