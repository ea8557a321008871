"""Tables of synapses, cut by the neuron that a synapse ends on."""

from __future__ import annotations

import numpy as np

from ._layout import Pieces


class CutTable:
    """A table whose synapses are shared out to the devices that own their targets.

    The synapses of a row keep their order, so that every neuron adds up the same
    numbers in the same order as on one device.

    Parameters
    ----------
    indptr : int array, shape (n_rows + 1,)
        Where each row begins.
    indices : int array, shape (capacity,)
        Targets; what lies behind ``indptr[-1]`` is spare room.
    n_post : int
        Number of target neurons.
    pieces : Pieces
        The division.

    Attributes
    ----------
    capacity : int
        Synapses that every device has room for: the most that one has. Where hosts
        know the synapses of their own devices only, they have to agree on it.
    """

    def __init__(
        self, indptr: np.ndarray, indices: np.ndarray, n_post: int, pieces: Pieces
    ):
        self._indptr = np.asarray(indptr)
        self._indices = np.asarray(indices)[: self._indptr[-1]]
        self._length = pieces.length(n_post)
        self._chosen: dict[int, np.ndarray] = {}
        owners = self._indices // np.uint32(self._length)
        self.counts = np.bincount(owners, minlength=pieces.n)
        self.capacity = max(int(self.counts.max()), 1)

    def _of(self, device: int) -> np.ndarray:
        """Return the places of the synapses of a device."""
        if device not in self._chosen:
            first = device * self._length
            is_own = self._indices >= first
            is_own &= self._indices < first + self._length
            self._chosen[device] = np.flatnonzero(is_own)
        return self._chosen[device]

    def rows(self, device: int) -> np.ndarray:
        """Return where the rows of a device begin."""
        return np.searchsorted(self._of(device), self._indptr).astype(np.int32)

    def targets(self, device: int) -> np.ndarray:
        """Return the targets of a device, counted from its first neuron."""
        own = self._indices[self._of(device)] - np.uint32(device * self._length)
        return self._filled(own)

    def synapses(self, device: int, values: np.ndarray) -> np.ndarray:
        """Return one value each, such as weights, of the synapses of a device."""
        return self._filled(np.asarray(values)[self._of(device)])

    def _filled(self, own: np.ndarray) -> np.ndarray:
        return np.pad(own, (0, self.capacity - own.size))
