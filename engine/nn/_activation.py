"""Activations as layers: one row each, with the parameters of the function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, dataclass_transform

import jax.numpy as jnp

from .. import functional
from .._pretty import PrettyAttr, PrettyType
from .._state import ParamState
from ._errors import SizeError
from ._module import ElementWiseBlock

KEYWORDS = {"dim": "axis"}  # where a layer calls a parameter of its function otherwise


@dataclass_transform()
class _Activation(ElementWiseBlock):
    """Layer that applies a function to its input.

    A subclass names the function, and annotates the parameters with their defaults;
    they become arguments of the constructor, and of the function.
    """

    _function: ClassVar[Callable]
    _parameters: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls, function: Callable, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        cls._function = staticmethod(function)
        names = inspect.get_annotations(cls)
        cls._parameters = {
            name: cls.__dict__.get(name, inspect.Parameter.empty) for name in names
        }
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        rows = {**cls._parameters, "name": None}
        cls.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [inspect.Parameter(name, kind, default=d) for name, d in rows.items()]
        )
        summary = (function.__doc__ or "").strip().splitlines()[0]
        cls.__doc__ = (
            f"{cls.__name__} as a layer; see `functional.{function.__name__}`."
        )
        cls.__doc__ += f"\n\n    {summary}\n"

    def __init__(self, *args: Any, **kwargs: Any):
        bound = inspect.signature(type(self)).bind(*args, **kwargs)
        bound.apply_defaults()
        super().__init__(name=bound.arguments.pop("name"))
        vars(self).update(bound.arguments)

    def update(self, x):
        """Return the function of `x`."""
        given = {
            KEYWORDS.get(name, name): getattr(self, name) for name in self._parameters
        }
        return self._function(x, **given)

    def extra_repr(self) -> str:
        """Return the parameters as text."""
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in self._parameters)

    def __pretty_repr__(self) -> Iterator[PrettyType | PrettyAttr]:
        yield PrettyType(type(self))
        for name in self._parameters:
            yield PrettyAttr(name, repr(getattr(self, name)))


class ReLU(_Activation, function=functional.relu):
    pass


class RReLU(_Activation, function=functional.rrelu):
    lower: float = 0.125
    upper: float = 0.3333333333333333


class Hardtanh(_Activation, function=functional.hard_tanh):
    min_val: float = -1.0
    max_val: float = 1.0


class ReLU6(_Activation, function=functional.relu6):
    pass


class Sigmoid(_Activation, function=functional.sigmoid):
    pass


class Hardsigmoid(_Activation, function=functional.hard_sigmoid):
    pass


class Tanh(_Activation, function=functional.tanh):
    pass


class SiLU(_Activation, function=functional.silu):
    pass


class Mish(_Activation, function=functional.mish):
    pass


class Hardswish(_Activation, function=functional.hard_swish):
    pass


class ELU(_Activation, function=functional.elu):
    alpha: float = 1.0


class CELU(_Activation, function=functional.celu):
    alpha: float = 1.0


class SELU(_Activation, function=functional.selu):
    pass


class GLU(_Activation, function=functional.glu):
    dim: int = -1


class GELU(_Activation, function=functional.gelu):
    approximate: bool = False


class Hardshrink(_Activation, function=functional.hard_shrink):
    lambd: float = 0.5


class LeakyReLU(_Activation, function=functional.leaky_relu):
    negative_slope: float = 0.01


class LogSigmoid(_Activation, function=functional.log_sigmoid):
    pass


class Softplus(_Activation, function=functional.softplus):
    pass


class Softshrink(_Activation, function=functional.soft_shrink):
    lambd: float = 0.5


class Softsign(_Activation, function=functional.soft_sign):
    pass


class Tanhshrink(_Activation, function=functional.tanh_shrink):
    pass


class Softmin(_Activation, function=functional.softmin):
    dim: int | None = None


class Softmax(_Activation, function=functional.softmax):
    dim: int | None = None


class LogSoftmax(_Activation, function=functional.log_softmax):
    dim: int | None = None


class Softmax2d(ElementWiseBlock):
    """Softmax over the third axis from the end: channels of (..., C, H, W).

    Parameters
    ----------
    name : str, optional
        Name for messages and printing.

    Raises
    ------
    SizeError
        If the input has fewer than three axes.
    """

    def update(self, x):
        """Return the softmax over the channels of `x`."""
        if x.ndim < 3:
            raise SizeError(f"Softmax2d: the input has {x.ndim} axes; it needs three.")
        return functional.softmax(x, axis=-3)


class Threshold(ElementWiseBlock):
    r"""Layer that keeps values above a threshold and replaces the others.

    .. math:: f(x) = x \text{ for } x > \theta, \qquad v \text{ otherwise}

    Parameters
    ----------
    threshold : float
        The threshold :math:`\theta`.
    value : float
        The other value :math:`v`.
    """

    def __init__(self, threshold, value):
        super().__init__()
        self.threshold = threshold
        self.value = value

    def update(self, x):
        """Return `x`, or the value where it is not above the threshold."""
        return jnp.where(x > self.threshold, x, jnp.asarray(self.value, x.dtype))


class PReLU(ElementWiseBlock):
    """Rectifier with a learned slope for negative values; see `functional.prelu`.

    Parameters
    ----------
    num_parameters : int, default 1
        One slope for all, or one for each entry of the last axis.
    init : float, default 0.25
        First value of the slopes.
    dtype : dtype, optional
        Of the slopes.

    States
    ------
    weight : ParamState, shape (num_parameters,)

    References
    ----------
    He et al., Delving deep into rectifiers, ICCV (2015), eq. 1.
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25, dtype: Any = None):
        super().__init__()
        self.num_parameters = num_parameters
        self.weight = ParamState(jnp.full((num_parameters,), init, dtype))

    def update(self, x):
        """Return `x`, with negative values times their slope."""
        return functional.prelu(x, self.weight.value)


class Identity(ElementWiseBlock):
    """Layer that returns its input.

    Parameters
    ----------
    name : str, optional
        Name for messages and printing.
    """

    def update(self, x):
        """Return `x`."""
        return x


class SpikeBitwise(ElementWiseBlock):
    """Layer that combines two arrays of spikes; see `functional.spike_bitwise`.

    Parameters
    ----------
    op : {"add", "or", "and", "iand", "xor", "ixor"}, default "add"
        What to do.
    name : str, optional
        Name for messages and printing.

    Raises
    ------
    OperationError
        If `op` is another name.
    """

    def __init__(self, op: str = "add", name: str | None = None):
        super().__init__(name=name)
        self.op = functional.check_operation(op)

    def update(self, x, y):
        """Return `x` and `y` combined."""
        return functional.spike_bitwise(x, y, self.op)
