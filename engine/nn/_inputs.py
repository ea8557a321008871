"""Sources of spikes."""

from __future__ import annotations

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np

from .. import environ, init, random
from .._state import ShortTermState
from .._tracing import is_traced
from ._clock import current_step, whole_steps
from ._dynamics import Dynamics
from ._errors import InputError, SizeError
from ._units import blank, magnitude

ONE = np.float32(2.0**32)
LAST = np.uint32(2**32 - 1)
MOST_IN_A_STEP = 25.0  # mean of a count
MOST_COUNTED = 63  # a count beyond it has a probability below 2^-32
MOST_ROWS = 2**16  # steps with spikes: for more a search is faster
BELOW_ONE = np.nextafter(ONE, np.float32(0))


def step_key(key):
    """Return the random key of this step: of a stream if given, else the default."""
    if key is None:
        return random.split_key()
    return jax.random.fold_in(key, current_step())


def bernoulli(key, probability, shape):
    """Draw booleans that are True with a probability, exact to 2^-32.

    The bits are compared as integers, since the 23 bits of a float are too coarse
    for the small probabilities of one step.
    """
    probability = jnp.asarray(probability, jnp.float32)
    level = jnp.clip(probability * ONE, 0, BELOW_ONE).astype(jnp.uint32)
    return (jax.random.bits(key, shape, jnp.uint32) < level) | (probability >= 1)


def poisson_counts(key, mean, shape):
    """Draw how many events there are, for a mean of up to `MOST_IN_A_STEP`.

    Compares bits with the probability of more than k events, for each k; these are
    summed from the smallest on, so that rare counts are as rare as they should be,
    to 2^-32.
    """
    mean = jnp.asarray(mean, jnp.float32)
    term = jnp.exp(-mean)
    terms = [term]
    for k in range(1, MOST_COUNTED + 1):
        term = term * (mean / k)
        terms.append(term)
    bits = jax.random.bits(key, shape, jnp.uint32)
    above = jnp.zeros_like(mean)
    counts = jnp.zeros(shape, environ.dftype())
    for term in reversed(terms[1:]):
        above = above + term
        level = jnp.clip(above * ONE, 0, BELOW_ONE).astype(jnp.uint32)
        counts = jnp.where(bits < level, counts + 1, counts)
    return counts


def is_active(start, stop):
    """Tell whether this step is in the window from `start` up to `stop`; or None."""
    active = None
    if start is not None:
        active = current_step() >= whole_steps(start, "start")
    if stop is not None:
        before = current_step() < whole_steps(stop, "stop")
        active = before if active is None else active & before
    return active


class SpikeSource(Dynamics):
    """Population whose spikes come from outside; keeps those of the last step.

    Parameters
    ----------
    in_size : int or tuple of int
        Shape of the population.
    spk_type : dtype, default bool
        Type of the spikes that a call returns.
    name : str, optional
        Name for messages and printing.

    States
    ------
    spike : ShortTermState, shape (batch?, *in_size), bool
        Spikes of the last step; there if `init_state` was called.
    """

    spike: ShortTermState | None = None

    def __init__(self, in_size, spk_type=bool, name: str | None = None):
        super().__init__(in_size, name=name)
        self.spk_type = spk_type

    def init_state(self, batch_size: int | None = None, **kwargs):
        """Make `spike`: none at first."""
        self.spike = ShortTermState(self._silence(batch_size))

    def reset_state(self, batch_size: int | None = None, **kwargs):
        """Forget the spikes of the last step."""
        if self.spike is not None:
            self.spike.value = self._silence(batch_size)

    def _silence(self, batch_size: int | None):
        batch = () if batch_size is None else (batch_size,)
        return blank((*batch, *self.varshape), self._kept_type())

    def _kept_type(self):
        return bool

    def _shape(self) -> tuple[int, ...]:
        return self.varshape if self.spike is None else self.spike.value.shape

    def _emit(self, spike):
        """Store spikes and return them in the type asked for; bool is that kept."""
        if self.spike is not None:
            self.spike.value = spike
        return spike if self.spk_type is bool else spike.astype(self.spk_type)


