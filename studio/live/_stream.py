"""Chunks of a run, folded into frames: small, whole bins, recent only."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ._rows import Rows, choose

Take = Callable[[dict[str, Any], dict[str, np.ndarray]], bool]
"""Takes a frame and its arrays; says whether it was sent."""

RATE_BIN = 0.001
"""Seconds a bin of the population rate."""
SMOOTHING = 0.200
"""Seconds over which the rate beside a node is averaged."""
TRACE_STEP = 0.0005
"""Seconds between two drawn samples of a trace; spikes are drawn from the raster."""


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
    _rows_key: int = 0
    _rows_sent: int = -1
    _smoothed: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.show(self.n_rows)

    @property
    def bin(self) -> int:
        """Steps of a rate bin."""
        return max(1, round(RATE_BIN / self.dt))

    @property
    def stride(self) -> int:
        """Steps between drawn samples of a trace."""
        return max(1, round(TRACE_STEP / self.dt))

    def show(self, n_rows: int | None) -> None:
        """Choose how many neurons are drawn in all."""
        self.n_rows = n_rows
        self._rows = choose(self.sizes, n_rows)
        self._rows_key += 1

    def resend(self) -> None:
        """Send the rows again with the next frame: a view has opened."""
        self._rows_sent = -1

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
        kept, sent = list(self._chunks), self._rows_sent
        made = self.frame()
        if made is not None and not take(*made):
            self._chunks, self._rows_sent = kept, sent

    def frame(self) -> tuple[dict[str, Any], dict[str, np.ndarray]] | None:
        """Return the next frame and its arrays; None when nothing is new."""
        if not self._chunks:
            return None
        chunks, self._chunks = self._chunks, []
        step0 = chunks[0].step0
        n_steps = chunks[-1].step0 + chunks[-1].n - step0
        arrays: dict[str, np.ndarray] = {}
        for key, rows in self._rows.items():
            steps, shown = self._spikes(chunks, key, rows, step0)
            arrays[f"spikes/{key}/step"] = steps
            arrays[f"spikes/{key}/row"] = shown
            arrays[f"rate/{key}"] = self._rate(chunks, key)
        for key, source in self.traces.items():
            arrays.update(self._trace(chunks, key, source))
        header = {
            "step0": step0,
            "n_steps": n_steps,
            "dt": self.dt,
            "t0": step0 * self.dt,
            "rates": {key: round(rate, 3) for key, rate in self._smoothed.items()},
            "populations": [self._population(k, r) for k, r in self._rows.items()],
            "left_out": self.left_out,
            "rate_bin": self.bin,
            "trace_stride": self.stride,
        }
        self._rows_sent = self._rows_key
        return header, arrays

    def _population(self, key: str, rows: Rows) -> dict[str, Any]:
        entry: dict[str, Any] = {"id": key, "n": rows.n, "rows_key": self._rows_key}
        if self._rows_sent != self._rows_key:
            entry["rows"] = rows.neurons.tolist()
        return entry

    def _spikes(
        self, chunks: list[Chunk], key: str, rows: Rows, step0: int
    ) -> tuple[np.ndarray, np.ndarray]:
        steps, shown = [], []
        for chunk in chunks:
            if key not in chunk.spikes:
                continue
            offsets, neurons = chunk.spikes[key]
            row = rows.of(neurons)
            places = (row >= 0).nonzero()[0]  # few of the spikes are drawn
            step = offsets[places] + np.uint32(chunk.step0 - step0)
            steps.append(step.astype(np.uint32, copy=False))
            shown.append(row[places])
        row = _joined(shown, np.uint16).astype(np.uint16, copy=False)
        return _joined(steps, np.uint32), row

    def _rate(self, chunks: list[Chunk], key: str) -> np.ndarray:
        """Spikes a second and neuron, in bins of the frame; the last may be short."""
        counts = [chunk.counts[key] for chunk in chunks if key in chunk.counts]
        joined = _joined(counts, np.int64)
        whole = joined.size - joined.size % self.bin
        sums = np.add.reduce(joined[:whole].reshape(-1, self.bin), axis=1)
        rate = sums * (1 / (self.bin * self.dt * self.sizes[key]))
        if whole < joined.size:
            rest = joined[whole:]
            last = rest.sum() / (rest.size * self.dt * self.sizes[key])
            rate = np.append(rate, last)
        return rate.astype(np.float32)

    def _trace(
        self, chunks: list[Chunk], key: str, source: Source
    ) -> dict[str, np.ndarray]:
        parts = [chunk.traces[key] for chunk in chunks if key in chunk.traces]
        if not parts:
            return {}
        values = _joined(parts, np.float32)[self.stride - 1 :: self.stride]
        return {
            f"trace/{key}/{source.variable}/{neuron}": np.ascontiguousarray(
                values[:, column], dtype=np.float32
            )
            for column, neuron in enumerate(source.neurons)
        }


def _joined(parts: list[np.ndarray], dtype: Any) -> np.ndarray:
    """Put the arrays of some chunks together; often there is one chunk only."""
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.zeros(0, dtype)
