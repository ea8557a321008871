"""Scaling of physical ranges to small floats, and the freeing of device memory."""

from __future__ import annotations

import gc

import jax

from .._errors import EngineError


class RangeError(EngineError, ValueError):
    """A range without length."""


def clear_buffer_memory(
    platform: str | None = None, array: bool = True, compilation: bool = False
) -> None:
    """Free the memory of every live array, and of compiled programs on demand.

    Parameters
    ----------
    platform : str, optional
        Device kind, such as ``"cpu"``; the default platform unless given.
    array : bool, default True
        Delete all arrays. Whoever still holds one cannot use it any more.
    compilation : bool, default False
        Forget all compiled functions.
    """
    if array:
        wanted = jax.devices(platform)[0].platform
        for buffer in jax.live_arrays(wanted):
            buffer.delete()
    if compilation:
        jax.clear_caches()
    gc.collect()


class MemScaling:
    r"""Affine map from a physical range to one that few bits represent well.

    .. math:: y = (x + b) / s, \qquad x = y s - b

    Parameters
    ----------
    scale : array_like
        The divisor :math:`s`.
    bias : array_like
        The offset :math:`b`, added before the division.
    """

    def __init__(self, scale, bias):
        self._scale = scale
        self._bias = bias

    @classmethod
    def transform(
        cls,
        oring_range: tuple[float, float],
        target_range: tuple[float, float] = (0.0, 1.0),
    ) -> MemScaling:
        """Return the scaling that maps one range onto another.

        Parameters
        ----------
        oring_range : tuple of float
            Smallest and largest physical value.
        target_range : tuple of float, default (0, 1)
            What they become.

        Raises
        ------
        RangeError
            If a range has no length.
        """
        (low, high), (new_low, new_high) = oring_range, target_range
        for name, (start, end) in (
            ("oring_range", oring_range),
            ("target_range", target_range),
        ):
            if start == end:
                raise RangeError(
                    f"MemScaling.transform: {name} is ({start}, {end}); "
                    "give two different bounds."
                )
        scale = (high - low) / (new_high - new_low)
        return cls(scale=scale, bias=new_low * scale - low)

    def _or_own(self, bias, scale):
        own_bias = self._bias if bias is None else bias
        return own_bias, self._scale if scale is None else scale

    def scale_offset(self, x, bias=None, scale=None):
        """Return ``(x + bias) / scale``."""
        bias, scale = self._or_own(bias, scale)
        return (x + bias) / scale

    def scale(self, x, scale=None):
        """Return ``x / scale``."""
        return x / self._or_own(None, scale)[1]

    def offset(self, x, bias=None):
        """Return ``x + bias``."""
        return x + self._or_own(bias, None)[0]

    def rev_scale(self, x, scale=None):
        """Return ``x * scale``."""
        return x * self._or_own(None, scale)[1]

    def rev_offset(self, x, bias=None):
        """Return ``x - bias``."""
        return x - self._or_own(bias, None)[0]

    def rev_scale_offset(self, x, bias=None, scale=None):
        """Return ``x * scale - bias``."""
        bias, scale = self._or_own(bias, scale)
        return x * scale - bias

    def clone(self) -> MemScaling:
        """Return an equal scaling."""
        return MemScaling(scale=self._scale, bias=self._bias)


class IdMemScaling(MemScaling):
    """Scaling that leaves values as they are, whatever it is told."""

    def __init__(self):
        super().__init__(scale=1.0, bias=0.0)

    def scale_offset(self, x, bias=None, scale=None):
        """Return `x`."""
        return x

    def scale(self, x, scale=None):
        """Return `x`."""
        return x

    def offset(self, x, bias=None):
        """Return `x`."""
        return x

    def rev_scale(self, x, scale=None):
        """Return `x`."""
        return x

    def rev_offset(self, x, bias=None):
        """Return `x`."""
        return x

    def rev_scale_offset(self, x, bias=None, scale=None):
        """Return `x`."""
        return x

    def clone(self) -> IdMemScaling:
        """Return an equal scaling."""
        return IdMemScaling()
