"""A run from beginning to end: progress, interrupt, result."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import brainunit as u
import numpy as np
from tqdm.auto import tqdm

from .. import nn
from ._chunk import Chunk
from ._errors import RunError
from ._interrupt import Interrupt
from ._record import Record
from ._result import Result, SpikeTrain
from ._simulation import Simulation

if TYPE_CHECKING:
    from ._company import Company

FIRST_STEPS = 100
CHUNK_SECONDS = 0.1
BAR_AFTER = 0.5  # s: shorter runs show no bar
_ITS_OWN = (
    "simulate: a Simulation was given, which has its own dt, record, seed and device. "
    "Give them to Simulation(...), or give its network here."
)


def simulate(
    network: nn.Module | Simulation,
    duration: Any,
    dt: Any = None,
    record: Sequence[Record] | None = None,
    progress: bool = True,
    seed: int | None = None,
    devices: Any = None,
) -> Result:
    """Run a network from t = 0 and return what was recorded.

    Parameters
    ----------
    network : Module or Simulation
        Its `update` is one step. A Simulation goes back to t = 0 and runs with the
        parameters it has now; it has its own `dt`, `record` and `seed`.
    duration : time
        How long; rounded to steps.
    dt, record, seed
        As for `Simulation`.
    progress : bool, default True
        Show a bar if it takes longer than half a second.
    devices : int, "all" or sequence of jax.Device, optional
        Divide the neurons of every population among so many devices, all, or these:
        for a network that `engine.lower.build` made. On processors the spikes do not
        depend on how many there are, on GPUs but for rounding: they add in no fixed
        order. Where `jax.distributed` joined several processes, each makes
        the same call, and each gets the whole result. Default: one device, and native
        code for it where there is some.

    Returns
    -------
    Result
        After an interrupt what there is until then, with `interrupted` set. A second
        one within two seconds raises `KeyboardInterrupt`.

    Raises
    ------
    RunError
        If the duration is no positive time, a variable is not a number any more, or
        something is given that a Simulation has.
    DivisionError
        If there are not so many devices, or a part of the network mixes neurons by
        itself, so that it cannot be divided.
    """
    if isinstance(network, Simulation):
        if any(given is not None for given in (dt, record, seed, devices)):
            raise RunError(_ITS_OWN)
        network.reset()
        return collect(network, n_steps_of(duration, network.dt), progress)
    if devices is None:
        simulation = Simulation(network, dt, record, seed)
        return collect(simulation, n_steps_of(duration, simulation.dt), progress)
    from ._devices import devices_of  # not at import: most runs are not divided
    from ._divided import DividedSimulation

    simulation = DividedSimulation(network, devices_of(devices), dt, record, seed)
    n_steps, company = n_steps_of(duration, simulation.dt), simulation.company
    simulation.agree_on(n_steps)
    return collect(simulation, n_steps, progress and company.speaks, company)


def n_steps_of(duration: Any, dt: Any) -> int:
    """Return a duration in steps.

    Raises
    ------
    RunError
        If it is no positive time.
    """
    ratio = duration / dt
    if isinstance(ratio, u.Quantity):
        if not ratio.is_unitless:
            raise RunError(f"simulate: the duration is {duration}; give a time.")
        ratio = ratio.to_decimal()
    steps = round(float(ratio))
    if steps < 1:
        raise RunError(
            f"simulate: the duration is {duration}; give at least one step, {dt}."
        )
    return steps


def collect(
    simulation: Simulation,
    n_steps: int,
    progress: bool = True,
    company: Company | None = None,
) -> Result:
    """Advance a simulation and return what its chunks held.

    With a company, all of its processes make this call.
    """
    chunks: list[Chunk] = []
    interrupt = Interrupt() if company is None else company.interrupt
    interrupted = False
    per_step = 1e3 * simulation.dt_seconds
    with (
        interrupt.attended(),
        tqdm(
            total=round(n_steps * per_step, 6),
            unit="ms",
            delay=BAR_AFTER,
            disable=not progress,
            bar_format="{l_bar}{bar}| {n:.0f}/{total:.0f} ms [{elapsed}<{remaining}]",
        ) as bar,
    ):
        left, pace = n_steps, _Pace(simulation.capacity)
        try:
            while left:
                n = min(left, pace.steps)
                if company is not None:
                    n = company.agreed(n)
                elif interrupt.came:
                    raise KeyboardInterrupt
                with pace.timed(n):
                    chunk = simulation.advance(n)
                chunks.append(chunk)
                if chunk.not_finite is not None:
                    raise RunError(_blow_up(chunk.not_finite, simulation))
                left -= n
                bar.update(n * per_step)
        except KeyboardInterrupt:
            if interrupt.is_urgent:
                raise
            interrupted = True
    simulation.sync()
    return joined(simulation, chunks, interrupted)


class _Pace:
    """Steps of a chunk: few enough that an interrupt is answered at once."""

    def __init__(self, capacity: int):
        self._capacity = capacity
        self.steps = min(capacity, FIRST_STEPS)

    @contextlib.contextmanager
    def timed(self, n: int) -> Iterator[None]:
        """Measure a chunk of `n` steps, and choose the next by it."""
        begin = time.perf_counter()
        yield
        cost = max(time.perf_counter() - begin, 1e-6) / n
        self.steps = max(1, min(self._capacity, int(CHUNK_SECONDS / cost)))


def _blow_up(found: dict[str, Any], simulation: Simulation) -> str:
    time = found["step"] * simulation.dt_seconds
    return (
        f"{found['variable']} of {found['label']} is not a number any more at "
        f"{time:.6g} s ({found['n']} values). Halve dt, or look at its parameters."
    )


def joined(
    simulation: Simulation, chunks: Sequence[Chunk], interrupted: bool = False
) -> Result:
    """Return the result of chunks that follow one another."""
    spikes: dict[str, SpikeTrain] = {}
    traces: dict[tuple[str, str], Any] = {}
    chosen: dict[tuple[str, str], np.ndarray] = {}
    offset, first = 0, chunks[0].step0 if chunks else 0
    for recorder in simulation.recorders:
        if recorder.is_spikes:
            parts = [(c.spikes[recorder.key], c.step0 - first) for c in chunks]
            steps = _joined([s.astype(np.int64) + at for (s, _), at in parts], np.int64)
            neurons = _joined([n for (_, n), _ in parts], np.uint32)
            spikes[recorder.label] = SpikeTrain(
                steps, neurons, recorder.n, simulation.dt, offset
            )
            offset += recorder.n
            continue
        key = (recorder.label, recorder.variable)
        values = [c.traces[recorder.key] for c in chunks]
        number = np.concatenate(values) if values else np.zeros((0, 0), np.float32)
        unit = recorder.unit
        columns = (
            np.arange(recorder.n) if recorder.neurons is None else recorder.neurons
        )
        if key in traces:  # two probes look at one variable
            number = np.concatenate([u.get_mantissa(traces[key]), number], axis=1)
            columns = np.concatenate([chosen[key], columns])
        traces[key] = number if unit.is_unitless else u.Quantity(number, unit=unit)
        chosen[key] = columns
    n_steps = sum(chunk.n for chunk in chunks)
    return Result(simulation.dt, n_steps, spikes, traces, chosen, interrupted)


def _joined(parts: list[np.ndarray], dtype: Any) -> np.ndarray:
    return np.concatenate(parts) if parts else np.zeros(0, dtype)
