"""A network that runs: its clock, its States, and parameters that change meanwhile."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np

from .. import environ, nn
from .._kept import keep_programs
from ..event import Backend
from ..kinds import number_in
from ._chunk import Chunk, events, joined_rows
from ._compiled import Compiled, compile_network, compiled, strong
from ._errors import ParameterError, RunError
from ._inputs import given_by, inputs_of
from ._native import NativeRun
from ._planned import PlannedParameters, make_room, records_of
from ._record import Record, Recorder, recorders
from ._start import Start
from ._structure import program_key
from ._walk import Path, states

_NO_DT = (
    "Simulation: there is no time step. Give dt=0.1 * u.ms, or set it with "
    "engine.environ.set(dt=0.1 * u.ms)."
)


class Simulation:
    """A network from step 0 on, advanced in chunks of any length.

    Parameters
    ----------
    network : Module
        Its `update` is one step; `engine.lower.build` makes one of a drawing.
    dt : time, optional
        Length of a step. Default: that of the drawing, or of the environment.
    record : sequence of Spikes and Trace, or "all", optional
        What chunks hold. Default for a drawing: the spikes of every population, those
        of inputs with a probe (all spiking inputs, where there is no population), and
        what its probes of variables ask for; "all": those of every input too. For
        another network: the spikes of every part that has them.
    seed : int, optional
        Of random numbers that no part of the network has a stream of its own for.
        Default: that of the drawing, or 0.

    Attributes
    ----------
    network, dt
        As given.
    step : int
        Steps done.
    n_traces : int
        How often the program of this structure was traced: 1, whatever changes.

    Raises
    ------
    RunError
        If there is no time step.
    RecordError
        If something to be recorded is not there.

    Notes
    -----
    Runs on one thread at a time. Values of parameters are inputs of the compiled
    program; networks of one structure share it.
    """

    def __init__(
        self,
        network: nn.Module,
        dt: Any = None,
        record: Sequence[Record] | Literal["all"] | None = None,
        seed: int | None = None,
    ):
        keep_programs()
        plan = getattr(network, "plan", None)
        self.network = network
        self.precision = environ.get_precision() if plan is None else plan.precision
        self.dt = _time_step(dt, plan)
        self._plan = None if plan is None else PlannedParameters(network, plan)
        with self._context():
            if plan is not None:
                make_room(network, plan)
            self._values: dict[Path, Any] = {}
            self._start = Start(network, plan, seed)
            self._begin(may_keep=False)
            if record is None or record == "all":
                record = (
                    records_of(network)
                    if self._plan is None
                    else self._plan.records(of_all=record == "all")
                )
            self._recorders = recorders(network, record)
            self._take_new()  # a variable may become a State when somebody reads it
            self._inputs = inputs_of(network)
            self._given = given_by(self._inputs)
            self._program = compiled(self._key(), self._make)
            self._take_extra()
            self._native: NativeRun | None = None
            self._is_ahead = False  # whether native memory is newer than `_values`

    @property
    def _numbers(self) -> list[Any]:
        return [one.array for one in self._given]

    # what it is

    @property
    def dt_seconds(self) -> float:
        """Length of a step in s (or as given, without a unit)."""
        dt = self.dt
        number = dt.to_decimal(u.second) if isinstance(dt, u.Quantity) else dt
        return float(f"{float(number):.12g}")

    @property
    def time(self) -> Any:
        """Simulated time, `step * dt`."""
        return self.step * self.dt

    @property
    def capacity(self) -> int:
        """Most steps of one chunk."""
        return self._program.capacity

    @property
    def n_traces(self) -> int:
        """How often the program of this structure was traced."""
        return self._program.n_traces

    @property
    def recorders(self) -> tuple[Recorder, ...]:
        """What chunks hold."""
        return tuple(self._recorders)

    @property
    def sizes(self) -> dict[str, int]:
        """Neurons of each node whose spikes are recorded."""
        return {r.key: r.n for r in self._recorders if r.is_spikes}

    @property
    def probes(self) -> dict[str, tuple[str, list[int]]]:
        """Variable and neurons of each trace that is recorded."""
        return {
            r.key: (
                r.variable,
                (np.arange(r.n) if r.neurons is None else r.neurons).tolist(),
            )
            for r in self._recorders
            if not r.is_spikes
        }

    @property
    def backend(self) -> Backend:
        """What runs the steps: "native", one piece of machine code, or "xla"; and why."""
        if self._program.code is not None:
            return Backend("native", self._program.code.reason)
        return Backend("xla", self._program.why_not)

    # running

    def advance(self, n_steps: int) -> Chunk:
        """Run some steps, at most `capacity`.

        Returns
        -------
        Chunk

        Raises
        ------
        RunError
            If it is no possible number of steps.
        """
        if not 0 < n_steps <= self.capacity:
            raise RunError(
                f"Simulation.advance: {n_steps} steps; give 1 to {self.capacity}."
            )
        step0 = self.step
        if self._program.code is not None:
            rows, is_finite = self._advance_native(n_steps)
        else:
            rows, is_finite = self._advance_xla(n_steps)
        return self._chunk(step0, n_steps, rows, is_finite)

    def _advance_xla(self, n_steps: int) -> tuple[list[Any], list[Any]]:
        program = self._program
        fixed = [self._values[path] for path in program.fixed]
        carried = [self._values[path] for path in program.carried]
        with self._context():
            carried, buffers, is_finite = program.run(
                self._numbers,
                fixed,
                carried,
                np.int32(self.step),
                np.int32(n_steps),
            )
        # an interrupt from here on loses what the chunk recorded, never the clock
        self._values.update(zip(program.carried, carried, strict=True))
        self.step += n_steps
        self._show(program.carried)
        rows = [np.asarray(buffer)[:n_steps] for buffer in buffers]
        return [
            events(row) if one.is_spikes else row.copy()
            for one, row in zip(self._recorders, rows, strict=True)
        ], is_finite

    def _advance_native(self, n_steps: int) -> tuple[list[Any], list[Any]]:
        if self._native is None:
            self._native = NativeRun(self._program, self._values, self._numbers)
        parts: list[tuple[int, list[Any]]] = []
        left = n_steps
        while left:  # a call ends early when its room for spikes is full
            self._is_ahead = True
            done, found = self._native.run(self.step, left)
            parts.append((n_steps - left, found))
            self.step += done
            left -= done
        rows = [
            joined_rows([(at, found[k]) for at, found in parts], one.is_spikes, one.n)
            for k, one in enumerate(self._recorders)
        ]
        return rows, list(self._native.is_finite())

    def sync(self) -> None:
        """Let the States of the network have the values that the run has now.

        `state` and the end of `simulate` do it too; between chunks it would only take
        time.
        """
        if self._is_ahead and self._native is not None:
            self._values |= self._native.values()
            self._is_ahead = False
            self._show(self._program.carried)

    def reset(self) -> None:
        """Go back to step 0 with the present parameters; the same run follows."""
        with self._context():
            # a program of XLA is given the memory of the values, and writes there
            self._begin(may_keep=self._program.code is not None)
            self._take_extra()
        self._reload()

    def state(self) -> dict[str, Any]:
        """Return step and values of all States as numpy arrays, for `restore`."""
        self.sync()
        values = {
            "/".join(path): jax.tree.map(np.array, value)  # the buffers are used again
            for path, value in self._values.items()
        }
        return {"step": self.step, "values": values}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` returned.

        Raises
        ------
        RunError
            If the States are those of another network.
        """
        values = state["values"]
        names = {"/".join(path): path for path in self._values}
        if set(values) != set(names):
            missing = sorted(set(names) ^ set(values))
            raise RunError(
                f"Simulation.restore: these States are not in both: {missing[:3]}. "
                "Restore into a network of the same structure."
            )
        with self._context():
            restored = {
                names[name]: _like(self._values[names[name]], value, name)
                for name, value in values.items()
            }
        self._values |= restored
        self.step = int(state["step"])
        self._show(tuple(self._values))
        self._reload()

    # parameters

    @property
    def parameters(self) -> dict[str, Any]:
        """Present values by path: "n1.params.tau" of a drawing, else "E.tau"."""
        if self._plan is not None:
            return self._plan.values()
        return {
            ".".join(one.path): vars(one.node)[one.name]
            for one in self._inputs
            if not any(part.startswith("_") for part in one.path)
        }

    def can_set(self, path: str) -> bool:
        """Tell whether `set` knows a path."""
        return path in self.parameters

    def set(self, path: str, value: Any) -> bool:
        """Change a parameter; it acts from the next chunk on, without compiling.

        Parameters
        ----------
        path : str
            One of `parameters`.
        value : Quantity, number or str
            Such as ``10 * u.ms`` or "10 ms".

        Returns
        -------
        bool
            False if the structure would change, so that it has to be built anew.

        Raises
        ------
        ParameterError
            If there is no such parameter.
        ValueProblem, UnitError
            If it cannot have this value.
        """
        if self._plan is not None:
            return self.rebind(self._plan.replaced(path, value))
        known = {".".join(one.path): one for one in self._inputs}
        if path not in known:
            raise ParameterError.of(path, self.parameters)
        one = known[path]
        old = one.array()
        if one.unit is not None:
            value = u.Quantity(value) if not isinstance(value, u.Quantity) else value
            value = value.in_unit(one.unit)
        if jnp.shape(u.get_mantissa(value)) != old.shape:
            raise ParameterError(
                f"Simulation.set: {path} has shape {old.shape}, and the new value "
                f"{jnp.shape(u.get_mantissa(value))}. Build the network anew for that."
            )
        setattr(one.node, one.name, value)
        self._refresh()
        return True

    def rebind(self, plan: Any) -> bool:
        """Take all values of another plan of the same structure.

        Returns
        -------
        bool
            False, with nothing changed, if the structure is another one.
        """
        if self._plan is None:
            return False
        with self._context():
            changed = self._plan.rebind(plan)
            if changed is None:
                return False
            new = {self._path_of(state): strong(state.peek()) for state in changed}
        self._values |= new
        if self._native is not None:
            self._native.load(new)
        self._refresh()
        return True

    # inside

    @contextlib.contextmanager
    def _context(self) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            if environ.get_precision() != self.precision:
                stack.enter_context(environ.context(precision=self.precision))
            stack.enter_context(environ.context(dt=self.dt))
            yield

    def _begin(self, may_keep: bool) -> None:
        """Let all States be what they are at step 0."""
        self._values = self._start.values(may_keep)
        self.step = 0
        self._found = self._start.states
        self._show(tuple(self._values))

    def _take_new(self) -> None:
        self._found = states(self.network)
        for path, state in self._found.items():
            if path not in self._values:
                self._values[path] = strong(state.value)

    def _take_extra(self) -> None:
        for path, state in self._program.extra.items():
            self._values[path] = strong(jax.tree.map(jnp.array, state.peek()))

    def _make(self) -> tuple[Compiled, bool]:
        return compile_network(self.network, self._inputs, self._recorders, self.dt)

    def _key(self) -> Any:
        """Return what decides about the program; None for a network of its own."""
        if self._plan is None:
            return None
        return program_key(
            self._plan.plan.structure_key,
            self.network,
            self._inputs,
            self._values,
            self._recorders,
            self.dt,
        )

    def _refresh(self) -> None:
        with self._context():
            self._given = given_by(self._inputs, self._given)
        if self._native is not None:
            self._native.set_numbers(self._numbers)

    def _reload(self) -> None:
        """Let native memory have the values, which somebody changed."""
        self._is_ahead = False
        if self._native is not None:
            self._native.load(self._values)

    def _path_of(self, state: Any) -> Path:
        for path, one in self._found.items():
            if one is state:
                return path
        raise RunError("Simulation: a State is no part of the network any more.")

    def _show(self, paths: Sequence[Path]) -> None:
        """Let the States of the network have the present values."""
        wanted = set(paths)
        for path, state in self._found.items():
            if path in wanted:
                state.poke(self._values[path])

    def _chunk(
        self, step0: int, n: int, rows: list[Any], is_finite: list[Any]
    ) -> Chunk:
        spikes, counts, traces = {}, {}, {}
        for recorder, row in zip(self._recorders, rows, strict=True):
            if recorder.is_spikes:
                spikes[recorder.key] = row
                counts[recorder.key] = np.bincount(row[0], minlength=n)
            else:
                traces[recorder.key] = row
        broken = self._not_finite(step0 + n, is_finite)
        return Chunk(step0, n, spikes, counts, traces, broken)

    def _not_finite(self, step: int, is_finite: list[Any]) -> dict[str, Any] | None:
        for path, good in zip(self._program.checked, is_finite, strict=True):
            if bool(good):
                continue
            self.sync()
            element = label = path[0]
            if self._plan is not None:
                element, label = self._plan.element_of(path[0])
            number = u.get_mantissa(self._values[path])
            return {
                "element": element,
                "label": label,
                "variable": path[-1],
                "step": step,
                "n": int(np.count_nonzero(~np.isfinite(np.asarray(number)))),
            }
        return None


def _like(old: Any, value: Any, name: str) -> Any:
    """Return a value in the arrays and units of the one it replaces."""
    leaves, tree = jax.tree.flatten(old)
    given, other = jax.tree.flatten(value)
    if tree != other or [x.shape for x in leaves] != [np.shape(x) for x in given]:
        raise RunError(
            f"Simulation.restore: {name} has another shape. Restore into a network of "
            "the same structure."
        )
    pairs = zip(given, leaves, strict=True)
    return jax.tree.unflatten(tree, [jnp.array(a, b.dtype) for a, b in pairs])


def _time_step(dt: Any, plan: Any) -> Any:
    if dt is not None:
        return dt
    if plan is not None:
        return number_in(plan.dt, "ms") * u.ms
    dt = environ.get("dt", None)
    if dt is None:
        raise RunError(_NO_DT)
    return dt
