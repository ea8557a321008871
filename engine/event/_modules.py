"""Modules that hold a weight and multiply it with spikes."""

import math
from typing import Any, Literal

import brainunit as u
import jax
import numpy as np

from .. import init
from .._state import ParamState
from ..nn._module import Module
from ._blocks import is_narrow, n_blocks, narrowed, widened
from ._csr import EventError, check_table, csr_matvec
from ._dense import dense_matvec
from ._memory import settled
from ._sample import sample_fixed_out_degree

GradMode = Literal["vjp", "jvp"]


class _EventModule(Module):
    """Sizes, weight and gradient mode, which all three have."""

    def __init__(
        self,
        n_pre: Any,
        n_post: Any,
        weight: Any,
        weight_shape: tuple[int, ...],
        name: str | None,
        grad_mode: GradMode,
    ) -> None:
        super().__init__(name=name)
        if grad_mode not in ("vjp", "jvp"):
            raise EventError(
                f"event.{type(self).__name__}: grad_mode is {grad_mode!r}, but it must "
                "be 'vjp' or 'jvp'."
            )
        self.in_size, self.out_size = n_pre, n_post
        self.n_pre, self.n_post = _count(n_pre), _count(n_post)
        self.grad_mode = grad_mode
        value = init.param(weight, weight_shape, allow_none=False)
        if u.math.shape(value) not in ((), (1,), weight_shape):
            raise EventError(
                f"event.{type(self).__name__}: weight has shape {u.math.shape(value)}. "
                f"Give a scalar, or an array of shape {weight_shape}."
            )
        self.weight = ParamState(u.math.asarray(value))


def _count(size: Any) -> int:
    """Give the number of neurons of a size."""
    return math.prod(np.atleast_1d(size).tolist())


class Linear(_EventModule):
    r"""Dense layer for spikes, :math:`y = s W`.

    Parameters
    ----------
    n_pre, n_post : int
        Number of source and target neurons.
    weight : scalar, array of shape (n_pre, n_post), or initializer; any unit
        One weight for all pairs, or a matrix.
    name : str, optional
    grad_mode : {'vjp', 'jvp'}
        Both forward and reverse mode work with either. Default 'vjp'.

    States
    ------
    weight : ParamState, shape () or (n_pre, n_post)

    Raises
    ------
    EventError
        If the weight has another shape, or `grad_mode` is unknown.
    """

    def __init__(
        self,
        n_pre: Any,
        n_post: Any,
        weight: Any,
        name: str | None = None,
        grad_mode: GradMode = "vjp",
    ) -> None:
        shape = (_count(n_pre), _count(n_post))
        super().__init__(n_pre, n_post, weight, shape, name, grad_mode)

    def update(self, spk: Any) -> Any:
        """Multiply; `spk` is (*batch, n_pre), the result (*batch, n_post)."""
        return dense_matvec(spk, self.weight.value, self.n_post)


