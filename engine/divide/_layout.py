"""How arrays lie on devices, and how they get from one layout to another.

Device `d` of `D` owns the neurons `d * length` to `(d + 1) * length` of a population of
`n`, where `length` is `n / D` rounded up to a multiple of 8. What is missing at the end
is filled with copies of the last neuron; nobody ever reads what becomes of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

NEURONS = "neurons"
"""Name of the axis of the mesh."""

GROUP = 8
"""Neurons that stay together.

Processors compute single numbers by other instructions than several at once, and so
may round them otherwise. The spikes of a group fill a byte.
"""


class Layout(NamedTuple):
    """How a divided array lies; None in its place stands for a whole array.

    Attributes
    ----------
    kind : {"neurons", "synapses", "targets", "rows"}
        Whether a device holds a block of neurons, or of the synapses that end on its
        neurons a value each, their targets, or where their rows begin.
    where : int or str
        The axis of the neurons; else the table.
    """

    kind: Literal["neurons", "synapses", "targets", "rows"]
    where: Any


@dataclass(frozen=True)
class Pieces:
    """The division of everything among devices.

    Parameters
    ----------
    n : int
        Number of devices.
    """

    n: int

    def length(self, n_neurons: int) -> int:
        """Return how many of so many neurons a device holds."""
        return -(-n_neurons // (self.n * GROUP)) * GROUP

    def local(self, shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
        """Return the shape of a block of an array."""
        return (*shape[:axis], self.length(shape[axis]), *shape[axis + 1 :])

    def padded(self, array: np.ndarray, axis: int) -> np.ndarray:
        """Return an array on the host that has a block for every device."""
        n = array.shape[axis]
        places = np.minimum(np.arange(self.n * self.length(n)), n - 1)
        return np.take(array, places, axis) if places.size != n else array

    # on a device

    def cut(self, array: jax.Array, axis: int) -> jax.Array:
        """Return the block of this device of a whole array."""
        n = array.shape[axis]
        length = self.length(n)
        missing = self.n * length - n
        if missing:
            last = lax.slice_in_dim(array, n - 1, n, axis=axis)
            shape = (*array.shape[:axis], missing, *array.shape[axis + 1 :])
            array = jnp.concatenate([array, jnp.broadcast_to(last, shape)], axis)
        begin = lax.axis_index(NEURONS) * length
        return lax.dynamic_slice_in_dim(array, begin, length, axis)

    def gather(self, block: jax.Array, axis: int, n_neurons: int) -> jax.Array:
        """Return the whole array, on every device; booleans travel as bits."""
        if block.dtype == jnp.bool_:
            bits = jnp.packbits(block.reshape(-1))
            sent = lax.all_gather(bits, NEURONS)
            found = jnp.unpackbits(sent, axis=1, count=block.size)
            blocks = found.astype(bool).reshape(self.n, *block.shape)
        else:
            blocks = lax.all_gather(block, NEURONS)
        whole = jnp.concatenate(list(blocks), axis)
        return lax.slice_in_dim(whole, 0, n_neurons, axis=axis)

    def is_there(self, n_neurons: int) -> jax.Array:
        """Tell of each neuron of a block whether it is one of the population."""
        length = self.length(n_neurons)
        place = lax.axis_index(NEURONS) * length + jnp.arange(length)
        return place < n_neurons
