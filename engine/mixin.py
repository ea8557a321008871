"""Small promises that classes make: describable, aligned to the target, a mode."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, ClassVar, Generic, TypeVar

from ._errors import EngineError

T = TypeVar("T")


class MixinError(EngineError, TypeError):
    """A class was combined or described in a way that cannot work."""


class Mixin:
    """Base of the mix-ins."""


class ParamDesc(Mixin):
    """Gives a class `desc`: its parameters now, the object later.

    Two projections that describe the same synapse can share it, because the
    descriptions can be compared where objects cannot.
    """

    non_hashable_params: ClassVar[tuple[str, ...] | None] = None

    @classmethod
    def desc(cls, *args: Any, **kwargs: Any) -> ParamDescriber[Any]:
        """Describe an object of this class.

        Parameters
        ----------
        *args, **kwargs
            What the class will be called with.
        """
        return ParamDescriber(cls, *args, **kwargs)


class _Described(type):
    """Makes `isinstance(x, ParamDescriber[C])` ask for a description of a C."""

    def __instancecheck__(cls, instance: object) -> bool:
        wanted = cls.__dict__.get("_wanted")
        if wanted is None:
            return type.__instancecheck__(cls, instance)
        return isinstance(instance, ParamDescriber) and issubclass(instance.cls, wanted)


class ParamDescriber(Generic[T], metaclass=_Described):
    """A class and its parameters; calling it makes the object.

    Parameters
    ----------
    cls : type
        The class.
    *desc_tuple, **desc_dict
        Its parameters; those of the call are added.
    """

    def __init__(self, cls: type[T], *desc_tuple: Any, **desc_dict: Any):
        self.cls = cls
        self.args = desc_tuple
        self.kwargs = desc_dict
        self._identifier: Hashable | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> T:
        """Make the object, with these parameters added."""
        return self.cls(*self.args, *args, **{**self.kwargs, **kwargs})

    def init(self, *args: Any, **kwargs: Any) -> T:
        """Make the object; the same as calling."""
        return self(*args, **kwargs)

    @property
    def identifier(self) -> Hashable:
        """What two descriptions of equal objects share."""
        if self._identifier is None:
            hidden = getattr(self.cls, "non_hashable_params", None) or ()
            kwargs = {k: v for k, v in self.kwargs.items() if k not in hidden}
            self._identifier = (
                self.cls,
                tuple(_key(value) for value in self.args),
                tuple((name, _key(kwargs[name])) for name in sorted(kwargs)),
            )
        return self._identifier

    @identifier.setter
    def identifier(self, value: Hashable) -> None:
        self._identifier = value

    def __class_getitem__(cls, item: Any) -> Any:
        if not isinstance(item, type):
            return super().__class_getitem__(item)  # type: ignore[misc]
        return _Described(f"{cls.__name__}[{item.__name__}]", (cls,), {"_wanted": item})


def _key(value: Any) -> Hashable:
    """Return what stands for a parameter in an identifier: its value if hashable."""
    try:
        hash(value)
    except TypeError:
        return (type(value).__name__, repr(value))
    return value


class AlignPost(Mixin):
    """A synapse whose variable can be kept once a target: it is linear in its input."""

    def align_post_input_add(self, *args: Any, **kwargs: Any) -> None:
        """Add input of this step to the synaptic variable."""
        raise MixinError(
            f"{type(self).__name__} says that it is AlignPost and has no "
            "align_post_input_add. Define it, or do not derive from AlignPost."
        )


class BindCondData(Mixin):
    """Holds the conductance while the current is computed from it."""

    _conductance: Any = None

    def bind_cond(self, conductance: Any) -> None:
        """Hold a conductance."""
        self._conductance = conductance

    def unbind_cond(self) -> None:
        """Let it go."""
        self._conductance = None


class UpdateReturn(Mixin):
    """Says what `update` returns without running it."""

    def update_return(self) -> Any:
        """Return what the last update has returned."""
        raise MixinError(f"{type(self).__name__} has no update_return. Define it.")

    def update_return_info(self) -> Any:
        """Return the shape and type of what update returns."""
        raise MixinError(f"{type(self).__name__} has no update_return_info. Define it.")


class _TypesMeta(type):
    """`isinstance` and `issubclass` against several types, all or any of them."""

    __args__: tuple[type, ...]
    rule: Callable[..., bool]

    def __instancecheck__(cls, instance: object) -> bool:
        return cls.rule(isinstance(instance, kind) for kind in cls.__args__)

    def __subclasscheck__(cls, subclass: type) -> bool:
        if isinstance(subclass, _TypesMeta):
            return subclass is cls or cls.rule(
                any(issubclass(theirs, kind) for theirs in subclass.__args__)
                for kind in cls.__args__
            )
        return cls.rule(issubclass(subclass, kind) for kind in cls.__args__)


class _Types:
    """A special form: `Form[A, B]` is a type, `Form(A, B)` the same."""

    def __init__(self, name: str, rule: Callable[..., bool]):
        self._name, self._rule = name, rule

    def __call__(self, *args: type, **kwds: Any) -> type:
        if kwds or not args or not all(isinstance(kind, type) for kind in args):
            given = ", ".join(
                [*map(repr, args), *(f"{k}={v!r}" for k, v in kwds.items())]
            )
            raise MixinError(
                f"{self._name}[{given}] cannot be; it needs one or more types."
            )
        names = ", ".join(kind.__name__ for kind in args)
        rule = staticmethod(self._rule)
        fields = {"__args__": args, "__origin__": self, "rule": rule}
        return _TypesMeta(f"{self._name}[{names}]", (), fields)

    def __getitem__(self, types: type | tuple[type, ...]) -> type:
        return self(*(types if isinstance(types, tuple) else (types,)))

    def __repr__(self) -> str:
        return self._name


JointTypes = _Types("JointTypes", all)
"""`JointTypes[A, B]`: what is an A and also a B."""

OneOfTypes = _Types("OneOfTypes", any)
"""`OneOfTypes[A, B]`: what is an A or a B."""


class Mode(Mixin):
    """How a model is used: the plain mode, `Batching`, `Training`, or several."""

    def is_a(self, mode: type) -> bool:
        """Tell whether this mode is exactly of the type (or joint type)."""
        return type(self) is mode or (
            isinstance(mode, _TypesMeta)
            and frozenset(mode.__args__) == frozenset(self._types())
        )

    def has(self, mode: type) -> bool:
        """Tell whether this mode is, or contains, one of the type."""
        return isinstance(self, mode)

    def _types(self) -> tuple[type, ...]:
        return (type(self),)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self), tuple(sorted(vars(self).items(), key=repr))))

    def __repr__(self) -> str:
        return type(self).__name__


class JointMode(Mode):
    """Several modes at once; attributes of each are found on it.

    Parameters
    ----------
    *modes : Mode
        The modes.
    """

    def __init__(self, *modes: Mode):
        for mode in modes:
            if not isinstance(mode, Mode):
                raise MixinError(f"JointMode was given {mode!r}; it needs modes.")
        self.modes = tuple(modes)

    def has(self, mode: type) -> bool:
        """Tell whether one of the modes is of the type."""
        return any(isinstance(own, mode) for own in self.modes)

    def is_a(self, mode: type) -> bool:
        """Tell whether the modes together are exactly of the (joint) type."""
        wanted = mode.__args__ if isinstance(mode, _TypesMeta) else (mode,)
        return frozenset(wanted) == frozenset(self._types())

    def _types(self) -> tuple[type, ...]:
        return tuple(type(mode) for mode in self.modes)

    def __getattr__(self, item: str) -> Any:
        for mode in self.__dict__.get("modes", ()):
            if hasattr(mode, item):
                return getattr(mode, item)
        raise AttributeError(f"None of the modes {self.__dict__} has {item!r}.")

    def __repr__(self) -> str:
        return f"JointMode({', '.join(map(repr, self.modes))})"


class Batching(Mode):
    """Values have an axis of samples.

    Parameters
    ----------
    batch_size : int, default 1
        Number of samples.
    batch_axis : int, default 0
        Which axis it is.
    """

    def __init__(self, batch_size: int = 1, batch_axis: int = 0):
        self.batch_size = batch_size
        self.batch_axis = batch_axis

    def __repr__(self) -> str:
        return f"Batching(batch_size={self.batch_size}, batch_axis={self.batch_axis})"


class Training(Mode):
    """Parameters are being trained."""
