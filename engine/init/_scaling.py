"""Initializers whose width follows from the number of inputs and outputs."""

import math
from dataclasses import dataclass
from typing import Any, Literal

import brainunit as u

from ..random import SeedOrKey
from ._base import InitError, RandomInitializer, attach_unit, need_dtype, need_size

Mode = Literal["fan_in", "fan_out", "fan_avg"]
Distribution = Literal["truncated_normal", "normal", "uniform"]
MODES = ("fan_in", "fan_out", "fan_avg")
DISTRIBUTIONS = ("truncated_normal", "normal", "uniform")
# Standard deviation of a standard normal number restricted to [-2, 2].
TRUNCATED_STD = 0.87962566103423978


def fans(shape: tuple[int, ...], in_axis: int, out_axis: int) -> tuple[float, float]:
    """Count inputs and outputs of a weight; further axes are a receptive field."""
    if len(shape) < 2:
        n = shape[0] if shape else 1
        return n, n
    n_in, n_out = shape[in_axis], shape[out_axis]
    field = math.prod(shape) / max(n_in * n_out, 1)
    return n_in * field, n_out * field


@dataclass(repr=False, eq=False)
class VarianceScaling(RandomInitializer):
    r"""Weights of variance :math:`scale / n`, with `n` from the shape.

    Parameters
    ----------
    scale : float, positive
        Numerator of the variance.
    mode : {'fan_in', 'fan_out', 'fan_avg'}
        `n` is the number of inputs, of outputs, or their mean.
    distribution : {'truncated_normal', 'normal', 'uniform'}
        Family; the first is cut at two standard deviations.
    in_axis, out_axis : int
        Axes of inputs and outputs. Default the last but one and the last.
    seed : int or key, optional
        A stream of its own; left out, `random.DEFAULT`.
    unit : Unit
        Default unitless.

    Raises
    ------
    InitError
        If `mode` or `distribution` is none of the above.
    """

    scale: float
    mode: Mode
    distribution: Distribution
    in_axis: int = -2
    out_axis: int = -1
    seed: SeedOrKey | None = None
    unit: u.Unit = u.UNITLESS

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, choices in (("mode", MODES), ("distribution", DISTRIBUTIONS)):
            value = getattr(self, name)
            if value not in choices:
                raise InitError(
                    f"init.{type(self).__name__}: {name} is {value!r}, but it must be "
                    f"one of {', '.join(choices)}."
                )

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        """Draw weights of this shape."""
        size, dtype = need_size(shape), need_dtype(dtype)
        n_in, n_out = fans(size, self.in_axis, self.out_axis)
        n = {"fan_in": n_in, "fan_out": n_out, "fan_avg": (n_in + n_out) / 2}
        std = math.sqrt(self.scale / max(n[self.mode], 1.0))
        if self.distribution == "uniform":
            bound = math.sqrt(3.0) * std
            draw = self.rng.uniform(-bound, bound, size, dtype=dtype)
        elif self.distribution == "normal":
            draw = self.rng.normal(0.0, std, size, dtype=dtype)
        else:
            draw = self.rng.truncated_normal(-2.0, 2.0, size, dtype=dtype)
            draw = draw * (std / TRUNCATED_STD)
        return attach_unit(draw, self.unit)


@dataclass(repr=False, eq=False)
class KaimingUniform(VarianceScaling):
    """`VarianceScaling` by 2 / fan_in, uniform.

    References
    ----------
    He et al., ICCV (2015), section 2.2.
    """

    scale: float = 2.0
    mode: Mode = "fan_in"
    distribution: Distribution = "uniform"


@dataclass(repr=False, eq=False)
class KaimingNormal(VarianceScaling):
    """`VarianceScaling` by 2 / fan_in, truncated normal.

    References
    ----------
    He et al., ICCV (2015), section 2.2.
    """

    scale: float = 2.0
    mode: Mode = "fan_in"
    distribution: Distribution = "truncated_normal"


@dataclass(repr=False, eq=False)
class XavierUniform(VarianceScaling):
    """`VarianceScaling` by 1 / fan_avg, uniform.

    References
    ----------
    Glorot and Bengio, AISTATS (2010), eq. 16.
    """

    scale: float = 1.0
    mode: Mode = "fan_avg"
    distribution: Distribution = "uniform"


@dataclass(repr=False, eq=False)
class XavierNormal(VarianceScaling):
    """`VarianceScaling` by 1 / fan_avg, truncated normal.

    References
    ----------
    Glorot and Bengio, AISTATS (2010), eq. 12.
    """

    scale: float = 1.0
    mode: Mode = "fan_avg"
    distribution: Distribution = "truncated_normal"


@dataclass(repr=False, eq=False)
class LecunUniform(VarianceScaling):
    """`VarianceScaling` by 1 / fan_in, uniform.

    References
    ----------
    LeCun et al., Efficient BackProp (1998), section 4.6.
    """

    scale: float = 1.0
    mode: Mode = "fan_in"
    distribution: Distribution = "uniform"


@dataclass(repr=False, eq=False)
class LecunNormal(VarianceScaling):
    """`VarianceScaling` by 1 / fan_in, truncated normal.

    References
    ----------
    LeCun et al., Efficient BackProp (1998), section 4.6.
    """

    scale: float = 1.0
    mode: Mode = "fan_in"
    distribution: Distribution = "truncated_normal"
