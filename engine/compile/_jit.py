"""jit: compile a function that uses States."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import jax
from jax.sharding import Sharding

from .._functional import Traced
from ..typing import Missing
from ._jaxpr import StatefulFunction, as_tuple


class _Unspecified:
    def __repr__(self) -> str:
        return "UnspecifiedValue"


UNSPECIFIED = _Unspecified()


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
        self._compiled: dict[Hashable, Callable[..., Any]] = {}
        functools.update_wrapper(self, fun, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the compiled function, reading and writing the States."""
        traced, compiled, dynamic, names = self._prepare(args, kwargs)
        effects = traced.effects
        values, out = compiled(effects.read(), *dynamic, **names)
        effects.commit(values)
        return out

    def _prepare(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Traced, Any, tuple[Any, ...], dict[str, Any]]:
        stateful = self.stateful_fun
        key = stateful.get_arg_cache_key(*args, **kwargs)
        traced = stateful.traced_as(key, args, kwargs)
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = self._compiled[key] = self._compile(traced, len(args))
        dynamic, names, _ = stateful.split_static(args, kwargs)
        return traced, compiled, dynamic, names

    def _compile(self, traced: Traced, n_args: int) -> Any:
        numbers, names = self._donated
        static = {n % n_args if n_args else n for n in self.stateful_fun.static_argnums}
        left = [i for i in range(n_args) if i not in static]
        # the values of the States come first
        donated = tuple(left.index(i) + 1 for i in numbers if i in left)

        def compiled(values: Any, *args: Any, **kwargs: Any) -> Any:
            return traced.call(values, *args, **kwargs)

        compiled.__name__ = getattr(self.origin_fun, "__name__", "call")
        return jax.jit(
            compiled, donate_argnums=donated, donate_argnames=names, **self._options
        )

    @property
    def jitted_fun(self) -> Callable[..., Any]:
        """The compiled function of values: `(values, *args) -> (new values, out)`."""
        return lambda values, *args, **kwargs: self._prepare(args, kwargs)[1](
            values, *args, **kwargs
        )

    def clear_cache(self) -> None:
        """Forget all traces and compiled programs."""
        self.stateful_fun.clear_cache()
        self._compiled.clear()

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
        traced, compiled, dynamic, names = self._prepare(args, kwargs)
        values = [state.peek() for state in traced.effects.states]
        return getattr(compiled, stage)(values, *dynamic, **names)

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
        Of the arguments and of the output. States keep the sharding of their values.
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

    Returns
    -------
    JittedFunction
        With `origin_fun`, `stateful_fun`, `jitted_fun`, `clear_cache()`,
        `eval_shape(*args)`, `lower(*args)` and `trace(*args)`.

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
        options["out_shardings"] = (None, out_shardings)

    def make(function: Callable[..., Any]) -> JittedFunction:
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
