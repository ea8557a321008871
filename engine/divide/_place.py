"""Arrays from this host to the devices, of all hosts."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from ._layout import NEURONS, Layout, Pieces
from ._tables import CutTable


@dataclass(frozen=True)
class Placer:
    """Brings arrays that every host has whole to where they are divided.

    Parameters
    ----------
    mesh : Mesh
        All devices, along one axis.
    pieces : Pieces
        The division.
    """

    mesh: Mesh
    pieces: Pieces

    def spec(self, layout: Layout | None) -> PartitionSpec:
        """Return how an array of this layout lies on the mesh."""
        if layout is None:
            return PartitionSpec()
        if layout.kind != "neurons":
            return PartitionSpec(NEURONS)
        return PartitionSpec(*(None,) * layout.where, NEURONS)

    def put(self, array: Any, layout: Layout | None, table: CutTable | None = None):
        """Return an array as the devices have it.

        Parameters
        ----------
        array : array
            The whole of it.
        layout : Layout or None
            How it is to lie.
        table : CutTable, optional
            For all but neurons: the table that it is of.
        """
        if layout is None:
            return self._global(array.shape, None, self._host(array))
        if layout.kind == "neurons":
            host = self._host(array)
            whole = self.pieces.padded(host, layout.where)
            return self._global(whole.shape, layout, whole)
        assert table is not None
        if layout.kind == "rows":
            return self._stacked(table.rows, array.shape, np.int32)
        values = self._host(array)
        if layout.kind == "targets":
            part = table.targets
        else:
            part = lambda device: table.synapses(device, values)
        return self._stacked(part, (table.capacity,), values.dtype)

    def whole(self, array: jax.Array, layout: Layout | None, n: int) -> np.ndarray:
        """Return a divided array of `n` neurons on every host; all hosts call it."""
        found = np.asarray(self._spread(array))
        return found if layout is None else np.take(found, range(n), layout.where)

    @functools.cached_property
    def _spread(self) -> Any:
        everywhere = NamedSharding(self.mesh, PartitionSpec())
        return jax.jit(lambda array: array, out_shardings=everywhere)

    def _host(self, array: Any) -> Any:
        is_key = jnp.issubdtype(array.dtype, jax.dtypes.prng_key)
        return array if is_key else np.asarray(array)

    def _global(self, shape: tuple[int, ...], layout: Layout | None, whole: Any) -> Any:
        sharding = NamedSharding(self.mesh, self.spec(layout))
        return jax.make_array_from_callback(shape, sharding, lambda index: whole[index])

    def _stacked(
        self, part: Callable[[int], np.ndarray], shape: tuple[int, ...], dtype: Any
    ) -> Any:
        """Return an array that holds a part of its own for every device."""
        sharding = NamedSharding(self.mesh, PartitionSpec(NEURONS))
        whole = (self.pieces.n, *shape)

        def of(index: Any) -> np.ndarray:
            return part(index[0].start or 0)[None].astype(dtype, copy=False)

        return jax.make_array_from_callback(whole, sharding, of)