class SpikeTime(SpikeSource):
    """Neurons that spike at given times.

    Parameters
    ----------
    in_size : int or tuple of int
        Shape of the population.
    indices : array of int, shape (n_spikes,)
        Which neuron spikes, counted in the flattened population.
    times : array, shape (n_spikes,), time
        When; each is rounded to a step.
    spk_type : dtype, default bool
        Type of the spikes that a call returns.
    name : str, optional
        Name for messages and printing.
    need_sort : bool, default True
        Sort by time first; leave it on unless `times` are in order.

    States
    ------
    spike : ShortTermState, shape (batch?, *in_size), bool

    Raises
    ------
    SizeError
        If `indices` and `times` differ in length, or an index is out of range.

    Notes
    -----
    A step looks its spikes up by the step counter, so it may be run again or out of
    order.
    """

    fixed_attributes = ("indices", "times")  # they decide how long a look-up is

    def __init__(
        self,
        in_size,
        indices,
        times,
        spk_type=bool,
        name: str | None = None,
        need_sort: bool = True,
    ):
        super().__init__(in_size, spk_type=spk_type, name=name)
        indices = np.asarray(indices, np.int32).reshape(-1)
        times = u.math.asarray(times)
        n = int(np.prod(self.varshape))
        if indices.shape != times.shape:
            raise SizeError(
                f"SpikeTime: {indices.size} indices, but times of shape {times.shape}; "
                f"give one time for each index."
            )
        if indices.size and (indices.min() < 0 or indices.max() >= n):
            raise SizeError(
                f"SpikeTime: indices go from {indices.min()} to {indices.max()}, but "
                f"there are {n} neurons; give indices from 0 to {n - 1}."
            )
        if need_sort and indices.size:
            order = np.argsort(np.asarray(u.get_mantissa(times)), kind="stable")
            indices, times = indices[order], times[order]
        self.indices = indices
        self.times = times

    def update(self):
        """Return the spikes of this step."""
        n = int(np.prod(self.varshape))
        if not self.indices.size:
            return self._emit(jnp.zeros(self._shape(), bool))
        steps = whole_steps(self.times, "SpikeTime.times")
        if not is_traced(steps) and np.unique(steps).size <= MOST_ROWS:
            spike = self._by_row(np.asarray(steps), n)
        else:
            spike = self._by_search(steps, n)
        return self._emit(jnp.broadcast_to(spike.reshape(self.varshape), self._shape()))

    def _by_row(self, steps, n: int):
        """Look up the row of this step in a table: an event product, so it is fast."""
        from ..event import csr_matvec  # event needs nn's modules: not at import

        order = np.argsort(steps, kind="stable")
        rows, first = np.unique(steps[order], return_index=True)
        indptr = np.append(first, steps.size).astype(np.int32)
        indices = self.indices[order].astype(np.uint32)
        is_now = jnp.asarray(rows, jnp.int32) == jnp.asarray(current_step(), jnp.int32)
        return csr_matvec(is_now, indptr, indices, np.float32(1), n) > 0

    def _by_search(self, steps, n: int):
        """Find the spikes of this step in the sorted list of all."""
        most = self.indices.size if is_traced(steps) else _most_equal(steps)
        steps = jnp.asarray(steps)
        now = jnp.asarray(current_step(), steps.dtype)
        place = jnp.searchsorted(steps, now) + jnp.arange(most)
        due = steps.at[place].get(mode="fill", fill_value=-1) == now
        who = jnp.asarray(self.indices).at[place].get(mode="fill", fill_value=n)
        return jnp.zeros(n, bool).at[jnp.where(due, who, n)].set(True, mode="drop")


def _most_equal(steps) -> int:
    """Return how often the most frequent step occurs."""
    return int(np.unique(steps, return_counts=True)[1].max())


