"""Which kinds there are."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from .._errors import EngineError, UnknownNameError, nearest
from ._kind import EdgeKind, Kind, NodeKind, OutputKind, RuleKind, SynapseKind

FAMILIES: dict[str, type[Kind]] = {
    kind.family: kind
    for kind in (NodeKind, RuleKind, SynapseKind, OutputKind, EdgeKind)
}

K = TypeVar("K", bound=Kind)
T = TypeVar("T", bound=type)

_kinds: dict[str, dict[str, Kind]] = {family: {} for family in FAMILIES}
_callbacks: list[Callable[[], Any]] = []


class KindError(EngineError, ValueError):
    """A kind that cannot be registered."""


class UnknownKindError(UnknownNameError):
    """No kind of that name is registered."""


def register(kind: Kind | None = None, **options: Any) -> Any:
    """Make a kind known, replacing one of the same key.

    Parameters
    ----------
    kind : Kind, optional
        The kind. Left out, this is a decorator for an engine class: the options are
        those of `NodeKind`, `key` and `label` being the name of the class unless
        given, `help` the first line of its docstring.

    Returns
    -------
    Kind or decorator

    Raises
    ------
    KindError
        If an engine class has no argument for a parameter.

    Examples
    --------
    >>> @register(params=(Param("tau", unit="ms", default=20.0),), ports=NEURON_PORTS)
    ... class MyNeuron(nn.Neuron): ...
    """
    if kind is None:
        return lambda cls: _register_class(cls, options)
    if not isinstance(kind, Kind) or kind.family not in FAMILIES:
        raise KindError(
            f"kinds.register: got {kind!r}; give a NodeKind, EdgeKind, RuleKind, "
            "SynapseKind or OutputKind."
        )
    _check_arguments(kind)
    _kinds[kind.family][kind.key] = kind
    _announce()
    return kind


def _register_class(cls: T, options: dict[str, Any]) -> T:
    from .neurons import NEURON_PORTS  # the declarations import this module

    first_line = (inspect.getdoc(cls) or "").partition("\n")[0]
    defaults = {"key": cls.__name__, "label": cls.__name__, "help": first_line}
    defaults |= {"ports": NEURON_PORTS, "variables": (("V", "mV"),), "size": 100}
    register(NodeKind(cls=cls, **{**defaults, **options}))
    return cls


def _check_arguments(kind: Kind) -> None:
    """Refuse a class that does not take what its kind declares."""
    if not isinstance(kind.cls, type):
        return
    arguments = inspect.signature(kind.cls).parameters
    if any(a.kind is a.VAR_KEYWORD for a in arguments.values()):
        return
    for param in kind.params:
        if param.keyword not in arguments:
            raise KindError(
                f"kinds.register: {kind.key} declares the parameter {param.name!r}, "
                f"but {kind.cls.__name__} takes no argument {param.keyword!r}."
                f"{nearest(param.keyword, arguments)}"
            )


def unregister(kind: Kind) -> None:
    """Forget a kind; one that is not known is no error."""
    _kinds[kind.family].pop(kind.key, None)
    _announce()


def get(family: str, key: str) -> Any:
    """Return a kind.

    Raises
    ------
    UnknownKindError
        If there is none of that name; names the nearest.
    """
    known = _kinds[family]
    if isinstance(key, str) and key in known:
        return known[key]
    raise UnknownKindError(
        f"kinds.get: there is no {family} of kind {key!r}.{nearest(str(key), known)}"
    )


def find(family: str, key: Any) -> Any:
    """Return a kind, or None if there is none of that name."""
    return _kinds[family].get(key) if isinstance(key, str) else None


def of_class(family: str, cls: type) -> Any:
    """Return the kind of an engine class, or None if there is none."""
    return next((k for k in all_kinds(family) if k.cls and _is_class(k, cls)), None)


def _is_class(kind: Kind, cls: type) -> bool:
    if isinstance(kind.cls, str) and kind.cls.rpartition(":")[2] != cls.__name__:
        return False  # resolving would import
    return kind.resolve() is cls


def all_kinds(family: str) -> tuple[Any, ...]:
    """Return the kinds of a family, in the order in which they were registered."""
    return tuple(_kinds[family].values())


def subscribe(callback: Callable[[], Any]) -> Callable[[], None]:
    """Call `callback()` after every change; return a function that ends it."""
    _callbacks.append(callback)

    def cancel() -> None:
        if callback in _callbacks:
            _callbacks.remove(callback)

    return cancel


def _announce() -> None:
    for callback in tuple(_callbacks):
        callback()


def catalogue() -> dict[str, list[dict[str, Any]]]:
    """Return all kinds as JSON, by family."""
    return {
        f"{family}s": [kind.to_dict() for kind in all_kinds(family)]
        for family in FAMILIES
    }
