"""Numbers for figures: binned rates, and raster points that a browser can bear."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_POINTS = 200_000


def milliseconds(times: Any) -> NDArray[np.float64]:
    """Return times as numbers of milliseconds."""
    import brainunit as u

    if isinstance(times, u.Quantity):
        times = times.to_decimal(u.ms)
    return np.asarray(times, dtype=float)


def population_rate(
    times: NDArray[np.float64], n: int, duration: float, bin_width: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the centres of bins (ms) and the mean rate of a neuron in each (Hz).

    Parameters
    ----------
    times : array, shape (n_spikes,), ms
    n : int
        Number of neurons.
    duration : float, ms
    bin_width : float, ms
        A last bin that would be cut short is left out, for it would read low.
    """
    n_bins = max(1, int(duration / bin_width + 1e-9))
    edges = np.arange(n_bins + 1, dtype=np.float64) * bin_width
    # spikes sit on steps: half a step of slack keeps rounding from moving a bin
    counts, _ = np.histogram(times + 1e-6 * bin_width, bins=edges)
    return edges[:-1] + bin_width / 2, counts / (n * bin_width * 1e-3)


def thin(n: int, limit: int = MAX_POINTS) -> NDArray[np.intp]:
    """Return at most `limit` of n indices, evenly spread, the same every time."""
    if n <= limit:
        return np.arange(n)
    return np.linspace(0, n - 1, limit).astype(np.intp)
