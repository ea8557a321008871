"""What a kind is: an engine class plus what a person needs to use it.

Everything that draws, checks, lowers or exports reads these records; nothing else in
the project names a particular kind.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, Literal

Direction = Literal["in", "out"]
Signal = Literal["spikes", "current", "state"]
Shape = Literal["population", "input", "probe"]
Complaint = tuple[str, Literal["error", "warning", "note"], str]
ParamType = Literal["number", "choice", "boolean", "list", "text"]


@dataclass(frozen=True)
class Param:
    """A parameter of a kind.

    Parameters
    ----------
    name : str
        Name in the drawing and, unless `argument` says otherwise, of the argument and
        of the attribute of the engine class.
    unit : str
        Unit in which values are kept and shown, such as "ms"; "" for plain numbers.
    default : number, str, bool, tuple or None
        Number in `unit`. A str is text, a bool a switch, a tuple a list. None means
        that the parameter may be left open.
    low, high : float, optional
        Plausible range in `unit`, which is the range of the slider.
    help, symbol, label, source : str
        What it does, in a sentence; as printed in equations; in words; where the
        default comes from.
    minimum, maximum : float, optional
        Hard limits in `unit`, themselves allowed.
    choices : tuple
        All values there are.
    integer, log, structural, distribution : bool
        Whole numbers only; a logarithmic slider; a change needs a new network;
        random values are possible.
    group : str
        Heading under which it is shown.
    argument : str
        Name of the argument of the engine class. Default `name`.
    """

    name: str
    unit: str = ""
    default: Any = 0.0
    low: float | None = None
    high: float | None = None
    help: str = ""
    symbol: str = ""
    label: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Any, ...] = ()
    integer: bool = False
    log: bool = False
    structural: bool = False
    group: str = ""
    source: str = ""
    distribution: bool = False
    argument: str = ""

    @property
    def type(self) -> ParamType:
        """What its values are."""
        if self.choices:
            return "choice"
        for python, name in ((bool, "boolean"), (tuple, "list"), (str, "text")):
            if isinstance(self.default, python):
                return name  # type: ignore[return-value]
        return "number"

    @property
    def keyword(self) -> str:
        """Name of the argument of the engine class."""
        return self.argument or self.name

    @property
    def words(self) -> str:
        """Name for a sentence."""
        return self.label or self.symbol or self.name

    @property
    def default_value(self) -> Any:
        """The default as the drawing holds it: "20 ms", a number, a list."""
        from ._value import parse_value  # it reads this class

        return None if self.default is None else parse_value(self.default, self)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        shown = (entry.name for entry in fields(self) if entry.name != "argument")
        row = {name: getattr(self, name) for name in shown}
        return row | {"default": self.default_value, "choices": list(self.choices)}


@dataclass(frozen=True)
class Port:
    """Where a line of the drawing begins or ends.

    Parameters
    ----------
    name : str
        Name in the drawing.
    direction : {"in", "out"}
        Whether lines end or begin here.
    signal : {"spikes", "current", "state"}
        What flows; both ends of a line need the same.
    label : str
        In words.
    """

    name: str
    direction: Direction
    signal: Signal
    label: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}


@dataclass(frozen=True)
class Kind:
    """What all kinds have.

    Parameters
    ----------
    key : str
        Name in the drawing.
    label : str
        Name for people.
    cls : type or str
        Engine class, or where it is: ``"engine.nn:LIFRef"``, imported when needed.
    params : tuple of Param
        Its parameters in the order in which they are shown.
    help, source : str
        What it is, in a sentence; the paper it comes from.
    """

    family: ClassVar[str] = ""

    key: str
    label: str
    cls: type | str | None = None
    params: tuple[Param, ...] = ()
    help: str = ""
    source: str = ""

    def param(self, name: str) -> Param | None:
        """Return a parameter, or None if there is none of that name."""
        return next((param for param in self.params if param.name == name), None)

    def resolve(self) -> type:
        """Return the engine class, imported if need be."""
        if isinstance(self.cls, str):
            module, _, name = self.cls.partition(":")
            return getattr(importlib.import_module(module), name)
        return self.cls  # type: ignore[return-value]

    @property
    def path(self) -> str | None:
        """Where the class can be imported from, ``"module:name"``; None if nowhere."""
        if isinstance(self.cls, str):
            return self.cls
        module, name = getattr(self.cls, "__module__", None), self.cls.__qualname__  # type: ignore[union-attr]
        found: Any = sys.modules.get(module or "")
        for part in name.split("."):
            found = getattr(found, part, None)
        if module == "__main__" or found is not self.cls:
            return None  # of a notebook, of a function, or replaced since
        return f"{module}:{name}"

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        names = ("key", "label", "help", "source")
        texts = {name: getattr(self, name) for name in names}
        return texts | {"params": [param.to_dict() for param in self.params]}


@dataclass(frozen=True)
class NodeKind(Kind):
    """A kind of population, input or probe.

    Parameters
    ----------
    key, label, cls, params, help, source
        As for every kind.
    group : str
        Heading in the palette.
    ports : tuple of Port
        Where lines begin and end.
    shape : {"population", "input", "probe"}
        What it is in the drawing.
    glyph : str
        Name of its picture.
    hotkey : str
        Key that adds one.
    size : int
        Number of neurons of a new one.
    variables : tuple of (name, unit)
        States that a probe can record.
    stream : str
        Argument that takes the random key, for kinds that draw in every step.
    check : callable, optional
        From size and parameters, yields what is wrong with them together: name of the
        parameter, severity, and what to say.
    sources : str
        Parameter that says how many sources each neuron stands for. With more than
        one it gives numbers of spikes, which are not recorded.
    """

    family: ClassVar[str] = "node"

    group: str = "Populations"
    ports: tuple[Port, ...] = ()
    shape: Shape = "population"
    glyph: str = "population"
    hotkey: str = ""
    size: int = 1
    variables: tuple[tuple[str, str], ...] = ()
    stream: str = ""
    check: Callable[[int, Mapping[str, Any]], Iterable[Complaint]] | None = None
    sources: str = ""

    def n_sources(self, params: Mapping[str, Any]) -> int:
        """Return how many sources each neuron stands for."""
        return int(params[self.sources]) if self.sources else 1

    def port(self, name: str, direction: Direction) -> Port | None:
        """Return a port, or None if there is none of that name and direction."""
        found = (p for p in self.ports if (p.name, p.direction) == (name, direction))
        return next(found, None)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        names = ("group", "shape", "glyph", "hotkey", "size", "sources")
        own = {name: getattr(self, name) for name in names}
        variables = [{"name": name, "unit": unit} for name, unit in self.variables]
        ports = [port.to_dict() for port in self.ports]
        return super().to_dict() | own | {"ports": ports, "variables": variables}


Expected = Callable[[int, int, Mapping[str, Any]], float]


@dataclass(frozen=True)
class RuleKind(Kind):
    """A kind of rule that says which neurons are connected.

    Parameters
    ----------
    key, label, params, help, source
        As for every kind.
    cls : str
        The sampler: a function of sizes, parameters and, if it draws, a seed, that
        returns `indptr` and `indices`.
    expected : callable
        Expected number of synapses from the numbers of neurons and the parameters.
    problem : callable, optional
        From the same, what is wrong with them in words, or None.
    is_random : bool
        Whether it draws.
    n_sizes : int
        How many sizes the sampler takes: 2, or 1 where they are equal.
    layer : str, optional
        The layer that draws the same connections anew at every spike: a class that
        takes the sizes, the parameters, a weight, and a seed. Without one the
        connections are always stored.
    """

    family: ClassVar[str] = "rule"

    expected: Expected = lambda n_pre, n_post, params: 0.0
    problem: Callable[[int, int, Mapping[str, Any]], str | None] | None = None
    is_random: bool = True
    n_sizes: int = 2
    layer: str | None = None


@dataclass(frozen=True)
class _Weighted(Kind):
    """Kinds that say what the weight of a projection is, and what it does."""

    weight: Param | None = None
    effect: Callable[[Any, Mapping[str, Any]], int] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        weight = None if self.weight is None else self.weight.to_dict()
        return super().to_dict() | {"weight": weight}


@dataclass(frozen=True)
class SynapseKind(_Weighted):
    """A kind of synapse.

    Parameters
    ----------
    key, label, cls, params, help, source
        As for every kind.
    weight : Param, optional
        The weight, for a synapse that acts without an output; otherwise the output
        says what the weight is.
    effect : callable, optional
        1, -1 or 0 from weight and parameters: excites, inhibits, or nobody knows.
    """

    family: ClassVar[str] = "synapse"

    def params_with(self, weight: Param | None) -> tuple[Param, ...]:
        """Return the parameters; initial values have the unit of the weights."""
        if weight is None:
            return self.params
        return tuple(
            replace(param, unit=weight.unit, low=weight.low, high=weight.high)
            if param.keyword.endswith("_initializer") and param.unit != weight.unit
            else param
            for param in self.params
        )


@dataclass(frozen=True)
class OutputKind(_Weighted):
    """A kind of output: what a synapse does to the neuron behind it.

    Parameters
    ----------
    key, label, cls, params, help, source
        As for every kind.
    weight : Param
        The weight of projections with this output.
    effect : callable, optional
        As for `SynapseKind`.
    fixed : mapping
        Further arguments of the class.
    """

    family: ClassVar[str] = "output"

    fixed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class EdgeKind(Kind):
    """A kind of line: projection, drive or recording.

    Parameters
    ----------
    key, label, cls, params, help, source
        As for every kind.
    signals : tuple of str
        What may flow.
    targets : tuple of str
        Shapes of node at which it may end.
    """

    family: ClassVar[str] = "edge"

    signals: tuple[Signal, ...] = ()
    targets: tuple[Shape, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        own = {"signals": list(self.signals), "targets": list(self.targets)}
        return super().to_dict() | own
