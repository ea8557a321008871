"""What decides about a compiled program: networks that are equal in it share one."""

from __future__ import annotations

import functools
import types
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import jax
import numpy as np

from .. import environ, event
from .._state import State
from ..graph import Node
from ..init import Initializer
from ._inputs import Input, is_input
from ._record import Recorder
from ._walk import Path, walk

_LABELS = ("_name", "name")  # for people
_BOOKKEEPING = frozenset({*_LABELS, "_claims", "_shared", "plan", "_program"})
_FUNCTIONS = (types.FunctionType, types.MethodType, functools.partial)


class _Own(Exception):  # noqa: N818 (no error: the answer is no)
    """A value that cannot be compared with that of another network."""


def settings(node: Node) -> dict[str, Hashable]:
    """Return the attributes of a module that are part of the program, comparable.

    These are whole numbers, switches, texts, and containers of such; inputs, States
    and other modules are not.
    """
    return {
        name: _comparable(value)
        for name, value in vars(node).items()
        if name not in _BOOKKEEPING and not is_input(value)
    } | {
        name: _comparable(getattr(node, name))
        for name in getattr(node, "fixed_attributes", ())
        if name in vars(node)
    }


def _comparable(value: Any) -> Hashable:
    """Return something equal for equal values; None for what is looked at elsewhere."""
    match value:
        case None | bool() | int() | float() | complex() | str() | bytes() | type():
            return (type(value).__name__, value)
        case State() | Node() | Initializer():
            return None
        case np.ndarray() | jax.Array() | np.generic():
            array = np.asarray(value)
            return (array.dtype.str, array.shape, array.tobytes())
        case dict():
            return tuple((str(k), _comparable(v)) for k, v in value.items())
        case list() | tuple() | set() | frozenset():
            return (type(value).__name__, *map(_comparable, value))
        case types.FunctionType() if value.__closure__ is None:
            return ("function", value)
    if hasattr(value, "mantissa"):  # a quantity
        return (str(value.unit), _comparable(value.mantissa))
    if isinstance(value, _FUNCTIONS):
        raise _Own
    return ("object", type(value), _fields(value))


def _fields(value: Any) -> Hashable:
    """Return the fields of an object such as a surrogate gradient."""
    try:
        fields = vars(value)
    except TypeError:
        raise _Own from None
    return tuple((name, _comparable(v)) for name, v in fields.items())


def is_same_setting(one: Any, other: Any) -> bool:
    """Tell whether two attributes that are no inputs are known to be equal."""
    try:
        return _comparable(one) == _comparable(other)
    except (_Own, RecursionError):
        return one is other


def program_key(
    structure: Hashable,
    network: Node,
    inputs: Sequence[Input],
    values: Mapping[Path, Any],
    recorders: Sequence[Recorder],
    dt: Any,
) -> Hashable | None:
    """Return what decides about the program; None for a network of its own."""
    places = {id(node): path for path, node in walk(network)}
    try:
        parts = tuple((path, _items(node)) for path, node in walk(network))
        hash(parts)
    except (_Own, RecursionError, TypeError):
        return None
    return (
        structure,
        event.current_choice(),
        jax.default_backend(),
        bool(environ.get("jit_error_check", False)),
        str(dt),
        parts,
        tuple((one.path, str(one.unit), _form(one.array())) for one in inputs),
        tuple(
            (path, str(jax.tree.structure(v)), *map(_form, jax.tree.leaves(v)))
            for path, v in values.items()
        ),
        tuple(
            (
                r.key,
                places.get(id(r.node)),
                r.variable,
                r.n,
                None if r.neurons is None else tuple(r.neurons.tolist()),
            )
            for r in recorders
        ),
    )


def _items(node: Node) -> Hashable:
    return (type(node), tuple(settings(node).items()))


def _form(leaf: Any) -> Hashable:
    return (leaf.shape, str(leaf.dtype))
