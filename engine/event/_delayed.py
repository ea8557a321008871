"""The sparse event product whose synapses have delays of their own."""

from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .. import init
from ..nn._clock import current_step, in_steps
from ._backend import current_choice
from ._csr import EventError, as_weight, check_table, join_unit, product, split_unit
from ._memory import settled
from ._modules import GradMode, _EventModule, thinned
from ._scatter import Table


def _summed(
    out: jax.Array,
    history: jax.Array,
    indptr: jax.Array,
    indices: jax.Array,
    weight: jax.Array,
    step: jax.Array,
) -> jax.Array:
    """Add what arrives in a step, delay by delay."""
    length, n_pre = history.shape

    def arrive(out: jax.Array, k: jax.Array) -> tuple[jax.Array, tuple[()]]:
        spikes = lax.dynamic_index_in_dim(history, (step - k) % length, 0, False)
        rows = lax.dynamic_slice(indptr, ((k - 1) * n_pre,), (n_pre + 1,))
        return product(out, spikes, Table(rows, indices), weight), ()

    n_delays = (indptr.shape[0] - 1) // n_pre
    return lax.scan(arrive, out, jnp.arange(1, n_delays + 1, dtype=jnp.int32))[0]


@jax.jit
def delayed_push(*operands: jax.Array) -> jax.Array:
    """Add what arrives in a step; native steps know this call by its name."""
    return _summed(*operands)


def by_delay(
    indptr: np.ndarray, indices: np.ndarray, steps: np.ndarray, longest: int = 1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sort a table by delay, and within by source neuron.

    Parameters
    ----------
    indptr : int array, shape (n_pre + 1,)
    indices : int array, shape (n_synapses,)
    steps : int array, shape (n_synapses,)
        Delays, 1 or more.
    longest : int, default 1
        Have room for this delay, also if no synapse has it.

    Returns
    -------
    indptr : int32 array, shape (n_pre * longest + 1,)
        Where the synapses of a delay and a neuron begin, delay by delay.
    indices : uint32 array, shape (n_synapses,)
    order : int array, shape (n_synapses,)
        Places in the old table.
    """
    n_pre = indptr.size - 1
    longest = int(steps.max(initial=longest))
    kind = np.uint16 if longest < 2**16 else np.int64
    order = np.argsort(steps.astype(kind), kind="stable")
    rows = np.repeat(np.arange(n_pre, dtype=np.int64), np.diff(indptr))
    counts = np.bincount((steps - 1) * n_pre + rows, minlength=n_pre * longest)
    starts = np.concatenate([[0], np.cumsum(counts)])
    return settled(starts, np.int32), settled(indices[order], np.uint32), order


class DelayedCSRLinear(_EventModule):
    r"""Sparse layer for spikes whose synapses have delays of their own.

    .. math:: y_j(n) = \sum_{k:\, indices_k = j} w_k \, s_{i(k)}(n - d_k)

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
    delay : time, shape () or (n_synapses,), or initializer
        Delays, rounded to steps; those below one step are one step.
    longest : time, optional
        Delays above it are cut to it. Default none.
    name : str, optional
    grad_mode : {'vjp', 'jvp'}
        Both forward and reverse mode work with either. Default 'vjp'.

    States
    ------
    weight : ParamState, shape () or (n_synapses,)

    Raises
    ------
    EventError
        If the table is wrong (see `check_table`), the weight or the delays have
        another shape, or the past that it reads is too short.

    Notes
    -----
    The synapses are sorted when the states are made, as only then the time step is
    known: a weight each is then in the order of delays.
    """

    def __init__(
        self,
        n_pre: Any,
        n_post: Any,
        indptr: Any,
        indices: Any,
        weight: Any,
        delay: Any,
        longest: Any = None,
        name: str | None = None,
        grad_mode: GradMode = "vjp",
    ) -> None:
        shape = np.shape(indices)
        super().__init__(n_pre, n_post, weight, shape, name, grad_mode)
        self._table = check_table(indptr, indices, self.n_pre, self.n_post)
        self.delay = u.math.asarray(init.param(delay, shape, allow_none=False))
        self.longest = longest
        self._order = np.arange(shape[0])
        self._steps = None
        self._most: Any = None

    @property
    def table(self) -> tuple[Any, Any]:
        """The connections by source neuron: indptr and indices."""
        return self._table

    @property
    def steps(self) -> np.ndarray:
        """The delays in steps, shape (n_synapses,)."""
        return np.broadcast_to(self._in_steps(self.delay), self._table[1].shape)

    def init_state(self, *args: Any, **kwargs: Any) -> None:
        """Sort the synapses by their delays in steps of the present `dt`."""
        steps = self.steps
        if self._steps is not None and np.array_equal(steps, self._steps):
            return
        most = 1 if self._most is None else int(self._in_steps(self._most))
        indptr, indices, order = by_delay(*self._table, steps, most)
        self._put_weights_in(order)
        self.indptr, self.indices = jax.device_put(indptr), jax.device_put(indices)
        self._steps, self._order = steps, order

    def keep(self, is_kept: np.ndarray) -> None:
        """Leave out synapses, before the states are made; see `CSRLinear.keep`.

        The delays keep their range: the product asks for as much of the past as before.
        """
        has_many = bool(u.math.shape(self.delay)) and is_kept.size
        if has_many and self._most is None:
            self._most = self.delay.max()
        if u.math.shape(self.delay) == is_kept.shape:
            self.delay = self.delay[is_kept]
        if u.math.shape(self.weight.value) == is_kept.shape:
            self.weight.restore_value(self.weight.value[is_kept])
        self._table = thinned(*self._table, is_kept)
        self._order = np.arange(self._table[1].size)

    def _in_steps(self, delay: Any) -> np.ndarray:
        where = "event.DelayedCSRLinear: delay"
        limit = None if self.longest is None else in_steps(self.longest, where)
        return np.clip(np.rint(in_steps(delay, where)), 1, limit).astype(np.int64)

    def _put_weights_in(self, order: np.ndarray) -> None:
        """Bring a weight each from the order that it was in to another."""
        value = self.weight.value
        if u.math.shape(value) in ((), (1,)):
            return
        place = np.empty_like(self._order)
        place[self._order] = np.arange(place.size)
        self.weight.restore_value(value[place[order]])

    def update(self, past: Any) -> Any:
        """Multiply; `past` is what ``prefetch("spike").delay.past(...)`` gives.

        Parameters
        ----------
        past : bool or real array, shape (length, n_pre)
            Ring of the last steps: row ``n % length`` is that of step `n`.

        Returns
        -------
        array, shape (n_post,)
        """
        weight, unit = split_unit(self.weight.value)
        weight = as_weight(weight)
        past, past_unit = split_unit(past)
        n_delays = (self.indptr.shape[0] - 1) // max(self.n_pre, 1)
        if past.shape[1:] != (self.n_pre,) or past.shape[0] <= n_delays:
            raise EventError(
                f"event.DelayedCSRLinear: the past has shape {past.shape}. Delays of "
                f"up to {n_delays} steps of {self.n_pre} neurons need at least "
                f"({n_delays + 1}, {self.n_pre}): give a longer capacity to "
                'prefetch("spike").delay.past(...).'
            )
        if past.dtype != jnp.bool_:
            past = past.astype(weight.dtype)
        out = jnp.zeros(self.n_post, weight.dtype)
        run = _summed if current_choice() == "xla" else delayed_push
        step = jnp.asarray(current_step(), jnp.int32)
        summed = run(out, past, self.indptr, self.indices, weight, step)
        product_unit: Any = unit * past_unit
        return join_unit(summed, product_unit)
