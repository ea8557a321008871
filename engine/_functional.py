"""The one place that turns State into values: trace, merge, lift.

A function that uses States is traced once. At the first touch of a State inside the
trace its value is replaced by a fresh tracer of the outermost level, made by a marker
primitive; afterwards the markers become inputs of the jaxpr. So the user's code runs
exactly once for each transformation, however deep they are nested, and what it reads
and writes is known. Every transformation is then written as

    traced = trace(function, *arguments)
    lift(transformed(traced.call), traced, *arguments)

where `traced.call(values, *arguments) -> (new values, out)` touches no State. `lift`
reads the values, calls, and commits what was written only after the call succeeded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
from jax.core import Tracer
from jax.extend.core import (
    ClosedJaxpr,
    Primitive,
    jaxpr_as_fun,
    set_current_trace,
    take_current_trace,
)

from ._complaints import (
    TransformationError as TransformationError,
    aval_of_leaf,
    check_output,
    explain_leak,
    retire,
)
from ._mismatch import units_explained
from ._placement import Placement, put_back, same_places, sharded_axes
from ._state import State
from ._trace import StateTraceStack, watch

_read_state = Primitive("read_state")
_read_state.def_abstract_eval(lambda *, aval, index, leaf: aval)


@dataclass(frozen=True)
class Effects:
    """The States that functions touch, in the order of first touch.

    Parameters
    ----------
    states : tuple of State
        Those that existed before the function ran.
    is_written : tuple of bool
        Which of them are written.
    """

    states: tuple[State[Any], ...] = ()
    is_written: tuple[bool, ...] = ()

    def __or__(self, other: Effects) -> Effects:
        written = dict(zip(self.states, self.is_written, strict=True))
        for state, is_written in zip(other.states, other.is_written, strict=True):
            written[state] = written.get(state, False) or is_written
        return Effects(tuple(written), tuple(written.values()))

    def read(self) -> list[Any]:
        """Return the present values, seen by an outer transformation."""
        return [state.value for state in self.states]

    def peek(self) -> list[Any]:
        """Return the present values, unseen and unchecked."""
        return [state.peek() for state in self.states]

    def commit(self, values: Sequence[Any]) -> None:
        """Write the values of those States that are written."""
        rows = zip(self.states, self.is_written, values, strict=True)
        if watch.is_busy:
            for state, is_written, value in rows:
                if is_written:
                    state.value = value
        else:
            for state, is_written, value in rows:
                if is_written:
                    state.poke(value)


@dataclass(frozen=True)
class Pure:
    """A function as a jaxpr from values of States and arguments; it keeps no State.

    Parameters
    ----------
    jaxpr : ClosedJaxpr
        From leaves of the values and of the arguments to leaves of the new values and
        of the output.
    state_trees : tuple of PyTreeDef
        Structure of the value of each State.
    out_tree : PyTreeDef
        Structure of new values and output.
    """

    jaxpr: ClosedJaxpr
    state_trees: tuple[Any, ...]
    out_tree: Any

    @property
    def out(self) -> Any:
        """Shapes of the output, as a pytree."""
        avals = [
            jax.ShapeDtypeStruct(a.shape, a.dtype, weak_type=a.weak_type)
            for a in self.jaxpr.out_avals
        ]
        return jax.tree.unflatten(self.out_tree, avals)[1]

    @property
    def is_closed(self) -> bool:
        """Whether it may outlive the trace it was made in: no tracer is built in."""
        return not any(isinstance(const, Tracer) for const in self.jaxpr.consts)

    def fits(self, values: Sequence[Any]) -> bool:
        """Tell whether the States still have the structure, shapes and types."""
        expected = iter(self.jaxpr.in_avals)
        for value, tree in zip(values, self.state_trees, strict=True):
            leaves, given = jax.tree.flatten(value)
            if given != tree:
                return False
            for leaf in leaves:
                aval, needed = jax.typeof(leaf), next(expected)
                if (aval.shape, aval.dtype, aval.weak_type) != (
                    needed.shape,
                    needed.dtype,
                    needed.weak_type,
                ):
                    return False
                if sharded_axes(aval) != sharded_axes(needed):
                    return False
        return True

    def places(self, where: Placement | None) -> list[Any]:
        """Return the shardings of the new values, see `same_places`."""
        pairs = self.state_avals()
        old, new = ([pair[i] for pair in pairs] for i in (0, 1))
        return same_places(old, new, where)

    def state_avals(self) -> list[tuple[Any, Any]]:
        """Return the shapes of the value of each State before and after."""
        avals = iter(self.jaxpr.in_avals)
        old = [
            tree.unflatten([next(avals) for _ in range(tree.num_leaves)])
            for tree in self.state_trees
        ]
        new, _ = jax.tree.unflatten(self.out_tree, self.jaxpr.out_avals)
        return list(zip(old, new, strict=True))

    def call(
        self, values: Sequence[Any], *args: Any, **kwargs: Any
    ) -> tuple[list[Any], Any]:
        """Return the new values of the States, and the output."""
        leaves = jax.tree.leaves((list(values), args, kwargs))
        return jax.tree.unflatten(self.out_tree, jaxpr_as_fun(self.jaxpr)(*leaves))


@dataclass(frozen=True)
class Traced:
    """What `trace` finds: the States that a function touches, and the rest of it.

    Parameters
    ----------
    effects : Effects
        The States, in the order of the values.
    pure : Pure
        The function of their values.
    """

    effects: Effects
    pure: Pure

    @property
    def out(self) -> Any:
        """Shapes of the output, as a pytree."""
        return self.pure.out

    def call(
        self, values: Sequence[Any], *args: Any, **kwargs: Any
    ) -> tuple[list[Any], Any]:
        """Return the new values of the States, and the output."""
        return self.pure.call(values, *args, **kwargs)

    def over(self, effects: Effects) -> Callable[..., tuple[list[Any], Any]]:
        """Return `call` for the values of more States, which pass through."""
        places = {state: i for i, state in enumerate(effects.states)}
        mine = [places[state] for state in self.effects.states]

        def call(
            values: Sequence[Any], *args: Any, **kwargs: Any
        ) -> tuple[list[Any], Any]:
            merged = list(values)
            new, out = self.call([merged[i] for i in mine], *args, **kwargs)
            for i, value in zip(mine, new, strict=True):
                merged[i] = value
            return merged, out

        return call


class _Recorder(StateTraceStack[Any]):
    """Notes what a function touches, and lets the traces around it see it first.

    An outer vmap gives a State the value of one lane at its first touch; what is
    traced inside has to begin with that one.
    """

    def __init__(self, around: Sequence[StateTraceStack[Any]]):
        super().__init__()
        self._around = tuple(around)

    def _touch(self, state: State[Any]) -> int:
        if id(state) not in self._index and not self.is_created(state):
            for one in self._around:
                if not one.is_created(state):
                    one.read_its_value(state)
        return super()._touch(state)


def trace(
    function: Callable[..., Any],
    *args: Any,
    axis_env: Sequence[tuple[Any, int]] | None = None,
    aval_of: Callable[[State[Any], Any], Any] | None = None,
    where: str = "",
    **kwargs: Any,
) -> Traced:
    """Trace `function` once, with the States it touches as further inputs.

    Every State is as before afterwards, also when the function raises; States made
    inside are not inputs.

    Parameters
    ----------
    function : callable
        What is traced.
    *args, **kwargs
        Arguments or their shapes, pytrees.
    axis_env : sequence of (name, size), optional
        Named axes that the function may use.
    aval_of : callable, optional
        Takes a State and the shape of a leaf; returns the shape inside. For vmap.
    where : str
        The transformation, for messages.
    """
    leaves, args_tree = jax.tree.flatten((args, kwargs))
    recorder = _Recorder(watch.traces)
    inner: list[StateTraceStack[Any]] = [recorder]
    states: list[State[Any]] = []
    trees: list[Any] = []
    out_trees: list[Any] = []

    def flat(*leaves: Any) -> list[Any]:
        with take_current_trace() as level:
            pass

        def fresh(state: State[Any]) -> None:
            old, tree = jax.tree.flatten(state.peek())
            index = len(states)
            states.append(state)
            trees.append(tree)
            new = []
            with set_current_trace(level):
                for leaf, value in enumerate(old):
                    aval = aval_of_leaf(value, state, where, function)
                    if aval_of is not None:
                        aval = aval_of(state, aval)
                    new.append(_read_state.bind(aval=aval, index=index, leaf=leaf))
            state.poke(jax.tree.unflatten(tree, new))

        def first_touch(state: State[Any]) -> None:
            if not recorder.is_created(state):
                fresh(state)

        recorder.set_new_arg(first_touch)
        new_args, new_kwargs = jax.tree.unflatten(args_tree, leaves)
        with units_explained(where, lambda: states, function):
            out = function(*new_args, **new_kwargs)
        for leaf in jax.tree.leaves(out, is_leaf=lambda x: isinstance(x, State)):
            check_output(leaf, where, function)
        values = [state.peek() for state in states]
        for state, value in zip(states, values, strict=True):
            for leaf in jax.tree.leaves(value):
                aval_of_leaf(leaf, state, where, function)
        out_leaves, out_tree = jax.tree.flatten((values, out))
        out_trees.append(out_tree)
        return out_leaves

    outer, watch.traces = watch.traces, inner
    try:
        closed = jax.make_jaxpr(flat, axis_env=axis_env)(*leaves)
    finally:
        watch.traces = outer
        recorder.recovery_original_values()
        retire(recorder.created, where)
        recorder.set_new_arg(None)  # a cycle would keep States alive that were replaced
    effects = Effects(tuple(states), tuple(map(recorder.is_written, states)))
    sizes = [tree.num_leaves for tree in trees]
    jaxpr = _marked_to_inputs(closed, sizes)
    return Traced(effects, Pure(jaxpr, tuple(trees), out_trees.pop()))


def _marked_to_inputs(closed: ClosedJaxpr, n_leaves: Sequence[int]) -> ClosedJaxpr:
    """Turn the marker equations into inputs, before those of the arguments."""
    jaxpr = closed.jaxpr
    marks = {
        (eqn.params["index"], eqn.params["leaf"]): eqn.outvars[0]
        for eqn in jaxpr.eqns
        if eqn.primitive is _read_state
    }
    order = [(i, leaf) for i, n in enumerate(n_leaves) for leaf in range(n)]
    states = [marks[place] for place in order]
    rest = [eqn for eqn in jaxpr.eqns if eqn.primitive is not _read_state]
    debug = jaxpr.debug_info._replace(arg_names=None)
    new = jaxpr.replace(invars=[*states, *jaxpr.invars], eqns=rest, debug_info=debug)
    return closed.replace(jaxpr=new)


def lift(
    call: Callable[..., tuple[Sequence[Any], Any]],
    effects: Effects,
    *args: Any,
    **kwargs: Any,
) -> Any:
    """Call with the values of the States, commit what was written, return the rest."""
    old = effects.read()
    try:
        values, out = call(old, *args, **kwargs)
    except jax.errors.UnexpectedTracerError as error:
        explain_leak("", effects.states, error)
        raise
    effects.commit(put_back(old, values))
    return out
