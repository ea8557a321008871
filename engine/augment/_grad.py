"""Derivatives of functions that use States, with respect to States and arguments."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import brainunit as u
import jax
import jax.numpy as jnp

from .._errors import EngineError
from .._functional import Effects, lift, trace
from .._state import State
from .._where import kind_text, state_text
from ..typing import Missing


class GradientError(EngineError, TypeError):
    """A function has no derivative of the kind that is asked for."""


class ArgumentNumberError(GradientError, IndexError):
    """A derivative by an argument that the call does not have."""


class Point(NamedTuple):
    """Where a derivative is taken: values of States, and arguments."""

    states: Any
    args: Any


_NO_AUX = (
    "{name}: with has_aux=True the function needs to return (value, auxiliary data); "
    "it returns {out}."
)
_NO_ARGUMENT = (
    "{name}: argnums has {number}, and the function is called with {n} positional "
    "arguments. Give numbers below that, or grad_states for the States alone."
)
_NOT_REAL = (
    "{name}: {what} is {kind}, which has no derivative. Give it "
    "floating-point values, or leave it out."
)
_NOT_SCALAR = (
    "{name}: the function returns {out}; a gradient needs a single number. "
    "Return the loss alone, pass has_aux=True for (loss, data), "
    "or use vector_grad or jacrev for arrays."
)


def _ones_vjp(f: Callable[..., Any], has_aux: bool) -> Callable[[Any], Any]:
    """Gradient of the sum over an output of any shape."""

    def call(point: Any) -> Any:
        _, pull, aux = jax.vjp(f, point, has_aux=True)
        out = jax.eval_shape(f, point)[0]
        ones = jax.tree.map(lambda x: jnp.ones(x.shape, x.dtype), out)
        return pull(ones)[0], aux

    return call


def _derivative(
    name: str,
    transform: Callable[..., Callable[[Any], Any]],
    fun: Callable[..., Any],
    grad_states: Any,
    argnums: int | Sequence[int] | None,
    has_aux: bool | None,
    return_value: bool,
    is_scalar: bool = False,
    allow_int: bool = False,
) -> Callable[..., Any]:
    """Make the function that computes a derivative; `transform` is one of JAX."""
    states, container = jax.tree.flatten(
        grad_states, is_leaf=lambda x: isinstance(x, State)
    )
    for state in states:
        if not isinstance(state, State):
            raise GradientError(
                f"{name}: grad_states holds {state!r} of type {type(state).__name__}; "
                "it needs States, in any nesting of lists and dicts."
            )
    wants_args = argnums is not None or grad_states is None
    chosen = argnums if argnums is not None else 0
    numbers = (chosen,) if isinstance(chosen, int) else tuple(chosen)
    numbers = numbers if wants_args else ()

    def select(x: Any) -> Any:
        if not isinstance(x, Point):
            return x
        # of a second derivative every entry is such a point again
        of_states, of_args = (
            [jax.tree.map(select, part, is_leaf=_is_point) for part in parts]
            for parts in x
        )
        is_bare = wants_args and isinstance(chosen, int)
        arg_part = of_args[0] if is_bare else tuple(of_args)
        if grad_states is None:
            return arg_part
        state_part = jax.tree.unflatten(container, of_states)
        return (state_part, arg_part) if wants_args else state_part

    @functools.wraps(fun, updated=())
    def call(*args: Any, **kwargs: Any) -> Any:
        traced = trace(fun, *args, where=name, **kwargs)
        unread = tuple(False for _ in states)
        effects = Effects(tuple(states), unread) | traced.effects
        pure = traced.over(effects)
        places = [_place(name, i, len(args)) for i in numbers]
        if not allow_int:
            for state in states:
                _check_real(name, state_text(state, fun), state.peek())
            for i in places:
                _check_real(name, f"argument {i}", args[i])
        out = traced.out
        if has_aux and not (isinstance(out, (tuple, list)) and len(out) == 2):
            raise GradientError(_NO_AUX.format(name=name, out=_describe(out)))
        value = out[0] if has_aux else out
        if is_scalar and not _is_scalar(value):
            raise GradientError(_NOT_SCALAR.format(name=name, out=_describe(out)))
        unit = u.get_unit(value) if isinstance(value, u.Quantity) else None

        def run(values: Any, *args: Any, **kwargs: Any) -> Any:
            def at(point: Point) -> Any:
                merged = [*point.states, *values[len(states) :]]
                full = list(args)
                for place, arg in zip(places, point.args, strict=True):
                    full[place] = arg
                new, out = pure(merged, *full, **kwargs)
                value, aux = out if has_aux else (out, None)
                plain = value.mantissa if isinstance(value, u.Quantity) else value
                return plain, (new, value, aux)

            point = Point(values[: len(states)], [args[i] for i in places])
            slopes, (new, value, aux) = transform(at, has_aux=True)(point)
            if unit is not None:
                slopes = jax.tree.map(
                    lambda x: _per(unit, x), slopes, is_leaf=_is_quantity
                )
            return new, (slopes, value, aux)

        slopes, value, aux = lift(run, effects, *args, **kwargs)
        slopes = jax.tree.map(select, slopes, is_leaf=_is_point)
        result = [slopes]
        if return_value:
            result.append(value)
        if has_aux:
            result.append(aux)
        return result[0] if len(result) == 1 else tuple(result)

    return call


def _place(name: str, number: int, n: int) -> int:
    if not -n <= number < n:
        text = _NO_ARGUMENT.format(name=name, number=number, n=n)
        raise ArgumentNumberError(text)
    return number % n


def _check_real(name: str, what: str, value: Any) -> None:
    """Raise unless all leaves are floating-point numbers."""
    for leaf in jax.tree.leaves(value):
        dtype = jnp.result_type(leaf)
        if not jnp.issubdtype(dtype, jnp.inexact):
            shown = jax.tree.map(jax.typeof, value)
            text = _NOT_REAL.format(name=name, what=what, kind=kind_text(shown))
            raise GradientError(text)


def _is_point(x: Any) -> bool:
    return isinstance(x, Point)


def _is_quantity(x: Any) -> bool:
    return isinstance(x, u.Quantity)


def _per(unit: Any, slope: Any) -> Any:
    """Give a slope the unit of the function over that of its argument."""
    if isinstance(slope, u.Quantity):
        return u.Quantity(slope.mantissa, unit=unit / slope.unit)
    return u.Quantity(slope, unit=unit)


def _is_scalar(value: Any) -> bool:
    leaves = jax.tree.leaves(value)
    return (
        len(leaves) == 1
        and leaves[0].shape == ()
        and (isinstance(value, (jax.ShapeDtypeStruct, u.Quantity)))
    )


def _describe(out: Any) -> str:
    return str(jax.tree.map(lambda x: f"{x.dtype}{list(x.shape)}", out))


def _decorated(make: Callable[[Any], Any], fun: Any) -> Any:
    return make if isinstance(fun, Missing) else make(fun)


_MISSING = Missing()


def grad(
    fun: Any = _MISSING,
    grad_states: Any = None,
    argnums: int | Sequence[int] | None = None,
    holomorphic: bool | None = False,
    allow_int: bool | None = False,
    reduce_axes: Sequence[Any] = (),
    has_aux: bool | None = None,
    return_value: bool | None = False,
) -> Any:
    r"""Gradient :math:`\partial L / \partial \theta` of a function of one number.

    Parameters
    ----------
    fun : callable, optional
        Returns the loss, shape (). Without it a decorator is returned.
    grad_states : State or nesting of States, optional
        With respect to what; the result has the same nesting.
    argnums : int or sequence of int, optional
        Arguments with respect to which too; 0 if no States are given.
    holomorphic, allow_int
        As in `jax.grad`.
    reduce_axes : sequence, default ()
        Kept for programs that pass it; JAX does not use it any more.
    has_aux : bool, optional
        The function returns (loss, auxiliary data).
    return_value : bool, default False
        Return the loss too.

    Returns
    -------
    callable
        Returns the gradients: of States, of arguments, or (States, arguments); then
        the loss and the auxiliary data if asked. A loss with a unit gives gradients
        in that unit over the unit of what they are taken by.

    Raises
    ------
    GradientError
        If the loss is not one number, what is given as States is none, or something
        has no floating-point numbers to take a derivative by.
    """
    if reduce_axes:
        raise GradientError("grad: reduce_axes is gone from JAX. Leave it out.")
    options = {"holomorphic": bool(holomorphic), "allow_int": bool(allow_int)}
    return _decorated(
        lambda function: _derivative(
            "grad",
            functools.partial(jax.grad, **options),
            function,
            grad_states,
            argnums,
            has_aux,
            bool(return_value),
            is_scalar=True,
            allow_int=bool(allow_int),
        ),
        fun,
    )


def vector_grad(
    func: Any = _MISSING,
    grad_states: Any = None,
    argnums: int | Sequence[int] | None = None,
    return_value: bool = False,
    has_aux: bool | None = None,
) -> Any:
    """Gradient of the sum over all elements of the output.

    Parameters
    ----------
    func, grad_states, argnums, return_value, has_aux
        As in `grad`; the output may have any shape.
    """
    return _decorated(
        lambda function: _derivative(
            "vector_grad",
            _ones_vjp,
            function,
            grad_states,
            argnums,
            has_aux,
            return_value,
        ),
        func,
    )


def jacrev(
    fun: Callable[..., Any],
    grad_states: Any = None,
    argnums: int | Sequence[int] | None = None,
    has_aux: bool | None = None,
    return_value: bool = False,
    holomorphic: bool = False,
    allow_int: bool = False,
) -> Callable[..., Any]:
    """Jacobian, row by row in reverse mode: for few outputs.

    Parameters
    ----------
    fun, grad_states, argnums, has_aux, return_value, holomorphic, allow_int
        As in `grad`; the result is nested as the output, then as the States.
    """
    transform = functools.partial(
        jax.jacrev, holomorphic=holomorphic, allow_int=allow_int
    )
    return _derivative(
        "jacrev",
        transform,
        fun,
        grad_states,
        argnums,
        has_aux,
        return_value,
        allow_int=allow_int,
    )


def jacfwd(
    func: Callable[..., Any],
    grad_states: Any = None,
    argnums: int | Sequence[int] | None = None,
    has_aux: bool | None = None,
    return_value: bool = False,
    holomorphic: bool = False,
) -> Callable[..., Any]:
    """Jacobian, column by column in forward mode: for few inputs.

    Parameters
    ----------
    func, grad_states, argnums, has_aux, return_value, holomorphic
        As in `jacrev`.
    """
    transform = functools.partial(jax.jacfwd, holomorphic=holomorphic)
    return _derivative(
        "jacfwd", transform, func, grad_states, argnums, has_aux, return_value
    )


jacobian = jacrev


def hessian(
    func: Callable[..., Any],
    grad_states: Any = None,
    argnums: int | Sequence[int] | None = None,
    has_aux: bool = False,
    return_value: bool = False,
    holomorphic: bool = False,
) -> Callable[..., Any]:
    """Second derivatives, forward over reverse.

    Parameters
    ----------
    func, grad_states, argnums, has_aux, return_value, holomorphic
        As in `jacrev`; the result is nested as the States, twice.
    """
    transform = functools.partial(jax.hessian, holomorphic=holomorphic)

    def twice(f: Callable[..., Any], has_aux: bool) -> Callable[..., Any]:
        return transform(f, has_aux=has_aux)

    return _derivative(
        "hessian", twice, func, grad_states, argnums, has_aux, return_value
    )
