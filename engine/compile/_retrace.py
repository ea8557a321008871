"""Warnings about programs that are traced at every call, with the reason."""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Hashable, Sequence
from typing import Any

import jax

from .._functional import Effects
from .._trace import watch
from .._tracing import is_traced

LIMIT = 10  # traces in a row, no call without one
_DEEPEST = 4  # functions within functions

_LOOP = (
    "{where} over {name} has run {n} times in a row over the same States, outside of "
    "jit. A loop keeps no program: it is traced and compiled at every call. Put it "
    "into a function under engine.compile.jit."
)
_JIT = (
    "jit({name}) was traced at each of its last {n} calls: {reason} Every trace "
    "compiles anew."
)
_REASONS = (
    "the structure of the arguments differs from call to call ({old}, then {new}). "
    "Pass the same nesting and names.",
    "shapes or types of the arguments differ from call to call ({old}, then {new}). "
    "Pad to one shape, or cast to one type.",
    "a static argument differs from call to call ({old}, then {new}). Pass it as an "
    "array, or make it fewer values.",
    "a setting of the environment differs from call to call ({old}, then {new}). "
    "Pass it as an argument, or set it once.",
)
_STATES = (
    "States have other shapes or types than at the call before, or were replaced. Give "
    "them the shape once, and write `state.value` in place of a new State."
)


class RetraceWarning(RuntimeWarning):
    """A function is traced at every call."""


class RetraceCounter:
    """Counts the calls in a row that needed a trace, for one function."""

    def __init__(self) -> None:
        self.n_calls = 0
        self._in_row = 0
        self._at_call = 0
        self._key: Any = None
        self._is_told = False

    def note(self, name: str, key: Sequence[Hashable], n_parts: int) -> None:
        """Note a trace; warn when there were many in a row.

        Parameters
        ----------
        name : str
            The function.
        key : tuple
            Its cache key; the first parts are those of `_REASONS`.
        n_parts : int
            How many parts can differ.
        """
        is_next = self._at_call == self.n_calls - 1
        self._in_row = self._in_row + 1 if is_next else 1
        before, self._key, self._at_call = self._key, key, self.n_calls
        if self._in_row < LIMIT or self._is_told or before is None:
            return
        self._is_told = True
        reason = _STATES
        for i in range(n_parts):
            if before[i] != key[i]:
                old, new = (_short(part) for part in _differing(before[i], key[i]))
                reason = _REASONS[i].format(old=old, new=new)
                break
        text = _JIT.format(name=name, n=LIMIT, reason=reason)
        warnings.warn(text, RetraceWarning, stacklevel=5)


def _differing(old: Any, new: Any) -> tuple[Any, Any]:
    """Return the entries that differ of two tuples or sets."""
    if isinstance(old, tuple) and isinstance(new, tuple) and len(old) == len(new):
        for a, b in zip(old, new, strict=True):
            if a != b:
                return _differing(a, b)
    if isinstance(old, frozenset) and isinstance(new, frozenset):
        return sorted(old - new, key=str), sorted(new - old, key=str)
    return old, new


def _short(part: Any) -> str:
    text = str(part)
    return text if len(text) <= 80 else text[:77] + "..."


_seen: weakref.WeakKeyDictionary[Any, tuple[Hashable, int]] = (
    weakref.WeakKeyDictionary()
)


def note_loop(where: str, function: Any, effects: Effects, inputs: Any) -> None:
    """Note that a loop runs by itself; warn when it does so again and again.

    Parameters
    ----------
    where : str
        The loop.
    function : callable
        Its step.
    effects : Effects
        The States of it; a loop without any is not counted.
    inputs : pytree of arrays
        What it takes.
    """
    code = _code(function)
    if watch.traces or code is None or not effects.states:
        return
    leaves = jax.tree.leaves((inputs, effects.peek()))
    if is_traced(leaves):
        return
    avals = tuple(map(str, map(jax.typeof, leaves)))
    key = (where, tuple(map(id, effects.states)), avals)
    before, n = _seen.get(code, (None, 0))
    n = n + 1 if before == key else 1
    _seen[code] = (key, n)
    if n == LIMIT:
        name = f"{code.co_name} ({code.co_filename}:{code.co_firstlineno})"
        text = _LOOP.format(where=where, name=name, n=n)
        warnings.warn(text, RetraceWarning, stacklevel=5)


def _code(function: Any, depth: int = 0) -> Any:
    """Return the code of the user's function, inside of our own wrappers."""
    code = getattr(function, "__code__", None)
    if code is None:
        own = vars(type(function))
        return getattr(own.get("update", own.get("__call__")), "__code__", None)
    if function.__module__ == f"{__package__}._scan" and depth < _DEEPEST:
        cells = [cell.cell_contents for cell in function.__closure__ or ()]
        inner = [x for x in cells if callable(x)]
        return _code(inner[0], depth + 1) if inner else code
    return code
