"""What is left of a graph without its states: hashable, comparable, printable."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any, Generic, TypeVar

import jax
import numpy as np
from jax.core import Tracer

from .._pretty import MappingReprMixin, PrettyAttr, PrettyRepr, PrettyType
from ..util import CallProxy, FrozenDict
from ._node import Key

A = TypeVar("A")
B = TypeVar("B")
N = TypeVar("N")


class RefMap(MutableMapping[A, B], MappingReprMixin[A, B], Generic[A, B]):
    """Mapping whose keys are told apart by identity.

    Parameters
    ----------
    mapping : Mapping or iterable of pairs
        The first entries.
    """

    def __init__(self, mapping: Mapping[A, B] | Iterable[tuple[A, B]] = ()):
        self._entries: dict[int, tuple[A, B]] = {}
        self.update(mapping)

    def __getitem__(self, key: A) -> B:
        return self._entries[id(key)][1]

    def __contains__(self, key: object) -> bool:
        return id(key) in self._entries

    def __setitem__(self, key: A, value: B) -> None:
        self._entries[id(key)] = (key, value)

    def __delitem__(self, key: A) -> None:
        del self._entries[id(key)]

    def __iter__(self) -> Iterator[A]:
        return (key for key, _ in self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def __pretty_repr__(self) -> Iterator[PrettyType | PrettyAttr]:
        yield PrettyType(type(self), "({", "})", ": ")
        for key, value in self._entries.values():
            yield PrettyAttr(type(key).__name__, repr(value))


class PytreeType:
    """Stands as the type of containers: lists, dictionaries, any pytree."""


@jax.tree_util.register_static
class Static:
    """A value without states, comparable and hashable whatever it holds.

    Parameters
    ----------
    value : object
        Any value. Containers are taken apart, so that `value` returns new ones each
        time: what is merged shares no list with the original.
    """

    __slots__ = ("_leaves", "_tree")

    def __init__(self, value: Any):
        try:
            self._leaves, self._tree = jax.tree.flatten(value)
        except (TypeError, ValueError):  # a dictionary whose keys have no order
            self._leaves, self._tree = [value], None

    @property
    def value(self) -> Any:
        """The value, in containers of its own."""
        if self._tree is None:
            return self._leaves[0]
        return jax.tree.unflatten(self._tree, self._leaves)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Static)
            and type(self._tree) is type(other._tree)  # a tree refuses to meet None
            and self._tree == other._tree
            and all(map(_equal, self._leaves, other._leaves))
        )

    def __hash__(self) -> int:
        return hash((self._tree, *map(_hash, self._leaves)))

    def __repr__(self) -> str:
        return repr(self.value)


def _is_array(x: Any) -> bool:
    return isinstance(x, (jax.Array, np.ndarray)) and not isinstance(x, Tracer)


def _equal(a: Any, b: Any) -> bool:
    if a is b:
        return True
    if _is_array(a) and _is_array(b):
        return a.dtype == b.dtype and np.array_equal(np.asarray(a), np.asarray(b))
    if isinstance(a, Tracer) or isinstance(b, Tracer):
        return False
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_equal(a[key], b[key]) for key in a)
    return bool(a == b)


def _hash(x: Any) -> int:
    if isinstance(x, Tracer):
        return id(x)
    if _is_array(x):
        return hash((x.shape, str(x.dtype)))
    try:
        return hash(x)
    except TypeError:
        return hash(type(x))


class GraphDef(Generic[N]):
    """Graph without its states: a `NodeDef`, or a `NodeRef` to a node seen before."""


@jax.tree_util.register_static
@dataclasses.dataclass(frozen=True, repr=False)
class NodeRef(GraphDef[N], PrettyRepr):
    """Reference to a node or state that the graph has already.

    Parameters
    ----------
    type : type
        Its class.
    index : int
        Its number, in the order of first visits.
    """

    type: type
    index: int

    def __pretty_repr__(self) -> Iterator[PrettyType | PrettyAttr]:
        yield PrettyType(type(self))
        yield PrettyAttr("type", self.type.__name__)
        yield PrettyAttr("index", repr(self.index))


@jax.tree_util.register_static
@dataclasses.dataclass(frozen=True, repr=False)
class NodeDef(GraphDef[N], PrettyRepr):
    """Node without its states.

    Parameters
    ----------
    type : type
        Class of the node; `PytreeType` for containers.
    index : int
        Number of the node, in the order of first visits; -1 for containers.
    attributes : tuple
        Keys of the children, in their order.
    subgraphs : FrozenDict
        Key to the graph definition of a child that is a node or container.
    static_fields : FrozenDict
        Key to the `Static` value of a child that is neither.
    leaves : FrozenDict
        Key to the `NodeRef` of a child that is a state.
    metadata : object
        For containers, how to put them together.
    index_mapping : FrozenDict or None
        Inside of `update_context`: numbers outside to numbers inside.
    """

    type: type
    index: int
    attributes: tuple[Key, ...]
    subgraphs: FrozenDict[Key, GraphDef[Any]]
    static_fields: FrozenDict[Key, Static]
    leaves: FrozenDict[Key, NodeRef[Any]]
    metadata: Any
    index_mapping: FrozenDict[int, int] | None

    @classmethod
    def create(
        cls,
        type: type,
        index: int,
        attributes: Iterable[Key],
        subgraphs: Mapping[Key, GraphDef[Any]],
        static_fields: Mapping[Key, Any],
        leaves: Mapping[Key, NodeRef[Any]],
        metadata: Any,
        index_mapping: Mapping[int, int] | None,
    ) -> NodeDef[Any]:
        """Make one from plain dictionaries; see the class for the arguments."""
        static = {
            key: value if isinstance(value, Static) else Static(value)
            for key, value in static_fields.items()
        }
        mapping = None if index_mapping is None else FrozenDict(index_mapping)
        return cls(
            type=type,
            index=index,
            attributes=tuple(attributes),
            subgraphs=FrozenDict(subgraphs),
            static_fields=FrozenDict(static),
            leaves=FrozenDict(leaves),
            metadata=metadata,
            index_mapping=mapping,
        )

    def apply(self, state_map: Mapping[Any, Any], *state_maps: Mapping[Any, Any]):
        """Return a proxy whose calls run on a merged node; see `call`.

        Parameters
        ----------
        state_map, *state_maps : NestedDict
            The states that `treefy_split` has given.
        """
        from ._split import call  # _split builds on the classes here

        proxy: CallProxy = call((self, state_map, *state_maps))
        return proxy

    @functools.cached_property
    def _hash(self) -> int:
        fields = dataclasses.fields(self)
        return hash(tuple(getattr(self, field.name) for field in fields))

    def __hash__(self) -> int:
        return self._hash

    def __pretty_repr__(self) -> Iterator[PrettyType | PrettyAttr]:
        yield PrettyType(type(self))
        yield PrettyAttr("type", self.type.__name__)
        yield PrettyAttr("index", repr(self.index))
        for key in self.attributes:
            if key in self.subgraphs:
                yield PrettyAttr(str(key), self.subgraphs[key])
            elif key in self.leaves:
                yield PrettyAttr(str(key), self.leaves[key])
            else:
                yield PrettyAttr(str(key), self.static_fields[key])
