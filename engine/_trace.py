"""Who watches the reads and writes of States, a thread each."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from ._state import State

A = TypeVar("A")


class _Watch(threading.local):
    """The watchers of this thread: live runs on other threads are not seen."""

    def __init__(self) -> None:
        self.traces: list[StateTraceStack[Any]] = []
        self.catchers: list[_Catcher] = []
        self.checks_tree = False
        self.checks_tracer = False

    @property
    def is_busy(self) -> bool:
        """Whether reads and writes have to be told or checked one by one."""
        return bool(self.traces) or self.checks_tree or self.checks_tracer


watch = _Watch()


@contextlib.contextmanager
def check_state_value_tree(val: bool = True) -> Iterator[None]:
    """Refuse values of another tree structure inside the context.

    Parameters
    ----------
    val : bool, default True
        Whether to check.
    """
    before, watch.checks_tree = watch.checks_tree, val
    try:
        yield
    finally:
        watch.checks_tree = before


@contextlib.contextmanager
def check_state_jax_tracer(val: bool = True) -> Iterator[None]:
    """Refuse writes from a JAX trace that does not know the State inside the context.

    Parameters
    ----------
    val : bool, default True
        Whether to check.
    """
    before, watch.checks_tracer = watch.checks_tracer, val
    try:
        yield
    finally:
        watch.checks_tracer = before


class _Catcher(list["State[Any]"]):
    """The States made inside a `catch_new_states` context, with its tag."""

    def __init__(self, tag: str | None):
        super().__init__()
        self.tag = tag


@contextlib.contextmanager
def catch_new_states(tag: str | None = None) -> Iterator[list[State[Any]]]:
    """Collect the States that are made inside the context.

    Parameters
    ----------
    tag : str or None, default None
        Mark each of them with this tag, to be found by it as a filter.

    Yields
    ------
    list of State
        Filled as States are made.
    """
    if tag is not None and not isinstance(tag, str):
        raise TypeError(
            f"catch_new_states: the tag is {tag!r} of type {type(tag).__name__}; "
            "it needs to be a string or None."
        )
    catcher = _Catcher(tag)
    watch.catchers.append(catcher)
    try:
        yield catcher
    finally:
        watch.catchers.remove(catcher)


def note_new(state: State[Any]) -> None:
    """Tell the catchers of this thread about a new State."""
    for catcher in watch.catchers:
        catcher.append(state)
        if catcher.tag is not None:
            state.tag = catcher.tag
    for trace in watch.traces:
        trace.note_new(state)


def note_read(state: State[Any]) -> None:
    """Tell every trace of this thread that `state` is read."""
    for trace in watch.traces:
        trace.read_its_value(state)


def note_write(state: State[Any]) -> None:
    """Tell every trace of this thread that `state` is written."""
    for trace in watch.traces:
        trace.write_its_value(state)


class StateTraceStack(Generic[A]):
    """The States that a piece of code reads and writes, in the order of first touch.

    Parameters
    ----------
    new_arg : callable, optional
        Called with each State at its first touch; used to give it another value.

    Examples
    --------
    >>> a = State(1.0)
    >>> with StateTraceStack() as trace:
    ...     a.value += 1.0
    >>> len(trace.get_write_states())
    1
    """

    def __init__(self, new_arg: Callable[[State[A]], None] | None = None):
        self.states: list[State[A]] = []
        self.been_writen: list[bool] = []
        self.created: list[State[A]] = []
        self._index: dict[int, int] = {}
        self._created_ids: set[int] = set()
        self._before: list[Any] = []
        self._new_arg = new_arg

    @property
    def original_state_values(self) -> tuple[Any, ...]:
        """Values of the States before their first touch."""
        return tuple(self._before)

    def set_new_arg(self, new_arg: Callable[[State[A]], None] | None) -> None:
        """Set what is called with each State at its first touch."""
        self._new_arg = new_arg

    def new_arg(self, state: State[A]) -> None:
        """Give a State that is touched for the first time its new value."""
        if self._new_arg is not None:
            self._new_arg(state)

    def __enter__(self) -> StateTraceStack[A]:
        watch.traces.append(self)
        return self

    def __exit__(self, exc_type: object, exc_value: object, traceback: object) -> None:
        watch.traces.remove(self)

    def note_new(self, state: State[A]) -> None:
        """Note a State made while this trace watches: it is not an input."""
        self.created.append(state)
        self._created_ids.add(id(state))

    def is_created(self, state: State[A]) -> bool:
        """Tell whether the State was made while this trace watched."""
        return id(state) in self._created_ids

    def is_written(self, state: State[A]) -> bool:
        """Tell whether the State was written while this trace watched."""
        index = self._index.get(id(state))
        return index is not None and self.been_writen[index]

    def _touch(self, state: State[A]) -> int:
        index = self._index.get(id(state))
        if index is None:
            index = self._index[id(state)] = len(self.states)
            self.states.append(state)
            self.been_writen.append(False)
            self._before.append(state.peek())
            self.new_arg(state)
        return index

    def read_its_value(self, state: State[A]) -> None:
        """Note that a State is read."""
        self._touch(state)

    def write_its_value(self, state: State[A]) -> None:
        """Note that a State is written."""
        self.been_writen[self._touch(state)] = True

    def recovery_original_values(self) -> None:
        """Put back the values from before the first touch."""
        for state, value in zip(self.states, self._before, strict=True):
            state.poke(value)

    @classmethod
    def of(
        cls, states: Iterable[State[A]], is_written: Iterable[bool]
    ) -> StateTraceStack[A]:
        """Return a record that says which States are read and which written."""
        record = cls()
        for state, written in zip(states, is_written, strict=True):
            if written:
                record.write_its_value(state)
            else:
                record.read_its_value(state)
        return record

    def merge(self, *traces: StateTraceStack[A]) -> StateTraceStack[A]:
        """Take over what other traces have noted; return this trace."""
        for trace in traces:
            rows = zip(
                trace.states,
                trace.been_writen,
                trace.original_state_values,
                strict=True,
            )
            for state, is_written, before in rows:
                index = self._index.get(id(state))
                if index is None:
                    self._index[id(state)] = len(self.states)
                    self.states.append(state)
                    self.been_writen.append(is_written)
                    self._before.append(before)
                else:
                    self.been_writen[index] |= is_written
            self.created.extend(trace.created)
            self._created_ids.update(map(id, trace.created))
        return self

    def __add__(self, other: StateTraceStack[A]) -> StateTraceStack[A]:
        return StateTraceStack[A]().merge(self, other)

    def _select(self, is_written: bool, replace: bool, values: bool) -> tuple[Any, ...]:
        return tuple(
            (state.peek() if values else state) if written == is_written else None
            for state, written in zip(self.states, self.been_writen, strict=True)
            if replace or written == is_written
        )

    def get_state_values(self, separate: bool = False, replace: bool = False) -> Any:
        """Return the present values.

        Parameters
        ----------
        separate : bool, default False
            Return those written and those only read as two tuples.
        replace : bool, default False
            With `separate`: keep a None in the place of the other kind.
        """
        if not separate:
            return tuple(state.peek() for state in self.states)
        return (
            self._select(True, replace, values=True),
            self._select(False, replace, values=True),
        )

    def get_read_states(self, replace_writen: bool = False) -> tuple[Any, ...]:
        """Return the States that are only read; None for the others if asked."""
        return self._select(False, replace_writen, values=False)

    def get_read_state_values(self, replace_writen: bool = False) -> tuple[Any, ...]:
        """Return the values of the States that are only read."""
        return self._select(False, replace_writen, values=True)

    def get_write_states(self, replace_read: bool = False) -> tuple[Any, ...]:
        """Return the States that are written; None for the others if asked."""
        return self._select(True, replace_read, values=False)

    def get_write_state_values(self, replace_read: bool = False) -> tuple[Any, ...]:
        """Return the values of the States that are written."""
        return self._select(True, replace_read, values=True)