class CSRLinear(_EventModule):
    r"""Sparse layer for spikes, :math:`y = s W` with `W` given by rows.

    Parameters
    ----------
    n_pre, n_post : int
        Number of source and target neurons.
    indptr : int array, shape (n_pre + 1,)
        Where the row of each source neuron begins.
    indices : int array, shape (n_synapses,)
        Target neurons.
    weight : scalar, array of shape (n_synapses,), or initializer; any unit
        One weight for all synapses, or one each.
    name : str, optional
    grad_mode : {'vjp', 'jvp'}
        Both forward and reverse mode work with either. Default 'vjp'.

    States
    ------
    weight : ParamState, shape () or (n_synapses,)

    Raises
    ------
    EventError
        If the table is wrong (see `check_table`), the weight has another shape, or
        `grad_mode` is unknown.
    """

    def __init__(
        self,
        n_pre: Any,
        n_post: Any,
        indptr: Any,
        indices: Any,
        weight: Any,
        name: str | None = None,
        grad_mode: GradMode = "vjp",
    ) -> None:
        shape = np.shape(indices)
        super().__init__(n_pre, n_post, weight, shape, name, grad_mode)
        table = check_table(indptr, indices, self.n_pre, self.n_post)
        self._put(*narrowed(*table, self.n_pre, self.n_post))

    def _put(self, indptr: Any, indices: Any) -> None:
        # jnp.asarray would compile a program for every number of synapses
        self.indptr, self.indices = jax.device_put(indptr), jax.device_put(indices)

    @property
    def table(self) -> tuple[Any, Any]:
        """The connections by source neuron: indptr and indices."""
        return widened(np.asarray(self.indptr), np.asarray(self.indices), self.n_pre)

    def widen(self) -> None:
        """Keep targets as whole words from now on, not in 16 bits; see `_blocks`."""
        if is_narrow(self.indices):
            self._put(*self.table)

    def keep(self, is_kept: np.ndarray) -> None:
        """Leave out synapses, with their weights.

        Parameters
        ----------
        is_kept : bool array, shape (n_synapses,)
            Those that stay, in the order of the table.
        """
        table = thinned(np.asarray(self.indptr), np.asarray(self.indices), is_kept)
        if u.math.shape(self.weight.value) == self.indices.shape:
            self.weight.restore_value(self.weight.value[: is_kept.size][is_kept])
        self._put(*table)

    def update(self, spk: Any) -> Any:
        """Multiply; `spk` is (*batch, n_pre), the result (*batch, n_post)."""
        weight = self.weight.value
        return csr_matvec(spk, self.indptr, self.indices, weight, self.n_post)


def thinned(
    indptr: np.ndarray, indices: np.ndarray, is_kept: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return a table without the synapses that are not kept."""
    before = np.concatenate([[0], np.cumsum(is_kept)])
    kept = indices[: is_kept.size][is_kept]
    return settled(before[indptr], np.int32), settled(kept, indices.dtype)


class FixedProb(_EventModule):
    r"""Sparse layer for spikes with as many random targets for every neuron.

    Each source neuron has :math:`\lfloor n_{post}\, prob \rfloor` targets. (For an
    independent draw of every pair see `sample_fixed_prob` and `CSRLinear`.)

    Parameters
    ----------
    n_pre, n_post : int
        Number of source and target neurons.
    prob : float, in [0, 1]
        Share of the targets that each source neuron has.
    weight : scalar, array of shape (n_pre, n_targets), or initializer; any unit
        One weight for all synapses, or one each.
    allow_multi_conn : bool
        Whether a pair may be connected more than once. Default True.
    seed : int or key, optional
        From system entropy if left out.
    name : str, optional
    grad_mode : {'vjp', 'jvp'}
        Both forward and reverse mode work with either. Default 'vjp'.

    States
    ------
    weight : ParamState, shape () or (n_pre, n_targets)

    Raises
    ------
    EventError
        If `prob` is no probability, the weight has another shape, or `grad_mode` is
        unknown.
    """

    def __init__(
        self,
        n_pre: Any,
        n_post: Any,
        prob: float,
        weight: Any,
        allow_multi_conn: bool = True,
        seed: Any = None,
        name: str | None = None,
        grad_mode: GradMode = "vjp",
    ) -> None:
        if not 0 <= prob <= 1:
            raise EventError(
                f"event.FixedProb: prob = {prob}, but it must lie in [0, 1]."
            )
        self.prob, self.n_conn = prob, int(_count(n_post) * prob)
        shape = (_count(n_pre), self.n_conn)
        super().__init__(n_pre, n_post, weight, shape, name, grad_mode)
        indptr, indices = sample_fixed_out_degree(
            self.n_pre, self.n_post, self.n_conn, seed, allow_multi=allow_multi_conn
        )
        if n_blocks(self.n_post) == 1:  # rows need not be in order
            indptr, indices = narrowed(indptr, indices, self.n_pre, self.n_post)
        self.indptr = jax.device_put(indptr)
        self.indices = jax.device_put(indices.reshape(shape))

    def update(self, spk: Any) -> Any:
        """Multiply; `spk` is (*batch, n_pre), the result (*batch, n_post)."""
        weight, indices = self.weight.value, self.indices.reshape(-1)
        if weight.shape == self.indices.shape:
            weight = weight.reshape(-1)
        return csr_matvec(spk, self.indptr, indices, weight, self.n_post)
