"""What a run gives: spikes, rates and traces, with units, and as a file."""

from __future__ import annotations

import json
import os
import threading
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import brainunit as u
import numpy as np

from .._errors import UnknownNameError, nearest
from ..kinds import unit_of
from ._errors import RunError

FORMAT = 1
_NO_RESULT = (
    ValueError,
    LookupError,
    TypeError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True)
class SpikeTrain:
    """Spikes of a population, in the order of time, then of neurons.

    Parameters
    ----------
    steps : array of int, shape (n_spikes,)
        Step in which each spike was.
    neurons : array of int, shape (n_spikes,)
        Which neuron.
    n : int
        Neurons of the population.
    dt : time
        Length of a step.
    offset : int
        Neurons of the populations before this one: a place for it in a raster.
    """

    steps: np.ndarray
    neurons: np.ndarray
    n: int
    dt: Any
    offset: int = 0

    @property
    def times(self) -> Any:
        """Time of each spike, `step * dt`, in double precision."""
        return _times(self.steps, self.dt)

    def __len__(self) -> int:
        return self.steps.size


class _Spikes(dict[str, SpikeTrain]):
    """Spikes by name, that say why others are not there."""

    def __missing__(self, name: str) -> SpikeTrain:
        known = ", ".join(map(repr, self)) or "none"
        raise UnknownNameError(
            f"Result.spikes: no spikes of {name!r} were recorded.{nearest(name, self)} "
            f"Recorded: {known}. Those of an input are where a probe is connected to it."
        )


@dataclass(frozen=True)
class Result:
    """What was recorded from step 0 on.

    Parameters
    ----------
    dt : time
        Length of a step.
    n_steps : int
        Number of steps.
    spikes : dict of str to SpikeTrain
        By the name of the population.
    traces : dict of (str, str) to array, shape (n_steps, n_neurons)
        By the names of population and variable, with its unit; values at the end of
        each step.
    neurons : dict of (str, str) to array of int
        Which neurons the columns of a trace are.
    interrupted : bool
        Whether somebody stopped the run.
    """

    dt: Any
    n_steps: int
    spikes: Mapping[str, SpikeTrain]
    traces: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    neurons: Mapping[tuple[str, str], np.ndarray] = field(default_factory=dict)
    interrupted: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "spikes", _Spikes(self.spikes))

    @property
    def t(self) -> Any:
        """Time of each step, shape (n_steps,)."""
        return _times(np.arange(self.n_steps), self.dt)

    @property
    def duration(self) -> Any:
        """Simulated time."""
        return self.n_steps * self.dt

    def rates(self) -> dict[str, Any]:
        """Return the mean rate of a neuron of each population, in Hz."""
        seconds = self.n_steps * _number(self.dt, "s")
        return {
            label: len(train) / (train.n * seconds) * u.Hz
            if seconds and train.n
            else 0.0 * u.Hz
            for label, train in self.spikes.items()
        }

    def save(self, path: str | Path) -> Path:
        """Write everything to a file of NumPy (npz, no pickle), whole or not at all.

        Returns
        -------
        Path
            The file.
        """
        path = Path(path)
        arrays: dict[str, np.ndarray] = {}
        meta: dict[str, Any] = {
            "format": FORMAT,
            "dt": [_number(self.dt, "ms"), "ms"],
            "n_steps": self.n_steps,
            "interrupted": self.interrupted,
            "spikes": [],
            "traces": [],
        }
        for i, (label, train) in enumerate(self.spikes.items()):
            arrays[f"spikes{i}_steps"] = train.steps
            arrays[f"spikes{i}_neurons"] = train.neurons
            meta["spikes"].append({"label": label, "n": train.n})
        for i, (key, values) in enumerate(self.traces.items()):
            number, unit = u.split_mantissa_unit(values)
            arrays[f"traces{i}"] = np.asarray(number)
            arrays[f"traces{i}_neurons"] = np.asarray(self.neurons[key])
            name = "" if unit.is_unitless else str(unit)
            meta["traces"].append({"label": key[0], "variable": key[1], "unit": name})
        arrays["meta"] = np.array(json.dumps(meta))
        # not `tempfile`: its files are closed to everybody else, results are not
        written = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
        try:
            with written.open("xb") as file:
                np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
            written.replace(path)
        except BaseException:
            written.unlink(missing_ok=True)
            raise
        return path

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what `save` wrote.

        Raises
        ------
        RunError
            If it is no such file, or of a newer version.
        """
        try:
            with (
                Path(path).open("rb") as file,
                np.load(file, allow_pickle=False) as npz,
            ):
                meta = json.loads(str(npz["meta"]))
                if meta["format"] <= FORMAT:
                    return cls._of(meta, {name: npz[name] for name in npz.files})
        except _NO_RESULT as error:
            raise RunError(f"{path} is no result of a run: {error}") from error
        raise RunError(
            f"{path} was written by a newer version (format {meta['format']}); "
            f"this one reads up to {FORMAT}. Update Neuroloom."
        )

    @classmethod
    def _of(cls, meta: dict[str, Any], arrays: Mapping[str, np.ndarray]) -> Self:
        dt = float(meta["dt"][0]) * u.ms
        spikes, offset = {}, 0
        for i, row in enumerate(meta["spikes"]):
            steps, neurons = arrays[f"spikes{i}_steps"], arrays[f"spikes{i}_neurons"]
            spikes[row["label"]] = SpikeTrain(steps, neurons, row["n"], dt, offset)
            offset += row["n"]
        traces, chosen = {}, {}
        for i, row in enumerate(meta["traces"]):
            key, values = (row["label"], row["variable"]), arrays[f"traces{i}"]
            unit = row["unit"]
            traces[key] = u.Quantity(values, unit=unit_of(unit)) if unit else values
            chosen[key] = arrays[f"traces{i}_neurons"]
        return cls(dt, meta["n_steps"], spikes, traces, chosen, meta["interrupted"])

    def __repr__(self) -> str:
        rates = ", ".join(f"{k} {v:.1f}" for k, v in self.rates().items())
        stopped = ", interrupted" if self.interrupted else ""
        return f"<Result: {self.n_steps} steps of {self.dt}{stopped}; {rates}>"


def _times(steps: np.ndarray, dt: Any) -> Any:
    if not isinstance(dt, u.Quantity):
        return steps * float(dt)
    number, unit = u.split_mantissa_unit(dt)
    return u.Quantity(steps * float(f"{float(number):.12g}"), unit=unit)


def _number(dt: Any, unit: str) -> float:
    number = dt.to_decimal(unit_of(unit)) if isinstance(dt, u.Quantity) else dt
    return float(f"{float(number):.12g}")
