"""Kinds that a user registers: cells of their own, and a Poisson drive."""

from __future__ import annotations

from collections.abc import Mapping

import brainunit as u
import jax
import jax.numpy as jnp
from _cells import UNITS, cells
from _networks import poisson_levels

import engine
from engine import kinds, nn
from engine.kinds import Param

CELLS = cells(engine, nn, nn.exp_euler_step)


class PoissonCounts(nn.Dynamics):
    """So many independent Poisson inputs that several come in a step."""

    fixed_attributes = ("rate",)

    def __init__(self, in_size, rate, key):
        super().__init__(in_size)
        self.rate, self.key = rate, key

    def init_state(self, *args, **kwargs):
        self.spike = engine.ShortTermState(jnp.zeros(self.varshape))

    def update(self):
        dt = engine.environ.get_dt().to_decimal(u.second)
        mean = float(self.rate.to_decimal(u.Hz)) * dt
        key = jax.random.fold_in(self.key, engine.environ.get("i"))
        drawn = jax.random.uniform(key, self.varshape)
        self.spike.value = sum((drawn >= x) * 1.0 for x in poisson_levels(mean))
        return self.spike.value


def register(name: str, values: Mapping[str, float]) -> None:
    """Make cells known, with the parameters of a network as defaults."""
    params = [Param(k, unit=UNITS[k], default=float(v)) for k, v in values.items()]
    start = Param("V_init", unit="mV", default=-60.0, distribution=True)
    kinds.register(params=(*params, start))(CELLS[name])


def register_noise() -> None:
    """Make the drive known."""
    kinds.register(
        kinds.NodeKind(
            key="PoissonCounts",
            label="Poisson counts",
            cls=PoissonCounts,
            shape="input",
            ports=(kinds.Port("spikes", "out", "spikes"),),
            stream="key",
            params=(Param("rate", unit="Hz", default=20e3, structural=True),),
        )
    )
