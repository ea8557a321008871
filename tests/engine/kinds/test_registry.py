"""Which kinds there are, and that each of them works from drawing to script."""

import json

import brainunit as u
import pytest
from drawings import draw, drive, node, project, record

import engine
from engine import kinds, lower
from engine.kinds import (
    NEURON_PORTS,
    EdgeKind,
    KindError,
    NodeKind,
    OutputKind,
    Param,
    RuleKind,
    SynapseKind,
    UnknownKindError,
    all_kinds,
    catalogue,
    get,
    register,
    subscribe,
    unregister,
)
from engine.run import simulate

FAMILIES = {
    "node": NodeKind,
    "rule": RuleKind,
    "synapse": SynapseKind,
    "output": OutputKind,
    "edge": EdgeKind,
}
KINDS = [(family, kind.key) for family in FAMILIES for kind in all_kinds(family)]


def default_drawing(family, key):
    """Return a drawing in which one kind has all its defaults."""
    a, b = node("a", size=10), node("b", size=10)
    if family == "node":
        kind = get("node", key)
        one = key, {"kind": key, "label": key, "size": kind.size}
        out = {p.signal for p in kind.ports if p.direction == "out"}
        if kind.shape == "population":
            return draw(one, a, project("e", key, "a"), project("f", "a", key))
        if kind.shape == "probe":
            signal = kind.ports[0].signal
            return draw(a, one, record("r", "a", key, signal))
        return draw(
            one, a, drive("e", key, "a") if "current" in out else project("e", key, "a")
        )
    if family == "rule":
        return draw(
            node("a", size=99), node("b", size=99), project("e", "a", "b", rule=key)
        )
    if family == "synapse":
        return draw(a, b, project("e", "a", "b", synapse=key))
    if family == "output":
        return draw(a, b, project("e", "a", "b", output=key))
    links = {
        "Projection": project("e", "a", "b"),
        "Drive": drive("e", "c", "a"),
        "Record": record("e", "a", "v"),
    }
    return draw(a, b, node("c", "ConstantCurrent"), node("v", "StateProbe"), links[key])


@pytest.mark.parametrize(("family", "key"), KINDS)
def test_every_kind_from_drawing_to_script(family, key):
    graph = default_drawing(family, key)
    assert [p.to_dict() for p in lower.check(graph) if p.severity != "note"] == []
    drawn = lower.plan(graph)
    result = simulate(lower.build(drawn), 0.5 * u.ms, progress=False)
    assert result.n_steps == 5
    assert not result.interrupted
    compile(lower.to_python(drawn), "<script>", "exec")
    assert lower.describe(drawn)


@pytest.mark.parametrize(("family", "key"), KINDS)
def test_every_kind_is_described(family, key):
    kind = get(family, key)
    assert isinstance(kind, FAMILIES[family])
    assert kind.label
    assert kind.help.endswith(".")
    for param in kind.params:
        assert param.help.endswith("."), param.name
        assert param.label or param.symbol, param.name
        low, high = param.low, param.high
        if param.type == "number" and low is not None and param.default is not None:
            assert low <= high
            assert kinds.parse_value(param.default, param) == param.default_value
            inside = low <= param.default <= high or param.default == 0
            assert inside, f"{key}.{param.name}: the default is unusual"
            assert param.minimum is None or param.minimum <= low
            assert param.maximum is None or param.maximum >= high
            assert not param.log or low > 0


@pytest.mark.parametrize(
    ("family", "key"), [k for k in KINDS if k[0] in ("node", "synapse", "output")]
)
def test_classes_take_what_kinds_declare(family, key):
    import inspect

    kind = get(family, key)
    if kind.cls is None:
        return
    cls = kind.resolve()
    arguments = inspect.signature(cls).parameters
    assert {p.keyword for p in kind.params} <= set(arguments)
    assert kind.path == f"engine.nn:{cls.__name__}"
    assert kinds.of_class(family, cls) is kind


