"""Nodes: objects whose attributes make up a graph of states and other nodes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, Generic, Self, TypeVar

import jax
import numpy as np

from .._errors import TraceContextError, nearest
from .._pretty import PrettyAttr, PrettyRepr, PrettyType
from .._tracing import current_trace

A = TypeVar("A")
Key = Hashable


class Node(PrettyRepr):
    """Object whose attributes the graph functions see: states, nodes, and the rest.

    Attributes that are nodes, or containers of nodes or states, are edges of the
    graph. A node that is reached twice is one node: sharing is kept by
    `treefy_split`, `treefy_merge` and `clone`. All other attributes are static.

    Notes
    -----
    A class that keeps its children elsewhere than in attributes overrides
    `graph_items`, `graph_set`, `graph_pop` and `graph_clear`.
    """

    __slots__ = ("_made_in",)

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Make the object and note the JAX trace it belongs to."""
        node = super().__new__(cls)
        node._made_in = current_trace()
        return node

    def __getstate__(self) -> dict[str, Any]:
        return dict(vars(self))  # traces cannot be pickled, and mean nothing elsewhere

    def check_valid_context(self, error_msg: Callable[[], str] | str) -> None:
        """Raise `TraceContextError` if the node was made in another JAX trace.

        Parameters
        ----------
        error_msg : str or callable
            The text, or what makes it.
        """
        if self._made_in != current_trace():
            raise TraceContextError(error_msg() if callable(error_msg) else error_msg)

    def graph_items(self) -> Iterable[tuple[Key, Any]]:
        """Return the children with their keys, in an order that is always the same."""
        return sorted(vars(self).items())

    def graph_set(self, key: Key, value: Any) -> None:
        """Put a child in its place."""
        vars(self)[key] = value  # type: ignore[index]

    def graph_pop(self, key: Key) -> Any:
        """Take a child out."""
        return vars(self).pop(key)  # type: ignore[arg-type]

    def graph_clear(self) -> None:
        """Take all children out."""
        vars(self).clear()

    def __pretty_repr__(self) -> Iterator[PrettyType | PrettyAttr]:
        yield PrettyType(type(self))
        for key, value in self.graph_items():
            if not str(key).startswith("_"):
                yield PrettyAttr(str(key), _shown(value))


def _shown(value: Any) -> str:
    """Return what stands for a child; arrays by type and shape."""
    if isinstance(value, (jax.Array, np.ndarray)) and value.ndim:
        return f"{value.dtype}{list(value.shape)}"
    return repr(value)


class Dict(Node, Mapping[str, A], Generic[A]):
    """Dictionary that is a node: it is shared, not copied, by graph functions.

    Parameters
    ----------
    *args, **kwargs
        As for `dict`.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        for key, value in dict(*args, **kwargs).items():
            self[key] = value

    def __getitem__(self, key: str) -> A:
        return vars(self)[key]

    def __setitem__(self, key: str, value: A) -> None:
        vars(self)[key] = value

    def __getattr__(self, key: str) -> A:
        raise AttributeError(f"Dict has no {key!r}.{nearest(key, vars(self))}")

    def __iter__(self) -> Iterator[str]:
        return iter(vars(self))

    def __len__(self) -> int:
        return len(vars(self))

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


class List(Node, Generic[A]):
    """List that is a node: it is shared, not copied, by graph functions.

    Parameters
    ----------
    seq : iterable
        The first entries.
    """

    def __init__(self, seq: Iterable[A] = ()):
        self._entries: list[A] = list(seq)

    def __getitem__(self, idx: Any) -> Any:
        return self._entries[idx]

    def __setitem__(self, idx: int, value: A) -> None:
        self._entries[idx] = value

    def __iter__(self) -> Iterator[A]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __add__(self, other: Iterable[A]) -> List[A]:
        return List([*self, *other])

    def append(self, value: A) -> None:
        """Add an entry at the end."""
        self._entries.append(value)

    def extend(self, values: Iterable[A]) -> None:
        """Add several entries at the end."""
        self._entries.extend(values)

    def graph_items(self) -> Iterable[tuple[Key, Any]]:
        """Return the entries with their positions, then any further attributes."""
        others = ((k, v) for k, v in super().graph_items() if k != "_entries")
        return [*enumerate(self._entries), *others]

    def graph_set(self, key: Key, value: Any) -> None:
        """Put an entry at its position; positions come in order."""
        if not isinstance(key, int):
            super().graph_set(key, value)
        elif key < len(self._entries):
            self._entries[key] = value
        else:
            self._entries.append(value)

    def graph_pop(self, key: Key) -> Any:
        """Take an entry out; None keeps its place, so that others keep theirs."""
        if not isinstance(key, int):
            return super().graph_pop(key)
        value = self._entries[key]
        self._entries[key] = None  # type: ignore[call-overload]
        return value

    def graph_clear(self) -> None:
        """Take all entries out."""
        super().graph_clear()
        self._entries = []


class Sequential(Node):
    """Functions and nodes, each fed by the one before.

    Parameters
    ----------
    *fns : callable
        The first gets all arguments; a tuple that one returns is unpacked for the
        next.
    """

    def __init__(self, *fns: Callable[..., Any]):
        self.layers = list(fns)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        output: Any = args
        for position, layer in enumerate(self.layers):
            given = output if isinstance(output, tuple) else (output,)
            output = layer(*given, **kwargs) if position == 0 else layer(*given)
        return output
