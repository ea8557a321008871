"""Variables of a module by name: their present, and their past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import graph
from .._state import State
from ._delay import StateWithDelay, initial_step_is_zero

if TYPE_CHECKING:
    from ._dynamics import Dynamics


class _OfModule(graph.Node):
    """A variable of a module."""

    def __init__(self, module: Dynamics, item: str):
        super().__init__()
        self.module = module
        self.item = item

    @property
    def buffer(self) -> StateWithDelay:
        """The past of the variable, made at first use; shared by all that read it."""
        key = f"delay {self.item}"
        if key not in self.module.after_updates:
            self.module.add_after_update(key, StateWithDelay(self.module, self.item))
        return self.module.after_updates[key]  # type: ignore[return-value]


class Prefetch(_OfModule):
    """Variable of a module by name; a call gives its present value.

    Parameters
    ----------
    module : Dynamics
        Whose variable.
    item : str
        Name of a state or attribute.
    """

    @property
    def delay(self) -> PrefetchDelay:
        """The past of the variable; `delay.at(time)` picks a moment."""
        return PrefetchDelay(self.module, self.item)

    def __call__(self, *args, **kwargs):
        value = getattr(self.module, self.item)
        return value.value if isinstance(value, State) else value


class PrefetchDelay(_OfModule):
    """The past of a variable; see `Prefetch`."""

    def at(self, time=None, capacity=None) -> PrefetchDelayAt:
        """Refer to the value `time` ago.

        Parameters
        ----------
        time : time, shape () or that of the variable, optional
            The delay, rounded to steps for spikes. None or zero is the present value:
            that of this step if the module has run in this step, else of the last.
        capacity : time, optional
            Longest delay that `time` can be changed to later. Default `time`.
        """
        return PrefetchDelayAt(self.module, self.item, time, capacity)

    def past(self, capacity) -> PrefetchPast:
        """Refer to all values of the last steps, for synapses with delays of their own.

        Parameters
        ----------
        capacity : time
            The longest delay.
        """
        return PrefetchPast(self.module, self.item, capacity)


class PrefetchPast(_OfModule):
    """Variable of a module in the last steps; a call gives the ring of its values.

    Parameters
    ----------
    module : Dynamics
        Whose variable; it gets an after update that keeps its past.
    item : str
        Name of a state or attribute.
    capacity : time
        The longest delay.

    Notes
    -----
    Row ``n % length`` is the value at the end of step `n`.
    """

    def __init__(self, module: Dynamics, item: str, capacity):
        super().__init__(module, item)
        self.buffer.register_delay(capacity)

    def __call__(self, *args, **kwargs):
        return self.buffer.history


class PrefetchDelayAt(_OfModule):
    """Variable of a module some time ago; a call gives the value.

    Parameters
    ----------
    module : Dynamics
        Whose variable; it gets an after update that keeps its past.
    item : str
        Name of a state or attribute.
    time : time, optional
        The delay. It may be replaced, also by a traced value, up to `capacity`.
    capacity : time, optional
        Longest delay. Default `time`.

    Notes
    -----
    In step `n` the value is that at the end of step `n - k`, `k = round(time / dt)`,
    whether the module runs before or after the call in a step.
    """

    def __init__(self, module: Dynamics, item: str, time=None, capacity=None):
        super().__init__(module, item)
        self.time = time
        longest = time if capacity is None else capacity
        self._has_past = longest is not None and not initial_step_is_zero(longest)
        if self._has_past:
            self.buffer.register_delay(longest)

    def __call__(self, *args, **kwargs):
        if not self._has_past or self.time is None or initial_step_is_zero(self.time):
            return Prefetch(self.module, self.item)()
        return self.buffer.retrieve_after(self.time)