@pytest.mark.parametrize(
    "key", [k.key for k in all_kinds("node") if k.shape == "population"]
)
def test_variables_are_states_with_their_units(key):
    kind = get("node", key)
    network = lower.build(lower.plan(draw(node("a", key, 3))))
    with engine.environ.context(dt=0.1 * u.ms):
        engine.nn.init_all_states(network)
    for name, unit in kind.variables:
        value = getattr(network.a, name).value
        assert u.get_unit(value).has_same_dim(kinds.unit_of(unit)), name


def test_the_catalogue_is_json():
    found = catalogue()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert list(found) == ["nodes", "rules", "synapses", "outputs", "edges"]
    lif = next(k for k in found["nodes"] if k["key"] == "LIFRef")
    assert (lif["label"], lif["hotkey"], lif["shape"]) == ("LIF", "E", "population")
    tau = next(p for p in lif["params"] if p["name"] == "tau")
    assert (tau["default"], tau["unit"], tau["minimum"]) == ("20 ms", "ms", 1e-3)
    assert {p["direction"] for p in lif["ports"]} == {"in", "out"}
    coba = next(k for k in found["outputs"] if k["key"] == "COBA")
    assert coba["weight"]["unit"] == "nS"
    hotkeys = [k["hotkey"] for k in found["nodes"] if k["hotkey"]]
    assert len(set(hotkeys)) == len(hotkeys)


def test_unknown_names_suggest_the_nearest():
    with pytest.raises(
        UnknownKindError, match=r"no node of kind 'LIFReff'. Did you mean 'LIFRef'"
    ):
        get("node", "LIFReff")
    with pytest.raises(UnknownKindError):
        get("node", None)
    assert kinds.find("node", ["x"]) is None


def test_registering_tells_who_listens():
    told = []
    cancel = subscribe(lambda: told.append(1))
    kind = NodeKind(key="New", label="New", cls="engine.nn:LIF", ports=NEURON_PORTS)
    assert register(kind) is kind
    assert get("node", "New") is kind
    unregister(kind)
    unregister(kind)
    cancel()
    cancel()
    unregister(kind)
    assert len(told) == 3
    assert kinds.find("node", "New") is None


def test_a_decorator_registers_a_class():
    @register(params=(Param("tau", unit="ms", default=5.0),))
    class Decorated(engine.nn.LIF):
        """Cells of a test.

        More.
        """

    kind = get("node", "Decorated")
    try:
        assert (kind.help, kind.ports, kind.cls) == (
            "Cells of a test.",
            NEURON_PORTS,
            Decorated,
        )
        assert kind.path is None  # a function's own class
    finally:
        unregister(kind)


def test_what_cannot_be_registered():
    with pytest.raises(KindError, match="give a NodeKind"):
        register(42)
    with pytest.raises(
        KindError,
        match=r"declares the parameter 'taau'.*no argument 'taau'. Did you mean 'tau'",
    ):
        register(
            NodeKind(key="X", label="X", cls=engine.nn.LIF, params=(Param("taau"),))
        )
    assert kinds.find("node", "X") is None


def test_start_values_have_the_unit_of_the_weight():
    expon = get("synapse", "Expon")
    unit = lambda weight: next(
        p.unit for p in expon.params_with(weight) if p.name == "g_init"
    )
    assert unit(get("output", "CUBA").weight) == "pA"
    assert unit(get("output", "COBA").weight) == "nS"
    assert unit(None) == "nS"


def test_units_by_declaration():
    assert kinds.unit_of("nS/mV").has_same_dim(u.nS / u.mV)
    assert kinds.unit_of("/mV") == u.mV**-1
    assert kinds.factors("mS/cm^2") == (("msiemens", 1), ("cm", -2)) or kinds.factors(
        "mS/cm^2"
    )
    assert kinds.measure_of("Mohm").number == pytest.approx(1e6)
    assert kinds.quantity_name(kinds.measure_of("nS").dim) == "a conductance"
