"""The past of a variable, kept in a ring that integer steps address."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal, get_args

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np

from .. import environ, graph
from .._host import on_host
from .._state import ShortTermState, State
from .._tracing import is_traced
from ..compile import jit_error_if
from ._clock import WHOLE, current_step, in_steps
from ._collective import call_order
from ._errors import DelayError, EntryError, check_choice
from ._module import Module
from ._units import is_zero, ratio

DelayMethod = Literal["rotation", "concat"]
InterpMethod = Literal["linear_interp", "round"]

OUT_OF_RANGE = (
    "Delay: a value of {steps} steps ago was asked for, but the buffer holds 0 to "
    "{longest} steps. Register the delay, or make the buffer longer with `time`."
)


def initial_step_is_zero(time) -> bool:
    """Tell whether a delay is known to be none at all."""
    return is_zero(time)


class Delay(Module):
    r"""Values of the last steps of one variable.

    Parameters
    ----------
    target_info : array, Quantity or ShapeDtypeStruct (or a pytree of them)
        Shape, dtype and unit of the variable, without batch axis.
    time : time, optional
        Longest delay that will be asked for besides those registered.
    init : callable ``(shape, dtype)``, array or scalar, optional
        The past before the first step. Default zeros.
    entries : dict from str to time, optional
        Delays to register at once.
    delay_method : {"rotation", "concat"}, default "rotation"
        "rotation" writes into a ring at the step counter `i` of the environment;
        "concat" shifts the whole buffer in each update and needs no counter.
    interp_method : {"linear_interp", "round"}, default "linear_interp"
        What to do with delays between two steps. Booleans and integers are rounded.

    States
    ------
    history : ShortTermState, shape (length, batch?, *target)
        Ring of values, `length` being one more than the longest delay in steps.
    newest : ShortTermState, shape (), int32
        Step of the last update ("rotation" only).

    Raises
    ------
    ChoiceError
        If a method is none of those listed.
    DelayError
        If a delay is negative, or known to be longer than the buffer.

    Notes
    -----
    In step `n` a delay of `k` steps gives what was written in step `n - k`; all
    indices are integers, so nothing drifts in long runs. With "rotation" this holds
    whether the variable is updated before or after the reading; then `k = 0` gives
    the newest value there is. Delays may be traced values up to the buffer length.
    """

    def __init__(
        self,
        target_info,
        time=None,
        init: Callable | Any = None,
        entries: dict[str, Any] | None = None,
        delay_method: DelayMethod = "rotation",
        interp_method: InterpMethod = "linear_interp",
    ):
        super().__init__()
        self.target_info = target_info
        self.delay_method = check_choice(
            "Delay.delay_method", delay_method, get_args(DelayMethod)
        )
        self.interp_method = check_choice(
            "Delay.interp_method", interp_method, get_args(InterpMethod)
        )
        self._init = init
        self._durations: list[Any] = []
        self._longest_step = 0
        self._entries: dict[str, tuple[Any, Any]] = {}
        self.register_delay(time)
        for entry, delay in (entries or {}).items():
            self.register_entry(entry, delay)

    # states

    @property
    def history(self):
        """The buffer: the value of the state `_history`, newest at no fixed place."""
        return self._history.value

    @history.setter
    def history(self, value):
        self._history.value = value

    @property
    def max_length(self) -> int:
        """Number of values kept: the longest delay in steps, and the present."""
        steps = [np.max(in_steps(d, "delay")) - WHOLE for d in self._durations]
        return 1 + max(self._longest_step, math.ceil(max(steps, default=0)))

    def init_state(self, batch_size: int | None = None, **kwargs):
        """Make the buffer, as long as the longest delay registered so far."""
        self._history = ShortTermState(self._past(self.max_length, batch_size))
        if self.delay_method == "rotation":
            self._newest = ShortTermState(jnp.asarray(-1, jnp.int32))

    def reset_state(self, batch_size: int | None = None, **kwargs):
        """Forget the past."""
        self._history.value = self._past(self._length(), batch_size)
        if self.delay_method == "rotation":
            self._newest.value = jnp.asarray(-1, jnp.int32)

    def _past(self, length: int, batch_size: int | None):
        """Return the buffer as it is before the first step."""
        lead = (length,) if batch_size is None else (length, batch_size)
        zeros = jax.tree.map(
            lambda leaf: jnp.zeros((*lead, *leaf.shape), leaf.dtype), self.target_info
        )
        if self._init is None:
            return zeros
        if callable(self._init):
            return jax.tree.map(lambda leaf: self._init(leaf.shape, leaf.dtype), zeros)
        return u.math.broadcast_to(self._init, zeros.shape).astype(zeros.dtype)

    # which delays there are

    def register_delay(self, delay_time=None, delay_step: int | None = None):
        """Make sure that the buffer is long enough; call it before `init_state`.

        Parameters
        ----------
        delay_time : time, optional
            A duration; converted with the `dt` of `init_state`.
        delay_step : int, optional
            A number of steps.
        """
        if delay_time is not None:
            if is_traced(delay_time):
                raise DelayError(
                    "Delay: a delay that is traced needs a buffer of known length. "
                    "Give `time` (Delay) or `capacity` (prefetch(...).delay.at)."
                )
            if np.any(np.asarray(u.get_mantissa(delay_time)) < 0):
                raise DelayError(f"Delay: {delay_time} is negative; give 0 or more.")
            self._durations.append(delay_time)
        if delay_step is not None:
            if np.any(np.asarray(delay_step) < 0):
                raise DelayError(f"Delay: {delay_step} steps are negative; give 0 up.")
            self._longest_step = max(self._longest_step, int(np.max(delay_step)))

    def register_entry(self, entry: str, delay_time=None, delay_step=None):
        """Name a delay; `at(entry)` reads it.

        Raises
        ------
        EntryError
            If the entry has another delay already.
        """
        delay = (delay_time, delay_step)
        known = self._entries.setdefault(entry, delay)
        if known is not delay and not _same(known, delay):
            raise EntryError(
                f"Delay: entry {entry!r} has the delay {_shown(known)}, so it cannot "
                f"have {_shown(delay)}. Give the entry another name."
            )
        self.register_delay(*delay)
        return self

    def access(self, entry: str | None = None, time=None) -> DelayAccess:
        """Name a delay and return a module that reads it."""
        return DelayAccess(self, time, delay_entry=entry)

    # reading

    def at(self, entry: str, *indices):
        """Return the value at a named delay.

        Parameters
        ----------
        entry : str
            Name given to `register_entry`.
        *indices
            Positions in the variable; all of it if there are none.

        Raises
        ------
        EntryError
            If there is no such entry.
        """
        if entry not in self._entries:
            raise EntryError(
                f"Delay: there is no entry {entry!r}; known: {sorted(self._entries)}."
            )
        delay_time, delay_step = self._entries[entry]
        if delay_time is not None:
            return self.retrieve_after(delay_time, *indices)
        return self.retrieve_at_step(delay_step or 0, *indices)

    def retrieve_after(self, duration, *indices):
        """Return the value a duration ago, between steps as `interp_method` says."""
        return self._between(in_steps(duration, "delay"), indices)

    def retrieve_at_time(self, delay_time, *indices):
        """Return the value at an absolute time, no later than `t` of the environment.

        Prefer durations (`at`, `retrieve_after`): the difference of two large times
        is not exact.
        """
        elapsed = environ.get("t", desc="the present time") - delay_time
        steps = ratio(elapsed, environ.get_dt(), "delay")
        self._check(steps, np.less(steps, 0) if not is_traced(steps) else steps < 0)
        return self._between(steps, indices)

    def retrieve_at_step(self, delay_step, *indices):
        """Return the value a number of steps ago: an int, or an int array.

        An array of steps has the shape of the variable, each element its own delay,
        or that of `indices`.
        """
        longest = self._length() - 1
        if is_traced(delay_step):
            self._check(delay_step, (delay_step < 0) | (delay_step > longest))
        elif np.any(np.asarray(delay_step) > longest) or np.any(np.less(delay_step, 0)):
            self._refuse(delay_step)
        return jax.tree.map(
            lambda ring: _picked(ring, self._slot(delay_step), indices), self.history
        )

    def update(self, current):
        """Write the value of this step."""
        if self.delay_method == "concat":
            self.history = jax.tree.map(
                lambda ring, new: jnp.concatenate([new[None], ring[:-1]]),
                self.history,
                current,
            )
            return
        step = jnp.asarray(current_step(), jnp.int32)
        slot = step % self._length()
        put = jax.lax.dynamic_update_index_in_dim
        self.history = jax.tree.map(
            lambda ring, new: put(ring, jnp.asarray(new, ring.dtype), slot, 0),
            self.history,
            current,
        )
        self._newest.value = step

    def _length(self) -> int:
        return jax.tree.leaves(self.history)[0].shape[0]

    def _slot(self, delay_step):
        if self.delay_method == "concat":
            return delay_step
        step = jnp.asarray(current_step(), jnp.int32) - delay_step
        return jnp.minimum(step, self._newest.value) % self._length()

    def _between(self, steps, indices):
        """Return the value a real number of steps ago."""
        rounds = self.interp_method == "round" or not all(
            jnp.issubdtype(leaf.dtype, jnp.inexact)
            for leaf in jax.tree.leaves(self.history)
        )
        traced = is_traced(steps)
        xp = jnp if traced else np
        nearest = xp.round(steps).astype(xp.int32)
        off = steps - nearest
        if rounds or (not traced and np.all(np.abs(off) < WHOLE)):
            return self.retrieve_at_step(nearest, *indices)
        off = xp.where(xp.abs(off) < WHOLE, 0, off)
        other = nearest + xp.sign(off).astype(xp.int32)
        near, far = (self.retrieve_at_step(k, *indices) for k in (nearest, other))
        weight = xp.abs(off)
        return jax.tree.map(
            lambda a, b: a * (1 - weight).astype(a.dtype) + b * weight.astype(a.dtype),
            near,
            far,
        )

    def _check(self, steps, wrong):
        """Fail at run time, if the environment asks for checks."""
        if environ.get("jit_error_check", False):
            message = OUT_OF_RANGE.format(steps="{}", longest=self._length() - 1)
            jit_error_if(jnp.any(wrong), message, steps)

    def _refuse(self, steps):
        """Fail now for a delay that is known."""
        if environ.get("jit_error_check", False):
            self._check(steps, jnp.asarray(True))
        raise DelayError(OUT_OF_RANGE.format(steps=steps, longest=self._length() - 1))


def _repeated(value, length: int):
    """Return a value so many times over; on the host if it is known."""
    shape = (length, *jnp.shape(value))
    if is_traced(value):
        return jnp.broadcast_to(value, shape)
    return on_host(np.broadcast_to(np.asarray(value), shape))


def _picked(ring, slot, indices):
    """Take one value of a ring; `slot` is a scalar or one for each element."""
    if indices:
        return ring[(slot, *indices)]
    if jnp.ndim(slot) == 0:
        return jax.lax.dynamic_index_in_dim(ring, slot, 0, keepdims=False)
    slots = jnp.broadcast_to(slot, ring.shape[1:])
    return jnp.take_along_axis(ring, slots[None], axis=0)[0]


def _same(one: tuple, other: tuple) -> bool:
    return all(
        (a is None) == (b is None)
        and (a is None or bool(u.math.all(u.math.asarray(a) == u.math.asarray(b))))
        for a, b in zip(one, other, strict=True)
    )


def _shown(delay: tuple) -> str:
    time, step = delay
    return f"{step} steps" if time is None and step is not None else f"{time}"


class DelayAccess(graph.Node):
    """Reading of one delay; a call gives the value.

    Parameters
    ----------
    delay : Delay
        The buffer.
    time : time, optional
        The delay.
    delay_entry : str
        Name under which it is registered.
    *indices
        Positions in the variable; all of it if there are none.
    """

    def __init__(self, delay: Delay, time, delay_entry: str | None, *indices):
        super().__init__()
        self.delay = delay
        self.entry = delay_entry if delay_entry is not None else f"at {time}"
        self.indices = indices
        delay.register_entry(self.entry, time)

    def update(self):
        """Return the value at the delay."""
        return self.delay.at(self.entry, *self.indices)

    def __call__(self, *args, **kwargs):
        return self.update()


class StateWithDelay(Delay):
    """The past of a state or attribute of a module, written after its update.

    Parameters
    ----------
    target : Module
        Whose variable.
    item : str
        Name of a state or attribute.

    Notes
    -----
    The past before the first step is the initial value of the variable. Booleans
    (spikes) are kept as booleans, delays of theirs are rounded to steps.
    """

    def __init__(self, target: Module, item: str):
        super().__init__(None)
        self.target = target
        self.item = item

    @property
    def state(self) -> State | Any:
        """The state, or the attribute if it is none."""
        return getattr(self.target, self.item)

    def _present(self):
        state = self.state
        return state.value if isinstance(state, State) else state

    def _past(self, length: int, batch_size: int | None):
        return jax.tree.map(
            lambda value: _repeated(value, length),
            self._present(),
        )

    @call_order(3)
    def init_state(self, *args, **kwargs):
        """Make the buffer in the shape that the variable has now."""
        super().init_state()

    @call_order(3)
    def reset_state(self, *args, **kwargs):
        """Forget the past."""
        super().reset_state()

    def update(self, *args):
        """Write the present value."""
        super().update(self._present())
