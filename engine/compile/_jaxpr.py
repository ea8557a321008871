"""Functions with States as jaxprs: inputs and outputs for every State they touch."""

from __future__ import annotations

import functools
import warnings
import weakref
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

import brainunit as u
import jax
from jax.extend.core import ClosedJaxpr

from .. import environ
from .._errors import EngineError, StepUnitError, UnitError, nearest
from .._functional import (
    Effects,
    Pure,
    Traced,
    TransformationError,
    lift,
    trace,
)
from .._placement import Placement
from .._state import State
from .._trace import StateTraceStack, watch
from ._key import leaf_key, settings_key
from ._retrace import RetraceCounter

T = TypeVar("T")

_CLOCK = ("i", "t")

# what code raises where a setting, such as dt, is absent or has another unit
_UNFIT_SETTING = (
    KeyError,
    u.DimensionMismatchError,
    u.UnitMismatchError,
    UnitError,
    StepUnitError,
)
_NO_ARRAY = (
    "{where}: {what} is {given!r:.80} of type {type}, which is no array. Pass arrays, "
    "numbers and quantities; mark anything else by static_argnums or static_argnames, "
    "or let the function take it from its surroundings."
)
_NO_HASH = (
    "{where}: the static argument {what!r} is a {type}, which cannot be hashed. Pass "
    "something that can be, such as a tuple or a frozen dataclass."
)
_NO_FUNCTION = (
    "{where}: got {given!r:.80} of type {type}; it needs a function or a callable "
    "object, such as a module."
)
_RUNS_AS_BEFORE = (
    "{where}: the present settings of the environment do not fit ({error}); it runs "
    "with those it was traced with. Call it in the context that it was made for."
)


class ArgumentError(EngineError, TypeError):
    """What is given cannot be traced, or what is static cannot be compared."""


class NotTracedError(EngineError, KeyError):
    """A jaxpr is asked for that was not made."""

    def __str__(self) -> str:
        return str(self.args[0])


def clock() -> dict[str, Any]:
    """Return step and time of the environment, which are inputs of every trace."""
    settings = environ.all()
    return {key: settings[key] for key in _CLOCK if key in settings}


def as_tuple(numbers: int | Sequence[int] | None) -> tuple[int, ...]:
    """Return argument numbers as a tuple."""
    if numbers is None:
        return ()
    return (numbers,) if isinstance(numbers, int) else tuple(numbers)


def check_callable(where: str, function: Any) -> None:
    """Raise unless something can be called.

    Raises
    ------
    ArgumentError
        If not.
    """
    if not callable(function):
        kind = type(function).__name__
        text = _NO_FUNCTION.format(where=where, given=function, type=kind)
        raise ArgumentError(text)


def name_of(function: Any) -> str:
    """Return how a function is called in messages."""
    return getattr(function, "__name__", type(function).__name__)


class Entry:
    """One trace in a cache; the States of the model are not kept alive by it.

    A State that is replaced, as by initializing a model anew, dies, and with it the
    entry: the function is traced again and finds the new one.
    """

    def __init__(self, traced: Traced):
        self.pure: Pure = traced.pure
        self.is_written = traced.effects.is_written
        self.refs = [weakref.ref(state) for state in traced.effects.states]
        # by where the values of the States lie
        self.programs: dict[Placement | None, Callable[..., Any]] = {}

    def effects(self) -> Effects | None:
        """Return the States, or None when one of them is gone."""
        alive = [state for ref in self.refs if (state := ref()) is not None]
        if len(alive) < len(self.refs):
            return None
        return Effects(tuple(alive), self.is_written)

    def fits(self) -> bool:
        """Tell whether the States live and have the shapes of the trace."""
        effects = self.effects()
        if effects is None:
            return False
        return self.pure.fits([state.peek() for state in effects.states])


