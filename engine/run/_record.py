"""What a run keeps: spikes of populations, and variables of some neurons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import brainunit as u
import jax.numpy as jnp
import numpy as np

from .._errors import nearest
from .._state import State
from ..graph import Node
from ._errors import RecordError


@dataclass(frozen=True)
class Spikes:
    """Record the spikes of a population or an input.

    Parameters
    ----------
    of : str
        Name of the attribute of the network.
    key : str, optional
        Name in chunks. Default `of`.
    label : str, optional
        Name in results. Default that of the module, else `of`.
    """

    of: str
    key: str = ""
    label: str = ""


@dataclass(frozen=True)
class Trace:
    """Record a variable at the end of each step.

    Parameters
    ----------
    of : str
        Name of the attribute of the network.
    variable : str
        Name of the State, such as "V".
    neurons : sequence of int, optional
        Which neurons, counted from 0. Default all.
    key : str, optional
        Name in chunks. Default ``"of.variable"``.
    label : str, optional
        Name of the module in results, as for `Spikes`.
    """

    of: str
    variable: str
    neurons: Sequence[int] | None = field(default=None)
    key: str = ""
    label: str = ""


Record = Spikes | Trace


@dataclass(frozen=True)
class Recorder:
    """One thing to record, found in a network.

    Parameters
    ----------
    key : str
        Name in chunks.
    node : Node
        The module.
    variable : str
        "spike", or the variable.
    label : str
        Name for people.
    n : int
        Neurons of the module.
    neurons : array of int, optional
        Those recorded; None for all.
    """

    key: str
    node: Node
    variable: str
    label: str
    n: int
    neurons: np.ndarray | None = None

    @property
    def is_spikes(self) -> bool:
        """Whether spikes are recorded."""
        return self.variable == "spike"

    @property
    def size(self) -> int:
        """How many numbers a step gives."""
        return self.n if self.neurons is None else self.neurons.size

    @property
    def unit(self) -> u.Unit:
        """Unit of the variable."""
        return u.get_unit(self._value())

    def read(self) -> Any:
        """Return what is recorded in this step: booleans, or numbers."""
        value = self.whole()
        is_all = self.is_spikes or self.neurons is None
        return value if is_all else value[self.neurons]

    def whole(self) -> Any:
        """Return the variable of all neurons in this step."""
        value = jnp.ravel(u.get_mantissa(self._value()))
        return value != 0 if self.is_spikes else value

    def _value(self) -> Any:
        value = getattr(self.node, self.variable)
        return value.value if isinstance(value, State) else value


def recorders(network: Node, records: Iterable[Record]) -> list[Recorder]:
    """Find what is to be recorded.

    Raises
    ------
    RecordError
        If there is no such module, variable or neuron.
    """
    found: list[Recorder] = []
    for record in records:
        one = _find(network, record)
        if any(other.key == one.key for other in found):
            raise RecordError(
                f"record: {one.key!r} is there twice. Give one of them another `key`."
            )
        found.append(one)
    return found


def _find(network: Node, record: Record) -> Recorder:
    node = vars(network).get(record.of)
    if not isinstance(node, Node):
        parts = [name for name, part in vars(network).items() if isinstance(part, Node)]
        raise RecordError(
            f"record: the network has no part {record.of!r}."
            f"{nearest(record.of, parts)} It has {', '.join(parts) or 'none'}."
        )
    size = int(np.prod(getattr(node, "varshape", None) or (1,)))
    label = record.label or getattr(node, "name", None) or record.of
    if isinstance(record, Spikes):
        _need(node, "spike", record.of)
        return Recorder(record.key or record.of, node, "spike", label, size)
    _need(node, record.variable, record.of)
    neurons = None
    if record.neurons is not None:
        neurons = np.asarray(record.neurons, np.int32).reshape(-1)
        if neurons.size and (neurons.min() < 0 or neurons.max() >= size):
            raise RecordError(
                f"record: {record.of} has the neurons 0 to {size - 1}; there is no "
                f"neuron {neurons[(neurons < 0) | (neurons >= size)][0]}."
            )
    key = record.key or f"{record.of}.{record.variable}"
    return Recorder(key, node, record.variable, label, size, neurons)


def _need(node: Node, variable: str, name: str) -> None:
    if getattr(node, variable, None) is None:
        known = [k for k, v in vars(node).items() if isinstance(v, State)]
        raise RecordError(
            f"record: {name} ({type(node).__name__}) has no variable {variable!r}."
            f"{nearest(variable, known)} It has {', '.join(known) or 'none'}."
            " Is it made in `init_state`?"
        )
