"""jit: compile a function that uses States."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
from jax.core import Tracer
from jax.sharding import Sharding

from .._complaints import explain_leak
from .._functional import Effects, TransformationError
from .._placement import placement
from .._trace import watch
from ..typing import Missing
from ._jaxpr import (
    Entry,
    StatefulFunction,
    as_tuple,
    check_callable,
    clock,
    name_of,
)


class _Unspecified:
    def __repr__(self) -> str:
        return "UnspecifiedValue"


UNSPECIFIED = _Unspecified()


_OTHER_VALUES = (
    "jit({name}).jitted_fun: the values differ from those of the States in structure, "
    "shape or type. Give values like `stateful_fun.get_states()` hold, in that order."
)


class _ChangedStates(Exception):  # noqa: N818  a signal, caught by the caller
    """The States have other shapes than when the function was traced."""


def _run(
    compiled: Callable[..., Any],
    effects: Effects,
    now: dict[str, Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    if watch.is_busy:
        values, out = compiled((effects.read(), now), *args, **kwargs)
    else:
        try:
            values, out = compiled((effects.peek(), now), *args, **kwargs)
        except jax.errors.UnexpectedTracerError as error:
            explain_leak("jit", effects.states, error)
            raise
        except RuntimeError:
            if not any(map(_is_deleted, jax.tree.leaves(effects.peek()))):
                raise
            # reading tells which State it is, or gives a random state another key
            values, out = compiled((effects.read(), now), *args, **kwargs)
    effects.commit(values)
    return out


def _is_deleted(leaf: Any) -> bool:
    is_array = isinstance(leaf, jax.Array) and not isinstance(leaf, Tracer)
    return is_array and leaf.is_deleted()


class JittedFunction:
    """A compiled function; made by `jit`.

    Parameters
    ----------
    fun : callable
        The function, or a callable object such as a Module.
    options : dict
        Options of `jax.jit`.
    """

    def __init__(
        self,
        fun: Callable[..., Any],
        static_argnums: tuple[int, ...],
        static_argnames: tuple[str, ...],
        donate_argnums: tuple[int, ...],
        donate_argnames: tuple[str, ...],
        options: dict[str, Any],
    ):
        self.origin_fun = fun
        self.stateful_fun = StatefulFunction(
            fun, static_argnums, static_argnames=static_argnames
        )
        self._donated = (donate_argnums, donate_argnames)
        self._options = options
        functools.update_wrapper(self, fun, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the compiled function, reading and writing the States."""
        stateful = self.stateful_fun
        stateful.counter.n_calls += 1
        now, split = clock(), stateful.split_static(args, kwargs)
        dynamic, names, _ = split
        key = stateful.key(now, *split)
        entry = stateful.recent(key)
        effects = None if entry is None else entry.effects()
        if entry is not None and effects is not None:
            compiled = entry.programs.get(placement(effects.peek()))
            try:
                if compiled is not None:
                    return _run(compiled, effects, now, dynamic, names)
            except _ChangedStates:
                pass  # the States have other shapes now: find or make the trace of those
        entry = stateful.entry(key, now, *split)
        effects = entry.effects() or Effects()
        compiled = self._compiled(entry, effects, len(args))
        return _run(compiled, effects, now, dynamic, names)

    def _compiled(self, entry: Entry, effects: Effects, n_args: int) -> Any:
        """Return the program of a trace; made at the first call."""
        where = placement(effects.peek())
        if where in entry.programs:
            return entry.programs[where]
        numbers, names = self._donated
        static = {n % n_args if n_args else n for n in self.stateful_fun.static_argnums}
        left = [i for i in range(n_args) if i not in static]
        # the values of the States and the clock come first
        donated = tuple(left.index(i) + 1 for i in numbers if i in left)
        pure = entry.pure

        def compiled(first: Any, *args: Any, **kwargs: Any) -> Any:
            values, now = first
            if not pure.fits(values):  # runs only when jax.jit meets other shapes
                raise _ChangedStates
            return pure.call(values, now, *args, **kwargs)

        compiled.__name__ = getattr(self.origin_fun, "__name__", "call")
        options = dict(self._options)
        if where is not None or "out_shardings" in options:
            options["out_shardings"] = (
                pure.places(where),
                options.get("out_shardings"),
            )
        entry.programs[where] = jax.jit(
            compiled, donate_argnums=donated, donate_argnames=names, **options
        )
        return entry.programs[where]

    @property
    def jitted_fun(self) -> Callable[..., Any]:
        """The compiled function of values: `(values, *args) -> (new values, out)`."""

        def call(values: Any, *args: Any, **kwargs: Any) -> Any:
            compiled, _, now, dynamic, names = self._prepare(args, kwargs)
            try:
                return compiled((list(values), now), *dynamic, **names)
            except _ChangedStates:
                name = name_of(self.origin_fun)
                raise TransformationError(_OTHER_VALUES.format(name=name)) from None

        return call

    def _prepare(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Any, list[Any], dict[str, Any], tuple[Any, ...], dict[str, Any]]:
        """Return the program, and all that it takes."""
        stateful = self.stateful_fun
        now, split = clock(), stateful.split_static(args, kwargs)
        entry = stateful.entry(stateful.key(now, *split), now, *split)
        effects = entry.effects() or Effects()
        compiled = self._compiled(entry, effects, len(args))
        return compiled, effects.peek(), now, split[0], split[1]

    def clear_cache(self) -> None:
        """Forget all traces and compiled programs."""
        self.stateful_fun.clear_cache()

    def eval_shape(self, *args: Any, **kwargs: Any) -> Any:
        """Return the shapes of the output without compiling."""
        return self.stateful_fun.traced(*args, **kwargs).out

    def lower(self, *args: Any, **kwargs: Any) -> Any:
        """Return the lowered program of `jax.jit`, States being its first argument."""
        return self._stage("lower", args, kwargs)

    def trace(self, *args: Any, **kwargs: Any) -> Any:
        """Return the traced program of `jax.jit`, States being its first argument."""
        return self._stage("trace", args, kwargs)

    def compile(self, *args: Any, **kwargs: Any) -> Any:
        """Compile for these arguments without running."""
        return self.lower(*args, **kwargs).compile()

    def _stage(self, stage: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        compiled, values, now, dynamic, names = self._prepare(args, kwargs)
        return getattr(compiled, stage)((values, now), *dynamic, **names)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else functools.partial(self, instance)


def jit(
    fun: Any = Missing(),  # noqa: B008
    in_shardings: Sharding | Any = UNSPECIFIED,
    out_shardings: Sharding | Any = UNSPECIFIED,
    static_argnums: int | Sequence[int] | None = None,
    donate_argnums: int | Sequence[int] | None = None,
    donate_argnames: str | Sequence[str] | None = None,
    keep_unused: bool = False,
    device: Any = None,
    backend: str | None = None,
    inline: bool = False,
    abstracted_axes: Any = None,
    static_argnames: str | Sequence[str] | None = None,
    **kwargs: Any,
) -> Any:
    """Compile a function that reads and writes States.

    States are inputs and outputs of the compiled program: changing a value never
    compiles again, and a call that raises leaves all States as they were.

    Parameters
    ----------
    fun : callable, optional
        The function, or a callable object. Without it a decorator is returned.
    in_shardings, out_shardings : Sharding or pytree of Sharding, optional
        Of the arguments and of the output. States keep the sharding of their values;
        to change it, give them ``jax.device_put(state.value, sharding)``.
    static_argnums, static_argnames : int or str, or sequences of them, optional
        Arguments that are not traced; they need to hash.
    donate_argnums, donate_argnames : int or str, or sequences of them, optional
        Arguments whose memory may be used for the output.
    keep_unused : bool, default False
        Keep arguments that are not used.
    device, backend : optional
        Where to run; prefer shardings.
    inline : bool, default False
        Whether to inline the program into an outer one.
    abstracted_axes : optional
        Only None: JAX does not have it any more.

    Raises
    ------
    ArgumentError
        If `fun` cannot be called; at a call, if an argument is no array, or a static
        one cannot be hashed.

    Warns
    -----
    RetraceWarning
        When ten calls in a row were traced anew, with what differed between them.

    Returns
    -------
    JittedFunction
        With `origin_fun`, `stateful_fun`, `jitted_fun`, `clear_cache()`,
        `eval_shape(*args)`, `lower(*args)` and `trace(*args)`.

    Notes
    -----
    The States are found when the function is traced. A new State in the place of one
    that is gone is found by tracing again; one whose predecessor somebody still holds
    is not. To change a State, write its `value`.

    Examples
    --------
    >>> count = State(0)
    >>> @jit
    ... def step(x):
    ...     count.value += 1
    ...     return 2 * x
    """
    options: dict[str, Any] = {"keep_unused": keep_unused, "inline": inline, **kwargs}
    given = {"device": device, "backend": backend, "abstracted_axes": abstracted_axes}
    options.update({k: v for k, v in given.items() if v is not None})
    if in_shardings is not UNSPECIFIED:
        args = in_shardings if isinstance(in_shardings, tuple) else (in_shardings,)
        options["in_shardings"] = (None, *args)
    if out_shardings is not UNSPECIFIED:
        options["out_shardings"] = out_shardings  # of the States: see `_compiled`

    def make(function: Callable[..., Any]) -> JittedFunction:
        check_callable("jit", function)
        return JittedFunction(
            function,
            as_tuple(static_argnums),
            _names(static_argnames),
            as_tuple(donate_argnums),
            _names(donate_argnames),
            options,
        )

    return make if isinstance(fun, Missing) else make(fun)


def _names(names: str | Sequence[str] | None) -> tuple[str, ...]:
    if names is None:
        return ()
    return (names,) if isinstance(names, str) else tuple(names)