class StatefulFunction(Generic[T]):
    """A function, traced once for each structure of its arguments.

    Parameters
    ----------
    fun : callable
        What is traced.
    static_argnums : int or sequence of int, default ()
        Arguments that are not traced; they need to hash.
    axis_env : sequence of (name, size), optional
        Named axes that `fun` may use.
    abstracted_axes : optional
        Not supported by JAX any more; only None is accepted.
    state_returns : tuple of str, default ("read", "write")
        Which States `make_jaxpr` lists.
    cache_type : str, optional
        Kept for programs that pass it; there is one cache.

    Raises
    ------
    TransformationError
        If `abstracted_axes` is given, or `state_returns` has another word.
    """

    def __init__(
        self,
        fun: Callable[..., T],
        static_argnums: int | Sequence[int] = (),
        axis_env: Sequence[tuple[Hashable, int]] | None = None,
        abstracted_axes: Any = None,
        state_returns: str | tuple[str, ...] = ("read", "write"),
        cache_type: str | None = None,
        static_argnames: Sequence[str] = (),
    ):
        if abstracted_axes is not None:
            raise TransformationError(
                "StatefulFunction: abstracted_axes is given; JAX does not have it any "
                "more. Leave it out; shapes are part of the cache key."
            )
        for name in as_returns(state_returns):
            if name not in ("read", "write"):
                raise TransformationError(
                    f"StatefulFunction: state_returns has {name!r}; it needs 'read' "
                    f"or 'write'.{nearest(name, ('read', 'write'))}"
                )
        self.fun = fun
        self.static_argnums = as_tuple(static_argnums)
        self.static_argnames = tuple(static_argnames)
        self.axis_env = axis_env
        self.state_returns = as_returns(state_returns)
        self.cache_type = cache_type
        self._entries: dict[tuple[Hashable, ...], list[Entry]] = {}
        self._last: Hashable = ()
        self.counter = RetraceCounter()

    def __call__(self, *args: Any, **kwargs: Any) -> T:
        """Call the jaxpr with the present States, and write them."""
        return self.jaxpr_call_auto(*args, **kwargs)

    # Tracing

    def split_static(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any], tuple[Any, ...]]:
        """Return the traced arguments, and what stands for the static ones."""
        numbers = {n % len(args) if args else n for n in self.static_argnums}
        dynamic = tuple(a for i, a in enumerate(args) if i not in numbers)
        static = tuple((i, a) for i, a in enumerate(args) if i in numbers)
        names = [name for name in self.static_argnames if name in kwargs]
        static += tuple((name, kwargs[name]) for name in names)
        dynamic_kwargs = {k: v for k, v in kwargs.items() if k not in names}
        return dynamic, dynamic_kwargs, static

    def bind_static(self, static: tuple[Any, ...]) -> Callable[..., T]:
        """Return `fun` of the traced arguments only."""
        if not static:
            return self.fun
        by_place = {key: value for key, value in static if isinstance(key, int)}
        by_name = {key: value for key, value in static if isinstance(key, str)}

        def call(*args: Any, **kwargs: Any) -> T:
            rest = iter(args)
            n = len(args) + len(by_place)
            merged = [by_place[i] if i in by_place else next(rest) for i in range(n)]
            return self.fun(*merged, **kwargs, **by_name)

        return call

    def get_arg_cache_key(self, *args: Any, **kwargs: Any) -> Hashable:
        """Return what decides whether arguments need another trace."""
        return self.key(clock(), *self.split_static(args, kwargs))

    def key(
        self,
        clock: dict[str, Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        static: tuple[Any, ...],
    ) -> tuple[Hashable, ...]:
        """Return the cache key of arguments that are split already."""
        leaves, tree = jax.tree.flatten((clock, args, kwargs))
        try:
            types = tuple(map(leaf_key, leaves))
            if static:
                hash(static)
        except TypeError as error:
            self._blame(args, kwargs, static, error)
            raise
        return (tree, types, static, settings_key(_CLOCK))

    def _blame(self, args: Any, kwargs: Any, static: Any, error: Exception) -> None:
        """Raise an error that names the argument that is no array, or cannot hash."""
        where = name_of(self.fun)
        for path, leaf in jax.tree_util.tree_flatten_with_path((args, kwargs))[0]:
            try:
                leaf_key(leaf)
            except TypeError:
                kind = type(leaf).__name__
                what = f"the argument {jax.tree_util.keystr(path[1:])}"
                text = _NO_ARRAY.format(where=where, what=what, given=leaf, type=kind)
                raise ArgumentError(text) from error
        for what, value in static:
            try:
                hash(value)
            except TypeError:
                kind = type(value).__name__
                text = _NO_HASH.format(where=where, what=what, type=kind)
                raise ArgumentError(text) from error

    def traced(self, *args: Any, **kwargs: Any) -> Traced:
        """Return the trace for these arguments; made at the first call.

        Its first argument is the clock, see `clock`.
        """
        now, split = clock(), self.split_static(args, kwargs)
        entry = self.entry(self.key(now, *split), now, *split)
        effects = entry.effects()
        if effects is None:
            raise NotTracedError("StatefulFunction: a State of the trace is gone.")
        return Traced(effects, entry.pure)

    def entry(
        self,
        key: tuple[Hashable, ...],
        clock: dict[str, Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        static: tuple[Any, ...],
    ) -> Entry:
        """Return the trace of a cache key that fits the States as they are now."""
        self._last = key
        known = self._entries.setdefault(key, [])
        for place, entry in enumerate(known):
            if entry.fits():
                known.insert(0, known.pop(place))
                return entry
        fun = self.bind_static(static)

        def with_clock(clock: dict[str, Any], *args: Any, **kwargs: Any) -> T:
            if not clock:
                return fun(*args, **kwargs)
            with environ.context(**clock):
                return fun(*args, **kwargs)

        where = name_of(self.fun)
        try:
            traced = trace(
                with_clock, clock, *args, axis_env=self.axis_env, where=where, **kwargs
            )
        except _UNFIT_SETTING as error:
            older = self._under_other_settings(key)
            if older is None:
                raise
            text = _RUNS_AS_BEFORE.format(where=where, error=error)
            warnings.warn(text, RuntimeWarning, stacklevel=3)
            known.insert(0, older)
            return older
        entry = Entry(traced)
        if entry.pure.is_closed:
            if not watch.traces:
                self.counter.note(where, key, len(key))
            known[:] = [one for one in known if one.effects() is not None]
            known.insert(0, entry)
        return entry

    def _under_other_settings(self, key: tuple[Hashable, ...]) -> Entry | None:
        """Return a trace of the same arguments that was made with other settings."""
        for other, entries in reversed(self._entries.items()):
            if other[:-1] == key[:-1]:
                for entry in entries:
                    if entry.fits():
                        return entry
        return None

    def recent(self, key: Any) -> Entry | None:
        """Return the entry of a key that was used last, without looking at States."""
        known = self._entries.get(key)
        return known[0] if known else None

    def make_jaxpr(
        self, *args: Any, return_only_write: bool = False, **kwargs: Any
    ) -> StatefulFunction[T]:
        """Trace for these arguments, and return this object."""
        self.traced(*args, **kwargs)
        return self

    def clear_cache(self) -> None:
        """Forget all traces."""
        self._entries.clear()

    # What was traced

    def _get(self, cache_key: Hashable) -> Traced:
        entry = self.recent(self._last if cache_key == () else cache_key)
        effects = None if entry is None else entry.effects()
        if entry is None or effects is None:
            raise NotTracedError(
                "StatefulFunction: nothing was traced for these arguments. Call "
                "`make_jaxpr(*args)` first, and get the key by `get_arg_cache_key`."
            )
        return Traced(effects, entry.pure)

    def get_jaxpr(self, cache_key: Hashable = ()) -> ClosedJaxpr:
        """Return the jaxpr."""
        return self._get(cache_key).pure.jaxpr

    def get_out_shapes(self, cache_key: Hashable = ()) -> Any:
        """Return the shapes of the output."""
        return self._get(cache_key).out

    def get_out_treedef(self, cache_key: Hashable = ()) -> Any:
        """Return the structure of the output."""
        return jax.tree.structure(self._get(cache_key).out)

    def get_state_trace(self, cache_key: Hashable = ()) -> StateTraceStack[Any]:
        """Return the record of reads and writes."""
        effects = self._get(cache_key).effects
        return StateTraceStack.of(effects.states, effects.is_written)

    def get_states(self, cache_key: Hashable = ()) -> tuple[State[Any], ...]:
        """Return all States that the function touches."""
        return self._get(cache_key).effects.states

    def get_read_states(self, cache_key: Hashable = ()) -> tuple[State[Any], ...]:
        """Return the States that are only read."""
        return self._chosen(cache_key, is_written=False)

    def get_write_states(self, cache_key: Hashable = ()) -> tuple[State[Any], ...]:
        """Return the States that are written."""
        return self._chosen(cache_key, is_written=True)

    def _chosen(self, cache_key: Hashable, is_written: bool) -> tuple[State[Any], ...]:
        effects = self._get(cache_key).effects
        rows = zip(effects.states, effects.is_written, strict=True)
        return tuple(state for state, written in rows if written == is_written)

    def compile_function_and_get_states(
        self, *args: Any, **kwargs: Any
    ) -> tuple[State[Any], ...]:
        """Trace for these arguments and return the States."""
        return self.traced(*args, **kwargs).effects.states

    def compile_function_and_get_state_trace(
        self, *args: Any, return_only_write: bool = False, **kwargs: Any
    ) -> StateTraceStack[Any]:
        """Trace for these arguments and return the record of reads and writes."""
        effects = self.traced(*args, **kwargs).effects
        return StateTraceStack.of(effects.states, effects.is_written)

    # Calling

    def jaxpr_call(
        self, state_vals: Sequence[Any], *args: Any, **kwargs: Any
    ) -> tuple[list[Any], T]:
        """Return new values of the States and the output, touching no State."""
        traced = self.traced(*args, **kwargs)
        dynamic, names, _ = self.split_static(args, kwargs)
        return traced.call(state_vals, clock(), *dynamic, **names)

    def jaxpr_call_auto(self, *args: Any, **kwargs: Any) -> T:
        """Call with the present States, and write them."""
        traced = self.traced(*args, **kwargs)
        dynamic, names, _ = self.split_static(args, kwargs)
        return lift(traced.call, traced.effects, clock(), *dynamic, **names)


def as_returns(returns: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return `state_returns` as a tuple."""
    return (returns,) if isinstance(returns, str) else tuple(returns)


def make_jaxpr(
    fun: Callable[..., Any],
    static_argnums: int | Sequence[int] = (),
    axis_env: Sequence[tuple[Hashable, int]] | None = None,
    return_shape: bool = False,
    abstracted_axes: Any = None,
    state_returns: str | tuple[str, ...] = ("read", "write"),
) -> Callable[..., Any]:
    """Make a function that returns the jaxpr of `fun`, and the States it touches.

    The jaxpr takes the arguments, then the values of the States; it returns the output,
    then the new values of the States that are written.

    Parameters
    ----------
    fun, static_argnums, axis_env, abstracted_axes, state_returns
        As in `StatefulFunction`.
    return_shape : bool, default False
        Return the shapes of the output too.

    Returns
    -------
    callable
        Of the arguments of `fun`; returns (jaxpr, states) or (jaxpr, shapes, states).
    """
    stateful = StatefulFunction(
        fun, static_argnums, axis_env, abstracted_axes, state_returns
    )

    @functools.wraps(fun, updated=())
    def make(*args: Any, **kwargs: Any) -> Any:
        traced = stateful.traced(*args, **kwargs)
        dynamic, dynamic_kwargs, _ = stateful.split_static(args, kwargs)
        effects, now = traced.effects, clock()
        rows = list(zip(effects.states, effects.is_written, strict=True))

        def pure(args: Any, kwargs: Any, values: Any) -> Any:
            new, out = traced.call(values, now, *args, **kwargs)
            pairs = zip(new, rows, strict=True)
            return out, [value for value, (_, is_written) in pairs if is_written]

        values = effects.read()
        closed = jax.make_jaxpr(pure)(dynamic, dynamic_kwargs, values)
        listed = tuple(
            state
            for state, is_written in rows
            if ("write" if is_written else "read") in stateful.state_returns
        )
        return (closed, traced.out, listed) if return_shape else (closed, listed)

    return make
