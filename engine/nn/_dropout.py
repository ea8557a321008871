"""Dropout: while fitting, some entries are left out at random.

In all of these `prob` is the probability that an entry is *kept*, as in 0.1.0.
"""

from __future__ import annotations

import math
from typing import ClassVar

import brainunit as u
import jax.numpy as jnp

from .. import environ, random
from .._state import ShortTermState
from ..typing import Size
from ._errors import ChoiceError, SizeError
from ._module import ElementWiseBlock

SELU_LIMIT = -1.7580993408473766  # of SELU at minus infinity: -lambda alpha


def _check_prob(layer: object, prob: float) -> float:
    if not 0 <= prob <= 1:
        raise ChoiceError(
            f"{type(layer).__name__}.prob is {prob}; it is the probability to keep an "
            "entry, from 0 to 1."
        )
    return prob


def _is_fitting() -> bool:
    return environ.get("fit", desc="whether this is fitting, True or False")


def _kept(x, mask, prob: float):
    """Return ``x / prob`` where the mask is true, and 0 elsewhere."""
    zero = u.math.zeros_like(x)
    if prob == 0:
        return zero
    return u.math.where(
        mask, u.math.asarray(x / prob, dtype=u.math.get_dtype(zero)), zero
    )


class Dropout(ElementWiseBlock):
    r"""Layer that keeps each entry with a probability, scaled by its inverse.

    .. math:: y = x \, m / p, \qquad m \sim \mathrm{Bernoulli}(p)

    Does nothing unless ``environ`` says ``fit=True``.

    Parameters
    ----------
    prob : float, default 0.5
        Probability :math:`p` that an entry is kept; ``prob=0.8`` drops 20 %.
    name : str, optional
        Name for messages and printing.

    Raises
    ------
    ChoiceError
        If `prob` is no probability.
    UnknownNameError
        If ``environ`` does not say whether this is fitting.

    References
    ----------
    Srivastava et al., Dropout, JMLR 15 (2014), sec. 4 and 10.
    """

    def __init__(self, prob: float = 0.5, name: str | None = None):
        super().__init__(name=name)
        self.prob = _check_prob(self, prob)

    def update(self, x):
        """Return `x` with some entries left out."""
        if not _is_fitting():
            return x
        mask = random.bernoulli(self.prob, size=u.math.shape(x))
        return _kept(x, mask, self.prob)


