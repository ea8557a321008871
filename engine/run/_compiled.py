"""The compiled chunk: any number of steps up to a capacity, in one program.

The number of steps is an input, so that one step, one millisecond and a long chunk
run the same program and give the same bits. Parameters, tables and States are inputs
as well; a change of values compiles nothing.
"""

from __future__ import annotations

import re
import threading
import traceback
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
from jax import lax

from .. import environ, random
from .._functional import Pure, Traced, trace
from .._state import State
from ..fuse import Code, Unfusable, can_run
from ..graph import Node
from ._errors import RunError
from ._inputs import Input, attached
from ._record import Recorder
from ._walk import Path, states

BUFFER_BYTES = 2**23
MOST_STEPS = 1000
FEWEST_STEPS = 16
N_KEPT = 16  # compiled programs

RANDOM = ("random",)
"""Path of the random numbers that belong to no part of the network."""


@dataclass
class Compiled:
    """A compiled chunk, usable by every network of the same structure.

    Parameters
    ----------
    run : callable
        ``(inputs, fixed, carried, step0, n) -> (carried, rows, is_finite)``.
    fixed, carried : tuple of path
        States that are only read, and those that change.
    checked : tuple of (path, str)
        What `is_finite` stands for.
    capacity : int
        Most steps of a call.
    order : tuple of path
        All States, in the order of the step.
    code : Code, optional
        The step as native code, which then runs instead.
    why_not : str
        Why there is no native code.
    extra : dict of path to State
        States that are no part of the network; then no other network may use this.
    n_traces : int
        How often the program was traced.
    """

    run: Callable[..., Any]
    fixed: tuple[Path, ...]
    carried: tuple[Path, ...]
    checked: tuple[Path, ...]
    capacity: int
    order: tuple[Path, ...] = ()
    code: Code | None = None
    why_not: str = ""
    extra: dict[Path, State[Any]] = field(default_factory=dict)
    n_traces: int = 0


@dataclass
class _Kept:
    programs: OrderedDict[Hashable, Compiled] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)


_kept = _Kept()


