"""A simulation whose neurons are divided among devices."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import AxisType, Mesh, PartitionSpec

from .. import environ, event, nn
from .._functional import trace
from ..divide import (
    NEURONS,
    Cost,
    DivisionError,
    Exchange,
    Layout,
    Pieces,
    Placer,
    cost_of,
    needed,
)
from ._chunk import events
from ._company import Company
from ._compiled import (
    BUFFER_BYTES,
    FEWEST_STEPS,
    MOST_STEPS,
    Compiled,
    _compiler_options,
    _paths,
)
from ._devices import in_host_memory
from ._divided_program import Row, Slot, Step
from ._division import Division
from ._inputs import attached, given_by
from ._record import Record
from ._simulation import Simulation
from ._walk import Path

_NO_PLAN = (
    "simulate: devices={n}, but this network was written by hand, so nobody knows what "
    "its parts are. Divide one that engine.lower.build made of a drawing, or leave out "
    "`devices`."
)


class DividedSimulation(Simulation):
    """A `Simulation` of which every device owns a block of the neurons.

    Parameters
    ----------
    network : Module
        What `engine.lower.build` made of a drawing.
    devices : sequence of jax.Device
        Where it runs; of all processes, in the same order in each.
    dt, record, seed
        As for `Simulation`.

    Raises
    ------
    DivisionError
        If the network was written by hand, or a part of it mixes neurons.

    Notes
    -----
    In several processes all have to make the same calls with the same numbers of steps;
    each may know the synapses of its own devices only (`build_share`).
    """

    def __init__(
        self,
        network: nn.Module,
        devices: Sequence[Any],
        dt: Any = None,
        record: Sequence[Record] | None = None,
        seed: int | None = None,
    ):
        if getattr(network, "plan", None) is None:
            raise DivisionError(_NO_PLAN.format(n=len(devices)))
        axis = (AxisType.Auto,)
        self._mesh = Mesh(np.array(devices), (NEURONS,), axis_types=axis)
        self._placer = Placer(self._mesh, Pieces(len(devices)))
        self._choice = event.current_choice()
        self.company = Company()
        for part in vars(network).values():  # tables are cut by whole numbers
            if isinstance(getattr(part, "comm", None), event.CSRLinear):
                part.comm.widen()
        super().__init__(network, dt, record, seed)
        self._place()

    @property
    def exchange(self) -> Exchange:
        """What the devices send each other once in the shortest delay."""
        return self._step.exchange

    def cost(self, hosts: int) -> Cost:
        """Return what the exchange costs where the devices are those of `hosts`."""
        return cost_of(self.exchange, hosts, self._division.instant())

    def program(self) -> Any:
        """Return the jaxpr of a chunk."""
        with self._context():
            run: Any = self._program.run
            return run.trace(self._fixed, self._carried, np.int32(0), np.int32(1)).jaxpr

    # running

    def agree_on(self, n_steps: int) -> None:
        """Make sure that all processes have this network, and want as many steps.

        Raises
        ------
        DivisionError
            If they do not.
        """
        plan: Any = self._plan
        recorded = [(r.key, r.variable, r.size) for r in self._recorders]
        self.company.check(plan.plan, plan.values(), n_steps, recorded)

    def _advance_xla(self, n_steps: int) -> tuple[list[Any], list[Any]]:
        with self._context(), self.company.near():
            self._carried, sent, rows, is_finite = self._program.run(
                self._fixed, self._carried, np.int32(self.step), np.int32(n_steps)
            )
            # an interrupt from here on loses what was recorded, never the clock
            self.step += n_steps
            self._is_ahead = True
            n_intervals = -(-n_steps // self.exchange.interval)
            spikes = self.exchange.read(np.asarray(sent)[:n_intervals])
        others = iter(rows)
        found: list[Any] = []
        for recorder in self._recorders:
            place = self._division.place_of(recorder)
            row = np.asarray(next(others)) if place is None else spikes[place]
            row = np.ascontiguousarray(row[:n_steps])
            found.append(events(row) if recorder.is_spikes else row.copy())
        return found, is_finite

    def sync(self) -> None:
        """Let the States of the network have the values that the run has now."""
        if not self._is_ahead:
            return
        leaves = {
            path: jax.tree.leaves(self._values[path]) for path in self._program.order
        }
        changing = self._step.of("carried", "history", "newest")
        with self._context(), self.company.near():
            for i, value in zip(changing, self._carried, strict=True):
                path, place = self._leaves[i]
                slot = self._step.slots[i]
                n = 0 if slot.layout is None else slot.shape[slot.layout.where]
                whole = self._placer.whole(value, slot.layout, n)
                leaves[path][place] = jnp.asarray(whole)
        for path in self._program.carried:
            tree = jax.tree.structure(self._values[path])
            self._values[path] = jax.tree.unflatten(tree, leaves[path])
        self._is_ahead = False
        self._show(self._program.carried)

    # inside

    @contextlib.contextmanager
    def _context(self) -> Iterator[None]:
        # what is whole stays in the memory of the host, and leaves that of devices free
        with in_host_memory(), super()._context():
            yield

    def _key(self) -> None:
        """Return nothing: the program holds the division, and is nobody else's."""

    def _make(self) -> tuple[Compiled, bool]:
        plan: Any = self._plan
        self._division = Division(
            self.network, plan.plan, self._recorders, self._placer.pieces
        )
        others = [r for r in self._recorders if self._division.place_of(r) is None]

        def step(numbers: Any, i: Any) -> Any:
            now = environ.context(dt=self.dt, i=i, t=i * self.dt)
            with attached(self._inputs, numbers), now:
                self.network.update()
                rows = [recorder.whole() for recorder in others]
                return rows, self._division.spikes()

        # with delays of their own synapses are told apart as calls of one function
        choice = event.use_backend("auto")
        with choice if self._choice == "xla" else contextlib.nullcontext():
            now = jnp.zeros((), jnp.int32)
            traced = trace(step, self._numbers, now, where="simulate")
        paths, extra = _paths(self.network, traced)
        written = traced.effects.is_written
        closed = traced.pure.jaxpr
        slots, self._leaves = self._slots(paths, traced.effects, closed)
        (most,) = self.company.most([-self._division.shortest()])
        exchange = self._division.exchange(-most)
        rows = [Row(recorder) for recorder in others]
        self._step = Step(
            closed,
            slots,
            len(self._leaves),
            rows,
            exchange,
            _capacity(rows, exchange),
            self._choice,
        )
        carried = [self._leaves[i][0] for i in self._step.of("carried")]
        program = Compiled(
            run=self._compiled(),
            fixed=tuple(p for p, w in zip(paths, written, strict=True) if not w),
            carried=tuple(p for p, w in zip(paths, written, strict=True) if w),
            checked=tuple(
                path
                for path, i in zip(carried, self._step.of("carried"), strict=True)
                if jnp.issubdtype(slots[i].dtype, jnp.floating)
            ),
            capacity=self._step.capacity,
            order=tuple(paths),
            why_not=f"the neurons are divided among {self._mesh.size} devices",
            extra=extra,
        )
        return program, False

    def _slots(self, paths: Sequence[Path], effects: Any, closed: Any) -> Any:
        """Return the inputs of the step, and path and place of the leaves of States."""
        division, slots, leaves = self._division, [], []
        rings = {id(r.history): ("history", r.place) for r in division.rings}
        rings |= {id(r.newest): ("newest", r.place) for r in division.rings}
        rows = zip(paths, effects.states, effects.is_written, strict=True)
        for path, state, is_written in rows:
            usual = ("carried" if is_written else "fixed", 0)
            role, ring = rings.get(id(state), usual)
            for place, leaf in enumerate(jax.tree.leaves(state.peek())):
                layout = division.of_state(path, state, leaf)
                slots.append(_slot(role, layout, leaf, division.owner(path), ring))
                leaves.append((path, place))
        for one, array in zip(self._inputs, self._numbers, strict=True):
            layout = division.of_input(one, array)
            slots.append(_slot("fixed", layout, array, division.owner(one.path)))
        n_more = len(closed.jaxpr.outvars) - len(leaves)
        wanted = [slot.role == "carried" for slot in slots[: len(leaves)]]
        _, is_used = needed(closed, wanted + [True] * n_more)
        return [
            replace(slot, role="unused") if slot.role == "fixed" and not used else slot
            for slot, used in zip(slots, is_used, strict=False)
        ], leaves

    def _compiled(self) -> Any:
        """Return the chunk over all devices, to be compiled at its first call."""
        step = self._step
        specs = {
            role: [self._placer.spec(step.slots[i].layout) for i in step.of(*roles)]
            for role, roles in _ROLES.items()
        }
        everywhere = PartitionSpec()
        chunk = jax.shard_map(
            step.chunk,
            mesh=self._mesh,
            in_specs=(specs["fixed"], specs["changing"], everywhere, everywhere),
            out_specs=(specs["changing"], everywhere, everywhere, everywhere),
            check_vma=False,
        )
        return jax.jit(chunk, donate_argnums=1, compiler_options=_compiler_options())

    def _place(self) -> None:
        """Bring the values of States and inputs to the devices."""
        arrays: list[Any] = []
        for path, place in self._leaves:
            arrays.append(jax.tree.leaves(self._values[path])[place])
        arrays += self._numbers
        tables = self._division.cut(slot.layout for slot in self._step.slots)
        most = self.company.most([table.capacity for table in tables])
        for table, capacity in zip(tables, most, strict=True):
            table.capacity = capacity
        with self._context():
            placed = {
                role: [self._put(i, arrays[i]) for i in self._step.of(*roles)]
                for role, roles in _ROLES.items()
            }
        self._fixed, self._carried = placed["fixed"], placed["changing"]
        self._division.forget()

    def _put(self, i: int, array: Any) -> jax.Array:
        layout = self._step.slots[i].layout
        return self._placer.put(array, layout, self._division.table(layout))

    def _reload(self) -> None:
        self._is_ahead = False
        self._place()

    def _refresh(self) -> None:
        self.sync()
        with self._context():
            self._given = given_by(self._inputs, self._given)
            # tables may be others; with other delays the exchange is another one
            self._program = self._make()[0]
        self._place()


_ROLES = {"fixed": ("fixed",), "changing": ("carried", "history", "newest")}


def _slot(
    role: str, layout: Layout | None, leaf: Any, owner: str, ring: int = 0
) -> Slot:
    return Slot(role, layout, tuple(leaf.shape), leaf.dtype, owner, ring)


def _capacity(rows: Sequence[Row], exchange: Exchange) -> int:
    """Return how many steps a chunk has room for: whole intervals."""
    each = exchange.n_bytes * exchange.pieces.n / exchange.interval
    for row in rows:
        each += row.recorder.n if row.recorder.is_spikes else 4 * row.recorder.size
    steps = max(FEWEST_STEPS, min(MOST_STEPS, int(BUFFER_BYTES / max(each, 1))))
    return max(steps // exchange.interval, 1) * exchange.interval