class _ChannelDropout(ElementWiseBlock):
    """What the layers share that keep or drop whole channels, each sample for itself.

    Does nothing unless ``environ`` says ``fit=True``.

    Parameters
    ----------
    prob : float, default 0.5
        Probability that a channel is kept; ``prob=0.8`` drops 20 %.
    channel_axis : int, default -1
        Axis of the channels. The spatial axes are the last of the others, and those
        before them are batch axes.
    name : str, optional
        Name for messages and printing.

    Raises
    ------
    ChoiceError
        If `prob` is no probability.
    SizeError
        If the input has too few axes.
    UnknownNameError
        If ``environ`` does not say whether this is fitting.

    References
    ----------
    Tompson et al., Efficient object localization using convolutional networks, CVPR
    (2015), sec. 3.2.
    """

    minimal_dim: ClassVar[int]

    def __init__(
        self, prob: float = 0.5, channel_axis: int = -1, name: str | None = None
    ):
        super().__init__(name=name)
        self.prob = _check_prob(self, prob)
        self.channel_axis = channel_axis

    def _mask_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return `shape` with 1 for the spatial axes."""
        ndim = len(shape)
        if ndim < self.minimal_dim:
            raise SizeError(
                f"{type(self).__name__}: the input has shape {shape}; it needs "
                f"{self.minimal_dim} axes or more, one of them of channels."
            )
        axes = [axis for axis in range(ndim) if axis != self.channel_axis % ndim]
        spatial = axes[len(axes) - self.minimal_dim + 1 :]
        return tuple(1 if axis in spatial else size for axis, size in enumerate(shape))

    def update(self, x):
        """Return `x` with some channels left out."""
        if not _is_fitting():
            return x
        mask = random.bernoulli(self.prob, size=self._mask_shape(u.math.shape(x)))
        return _kept(x, mask, self.prob)


class Dropout1d(_ChannelDropout):
    __doc__ = _ChannelDropout.__doc__
    minimal_dim = 2


class Dropout2d(_ChannelDropout):
    __doc__ = _ChannelDropout.__doc__
    minimal_dim = 3


class Dropout3d(_ChannelDropout):
    __doc__ = _ChannelDropout.__doc__
    minimal_dim = 4


class AlphaDropout(_ChannelDropout):
    r"""Dropout that keeps mean 0 and variance 1, for networks of SELU units.

    .. math:: y = a (x m + \alpha' (1 - m)) + b, \qquad
        a = (p + \alpha'^2 p (1 - p))^{-1/2}, \quad b = -a \alpha' (1 - p)

    with :math:`\alpha' \approx -1.758`, the limit of SELU at minus infinity. Does
    nothing unless ``environ`` says ``fit=True``.

    Parameters
    ----------
    prob : float, default 0.5
        Probability :math:`p` that an entry is kept.
    channel_axis : int, default -1
        Axis of the channels; used by `FeatureAlphaDropout` only.
    name : str, optional
        Name for messages and printing.

    Raises
    ------
    ChoiceError
        If `prob` is no probability.

    References
    ----------
    Klambauer et al., Self-normalizing neural networks, NeurIPS (2017), eq. 14 and 15.
    """

    minimal_dim = 1

    def _mask_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape

    def update(self, x):
        """Return `x` with some entries set to what SELU gives at minus infinity."""
        if not _is_fitting():
            return x
        x, prob = jnp.asarray(x), self.prob
        mask = random.bernoulli(prob, size=self._mask_shape(x.shape))
        if prob == 0:
            return jnp.zeros_like(x)
        scale = 1 / math.sqrt(prob + SELU_LIMIT**2 * prob * (1 - prob))
        shift = -scale * SELU_LIMIT * (1 - prob)
        return (scale * jnp.where(mask, x, SELU_LIMIT) + shift).astype(x.dtype)

    def forward(self, x):
        """Return the same as a call."""
        return self.update(x)


class FeatureAlphaDropout(AlphaDropout):
    __doc__ = (AlphaDropout.__doc__ or "").replace(
        "Dropout that keeps", "Dropout of whole channels that keeps"
    )

    minimal_dim = 2

    def _mask_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return `shape` with 1 for all axes but the first and that of the channels."""
        if len(shape) < self.minimal_dim:
            return super(AlphaDropout, self)._mask_shape(shape)
        kept = (0, self.channel_axis % len(shape))
        return tuple(size if axis in kept else 1 for axis, size in enumerate(shape))


class DropoutFixed(ElementWiseBlock):
    r"""Dropout with one mask for all steps of a run.

    A new mask at every time step would average out over the steps of a spiking network.

    Parameters
    ----------
    in_size : int or tuple of int
        Shape of the input without batch axes.
    prob : float, default 0.5
        Probability that an entry is kept.
    name : str, optional
        Name for messages and printing.

    States
    ------
    mask : ShortTermState, shape (batch?, *in_size), bool
        Drawn by `init_state` and `reset_state`.

    Raises
    ------
    ChoiceError
        If `prob` is no probability.
    SizeError
        If the input has another shape than the mask.

    References
    ----------
    Lee et al., Enabling spike-based backpropagation for training deep neural network
    architectures, Front. Neurosci. 14 (2020), sec. 2.5.
    """

    def __init__(self, in_size: Size, prob: float = 0.5, name: str | None = None):
        super().__init__(name=name)
        self.prob = _check_prob(self, prob)
        self.in_size = in_size
        self.out_size = in_size

    def _draw(self, batch_size: int | None):
        batch = () if batch_size is None else (batch_size,)
        return random.bernoulli(self.prob, size=(*batch, *self.in_size))

    def init_state(self, batch_size: int | None = None, **kwargs):
        """Draw the mask."""
        self.mask = ShortTermState(self._draw(batch_size))

    def reset_state(self, batch_size: int | None = None, **kwargs):
        """Draw the mask anew."""
        self.mask.value = self._draw(batch_size)

    def update(self, x):
        """Return `x` with the entries left out that the mask says."""
        if not _is_fitting():
            return x
        mask = self.mask.value
        if mask.shape != u.math.shape(x):
            raise SizeError(
                f"DropoutFixed: the input has shape {u.math.shape(x)} and the mask "
                f"{mask.shape}. Call init_state(batch_size) for this batch first."
            )
        return _kept(x, mask, self.prob)