def capacity_of(recorders: Sequence[Recorder]) -> int:
    """Return how many steps the buffers of a chunk are made for."""
    each = sum(r.n if r.is_spikes else 4 * r.size for r in recorders)
    return max(FEWEST_STEPS, min(MOST_STEPS, BUFFER_BYTES // max(each, 1)))


def compiled(
    key: Hashable | None, make: Callable[[], tuple[Compiled, bool]]
) -> Compiled:
    """Return the program of a structure, made at its first use."""
    if key is None:
        return make()[0]
    with _kept.lock:
        if key in _kept.programs:
            _kept.programs.move_to_end(key)
            return _kept.programs[key]
    program, may_share = make()
    if may_share:
        with _kept.lock:
            _kept.programs[key] = program
            while len(_kept.programs) > N_KEPT:
                _kept.programs.popitem(last=False)
    return program


def strong(value: Any) -> Any:
    """Return a value whose arrays have a type of their own, not a weak one.

    Whole numbers with a unit, such as a weight of ``6 * u.nS``, become real: the next
    value may be 6.5 nS.
    """

    def one(leaf: Any) -> Any:
        number, unit = u.split_mantissa_unit(leaf)
        dtype = jnp.result_type(number)
        if unit.is_unitless:
            return lax.convert_element_type(number, dtype)
        if not jnp.issubdtype(dtype, jnp.inexact):
            dtype = environ.dftype()
        return u.Quantity(lax.convert_element_type(number, dtype), unit=unit)

    return jax.tree.map(one, value, is_leaf=lambda leaf: isinstance(leaf, u.Quantity))


def trace_network(
    network: Node, inputs: Sequence[Input], recorders: Sequence[Recorder], dt: Any
) -> tuple[Compiled, Traced]:
    """Trace a step of a network; return its program, which nothing runs yet, and step.

    Raises
    ------
    RunError
        If a State changes its shape in a step.
    """
    arrays = [one.array() for one in inputs]

    def step(numbers: Sequence[jax.Array], i: jax.Array) -> list[jax.Array]:
        with attached(inputs, numbers), environ.context(dt=dt, i=i, t=i * dt):
            network.update()  # type: ignore[attr-defined]
            return [recorder.read() for recorder in recorders]

    try:
        traced = trace(step, arrays, jnp.zeros((), jnp.int32), where="Simulation")
    except jax.errors.ConcretizationTypeError as error:
        raise RunError(_decided(error, inputs)) from error
    paths, extra = _paths(network, traced)
    capacity = capacity_of(recorders)
    written = traced.effects.is_written
    program = Compiled(
        run=lambda *_: None,
        fixed=tuple(p for p, w in zip(paths, written, strict=True) if not w),
        carried=tuple(p for p, w in zip(paths, written, strict=True) if w),
        checked=tuple(
            p
            for p, w, s in zip(paths, written, traced.effects.states, strict=True)
            if w
            for leaf in jax.tree.leaves(s.peek())
            if jnp.issubdtype(leaf.dtype, jnp.floating)
        ),
        capacity=capacity,
        order=tuple(paths),
        extra=extra,
    )
    return program, traced


def compile_network(
    network: Node, inputs: Sequence[Input], recorders: Sequence[Recorder], dt: Any
) -> tuple[Compiled, bool]:
    """Return the chunk of a network, and whether others may use it.

    Raises
    ------
    RunError
        If a State changes its shape in a step.
    """
    program, traced = trace_network(network, inputs, recorders, dt)
    pure, rows, capacity = traced.pure, traced.out, program.capacity
    written = traced.effects.is_written
    _make_native(program, pure, recorders)

    def merge(fixed: Sequence[Any], carried: Sequence[Any]) -> list[Any]:
        f, c = iter(fixed), iter(carried)
        return [next(c) if w else next(f) for w in written]

    def chunk(numbers: Any, fixed: Any, carried: Any, step0: Any, n: Any) -> Any:
        program.n_traces += 1
        buffers = [jnp.zeros((capacity, *row.shape), row.dtype) for row in rows]

        def body(state: Any) -> Any:
            k, carried, buffers = state
            values = merge(fixed, carried)
            new, out = pure.call(values, numbers, step0 + k)
            after = [v for v, w in zip(new, written, strict=True) if w]
            after = jax.tree.map(lambda a, b: b.astype(a.dtype), carried, after)
            put = lax.dynamic_update_index_in_dim
            buffers = [put(b, row, k, 0) for b, row in zip(buffers, out, strict=True)]
            return k + 1, after, buffers

        start = (jnp.zeros((), jnp.int32), list(carried), buffers)
        _, carried, buffers = lax.while_loop(lambda s: s[0] < n, body, start)
        is_finite = [
            jnp.all(jnp.isfinite(leaf))
            for leaf in jax.tree.leaves(carried)
            if jnp.issubdtype(leaf.dtype, jnp.floating)
        ]
        return carried, buffers, is_finite

    program.run = jax.jit(chunk, donate_argnums=2, compiler_options=_compiler_options())
    return program, not program.extra and pure.is_closed


_DECIDES = (
    "{what} decides which Python runs in a step, but it is a number that may change "
    "while the network runs. Choose by jnp.where (or engine.compile.ifelse), or, if it "
    'never changes, list it: fixed_attributes = ("{name}",) in the class.'
)


def _decided(error: Exception, inputs: Sequence[Input]) -> str:
    """Say which code of the user's own takes a decision by a traced number."""
    own, line = "", ""
    for frame in traceback.extract_tb(error.__traceback__):
        if "/jax/" not in frame.filename.replace("\\", "/"):
            own, line = f"{frame.name}() in line {frame.lineno}", frame.line or ""
    names = [one.name for one in inputs if re.search(rf"\b{one.name}\b", line)]
    classes = [
        type(one.node).__name__ for one in inputs if names and one.name == names[0]
    ]
    what = f"{classes[0]}.{names[0]}" if names else f"A number in {own}"
    if names:
        what += f", in {own},"
    return _DECIDES.format(what=what, name=names[0] if names else "name")


def _make_native(program: Compiled, pure: Pure, recorders: Sequence[Recorder]) -> None:
    """Give a program native code if there is some for all that a step does."""
    problem = can_run()
    if problem is None and not pure.is_closed:
        problem = "the step belongs to another program"
    if problem is None:
        try:
            program.code = Code(pure.jaxpr, n_leaves(pure))
            program.capacity = _native_capacity(recorders)
            program.n_traces = 1
            return
        except Unfusable as error:
            problem = f"there is no native code for {error}"
    program.why_not = problem


def n_leaves(pure: Pure) -> int:
    """Return how many arrays the States of a step are."""
    return sum(tree.num_leaves for tree in pure.state_trees)


def _native_capacity(recorders: Sequence[Recorder]) -> int:
    """Return how many steps a chunk of native code has room for."""
    each = sum(r.size for r in recorders if not r.is_spikes)
    return max(FEWEST_STEPS, min(MOST_STEPS, BUFFER_BYTES // max(4 * each, 1)))


def _compiler_options() -> dict[str, Any] | None:
    """Return what keeps XLA from copying the ring of a delay in every step.

    Without it a read before the write of one step costs two copies of the whole ring
    on a CPU: four times the time of a step of the balanced network.
    """
    if jax.default_backend() != "cpu":
        return None
    return {"xla_cpu_copy_insertion_use_region_analysis": True}


def _paths(network: Node, traced: Traced) -> tuple[list[Path], dict[Path, State[Any]]]:
    """Return where each State that a step touches is, and those that are elsewhere."""
    places = {id(state): path for path, state in states(network).items()}
    places[id(random.DEFAULT)] = RANDOM
    paths: list[Path] = []
    extra: dict[Path, State[Any]] = {}
    for i, state in enumerate(traced.effects.states):
        path = places.get(id(state), ("elsewhere", str(i)))
        paths.append(path)
        if id(state) not in places:
            extra[path] = state
    return paths, extra