class PoissonSpike(SpikeSource):
    r"""Neurons that spike at random, independently in each step.

    .. math:: P(\text{spike in a step}) = \nu\, dt

    Each may stand for many sources at once, such as the 1 000 cells outside of the
    network that reach a cell in Brunel (2000): then it gives the number of their
    spikes in a step, of a Poisson distribution with the mean :math:`n \nu\, dt`.

    Parameters
    ----------
    in_size : int or tuple of int
        Shape of the population.
    freqs : array, shape () or in_size, frequency
        Rate of a source.
    spk_type : dtype, default bool
        Type of the spikes that a call returns.
    name : str, optional
        Name for messages and printing.
    start, stop : time, optional
        Window in which there are spikes, from `start` to just before `stop`.
    key : JAX random key, optional
        Stream of its own: step `n` draws from ``fold_in(key, n)``, whatever else
        draws. Default: the common random state of `engine.random`.
    n_sources : int, default 1
        Sources that each neuron stands for. With more than one the spikes are counts,
        of the floating type, and their mean in a step is at most 25.

    States
    ------
    spike : ShortTermState, shape (batch?, *in_size), bool, or float for counts

    Raises
    ------
    InputError
        If `n_sources` is no positive number, or the mean is known and above 25.

    References
    ----------
    Brunel, Dynamics of sparsely connected networks of excitatory and inhibitory
    spiking neurons, J. Comput. Neurosci. 8 (2000), section 2.
    """

    fixed_attributes = ("n_sources",)

    def __init__(
        self,
        in_size,
        freqs,
        spk_type=bool,
        name: str | None = None,
        start=None,
        stop=None,
        key=None,
        n_sources: int = 1,
    ):
        super().__init__(in_size, spk_type=spk_type, name=name)
        if n_sources < 1:
            raise InputError(
                f"PoissonSpike: n_sources is {n_sources}; give 1 source or more."
            )
        self.n_sources = int(n_sources)
        self.freqs = init.param(freqs, self.varshape, allow_none=False)
        self.start = start
        self.stop = stop
        self.key = key

    def _kept_type(self):
        return bool if self.n_sources == 1 else environ.dftype()

    def update(self):
        """Draw the spikes of this step."""
        mean = expected(self.freqs, "PoissonSpike.freqs")
        active = is_active(self.start, self.stop)
        if active is not None:
            mean = jnp.where(active, mean, 0.0)
        key, shape = step_key(self.key), self._shape()
        if self.n_sources == 1:
            return self._emit(bernoulli(key, mean, shape))
        mean = mean * self.n_sources
        if not is_traced(mean) and np.max(mean) > MOST_IN_A_STEP:
            raise InputError(
                f"PoissonSpike: {np.max(mean):g} spikes of {self.n_sources} sources in "
                f"a step; at most {MOST_IN_A_STEP:g} can be counted. Take a smaller dt, "
                "or fewer sources with larger weights."
            )
        return self._emit(poisson_counts(key, mean, shape))


class PoissonEncoder(SpikeSource):
    r"""Neurons that spike at random with rates given in each step.

    Parameters
    ----------
    in_size : int or tuple of int
        Shape of the population.
    spk_type : dtype, default bool
        Type of the spikes that a call returns.
    name : str, optional
        Name for messages and printing.
    key : JAX random key, optional
        As in `PoissonSpike`.

    States
    ------
    spike : ShortTermState, shape (batch?, *in_size), bool
    """

    def __init__(self, in_size, spk_type=bool, name: str | None = None, key=None):
        super().__init__(in_size, spk_type=spk_type, name=name)
        self.key = key

    def update(self, freqs):
        """Draw the spikes of this step with rates of shape (batch?, *in_size)."""
        probability = expected(freqs, "PoissonEncoder: freqs")
        shape = jnp.broadcast_shapes(self._shape(), jnp.shape(probability))
        return self._emit(bernoulli(step_key(self.key), probability, shape))


def expected(freqs, where: str):
    """Return the expected number of spikes in a step."""
    dt = environ.get_dt()
    unit = u.get_unit(dt)
    return magnitude(freqs, unit**-1, where) * u.get_mantissa(dt)
