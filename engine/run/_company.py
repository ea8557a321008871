"""What several processes that run one network have to agree on."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

from ..divide import DivisionError
from ..lower import Plan
from ._interrupt import Interrupt

_DIFFERENT = (
    "simulate: process {i} of {n} runs another network than process 0, or another time. "
    "Give all of them the same document and duration, and the same version of jax."
)

_GONE = (
    "simulate: one of the {n} processes has ended, or cannot be reached any more. What "
    "happened is told where it ran."
)


class Company:
    """The processes that run one network; one process alone agrees with itself.

    Each has to take the same numbers of steps. An interrupt of one of them stops all
    at the end of the same chunk; a second one ends the process at once.
    """

    def __init__(self) -> None:
        self.n = jax.process_count()
        self.interrupt = Interrupt()

    @property
    def speaks(self) -> bool:
        """Whether this process is the one that shows progress."""
        return jax.process_index() == 0

    def check(self, plan: Plan, values: dict[str, Any], *more: Any) -> None:
        """Make sure that all processes run the same network, and the same of `more`.

        Raises
        ------
        DivisionError
            If they do not.
        """
        if self.n == 1:
            return
        nodes = [(n.id, n.kind.key, n.size) for n in plan.nodes.values()]
        what = (jax.__version__, plan.dt, plan.seed, plan.precision, nodes, values)
        text = json.dumps((what, more), default=str).encode()
        digest = hashlib.blake2b(text, digest_size=16).digest()
        rows = self._told(np.frombuffer(digest, np.uint8))
        different = np.flatnonzero((rows != rows[0]).any(axis=1))
        if different.size:
            raise DivisionError(_DIFFERENT.format(i=different[0], n=self.n))

    def agreed(self, n_steps: int) -> int:
        """Return the fewest steps that a process wants to take.

        Raises
        ------
        KeyboardInterrupt
            In all processes, if one was interrupted.
        """
        wanted = 0 if self.interrupt.came else n_steps
        fewest = wanted if self.n == 1 else int(self._told(np.int32(wanted)).min())
        if not fewest:
            raise KeyboardInterrupt
        return fewest

    def most(self, numbers: Any) -> list[int]:
        """Return the largest that a process says, of each of some numbers."""
        if self.n == 1 or not len(numbers):
            return list(numbers)
        return self._told(np.asarray(numbers, np.int32)).max(axis=0).tolist()

    def _told(self, what: Any) -> np.ndarray:
        """Return what each process says, one row a process."""
        row = np.atleast_1d(what)
        place = NamedSharding(self._mesh, PartitionSpec("hosts"))
        rows = jax.make_array_from_callback(
            (self.n, *row.shape), place, lambda _: row[None]
        )
        with self.near():
            return np.asarray(self._spread(rows))

    @functools.cached_property
    def _mesh(self) -> Mesh:
        """One device of each process."""
        firsts = [jax.local_devices(i)[0] for i in range(self.n)]
        return Mesh(np.array(firsts), ("hosts",), axis_types=(AxisType.Auto,))

    @functools.cached_property
    def _spread(self) -> Any:
        everywhere = NamedSharding(self._mesh, PartitionSpec())
        return jax.jit(lambda rows: rows, out_shardings=everywhere)

    @contextlib.contextmanager
    def near(self) -> Iterator[None]:
        """Say in words that another process is gone, where JAX finds out.

        Raises
        ------
        DivisionError
            If that happens.
        """
        try:
            yield
        except jax.errors.JaxRuntimeError as error:
            if self.n == 1:
                raise
            raise DivisionError(_GONE.format(n=self.n)) from error
