"""Contexts in which several graphs are split or merged as one."""

from __future__ import annotations

import dataclasses
import functools
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .._errors import EngineError, nearest
from ..typing import Filter
from ..util import FrozenDict, NestedDict
from ._flatten import flatten, unflatten
from ._graphdef import GraphDef, NodeDef, RefMap
from ._split import split_groups


class ContextError(EngineError, ValueError):
    """A context that is not open, or is used in the wrong order."""


class UpdateContext:
    """Memory of `update_context`: which object inside stands for which outside.

    Parameters
    ----------
    tag : str
        Name that split and merge contexts refer to.
    """

    def __init__(self, tag: str):
        self.tag = tag
        self.outer: dict[int, Any] = {}  # number outside -> object outside
        self.inner: RefMap[Any, int] | None = None  # object inside -> number outside

    def note_split(self, graphdef: GraphDef, refs: RefMap[Any, int]) -> GraphDef:
        """Remember what is split outside; say inside which numbers it had outside."""
        if self.inner is None:
            self.outer.update((index, x) for x, index in refs.items())
            return graphdef
        if not isinstance(graphdef, NodeDef):
            return graphdef
        known = {self.inner[x]: i for x, i in refs.items() if x in self.inner}
        return dataclasses.replace(graphdef, index_mapping=FrozenDict(known))

    def note_merge(self, made: dict[int, Any]) -> None:
        """Remember what was made inside."""
        self.inner = RefMap((x, index) for index, x in made.items())

    def cache_for(self, mapping: Mapping[int, int]) -> dict[int, Any]:
        """Return the objects outside, by the numbers that they got inside."""
        return {inside: self.outer[outside] for outside, inside in mapping.items()}

    def treefy_split(self, node: Any, *filters: Filter) -> tuple[Any, ...]:
        """Split one graph outside, or split its changed form inside."""
        with split_context(self.tag) as ctx:
            return ctx.treefy_split(node, *filters)

    def treefy_merge(self, graphdef: GraphDef, state: Any, /, *states: Any) -> Any:
        """Merge one graph inside, or bring its changes into the objects outside."""
        with merge_context(self.tag) as ctx:
            return ctx.treefy_merge(graphdef, state, *states)

    split, merge = treefy_split, treefy_merge  # as brainstate 0.1.0 calls them


class _Open(threading.local):
    """The update contexts of this thread, by tag."""

    def __init__(self) -> None:
        self.by_tag: dict[str, list[UpdateContext]] = {}


_open = _Open()


class UpdateContextManager:
    """What `update_context` returns: a context manager that also decorates."""

    def __init__(self, tag: str):
        self.tag = tag

    def __enter__(self) -> UpdateContext:
        context = UpdateContext(self.tag)
        _open.by_tag.setdefault(self.tag, []).append(context)
        return context

    def __exit__(self, *exception: object) -> None:
        stack = _open.by_tag[self.tag]
        stack.pop()
        if not stack:
            del _open.by_tag[self.tag]

    def __call__(self, f: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(f)
        def inside(*args, **kwargs):
            with UpdateContextManager(self.tag):
                return f(*args, **kwargs)

        return inside


def update_context(tag: str) -> UpdateContextManager:
    """Open a context in which changes made to a merged graph come back.

    Split outside, merge inside (of a JAX transformation), change, split inside, merge
    outside: the last step fills the original objects in place, and keeps attributes
    that were added, removed or swapped inside.

    Parameters
    ----------
    tag : str
        Name for `split_context` and `merge_context`, or the `ctxtag` of
        `graph_to_tree` and `tree_to_graph`.

    Returns
    -------
    UpdateContextManager
        Context manager that gives an `UpdateContext`; also a decorator.
    """
    return UpdateContextManager(tag)


def current_update_context(tag: str) -> UpdateContext:
    """Return the innermost update context of this name.

    Raises
    ------
    ContextError
        If none is open.
    """
    if tag not in _open.by_tag:
        raise ContextError(
            f"No update_context({tag!r}) is open here.{nearest(tag, _open.by_tag)} "
            f"Open one: `with update_context({tag!r}): ...`."
        )
    return _open.by_tag[tag][-1]


class SplitContext:
    """Splits graphs one after the other; what was seen before becomes a reference."""

    def __init__(self, ctxtag: str | None):
        self.ctxtag = ctxtag
        self.ref_index: RefMap[Any, int] = RefMap()

    def treefy_split(self, node: Any, *filters: Filter) -> tuple[Any, ...]:
        """Split one graph; see `graph.treefy_split`."""
        graphdef, states = flatten(node, self.ref_index)
        if self.ctxtag is not None:
            update = current_update_context(self.ctxtag)
            graphdef = update.note_split(graphdef, self.ref_index)
        return graphdef, *split_groups(states, filters)


class MergeContext:
    """Merges graphs one after the other, in the order of splitting."""

    def __init__(self, ctxtag: str | None):
        self.ctxtag = ctxtag
        self.index_ref: dict[int, Any] = {}

    def treefy_merge(
        self,
        graphdef: GraphDef[Any],
        state_mapping: Mapping[Any, Any],
        /,
        *state_mappings: Mapping[Any, Any],
    ) -> Any:
        """Merge one graph; see `graph.treefy_merge`."""
        states = NestedDict.merge(state_mapping, *state_mappings)
        cache = None
        mapping = graphdef.index_mapping if isinstance(graphdef, NodeDef) else None
        if self.ctxtag is not None and mapping is not None:
            cache = current_update_context(self.ctxtag).cache_for(mapping)
        node = unflatten(
            graphdef, states, index_ref=self.index_ref, index_ref_cache=cache
        )
        if self.ctxtag is not None and mapping is None:
            current_update_context(self.ctxtag).note_merge(self.index_ref)
        return node


@contextmanager
def split_context(ctxtag: str | None = None) -> Iterator[SplitContext]:
    """Open a context whose `treefy_split` keeps what several graphs share.

    Parameters
    ----------
    ctxtag : str, optional
        Name of an open `update_context` that takes note.

    Yields
    ------
    SplitContext
        Its `ref_index` is gone when the context is left.
    """
    ctx = SplitContext(ctxtag)
    try:
        yield ctx
    finally:
        del ctx.ref_index


@contextmanager
def merge_context(ctxtag: str | None = None) -> Iterator[MergeContext]:
    """Open a context whose `treefy_merge` restores what several graphs shared.

    Parameters
    ----------
    ctxtag : str, optional
        Name of an open `update_context` that takes note.

    Yields
    ------
    MergeContext
        Its `index_ref` is gone when the context is left.
    """
    ctx = MergeContext(ctxtag)
    try:
        yield ctx
    finally:
        del ctx.index_ref
