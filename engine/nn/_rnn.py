"""Recurrent cells of rate units."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import brainunit as u
import jax.numpy as jnp

from .. import functional, init, random
from .._errors import nearest
from .._state import HiddenState, ParamState
from ..typing import ArrayLike
from ._errors import ChoiceError
from ._linear import Linear
from ._module import Module

ORTHOGONAL = init.Orthogonal()
XAVIER = init.XavierNormal()
ZERO = init.ZeroInit()


def _activation(where: str, activation: str | Callable) -> Callable:
    """Return a function of `engine.functional` by its name, or the one given."""
    if callable(activation):
        return activation
    found = getattr(functional, activation, None)
    if not callable(found):
        hint = nearest(activation, dir(functional))
        raise ChoiceError(
            f"{where}.activation is {activation!r}; give a function, or the name "
            f"of one of engine.functional.{hint}"
        )
    return found


class RNNCell(Module):
    """Base of the recurrent cells: hidden states of shape (batch?, num_out).

    Parameters
    ----------
    name : str, optional
        Name for messages and printing.
    """

    hidden: ClassVar[tuple[str, ...]] = ("h",)

    def _setup(self, num_in, num_out, state_init, activation) -> None:
        """Set what all cells have."""
        self.num_in = num_in
        self.num_out = num_out
        self.in_size = (num_in,)
        self.out_size = (num_out,)
        self.state_init = state_init
        self.activation = _activation(type(self).__name__, activation)

    def _linear(self, n_gates: int, w_init, b_init) -> Linear:
        """Return the map from input and hidden state to `n_gates` vectors."""
        n_in, n_out = self.num_in + self.num_out, self.num_out * n_gates
        return Linear(n_in, n_out, w_init=w_init, b_init=b_init)

    def _first(self, batch_size: int | None):
        return init.param(self.state_init, (self.num_out,), batch_size)

    def init_state(self, batch_size: int | None = None, **kwargs):
        """Make the hidden states."""
        for name in self.hidden:
            setattr(self, name, HiddenState(self._first(batch_size)))

    def reset_state(self, batch_size: int | None = None, **kwargs):
        """Set the hidden states back to their first values."""
        for name in self.hidden:
            getattr(self, name).value = self._first(batch_size)


def _joined(x, h):
    return u.math.concatenate([x, h], axis=-1)


class ValinaRNNCell(RNNCell):
    r"""Plain recurrent cell.

    .. math:: h_t = \phi(W [x_t, h_{t-1}] + b)

    Parameters
    ----------
    num_in, num_out : int
        Length of the input, and of the hidden state.
    state_init : callable or array
        First hidden state. Default zero.
    w_init : callable or array, shape (num_in + num_out, num_out)
        Weights. Default ``XavierNormal()``.
    b_init : callable, array or None
        Bias. Default zero.
    activation : str or callable, default "relu"
        The function :math:`\phi`, or its name in `engine.functional`.
    name : str, optional
        Name for messages and printing.

    States
    ------
    h : HiddenState, shape (batch?, num_out)

    Raises
    ------
    ChoiceError
        If the activation is not known.

    References
    ----------
    Elman, Finding structure in time, Cognitive Science 14 (1990).
    """

    h: HiddenState

    def __init__(
        self,
        num_in: int,
        num_out: int,
        state_init: Callable | ArrayLike = ZERO,
        w_init: Callable | ArrayLike = XAVIER,
        b_init: Callable | ArrayLike | None = ZERO,
        activation: str | Callable = "relu",
        name: str | None = None,
    ):
        super().__init__(name=name)
        self._setup(num_in, num_out, state_init, activation)
        self.W = self._linear(1, w_init, b_init)

    def update(self, x):
        """Return the hidden state after the input `x`, shape (..., num_in)."""
        self.h.value = self.activation(self.W(_joined(x, self.h.value)))
        return self.h.value


class GRUCell(RNNCell):
    r"""Gated recurrent unit.

    .. math::
        r, z = \sigma(W_{rz} [x_t, h_{t-1}] + b_{rz}), \quad
        \hat h = \phi(W_h [x_t, r \odot h_{t-1}] + b_h), \quad
        h_t = (1 - z) \odot h_{t-1} + z \odot \hat h

    Parameters
    ----------
    num_in, num_out : int
        Length of the input, and of the hidden state.
    w_init : callable or array
        Weights. Default ``Orthogonal()``.
    b_init : callable, array or None
        Bias. Default zero.
    state_init : callable or array
        First hidden state. Default zero.
    activation : str or callable, default "tanh"
        The function :math:`\phi`, or its name in `engine.functional`.
    name : str, optional
        Name for messages and printing.

    States
    ------
    h : HiddenState, shape (batch?, num_out)

    Raises
    ------
    ChoiceError
        If the activation is not known.

    References
    ----------
    Cho et al., Learning phrase representations using RNN encoder-decoder, EMNLP (2014),
    eq. 5 to 8 (there :math:`z` is one minus ours).
    """

    h: HiddenState

    def __init__(
        self,
        num_in: int,
        num_out: int,
        w_init: Callable | ArrayLike = ORTHOGONAL,
        b_init: Callable | ArrayLike | None = ZERO,
        state_init: Callable | ArrayLike = ZERO,
        activation: str | Callable = "tanh",
        name: str | None = None,
    ):
        super().__init__(name=name)
        self._setup(num_in, num_out, state_init, activation)
        self.Wrz = self._linear(2, w_init, b_init)
        self.Wh = self._linear(1, w_init, b_init)

    def update(self, x):
        """Return the hidden state after the input `x`, shape (..., num_in)."""
        h = self.h.value
        gates = functional.sigmoid(self.Wrz(_joined(x, h)))
        r, z = jnp.split(gates, 2, axis=-1)
        candidate = self.activation(self.Wh(_joined(x, r * h)))
        self.h.value = (1 - z) * h + z * candidate
        return self.h.value


class MGUCell(RNNCell):
    r"""Minimal gated unit: one gate instead of the two of `GRUCell`.

    .. math::
        f = \sigma(W_f [x_t, h_{t-1}] + b_f), \quad
        \hat h = \phi(W_h [x_t, f \odot h_{t-1}] + b_h), \quad
        h_t = (1 - f) \odot h_{t-1} + f \odot \hat h

    Parameters
    ----------
    num_in, num_out, w_init, b_init, state_init, activation, name
        As for `GRUCell`.

    States
    ------
    h : HiddenState, shape (batch?, num_out)

    Raises
    ------
    ChoiceError
        If the activation is not known.

    References
    ----------
    Zhou et al., Minimal gated unit for recurrent neural networks, Int. J. Autom.
    Comput. 13 (2016), eq. 6.
    """

    h: HiddenState

    def __init__(
        self,
        num_in: int,
        num_out: int,
        w_init: Callable | ArrayLike = ORTHOGONAL,
        b_init: Callable | ArrayLike | None = ZERO,
        state_init: Callable | ArrayLike = ZERO,
        activation: str | Callable = "tanh",
        name: str | None = None,
    ):
        super().__init__(name=name)
        self._setup(num_in, num_out, state_init, activation)
        self.Wf = self._linear(1, w_init, b_init)
        self.Wh = self._linear(1, w_init, b_init)

    def update(self, x):
        """Return the hidden state after the input `x`, shape (..., num_in)."""
        h = self.h.value
        f = functional.sigmoid(self.Wf(_joined(x, h)))
        candidate = self.activation(self.Wh(_joined(x, f * h)))
        self.h.value = (1 - f) * h + f * candidate
        return self.h.value


class LSTMCell(RNNCell):
    r"""Long short-term memory.

    .. math::
        i, g, f, o = W [x_t, h_{t-1}] + b, \quad
        c_t = \sigma(f + 1) \odot c_{t-1} + \sigma(i) \odot \phi(g), \quad
        h_t = \sigma(o) \odot \phi(c_t)

    Parameters
    ----------
    num_in, num_out : int
        Length of the input, and of the hidden state.
    w_init : callable or array, shape (num_in + num_out, 4 num_out)
        Weights, gates in the order i, g, f, o. Default ``XavierNormal()``.
    b_init, state_init, activation, name
        As for `GRUCell`.

    States
    ------
    h, c : HiddenState, shape (batch?, num_out)

    Raises
    ------
    ChoiceError
        If the activation is not known.

    Notes
    -----
    The 1 in the forget gate keeps the memory while training begins (Jozefowicz et al.,
    ICML 2015).

    References
    ----------
    Zaremba et al., Recurrent neural network regularization (2014), sec. 3.1.
    """

    hidden = ("c", "h")
    h: HiddenState
    c: HiddenState

    def __init__(
        self,
        num_in: int,
        num_out: int,
        w_init: Callable | ArrayLike = XAVIER,
        b_init: Callable | ArrayLike | None = ZERO,
        state_init: Callable | ArrayLike = ZERO,
        activation: str | Callable = "tanh",
        name: str | None = None,
    ):
        super().__init__(name=name)
        self._setup(num_in, num_out, state_init, activation)
        self.W = self._linear(4, w_init, b_init)

    def update(self, x):
        """Return the hidden state after the input `x`, shape (..., num_in)."""
        i, g, f, o = jnp.split(self.W(_joined(x, self.h.value)), 4, axis=-1)
        new = functional.sigmoid(i) * self.activation(g)
        self.c.value = functional.sigmoid(f + 1.0) * self.c.value + new
        self.h.value = functional.sigmoid(o) * self.activation(self.c.value)
        return self.h.value


class URLSTMCell(RNNCell):
    r"""Long short-term memory with uniform initial gates and a refine gate.

    .. math::
        f, r, u, o = W [x_t, h_{t-1}], \quad
        f' = \sigma(f + b), \quad r' = \sigma(r - b), \quad
        g = 2 r' f' + (1 - 2 r') f'^2, \\
        c_t = g \odot c_{t-1} + (1 - g) \odot \phi(u), \quad
        h_t = \sigma(o) \odot \phi(c_t)

    Parameters
    ----------
    num_in, num_out : int
        Length of the input, and of the hidden state.
    w_init : callable or array, shape (num_in + num_out, 4 num_out)
        Weights, gates in the order f, r, u, o. Default ``XavierNormal()``.
    state_init, activation, name
        As for `GRUCell`.

    States
    ------
    h, c : HiddenState, shape (batch?, num_out)
    bias : ParamState, shape (num_out,)
        The bias :math:`b`, drawn such that the forget gates are uniform.

    Raises
    ------
    ChoiceError
        If the activation is not known.

    References
    ----------
    Gu et al., Improving the gating mechanism of recurrent neural networks, ICML (2020),
    eq. 5 to 9.
    """

    hidden = ("c", "h")
    h: HiddenState
    c: HiddenState

    def __init__(
        self,
        num_in: int,
        num_out: int,
        w_init: Callable | ArrayLike = XAVIER,
        state_init: Callable | ArrayLike = ZERO,
        activation: str | Callable = "tanh",
        name: str | None = None,
    ):
        super().__init__(name=name)
        self._setup(num_in, num_out, state_init, activation)
        self.W = self._linear(4, w_init, None)
        self.bias = ParamState(self._uniform_gates())

    def _uniform_gates(self) -> Any:
        """Return biases whose logistic curve is uniform between 1/n and 1 - 1/n."""
        margin = 1 / self.num_out
        share = random.uniform(margin, 1 - margin, size=(self.num_out,))
        return jnp.log(share) - jnp.log1p(-share)

    def update(self, x):
        """Return the hidden state after the input `x`, shape (..., num_in)."""
        f, r, new, o = jnp.split(self.W(_joined(x, self.h.value)), 4, axis=-1)
        forget = functional.sigmoid(f + self.bias.value)
        refine = functional.sigmoid(r - self.bias.value)
        gate = 2 * refine * forget + (1 - 2 * refine) * forget**2
        self.c.value = gate * self.c.value + (1 - gate) * self.activation(new)
        self.h.value = functional.sigmoid(o) * self.activation(self.c.value)
        return self.h.value
