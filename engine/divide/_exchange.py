"""Spikes of some steps, exchanged among all devices as one row of bits.

What is spiked in an interval of steps no longer than the shortest delay acts after it,
so the devices need to hear of each other only once in an interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ._layout import NEURONS, Pieces


@dataclass(frozen=True)
class Exchange:
    """What is sent, and how it is read.

    Parameters
    ----------
    sizes : sequence of int
        Neurons of each population whose spikes are sent.
    interval : int
        Steps whose spikes are sent together.
    pieces : Pieces
        The division.
    """

    sizes: Sequence[int]
    interval: int
    pieces: Pieces

    @property
    def width(self) -> int:
        """Neurons of a device."""
        return sum(map(self.pieces.length, self.sizes))

    @property
    def n_bytes(self) -> int:
        """Bytes that a device sends in an interval."""
        return -(-self.interval * self.width // 8)

    def blank(self) -> jax.Array:
        """Return room for the spikes of an interval, shape (interval, width)."""
        return jnp.zeros((self.interval, self.width), bool)

    def row(self, spikes: Sequence[jax.Array]) -> jax.Array:
        """Return the spikes of a step of all populations of this device as one row."""
        return jnp.concatenate([jnp.zeros(0, bool), *spikes])

    def send(self, rows: jax.Array) -> jax.Array:
        """Return what every device has seen, as bytes, shape (n_devices, n_bytes)."""
        if not self.n_bytes:
            return jnp.zeros((self.pieces.n, 0), jnp.uint8)
        return lax.all_gather(jnp.packbits(rows.reshape(-1)), NEURONS)

    def spikes(self, sent: jax.Array) -> list[jax.Array]:
        """Return the spikes of each population, shape (interval, n)."""
        bits = jnp.unpackbits(sent, axis=1, count=self.interval * self.width)
        return self._split(jnp, bits.astype(bool)[None])

    def read(self, sent: np.ndarray) -> list[np.ndarray]:
        """Return on the host the spikes of each population over several intervals.

        Parameters
        ----------
        sent : array of uint8, shape (n_intervals, n_devices, n_bytes)

        Returns
        -------
        list of bool array, shape (n_intervals * interval, n)
        """
        bits = np.unpackbits(sent, axis=2, count=self.interval * self.width)
        return self._split(np, bits.view(bool))

    def _split(self, xp: Any, bits: Any) -> list[Any]:
        n_devices, steps = self.pieces.n, bits.shape[0] * self.interval
        rows = bits.reshape(bits.shape[0], n_devices, self.interval, self.width)
        rows = xp.moveaxis(rows, 1, 2).reshape(steps, n_devices, self.width)
        found, begin = [], 0
        for n in self.sizes:
            end = begin + self.pieces.length(n)
            block = rows[:, :, begin:end].reshape(steps, n_devices * (end - begin))
            found.append(block[:, :n])
            begin = end
        return found
