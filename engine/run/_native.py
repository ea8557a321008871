"""A network whose step is native code: its values live in the memory of that code."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..fuse import Kernel
from ._compiled import Compiled
from ._walk import Path


class NativeRun:
    """The memory of one run, and what brings values in and out of it.

    Parameters
    ----------
    program : Compiled
        A program that has native code.
    values : mapping of path to value
        The States; their structure is kept, their values are loaded.
    numbers : sequence of array
        The inputs.
    """

    def __init__(
        self,
        program: Compiled,
        values: Mapping[Path, Any],
        numbers: Sequence[jax.Array],
    ):
        assert program.code is not None
        self._program = program
        self._kernel = Kernel(program.code, program.capacity)
        self._trees: dict[Path, Any] = {}
        self._places: dict[Path, list[int]] = {}
        self._shapes: dict[Path, list[tuple[int, ...]]] = {}
        place = 0
        for path in program.order:
            leaves, self._trees[path] = jax.tree.flatten(values[path])
            self._places[path] = list(range(place, place + len(leaves)))
            self._shapes[path] = [leaf.shape for leaf in leaves]
            place += len(leaves)
        self._first_number = place
        self._numbers: list[Any] = [None] * len(numbers)
        self.load(values)
        self.set_numbers(numbers)

    def load(self, values: Mapping[Path, Any]) -> None:
        """Take the values of some States, or of all."""
        fixed = set(self._program.fixed)
        for path in self._program.order:
            if path not in values:
                continue
            leaves = jax.tree.leaves(values[path])
            take = self._kernel.keep if path in fixed else self._kernel.load
            for place, leaf in zip(self._places[path], leaves, strict=True):
                take(place, leaf)

    def set_numbers(self, numbers: Sequence[jax.Array]) -> None:
        """Take the inputs that are other than before; tables stay where they are."""
        for i, number in enumerate(numbers):
            if number is not self._numbers[i]:
                self._kernel.keep(self._first_number + i, number)
                self._numbers[i] = number

    def run(self, step0: int, n: int) -> tuple[int, list[Any]]:
        """Run steps; see `Kernel.run`."""
        return self._kernel.run(step0, n)

    def values(self) -> dict[Path, Any]:
        """Return the States that change, as arrays of their own."""
        return {path: self._value(path) for path in self._program.carried}

    def _value(self, path: Path) -> Any:
        rows = zip(self._places[path], self._shapes[path], strict=True)
        leaves = [jnp.asarray(self._kernel.read(i).reshape(s)) for i, s in rows]
        return jax.tree.unflatten(self._trees[path], leaves)

    def is_finite(self) -> Iterable[bool]:
        """Tell of each real leaf that changes whether all its numbers are finite."""
        for path in self._program.carried:
            for place in self._places[path]:
                array = self._kernel.peek(place)
                if array.dtype.kind == "f":
                    # the sum is finite unless a number is not, or they are huge
                    total = float(np.add.reduce(array))
                    yield math.isfinite(total) or bool(np.isfinite(array).all())
