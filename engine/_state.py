"""State: the one mutable thing of the engine, and its forms."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

import jax
import jax.numpy as jnp
from jax.core import Tracer

from ._errors import (
    LeakedStateError,
    StateDeletedError,
    StateValueError,
    TraceContextError,
)
from ._frames import callers
from ._pretty import PrettyAttr, PrettyRepr, PrettyType
from ._trace import note_new, note_read, note_write, watch
from ._tracing import current_trace

A = TypeVar("A")


class _Missing:
    def __repr__(self) -> str:
        return "Missing"


_MISSING = _Missing()

_LEAKED = (
    "State {path}, made at {source}: it was made inside of {where} and kept "
    "beyond it; its value existed only while that was traced. Make the State before "
    "(for modules: call init_state outside), or return the value and keep that."
)
_NESTED = (
    "State {path}, made at {source}: the value is itself a State. Give its value, `other.value`, "
    "or keep the other State as an attribute of its own."
)
_OTHER_TREE = (
    "State {path}, made at {source}: the value has the structure {given}; the State holds {needed}. "
    "Give a value of that structure, or make a new State for the other one."
)
_DELETED = (
    "State {path}, made at {source}: its array was deleted, most likely because it was donated to a "
    "jitted function. Read the State only after the call has given it a new value, "
    "or do not donate it."
)
_OTHER_TRACE = (
    "State {path}, made at {source}: it was made outside of the JAX transformation "
    "that writes it now, and that transformation does not know States. Use the "
    "engine's own transformation (engine.compile.jit, engine.augment.grad, ...) "
    "in its place."
)


def _creation_site() -> traceback.FrameSummary | None:
    """Return the innermost frame outside of this package."""
    for frame, line in callers():
        code = frame.f_code
        return traceback.FrameSummary(
            code.co_filename, line, code.co_name, lookup_line=False
        )
    return None


class Leaked:
    """Takes the place of a value that a finished transformation has left in a State.

    Parameters
    ----------
    where : str
        The transformation.
    """

    def __init__(self, where: str):
        self.where = where

    def __repr__(self) -> str:
        return f"Leaked({self.where!r})"


class State(PrettyRepr, Generic[A]):
    """A value that modules keep and transformations know how to thread through.

    Reading `value` and setting it are seen by the transformations of the engine, so
    that a function may use States as if they were ordinary attributes.

    Like any plain object a State is equal to itself only, and hashes by identity:
    comparing values would be ambiguous for arrays. Compare `a.value` with `b.value`.

    Parameters
    ----------
    value : pytree of arrays
        The first value. Another State is unwrapped.
    name : str, optional
        How the State is called in messages.
    **metadata
        Kept as attributes, and carried along by `copy`, `replace` and `to_state_ref`.

    Raises
    ------
    StateValueError
        If the value is set to a State, or, inside of `check_state_value_tree`, to
        another tree structure.
    StateDeletedError
        If the value is read after its array was donated.
    LeakedStateError
        If the value is read after the transformation is over that the State was made
        in.
    TraceContextError
        Inside of `check_state_jax_tracer`, when a JAX transformation that does not
        know the State writes it.
    """

    tag: str | None
    _value: A
    _name: str | None
    _source: traceback.FrameSummary | None
    _trace: Any

    def __init__(self, value: A | State[A], name: str | None = None, **metadata: Any):
        if isinstance(value, State):
            value = value.value
        fields = vars(self)
        fields["_value"] = value
        fields["_name"] = name
        fields["_source"] = _creation_site()
        fields["_trace"] = current_trace()
        fields["tag"] = None
        fields.update(metadata)
        note_new(self)

    # Value

    @property
    def value(self) -> A:
        """The present value; setting it checks, and tells who watches."""
        if self._value.__class__ is Leaked:
            self._raise_leaked()
        self.check_if_deleted()
        note_read(self)
        return self._value

    @value.setter
    def value(self, new: A) -> None:
        if isinstance(new, State):
            raise StateValueError(_NESTED.format(path=self._path(), source=self.site))
        if watch.checks_tree:
            self._check_tree(new)
        if watch.checks_tracer:
            self.check_valid_trace(
                lambda: _OTHER_TRACE.format(path=self._path(), source=self.site)
            )
        note_write(self)
        self._value = new

    def write_value(self, v: A) -> None:
        """Set the value; the same as assigning to `value`."""
        self.value = v

    def restore_value(self, v: A) -> None:
        """Set the value unseen by transformations, checked for its structure.

        Parameters
        ----------
        v : pytree of arrays
            A value of the structure the State holds.
        """
        if isinstance(v, State):
            raise StateValueError(_NESTED.format(path=self._path(), source=self.site))
        self._check_tree(v)
        self._value = v

    def value_call(self, func: Callable[[Any], Any]) -> Any:
        """Return `func` of every leaf of the value."""
        return jax.tree.map(func, self.value)

    def peek(self) -> A:
        """Return the value unseen and unchecked: for transformations."""
        return self._value

    def poke(self, value: A) -> None:
        """Set the value unseen and unchecked: for transformations."""
        self._value = value

    def check_if_deleted(self) -> None:
        """Raise StateDeletedError if an array of the value was donated."""
        for leaf in jax.tree.leaves(self._value):
            if (
                isinstance(leaf, jax.Array)
                and not isinstance(leaf, Tracer)
                and leaf.is_deleted()
            ):
                raise StateDeletedError(
                    _DELETED.format(path=self._path(), source=self.site)
                )

    def _raise_leaked(self) -> None:
        leaked: Any = self._value
        raise LeakedStateError(
            _LEAKED.format(
                path=self._path(),
                source=self.site,
                where=leaked.where,
            )
        )

    def check_valid_trace(self, error_msg: Callable[[], str] | str) -> None:
        """Raise TraceContextError if the running trace is not the State's own.

        Parameters
        ----------
        error_msg : str or callable
            The text, or what makes it.
        """
        if watch.traces:
            return  # a transformation of the engine watches: it threads the value
        if self._trace != current_trace():
            raise TraceContextError(error_msg() if callable(error_msg) else error_msg)

    def _check_tree(self, new: Any) -> None:
        given, needed = jax.tree.structure(new), jax.tree.structure(self._value)
        if given != needed:
            raise StateValueError(
                _OTHER_TREE.format(
                    path=self._path(), source=self.site, given=given, needed=needed
                )
            )

    # Name and origin

    @property
    def name(self) -> str | None:
        """How the State is called in messages."""
        return self._name

    @name.setter
    def name(self, name: str | None) -> None:
        self._name = name

    @property
    def source_info(self) -> traceback.FrameSummary | None:
        """Where the State was made: file, line and function."""
        return self._source

    @property
    def site(self) -> str:
        """Where the State was made, as ``file:line``, for messages."""
        site = self._source
        return "an unknown place" if site is None else f"{site.filename}:{site.lineno}"

    def _path(self) -> str:
        from ._where import path_now  # which is built on States

        path, kind = self._name or path_now(self), type(self).__name__
        return f"{path!r} ({kind})" if path else f"({kind})"

    # Copies

    def metadata(self) -> dict[str, Any]:
        """Return what belongs to the State besides its value."""
        hidden = ("_value", "_name", "_source", "_trace")
        fields = {k: v for k, v in vars(self).items() if k not in hidden}
        return {"name": self._name, **fields}

    def copy(self) -> State[A]:
        """Return a new State of the same kind, value and metadata."""
        return self.replace()

    def replace(self, value: Any = _MISSING, **kwargs: Any) -> State[A]:
        """Return a copy with another value or other metadata.

        Parameters
        ----------
        value : pytree, optional
            The other value; a State of the same kind gives its own.
        **kwargs
            The other metadata.
        """
        if isinstance(value, State):
            if type(value) is not type(self):
                raise StateValueError(
                    f"State {self._path()}: cannot be replaced by a "
                    f"{type(value).__name__}; it needs to be a {type(self).__name__}."
                )
            kwargs = {**value.metadata(), **kwargs}
            value = value.value
        new = object.__new__(type(self))
        vars(new).update(vars(self))
        vars(new)["_value"] = self._value if value is _MISSING else value
        vars(new)["_source"] = _creation_site()
        vars(new)["_trace"] = current_trace()
        for key, entry in kwargs.items():
            vars(new)["_name" if key == "name" else key] = entry
        note_new(new)
        return new

    def to_state_ref(self) -> TreefyState[A]:
        """Return the State as a pytree node."""
        return TreefyState(type(self), self._value, **self.metadata())

    def update_from_ref(self, state_ref: TreefyState[A]) -> None:
        """Take over value and metadata of the pytree form.

        Parameters
        ----------
        state_ref : TreefyState
            A form that `to_state_ref` of such a State has given.
        """
        for key, entry in state_ref.get_metadata().items():
            vars(self)["_name" if key == "name" else key] = entry
        self.value = state_ref.value

    def __getstate__(self) -> dict[str, Any]:
        # traces cannot be pickled, and mean nothing in another process
        return {k: v for k, v in vars(self).items() if k != "_trace"}

    def __setstate__(self, fields: dict[str, Any]) -> None:
        vars(self).update(fields, _trace=current_trace())

    def __pretty_repr__(self) -> Iterator[PrettyType | PrettyAttr]:
        yield PrettyType(type(self))
        yield PrettyAttr("value", repr(self._value))
        for key, entry in self.metadata().items():
            if entry is not None and not key.startswith("_"):
                yield PrettyAttr(key, repr(entry))


class ShortTermState(State[A]):
    """A State that lasts for one run: membrane voltage, synaptic conductance."""


class LongTermState(State[A]):
    """A State that lasts for many runs: weights, statistics of a normalization."""


class HiddenState(ShortTermState[A]):
    """The hidden variable of a dynamical system or a recurrent cell."""


class ParamState(LongTermState[A]):
    """A parameter that training changes."""


@jax.tree_util.register_pytree_with_keys_class
class TreefyState(PrettyRepr, Generic[A]):
    """The form of a State that is a pytree node: its value is the child.

    Parameters
    ----------
    type : type
        The class of the State.
    value : pytree of arrays
        Its value.
    **metadata
        What else belongs to it.
    """

    def __init__(self, type: type[State[Any]], value: A, **metadata: Any):
        self.type = type
        self.value = value
        vars(self).update(metadata)

    def replace(self, value: Any) -> TreefyState[Any]:
        """Return the same form with another value."""
        return TreefyState(self.type, value, **self.get_metadata())

    def to_state(self) -> State[A]:
        """Return a new State of this kind, value and metadata."""
        state = object.__new__(self.type)
        metadata = self.get_metadata()
        vars(state).update(
            _value=self.value,
            _name=metadata.pop("name", None),
            _source=_creation_site(),
            _trace=current_trace(),
            tag=None,
        )
        vars(state).update(metadata)
        note_new(state)
        return state

    def copy(self) -> TreefyState[A]:
        """Return another object of the same content."""
        return self.replace(self.value)

    def get_metadata(self) -> dict[str, Any]:
        """Return what belongs to the State besides type and value."""
        return {k: v for k, v in vars(self).items() if k not in ("type", "value")}

    def tree_flatten_with_keys(self) -> tuple[Any, Any]:
        """Flatten for JAX: the value is the only child."""
        children = ((jax.tree_util.GetAttrKey("value"), self.value),)
        return children, (self.type, tuple(sorted(self.get_metadata().items())))

    @classmethod
    def tree_unflatten(cls, aux: Any, children: Any) -> TreefyState[Any]:
        """Rebuild from what `tree_flatten_with_keys` has given."""
        kind, metadata = aux
        return cls(kind, children[0], **dict(metadata))

    def __pretty_repr__(self) -> Iterator[PrettyType | PrettyAttr]:
        yield PrettyType(type(self))
        yield PrettyAttr("type", self.type.__name__)
        yield PrettyAttr("value", repr(self.value))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TreefyState):
            return NotImplemented
        if self.type is not other.type or self.get_metadata() != other.get_metadata():
            return False
        mine, theirs = jax.tree.flatten(self.value), jax.tree.flatten(other.value)
        return mine[1] == theirs[1] and all(
            a is b or bool(jnp.array_equal(a, b))
            for a, b in zip(mine[0], theirs[0], strict=True)
        )

    def __hash__(self) -> int:
        return hash((self.type, jax.tree.structure(self.value)))
