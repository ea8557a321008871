"""Which neurons of each population the raster shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

DEFAULT_ROWS = 104
FEWEST = 8
"""Rows that even the smallest population gets, if it has so many neurons."""


@dataclass(frozen=True)
class Rows:
    """The shown neurons of one population, and the way back from a neuron to its row.

    Parameters
    ----------
    n : int
        Neurons of the population.
    neurons : array of int, shape (n_rows,)
        Those shown, ascending.
    is_shown : array of bool, shape (n,)
        Which neurons these are.
    lookup : array of uint16, shape (n,)
        Row of each neuron that is shown.
    """

    n: int
    neurons: np.ndarray
    is_shown: np.ndarray
    lookup: np.ndarray

    @classmethod
    def spread(cls, n: int, n_rows: int) -> Rows:
        """Show `n_rows` of `n` neurons, evenly spread over the population."""
        n_rows = min(n, n_rows)
        neurons = np.unique(np.linspace(0, n - 1, n_rows).round().astype(np.int64))
        is_shown, lookup = np.zeros(n, np.bool_), np.zeros(n, np.uint16)
        is_shown[neurons] = True
        lookup[neurons] = np.arange(neurons.size)
        return cls(n, neurons, is_shown, lookup)


def choose(sizes: Mapping[str, int], n_rows: int | None) -> dict[str, Rows]:
    """Share rows among populations by size, a few at least for each.

    Parameters
    ----------
    sizes : mapping of str to int
        Neurons of each population.
    n_rows : int or None
        Rows in all; None for the default of 104.
    """
    wanted = DEFAULT_ROWS if n_rows is None else n_rows
    total = sum(sizes.values())
    return {
        key: Rows.spread(n, max(FEWEST, round(wanted * n / total)))
        for key, n in sizes.items()
        if n > 0
    }
