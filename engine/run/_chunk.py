"""What one call of `Simulation.advance` returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Chunk:
    """Some steps of a run.

    Parameters
    ----------
    step0, n : int
        First step and number of steps.
    spikes : dict of str to (array, array)
        For each recorded node the step of each spike, counted from `step0`, and which
        neuron; in the order of time, then of neurons.
    counts : dict of str to array of int, shape (n,)
        Number of spikes in each step.
    traces : dict of str to array, shape (n, n_neurons)
        For each probe of a variable its values at the end of each step, in the unit
        of the variable.
    not_finite : dict, optional
        The first variable that is not a number any more at the end of the chunk:
        ``{"element", "label", "variable", "step", "n"}``, `n` values being no
        numbers.
    """

    step0: int
    n: int
    spikes: dict[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    counts: dict[str, np.ndarray] = field(default_factory=dict)
    traces: dict[str, np.ndarray] = field(default_factory=dict)
    not_finite: dict[str, Any] | None = None


def events(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return step and neuron of each True in an array of shape (n_steps, n_neurons).

    Eight neurons are looked at in one comparison, since few spike in a step.
    """
    n = rows.shape[1]
    flat = rows.reshape(-1)
    whole = flat.size // 8 * 8
    words = np.flatnonzero(flat[:whole].view(np.uint64))
    bits, place = np.nonzero(flat[:whole].reshape(-1, 8)[words])
    found = words[bits] * 8 + place
    if whole < flat.size:
        found = np.concatenate([found, whole + np.flatnonzero(flat[whole:])])
    steps, neurons = np.divmod(found, max(n, 1))
    return steps.astype(np.uint32), neurons.astype(np.uint32)


def joined_rows(parts: list[tuple[int, Any]], is_spikes: bool, n: int) -> Any:
    """Return what several calls recorded of one thing as what one call would have.

    Parameters
    ----------
    parts : list of (step, recorded)
        Where each part begins; spikes as steps, neurons and counts, other things as
        an array, booleans among them as spikes.
    is_spikes : bool
        Whether spikes are wanted as such.
    n : int
        Number of neurons.
    """
    if not isinstance(parts[0][1], tuple):
        return parts[0][1] if len(parts) == 1 else np.concatenate([p for _, p in parts])
    steps = [found[0] + np.uint32(at) for at, found in parts]
    neurons = [found[1] for _, found in parts]
    if is_spikes:
        if len(parts) == 1:
            return steps[0], neurons[0]
        return np.concatenate(steps), np.concatenate(neurons)
    dense = np.zeros((sum(found[2].size for _, found in parts), n), bool)
    for step, neuron in zip(steps, neurons, strict=True):
        dense[step, neuron] = True
    return dense
