"""Kinds that a user registers: cells of their own, and a Poisson drive."""

from __future__ import annotations

from collections.abc import Mapping

from _cells import UNITS, cells

import engine
from engine import kinds, nn
from engine.kinds import Param

CELLS = cells(engine, nn, nn.exp_euler_step)


def register(name: str, values: Mapping[str, float]) -> None:
    """Make cells known, with the parameters of a network as defaults."""
    params = [Param(k, unit=UNITS[k], default=float(v)) for k, v in values.items()]
    start = Param("V_init", unit="mV", default=-60.0, distribution=True)
    kinds.register(params=(*params, start))(CELLS[name])
