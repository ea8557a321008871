"""vmap and pmap over functions that use States, random numbers and nodes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from .. import graph
from .._functional import Traced, trace
from .._placement import put_back
from .._state import State, TreefyState
from .._where import state_text
from ..graph import Node, NodeStates
from ..random import DEFAULT, RandomState
from ..typing import Missing
from ._around import Around
from ._axes import AxesError, StateAxes
from ._groups import vmap_in_groups

_MISSING = Missing()

_MAPPED_WRITE = (
    "{name}: a State that is not mapped gets another value in every lane: {paths}. "
    "Pass its node as an argument with an axis for it, name it in out_states, or return "
    "the value instead."
)
_SIZES = (
    "{name}: the mapped axes have the lengths {sizes}. They need to be equal; "
    "check in_axes, the shapes of the arguments, and axis_size."
)
_TOO_FAR = (
    "{name}: axis {axis} is asked for of {what}, which has the shape {shape}. Give an "
    "axis that it has, or None."
)
_NO_GROUP = (
    "vmap: batch_size = {batch_size}, but a group needs 1 lane or more. Give a positive "
    "number, or None for all lanes at once."
)
_NAMED_GROUPS = (
    "vmap: batch_size is given with a named axis, but what is collected over an axis "
    "needs all lanes at once. Leave out one of the two."
)
_NO_AXIS = "{name}: nothing is mapped. Give an argument with an axis, or axis_size."


@jax.tree_util.register_static
@dataclass(frozen=True)
class _Argument:
    """Stands in the output for a node that was an argument."""

    index: int


def _is_node(x: Any) -> bool:
    return isinstance(x, Node)


def _stops(x: Any) -> bool:
    return isinstance(x, (Node, NodeStates, _Argument))


def _spread(axes: Any, tree: Any, name: str) -> list[Any]:
    """Return one axis for every leaf of `tree`; nodes are leaves."""
    if isinstance(axes, list):
        axes = tuple(axes)
    entries: list[Any] = []

    def repeat(axis: Any, below: Any) -> None:
        entries.extend([axis] * len(jax.tree.leaves(below, is_leaf=_stops)))

    try:
        jax.tree.map(repeat, axes, tree, is_leaf=lambda x: x is None)
    except ValueError as error:
        raise AxesError(
            f"{name}: the axes {axes} are no prefix of what they belong to. {error}"
        ) from error
    return entries


def _axis_of(axis: Any, path: Any, state: Any) -> int | None:
    return axis.axis_of(path, state) if isinstance(axis, StateAxes) else axis


def _lane(aval: Any, axis: int | None) -> Any:
    """Return the shape of one lane."""
    if axis is None:
        return aval
    shape = list(aval.shape)
    del shape[axis]
    return aval.update(shape=tuple(shape), sharding=None)


class _Arguments:
    """The arguments of one call: arrays with axes, and clones of the nodes.

    The clones let the mapped function see one lane of the States without the nodes of
    the caller ever holding it.
    """

    def __init__(self, args: tuple[Any, ...], in_axes: Any, name: str):
        leaves, self.tree = jax.tree.flatten(args, is_leaf=_is_node)
        axes = _spread(in_axes, args, name)
        self.is_node = [_is_node(leaf) for leaf in leaves]
        rows = list(zip(leaves, axes, strict=True))
        self.nodes = [leaf for leaf in leaves if _is_node(leaf)]
        self.arrays = [leaf for leaf, _ in rows if not _is_node(leaf)]
        self.axes = [axis for leaf, axis in rows if not _is_node(leaf)]
        node_axes = [axis for leaf, axis in rows if _is_node(leaf)]
        for node in self.nodes:  # an outer vmap has to give them one lane first
            for state in graph.states(node).values():
                state.value  # noqa: B018
        prefix = tuple(node_axes) if self.nodes else ()
        forms = graph.graph_to_tree(tuple(self.nodes), prefix=prefix)
        self.clones = graph.tree_to_graph(forms)
        self.axis_of: dict[int, int | None] = {}
        self.original: dict[int, State[Any]] = {}
        for node, clone, axis in zip(self.nodes, self.clones, node_axes, strict=True):
            originals = dict(graph.states(node).items())
            for path, state in graph.states(clone).items():
                self.original[id(state)] = originals[path]
                self.axis_of[id(state)] = _axis_of(axis, path, state)

    def rebuild(self, arrays: Sequence[Any]) -> tuple[Any, ...]:
        """Return the arguments, with the clones in place of the nodes."""
        rest, clones = iter(arrays), iter(self.clones)
        leaves = [next(clones) if node else next(rest) for node in self.is_node]
        return self.tree.unflatten(leaves)

    def pack(self, out: Any) -> Any:
        """Return the output as a pytree of arrays."""
        places = {id(clone): i for i, clone in enumerate(self.clones)}
        marked = jax.tree.map(
            lambda x: _Argument(places[id(x)]) if id(x) in places else x,
            out,
            is_leaf=_is_node,
        )
        return graph.graph_to_tree(marked)

    def unpack(self, out: Any) -> Any:
        """Return the output with its nodes."""
        built = graph.tree_to_graph(out)
        return jax.tree.map(
            lambda x: self.nodes[x.index] if isinstance(x, _Argument) else x,
            built,
            is_leaf=_stops,
        )


def _out_axes(out_axes: Any, out: Any, name: str) -> list[int | None]:
    """Return one axis for every array of the output."""
    leaves = jax.tree.leaves(out, is_leaf=_stops)
    axes: list[int | None] = []
    for leaf, axis in zip(leaves, _spread(out_axes, out, name), strict=True):
        if isinstance(leaf, NodeStates):
            found = jax.tree_util.tree_flatten_with_path(
                leaf, is_leaf=lambda x: isinstance(x, TreefyState)
            )[0]
            for path, form in found:
                keys = tuple(getattr(k, "key", getattr(k, "name", k)) for k in path)
                n = len(jax.tree.leaves(form))
                axes.extend([_axis_of(axis, keys, form)] * n)
        elif not isinstance(leaf, _Argument):
            axes.append(axis)
    return axes


def _size(
    arguments: _Arguments, around: Around, axis_size: int | None, name: str
) -> int:
    sizes = set() if axis_size is None else {axis_size}
    for leaf, axis in zip(arguments.arrays, arguments.axes, strict=True):
        if axis is not None:
            sizes.add(_length(name, "an argument", jnp.shape(leaf), axis))
    for clone in arguments.clones:
        for state in graph.states(clone).values():
            axis = arguments.axis_of[id(state)]
            if axis is not None:
                what = state_text(arguments.original[id(state)], *arguments.nodes)
                for x in jax.tree.leaves(state.peek()):
                    sizes.add(_length(name, what, jnp.shape(x), axis))
    for key, state in around.states.items():
        for x in jax.tree.leaves(state.peek()):
            what = state_text(state)
            sizes.add(_length(name, what, jnp.shape(x), around.before[key]))
    if len(sizes) > 1:
        raise AxesError(_SIZES.format(name=name, sizes=sorted(sizes)))
    if not sizes:
        raise AxesError(_NO_AXIS.format(name=name))
    return sizes.pop()


def _length(name: str, what: str, shape: tuple[int, ...], axis: int) -> int:
    if not -len(shape) <= axis < len(shape):
        text = _TOO_FAR.format(name=name, axis=axis, what=what, shape=shape)
        raise AxesError(text)
    return shape[axis]


def _mapped(
    name: str,
    transform: Callable[..., Any],
    fn: Callable[..., Any],
    in_axes: Any,
    out_axes: Any,
    axis_name: Hashable | None,
    axis_size: int | None,
    rngs: Any,
    around: Around | None = None,
) -> Callable[..., Any]:
    """Make the mapped function; `transform` is `jax.vmap` or `jax.pmap`."""
    streams = (rngs,) if isinstance(rngs, RandomState) else tuple(rngs or ())
    around = around or Around(None, None, name)

    @functools.wraps(fn, updated=())
    def call(*args: Any) -> Any:
        arguments = _Arguments(args, in_axes, name)
        for state in (*streams, *around.states.values()):
            state.value  # noqa: B018  an outer transformation sees it as an input
        n = _size(arguments, around, axis_size, name)
        before = around.before | arguments.axis_of

        def aval_of(state: State[Any], aval: Any) -> Any:
            return _lane(aval, before.get(id(state)))

        def body(*arrays: Any) -> Any:
            return arguments.pack(fn(*arguments.rebuild(arrays)))

        lanes = [
            jax.tree.map(lambda x, a=axis: _shape(_lane(jax.typeof(x), a)), leaf)
            for leaf, axis in zip(arguments.arrays, arguments.axes, strict=True)
        ]
        axis_env = None if axis_name is None else [(axis_name, n)]
        traced = trace(body, *lanes, axis_env=axis_env, aval_of=aval_of, where=name)
        return _run(name, transform, traced, arguments, around, out_axes, n, fn)

    return call


def _shape(aval: Any) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(aval.shape, aval.dtype, weak_type=aval.weak_type)


def _run(
    name: str,
    transform: Callable[..., Any],
    traced: Traced,
    arguments: _Arguments,
    around: Around,
    out_axes: Any,
    n: int,
    fn: Any,
) -> Any:
    """Run all lanes and write the States."""
    states, is_written = traced.effects.states, traced.effects.is_written
    originals = [arguments.original.get(id(state), state) for state in states]
    is_random = [isinstance(state, RandomState) for state in originals]
    before, after = (
        [
            0 if random else axis_of.get(id(state))
            for state, random in zip(states, is_random, strict=True)
        ]
        for axis_of in (
            around.before | arguments.axis_of,
            around.after | arguments.axis_of,
        )
    )
    values: list[Any] = []
    for state, random in zip(originals, is_random, strict=True):
        # every lane draws its own numbers; the stream goes on behind them
        values.append(state.split_key(n) if random else state.value)  # type: ignore[attr-defined]
    shared = [
        state_text(state, fn, *arguments.nodes)
        for state, axis, written in zip(originals, after, is_written, strict=True)
        if written and axis is None
    ]
    lane_axes = _out_axes(out_axes, traced.out, name)
    tree = jax.tree.structure(traced.out)

    def lanes(values: Any, arrays: Any) -> Any:
        new, out = traced.call(values, *arrays)
        return new, jax.tree.leaves(out)

    run = transform(
        lanes, in_axes=(before, list(arguments.axes)), out_axes=(after, lane_axes)
    )
    try:
        new, leaves = run(values, arguments.arrays)
    except ValueError as error:
        if shared:
            text = _MAPPED_WRITE.format(name=name, paths="; ".join(shared))
            raise AxesError(text) from error
        raise
    if before == after:  # values with new lanes lie where they come to be
        new = put_back(values, new)
    rows = zip(originals, new, is_written, is_random, strict=True)
    for state, value, written, random in rows:
        if written and not random:
            state.value = value
    return arguments.unpack(tree.unflatten(leaves))


def vmap(
    fn: Any = _MISSING,
    *,
    in_axes: Any = 0,
    out_axes: Any = 0,
    axis_name: Hashable | None = None,
    axis_size: int | None = None,
    spmd_axis_name: Hashable | None = None,
    rngs: RandomState | Sequence[RandomState] | None = DEFAULT,
    batch_size: int | None = None,
    in_states: Any = None,
    out_states: Any = None,
) -> Any:
    """Map a function over an axis of its arguments and of the States of its nodes.

    Nodes among the arguments are mapped State by State: with the axis given for the
    argument, or each with its own by `StateAxes`. What is written to them is written
    to the nodes of the caller. States that the function takes from its surroundings
    are the same in all lanes, unless `in_states` names them. Every lane draws its own
    random numbers, unlike in brainstate 0.1.0, where all lanes drew the same.

    Parameters
    ----------
    fn : callable, optional
        The function. Without it a decorator is returned.
    in_axes : int, None, StateAxes, or nesting of them, default 0
        Axis of each argument.
    out_axes : the same, default 0
        Axis of each output.
    axis_name : hashable, optional
        Name of the axis, for collective operations inside.
    axis_size : int, optional
        Length of the axis, where no argument tells.
    spmd_axis_name : hashable, optional
        As in `jax.vmap`.
    rngs : RandomState or sequence of them, default DEFAULT
        Kept for programs that pass it: all random states are split over the lanes.
    batch_size : int, optional
        Lanes that run at once; the groups run one after another, with the same
        results. Takes less memory, and is faster where the States of all lanes
        together do not fit in the cache of a processor. All lanes at once if None.
    in_states : State, container of States, or mapping of int to such, optional
        States of the surroundings that have lanes, such as `model.states()`: in axis 0,
        or in the axis that they are given under.
    out_states : the same, optional
        States of the surroundings that have lanes afterwards; those of `in_states` do.

    Returns
    -------
    callable
        Takes positional arguments.

    Raises
    ------
    AxesError
        If lengths differ, nothing is mapped, an unmapped State would be written with
        values that differ between lanes, or `batch_size` is no positive number or is
        given with a named axis.
    """

    def make(function: Callable[..., Any]) -> Callable[..., Any]:
        transform: Callable[..., Any] = functools.partial(
            jax.vmap,
            axis_name=axis_name,
            axis_size=axis_size,
            spmd_axis_name=spmd_axis_name,
        )
        if batch_size is not None:
            if batch_size < 1:
                raise AxesError(_NO_GROUP.format(batch_size=batch_size))
            if axis_name is not None or spmd_axis_name is not None:
                raise AxesError(_NAMED_GROUPS)
            transform = functools.partial(
                vmap_in_groups, batch_size=batch_size, axis_size=axis_size
            )
        return _mapped(
            "vmap",
            transform,
            function,
            in_axes,
            out_axes,
            axis_name,
            axis_size,
            rngs,
            Around(in_states, out_states, "vmap"),
        )

    return make if isinstance(fn, Missing) else make(fn)


def pmap(
    fn: Any = _MISSING,
    axis_name: Hashable | None = None,
    *,
    in_axes: Any = 0,
    out_axes: Any = 0,
    static_broadcasted_argnums: int | Sequence[int] = (),
    devices: Sequence[Any] | None = None,
    backend: str | None = None,
    axis_size: int | None = None,
    donate_argnums: int | Sequence[int] = (),
    global_arg_shapes: Any = None,
    rngs: RandomState | Sequence[RandomState] | None = DEFAULT,
) -> Any:
    """Map a function over devices, one lane each.

    Parameters
    ----------
    fn, axis_name, in_axes, out_axes, axis_size, rngs
        As in `vmap`.
    static_broadcasted_argnums : int or sequence of int, default ()
        Arguments that are the same on all devices and not traced.
    devices, backend : optional
        Where to run.
    donate_argnums : int or sequence of int, default ()
        Must be empty: the values of States are inputs too, and are kept.
    global_arg_shapes : optional
        Only None: JAX does not have it any more.

    Raises
    ------
    AxesError
        As in `vmap`, or for an option that cannot be honoured.
    """
    if donate_argnums not in ((), None) or global_arg_shapes is not None:
        raise AxesError(
            "pmap: donate_argnums and global_arg_shapes are not available. Leave them "
            "out, or use engine.compile.jit with shardings, which donates."
        )
    static = (
        (static_broadcasted_argnums,)
        if isinstance(static_broadcasted_argnums, int)
        else tuple(static_broadcasted_argnums)
    )

    def make(function: Callable[..., Any]) -> Callable[..., Any]:
        transform = functools.partial(
            jax.pmap, axis_name=axis_name, devices=devices, backend=backend
        )

        @functools.wraps(function, updated=())
        def call(*args: Any) -> Any:
            fixed = {i: args[i] for i in static}
            left = [arg for i, arg in enumerate(args) if i not in fixed]

            def dynamic(*rest: Any) -> Any:
                parts = iter(rest)
                return function(
                    *(fixed[i] if i in fixed else next(parts) for i in range(len(args)))
                )

            axes = in_axes
            if isinstance(in_axes, (tuple, list)):
                axes = tuple(a for i, a in enumerate(in_axes) if i not in fixed)
            return _mapped(
                "pmap", transform, dynamic, axes, out_axes, axis_name, axis_size, rngs
            )(*left)

        return call

    return make if isinstance(fn, Missing) else make(fn)
