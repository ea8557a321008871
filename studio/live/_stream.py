"""Chunks of a run, folded into frames: small, whole bins, recent only."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ._rows import Rows, choose

Arrays = dict[str | tuple[str, ...], np.ndarray]
"""Arrays by name; an array with names for its rows stands for so many arrays."""
Take = Callable[[dict[str, Any], Arrays], bool]
"""Takes a frame and its arrays; says whether it was sent."""

RATE_BIN = 0.001
"""Seconds a bin of the population rate."""
SMOOTHING = 0.200
"""Seconds over which the rate beside a node is averaged."""
TRACE_STEP = 0.0005
"""Seconds between two drawn samples of a trace; spikes are drawn from the raster."""

_keys = itertools.count(1)  # of rows; a page shows one network after the other


class Chunk(Protocol):
    """What one call of `Simulation.advance` returns."""

    @property
    def step0(self) -> int:
        """First step."""
        ...

    @property
    def n(self) -> int:
        """Number of steps."""
        ...

    @property
    def spikes(self) -> Mapping[str, tuple[np.ndarray, np.ndarray]]:
        """Steps from the first, and neurons, by node."""
        ...

    @property
    def counts(self) -> Mapping[str, np.ndarray]:
        """Spikes of each step by node."""
        ...

    @property
    def traces(self) -> Mapping[str, np.ndarray]:
        """Values [n, neurons] by probe."""
        ...


@dataclass
class Source:
    """A probe of state variables: the neurons whose traces are drawn."""

    variable: str
    neurons: list[int]


@dataclass
class FrameBuilder:
    """Collects chunks until a frame can be sent.

    Chunks older than the visible window are dropped, and counted, when no view takes
    frames: a closed tab costs no memory.

    Parameters
    ----------
    dt : float, s
        Length of a step.
    sizes : mapping of str to int
        Neurons of each node that spikes.
    traces : mapping of str to Source
        Probes of state variables by node id.
    window : float, s, default 1
        What the plots show.
    """

    dt: float
    sizes: Mapping[str, int]
    traces: Mapping[str, Source]
    window: float = 1.0
    n_rows: int | None = None
    left_out: int = 0
    _chunks: list[Chunk] = field(default_factory=list)
    _rows: dict[str, Rows] = field(default_factory=dict)
    _rows_key: int = field(init=False)
    _is_told: bool = False
    _smoothed: dict[str, float] = field(default_factory=dict)
    bin: int = field(init=False)
    """Steps of a rate bin."""
    stride: int = field(init=False)
    """Steps between drawn samples of a trace."""

    def __post_init__(self) -> None:
        self.bin = max(1, round(RATE_BIN / self.dt))
        self.stride = max(1, round(TRACE_STEP / self.dt))
        self.show(self.n_rows)
        self._rates = tuple(f"rate/{key}" for key in self._rows)
        self._bins: tuple[int, np.ndarray, np.ndarray] | None = None
        self._curves = {
            key: tuple(f"trace/{key}/{source.variable}/{n}" for n in source.neurons)
            for key, source in self.traces.items()
        }

    def show(self, n_rows: int | None) -> None:
        """Choose how many neurons are drawn in all."""
        self.n_rows = n_rows
        self._rows = choose(self.sizes, n_rows)
        self._rows_key = next(_keys)
        self._is_told = False

    def resend(self) -> None:
        """Send the layout again with the next frame: a view needs it."""
        self._is_told = False

    def clear(self) -> None:
        """Forget what was not sent: the run begins anew."""
        self._chunks.clear()
        self._smoothed.clear()
        self.left_out = 0

    def add(self, chunk: Chunk) -> None:
        """Keep a chunk for the next frame."""
        self._chunks.append(chunk)
        newest = chunk.step0 + chunk.n
        oldest = newest - round(self.window / self.dt)
        while self._chunks and self._chunks[0].step0 + self._chunks[0].n < oldest:
            old = self._chunks.pop(0)
            self.left_out += sum(neurons.size for _, neurons in old.spikes.values())
        seconds = chunk.n * self.dt
        weight = -math.expm1(-seconds / SMOOTHING)
        for key, (_, neurons) in chunk.spikes.items():
            rate = neurons.size / (max(1, self.sizes.get(key, 1)) * seconds)
            level = self._smoothed.get(key, 0.0)
            self._smoothed[key] = level + weight * (rate - level)

    @property
    def has_news(self) -> bool:
        """Whether there is something to send."""
        return bool(self._chunks)

    def offer(self, take: Take) -> None:
        """Offer the next frame; what is not taken stays for the one after it."""
        kept, is_told = list(self._chunks), self._is_told
        made = self.frame()
        if made is not None and not take(*made):
            self._chunks, self._is_told = kept, is_told

    def frame(self) -> tuple[dict[str, Any], Arrays] | None:
        """Return the next frame and its arrays; None when nothing is new."""
        if not self._chunks:
            return None
        chunks, self._chunks = self._chunks, []
        step0 = chunks[0].step0
        n_steps = chunks[-1].step0 + chunks[-1].n - step0
        arrays: Arrays = {}
        for key, rows in self._rows.items():
            steps, shown = self._spikes(chunks, key, rows, step0)
            arrays[f"spikes/{key}/step"] = steps
            arrays[f"spikes/{key}/row"] = shown
        if self._rates:
            arrays[self._rates] = self._binned(chunks)
        for key, names in self._curves.items():
            parts = [chunk.traces[key] for chunk in chunks if key in chunk.traces]
            if parts:
                arrays[names] = _joined(parts)[self.stride - 1 :: self.stride].T
        header = {
            "step0": step0,
            "n_steps": n_steps,
            "rates": {key: round(rate, 3) for key, rate in self._smoothed.items()},
            "left_out": self.left_out,
            "layout": None if self._is_told else self._layout(),
        }
        self._is_told = True
        return header, arrays

    def _layout(self) -> dict[str, Any]:
        """Describe what is the same in every frame until other rows are shown."""
        return {
            "dt": self.dt,
            "rate_bin": self.bin,
            "trace_stride": self.stride,
            "populations": [
                {
                    "id": key,
                    "n": rows.n,
                    "rows_key": self._rows_key,
                    "rows": rows.neurons.tolist(),
                }
                for key, rows in self._rows.items()
            ],
        }

    def _spikes(
        self, chunks: list[Chunk], key: str, rows: Rows, step0: int
    ) -> tuple[np.ndarray, np.ndarray]:
        steps, shown = [], []
        for chunk in chunks:
            offsets, neurons = chunk.spikes[key]
            # few of the spikes are drawn
            here = rows.is_shown.take(neurons)
            step = offsets[here]
            if chunk.step0 != step0:
                step = step + np.uint32(chunk.step0 - step0)
            steps.append(step)
            shown.append(rows.lookup[neurons[here]])
        return _joined(steps), _joined(shown)

    def _binned(self, chunks: list[Chunk]) -> np.ndarray:
        """Spikes a second and neuron of each population; the last bin may be short."""
        counts = [chunk.counts[key] for key in self._rows for chunk in chunks]
        joined = np.concatenate(counts)
        if self._bins is None or self._bins[0] != joined.size:
            self._bins = (joined.size, *self._edges(joined.size // len(self._rows)))
        _, edges, scale = self._bins
        sums = np.add.reduceat(joined, edges).reshape(scale.shape)
        return np.multiply(sums, scale).astype(np.float32)

    def _edges(self, n_steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Return where bins begin, population after population, and what a spike is."""
        begin = np.arange(0, n_steps, self.bin)
        steps = np.minimum(self.bin, n_steps - begin)
        sizes = np.array([rows.n for rows in self._rows.values()])[:, None]
        edges = begin + n_steps * np.arange(len(sizes))[:, None]
        return edges.reshape(-1), 1 / (steps * self.dt * sizes)


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    """Put the arrays of some chunks together; often there is one chunk only."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
