"""Networks from Python: the same document that the editor draws, without a widget."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._again import Again
from ._arguments import fields_of, node_kind, rule_for
from ._errors import UnknownNameError, nearest
from ._script import script_of
from ._values import seconds, to_json
from .document import Change, Document
from .plots import overview

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from engine.lower import Estimate, Problem
    from engine.run import Prediction, Result

_SIGNS = {"excitatory": 1, "inhibitory": -1, "unsigned": 0, 1: 1, -1: -1, 0: 0}
_EXCITATORY = re.compile(r"\b(e|exc|excitatory)\b", re.IGNORECASE)
_INHIBITORY = re.compile(r"\b(i|inh|inhibitory)\b", re.IGNORECASE)
_COLUMNS = {"input": 0, "population": 260, "probe": 560}
_ROW = 130


@dataclass(frozen=True)
class Element:
    """A node or an edge of a network, to be named in further calls.

    Attributes
    ----------
    id : str
        Stable name inside the document.
    """

    network: Network
    id: str

    @property
    def name(self) -> str:
        """Its label; "E to I" for a projection."""
        return self.network.document.name_of(self.id)

    @property
    def record(self) -> dict[str, Any]:
        """All that the document holds about it."""
        return self.network.document.element(self.id)

    def set(self, **values: Any) -> Element:
        """Give fields other values; see `Network.set`."""
        self.network.set(self, **values)
        return self

    def __repr__(self) -> str:
        return f"<{self.record['kind']} {self.name!r} ({self.id})>"


class Network:
    """A network of spiking neurons, built, checked and run from Python.

    Parameters
    ----------
    name : str, default "Untitled"
    dt : Quantity or str, default 0.1 ms
        Time step.
    seed : int, default 0
        Start of all random draws.
    precision : {32, 64}, default 32
        Bits of a number.

    Examples
    --------
    >>> net = Network("Balanced E/I", dt=0.1 * u.ms, seed=42)
    >>> E = net.add("LIFRef", 3200, name="E", V_th=-50 * u.mV)
    >>> I = net.add("LIFRef", 800, name="I")
    >>> net.connect(E, I, prob=0.02, weight=6 * u.nS)
    >>> result = net.run(1 * u.second)
    """

    def __init__(
        self,
        name: str = "Untitled",
        dt: Any = "0.1 ms",
        seed: int = 0,
        precision: int = 32,
    ):
        self._document = Document(name, to_json(dt), int(seed), precision)
        self._again = Again(self._document)

    @classmethod
    def of(cls, document: Document) -> Network:
        """Return a network that edits and runs a document."""
        network = cls()
        network._document, network._again = document, Again(document)
        return network

    @property
    def document(self) -> Document:
        """The document: drawing, history and file."""
        return self._document

    @property
    def name(self) -> str:
        """Name of the document."""
        return self._document.name

    # building

    def add(
        self,
        kind: str,
        size: int | None = None,
        *,
        name: str | None = None,
        sign: str | int | None = None,
        position: tuple[float, float] | None = None,
        **params: Any,
    ) -> Element:
        """Add a population, an input or a probe.

        Parameters
        ----------
        kind : str
            Key of the kind, such as "LIFRef" or "Poisson".
        size : int, optional
            Number of neurons. Default: that of the kind.
        name : str, optional
            Default: "E", "I" or the name of the kind.
        sign : {"excitatory", "inhibitory", "unsigned", 1, -1, 0}, optional
            What its spikes do. Default: excitatory if the name has a word E or
            Exc, inhibitory if it has I or Inh, else unsigned.
        position : tuple of two floats, optional
            Where it is drawn. Default: below the others of its shape.
        **params
            Parameters of the kind: quantities, text such as "20 ms", or what
            `normal` and `uniform` return.

        Returns
        -------
        Element

        Raises
        ------
        Refused
            If the kind, a parameter or a value is wrong, with the nearest name.
        """
        edit = self._add_edit(kind, size, name, sign, position, params)
        change = self._document.apply([edit])
        return Element(self, change.upserted_nodes[0]["id"])

    def connect(
        self,
        source: Element | str,
        target: Element | str,
        *,
        rule: str | None = None,
        weight: Any = None,
        delay: Any = None,
        synapse: str | None = None,
        output: str | None = None,
        **params: Any,
    ) -> Element:
        """Connect two nodes; what is left out is chosen by the sign of the source.

        Parameters
        ----------
        source, target : Element or str
            Nodes or their names.
        rule : str, optional
            Which neurons are connected: "FixedProb", "AllToAll", "OneToOne",
            "FixedInDegree", "FixedOutDegree". A parameter of a rule alone
            (`prob=0.02`) chooses it.
        weight : Quantity, str or number, optional
            Conductance for COBA, current for CUBA, voltage for Delta.
        delay : Quantity or str, optional
            Default: one step.
        synapse, output : str, optional
            "Expon", "Alpha", "Delta"; "COBA", "CUBA", "MgBlock".
        **params
            Parameters of the rule, the synapse and the output, each found by its
            name: `prob=0.02, tau=5 * u.ms, E_rev=0 * u.mV`.

        Returns
        -------
        Element

        Raises
        ------
        Refused
            If the nodes cannot be connected, or a name or value is wrong.
        """
        kinds = _given(rule=rule or rule_for(params), synapse=synapse, output=output)
        values = params | _given(weight=weight, delay=delay)
        edge = self._document.free_id("e")
        ends = {"source": self._id(source), "target": self._id(target)}

        def edits() -> Iterator[dict[str, Any]]:
            yield {"op": "connect", "id": edge, "attrs": kinds, **ends}
            yield from self._field_edits(edge, values)

        names = [self._document.name_of(key) for key in ends.values()]
        self._document.apply(edits(), label=f"Connect {' to '.join(names)}")
        return Element(self, edge)

    def probe(
        self,
        source: Element | str,
        what: str = "spikes",
        *,
        neurons: Any = None,
        name: str | None = None,
        position: tuple[float, float] | None = None,
        **params: Any,
    ) -> Element:
        """Record a population or an input.

        Parameters
        ----------
        source : Element or str
        what : str, default "spikes"
            "spikes", "rate", or a variable such as "V".
        neurons : list of int, optional
            For a variable: which neurons. Default: the first.
        name : str, optional
            Name of the probe.
        position : tuple of two floats, optional
            Where it is drawn.
        **params
            Further parameters of the probe.
        """
        kind = {"spikes": "SpikeProbe", "rate": "RateProbe"}.get(what, "StateProbe")
        if kind == "StateProbe":
            params |= {"variable": what} | _given(neurons=neurons)
        key, probe = self._id(source), self._document.free_id("n")
        label = name or self._document.free_label(
            f"{self._document.name_of(key)} {what}"
        )
        add = self._add_edit(kind, None, label, None, position, params) | {"id": probe}
        connect = {"op": "connect", "source": key, "target": probe}
        self._document.apply([add, connect], label=f"Record {label}")
        return Element(self, probe)

    def set(self, element: Element | str | None = None, /, **values: Any) -> Change:
        """Give fields other values, as one step to undo.

        Parameters
        ----------
        element : Element or str, optional
            What to change; left out, the settings: `net.set(dt=0.05 * u.ms)`.
        **values
            A node takes its parameters and `name`, `size`, `sign`, `kind`; an edge
            `weight`, `delay`, `rule`, `synapse`, `output` and their parameters.

        Raises
        ------
        Refused
            If a name or a value is wrong; nothing is changed.
        """
        if element is None:
            edits = [_set(None, f"graph.{k}", to_json(v)) for k, v in values.items()]
            return self._document.apply(edits, label=f"Set {', '.join(values)}")
        key = self._id(element)
        label = f"Set {', '.join(values)} of {self._document.name_of(key)}"
        return self._document.apply(self._field_edits(key, values), label=label)

    def remove(self, *elements: Element | str) -> Change:
        """Remove nodes, with their edges, and edges."""
        ids = [self._id(element) for element in elements]
        return self._document.apply([{"op": "remove", "ids": ids}])

    def silence(self, element: Element | str | None, *codes: str) -> Change:
        """Say that warnings or notes of these codes are intended; it is saved."""
        key = None if element is None else self._id(element)
        holder = self._document.settings if key is None else self._document.element(key)
        kept = [*holder.get("silenced", []), *codes]
        return self._document.apply([_set(key, "silenced", list(dict.fromkeys(kept)))])

    def pin(self, element: Element | str, *fields: str) -> Change:
        """Show fields on the node and among the live controls, such as "params.tau"."""
        key = self._id(element)
        kept = [*self._document.element(key).get("pins", []), *fields]
        return self._document.apply([_set(key, "pins", list(dict.fromkeys(kept)))])

    def undo(self) -> Change | None:
        """Take the last step back."""
        return self._document.undo()

    def redo(self) -> Change | None:
        """Make the step that was taken back again."""
        return self._document.redo()

    # looking

    def __getitem__(self, name: str) -> Element:
        return Element(self, self._document.find(name))

    def __iter__(self) -> Iterator[Element]:
        for record in self._document.to_doc()["nodes"]:
            yield Element(self, record["id"])

    @property
    def projections(self) -> list[Element]:
        """All edges: projections, drives and recordings."""
        return [Element(self, edge["id"]) for edge in self._document.to_doc()["edges"]]

    def signs(self) -> dict[str, int | None]:
        """Return label -> sign of what spikes; None for inputs."""
        from .document._kinds import signs_of

        return signs_of(self._document.to_doc()["nodes"])

    def check(self) -> list[Problem]:
        """Return what is wrong or doubtful; nothing is compiled."""
        return self._document.problems()

    def estimate(self) -> Estimate:
        """Return how many neurons, synapses and bytes a run would take."""
        return self._document.estimate()

    def predict(self, rates: Any = 10.0) -> Prediction:
        """Return how long building, and a second of simulated time, would take here.

        Parameters
        ----------
        rates : float or mapping of str to float, Hz, default 10
            Spikes a second and neuron, of all populations or by label.
        """
        return self._document.forecast().at(rates)

    # running

    def run(
        self, duration: Any, *, progress: bool = False, devices: Any = None
    ) -> Result:
        """Simulate from t = 0 and return what was recorded.

        A further run draws connections anew, or compiles, only where a change asks for
        it, so that `set` and `run` in a loop make a sweep.

        Parameters
        ----------
        duration : Quantity or str
            Such as `1 * u.second` or "500 ms".
        progress : bool, default False
            Show a bar.
        devices : int, "all" or list of jax.Device, optional
            Divide the neurons among so many devices, all, or these, of all hosts that
            `engine.run.join_hosts` joined; the spikes are the same for any number.
            Default: one device, and native code for it where there is some, which
            differs from them by rounding.

        Returns
        -------
        engine.run.Result
            Spikes of every population and of inputs with a probe (of all inputs,
            where there is no population), traces of the probes. If it was
            interrupted, what there is. Every host gets the whole of it.

        Raises
        ------
        engine.lower.LoweringError
            If there are errors among the problems.
        engine.divide.DivisionError
            If there are not so many devices, or a population cannot be divided.
        """
        import brainunit as u

        length = seconds(duration) * u.second
        if devices is None:
            return self._again.run(length, progress)
        from engine.run import build_share, simulate

        network = build_share(self._document.plan(), devices)
        return simulate(network, length, progress=progress, devices=devices)

    def report(self) -> list[Any]:
        """Return a row for each projection as it was wired: synapses, in-degree."""
        from engine.lower import report

        return report(self._again.network())

    def plot(self, result: Result, **options: Any) -> go.Figure:
        """Return spikes, rates and traces of a run as a plotly figure."""
        options = {"title": self.name} | options
        return overview(result, signs=self.signs(), **options)

    def to_python(self) -> str:
        """Return a script that builds and runs this network."""
        return script_of(self._document.plan())[0]

    # files

    def save(self, path: str | Path | None = None, *, overwrite: bool = False) -> Path:
        """Write the document; see `Document.save`."""
        return self._document.save(path, overwrite=overwrite)

    # plain Python

    def __repr__(self) -> str:
        doc = self._document.to_doc()
        names = {node["id"]: node["label"] for node in doc["nodes"]}
        lines = [f"<Network {doc['name']!r}: dt {doc['dt']}, seed {doc['seed']}>"]
        for node in doc["nodes"]:
            size = f", {node['size']} neurons" if "size" in node else ""
            lines.append(f"  {node['label']}: {node['kind']}{size}")
        for edge in doc["edges"]:
            parts = [
                edge[p]["kind"] for p in ("rule", "synapse", "output") if p in edge
            ]
            parts += [str(edge["weight"])] if "weight" in edge else []
            what = ", ".join(parts or [edge["kind"]])
            lines.append(
                f"  {names[edge['source']]} -> {names[edge['target']]}: {what}"
            )
        return "\n".join(lines)

    def _id(self, element: Element | str) -> str:
        if isinstance(element, Element):
            if element.network is not self:
                raise UnknownNameError(f"{element!r} belongs to another network.")
            return element.id
        return self._document.find(element)

    def _add_edit(
        self,
        kind: str,
        size: int | None,
        name: str | None,
        sign: str | int | None,
        position: tuple[float, float] | None,
        params: dict[str, Any],
    ) -> dict[str, Any]:
        known = node_kind(kind)
        place = position or self._free_place(known.shape)
        edit = {"op": "add-node", "kind": known.key, "position": list(place)}
        edit["params"] = {key: to_json(value) for key, value in params.items()}
        if known.shape == "population":
            edit["sign"] = _sign_of(name, sign)
        return edit | _given(label=name, size=to_json(size))

    def _field_edits(
        self, key: str, values: dict[str, Any]
    ) -> Iterator[dict[str, Any]]:
        """Give the edits that set fields; kinds first, for they decide the rest."""
        for are_kinds in (True, False):
            for path, value in fields_of(self._document.element(key), values).items():
                if path.endswith("kind") == are_kinds:
                    yield _set(key, path, value)

    def _free_place(self, shape: str) -> tuple[float, float]:
        x = _COLUMNS[shape]
        nodes = self._document.to_doc()["nodes"]
        taken = [n["position"][1] for n in nodes if abs(n["position"][0] - x) < _ROW]
        return x, max(taken, default=-_ROW) + _ROW


def load(path: str | Path) -> Network:
    """Read a network from a `*.loom.json` file.

    Raises
    ------
    FileError, DamagedFileError, NewerFormatError
        With what is wrong and what can be done.
    """
    return Network.of(Document.load(path))


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _set(element: str | None, field: str, value: Any) -> dict[str, Any]:
    return {"op": "set", "element": element, "field": field, "value": value}


def _sign_of(name: str | None, sign: str | int | None) -> int:
    if sign is not None:
        if sign not in _SIGNS:
            known = [str(key) for key in _SIGNS]
            raise UnknownNameError(
                f"There is no sign {sign!r}.{nearest(str(sign), known)}"
            )
        return _SIGNS[sign]
    if name is None:
        return 0
    is_excitatory, is_inhibitory = _EXCITATORY.search(name), _INHIBITORY.search(name)
    return bool(is_excitatory and not is_inhibitory) - bool(
        is_inhibitory and not is_excitatory
    )
