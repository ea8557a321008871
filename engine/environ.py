"""Settings that reach everything: time step, precision, platform, mode.

`set` changes a setting for the process, `context` for a block of code on this thread.
The innermost context wins.

======================  ==========================================================
key                     meaning
======================  ==========================================================
`dt`                    time step of the integration; a quantity or a number
`i`, `t`                step counter and time, set around every step of a run
`fit`                   whether layers such as Dropout are being trained
`precision`             8 to 64 bits of floats, or "bf16"; 32 unless set
`mode`                  a `mixin.Mode`, for layers that ask
`jit_error_check`       whether checks inside compiled code raise
`connectivity`          of drawn networks: random connections are "stored", drawn
                        "just-in-time" at every spike, or stored while they fit the
                        memory ("auto", unless set)
`platform`              where JAX runs; only by `set`, before JAX has started
`host_device_count`     virtual CPU devices; only by `set`, before JAX has started
======================  ==========================================================
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ._errors import EngineError, UnknownNameError, nearest
from .mixin import Mode

_MISSING = object()

_PLATFORMS = ("cpu", "gpu", "tpu", "cuda", "rocm")
_PROCESS_ONLY = ("platform", "host_device_count")

_CONNECTIVITY = ("auto", "stored", "just-in-time")

_FLOATS = {8: "float8_e5m2", 16: "bfloat16", 32: "float32", 64: "float64"}
_FLOATS["bf16"] = "bfloat16"  # type: ignore[index]
_WHOLE = {8: 8, 16: 16, 32: 32, 64: 64, "bf16": 16}

_settings: dict[str, Any] = {}
_behaviors: dict[str, Callable[[Any], None]] = {}


class _Contexts(threading.local):
    """The contexts that are open on this thread, innermost last."""

    def __init__(self) -> None:
        self.stack: list[dict[str, Any]] = []


_contexts = _Contexts()


class EnvironError(EngineError, ValueError):
    """A setting has a value that it cannot have."""


def set(
    platform: str | None = None,
    host_device_count: int | None = None,
    mem_scaling: Any = None,
    precision: int | str | None = None,
    mode: Mode | None = None,
    **kwargs: Any,
) -> None:
    """Change settings for the process.

    Parameters
    ----------
    platform : str, optional
        "cpu", "gpu" or "tpu".
    host_device_count : int, optional
        Number of virtual CPU devices.
    mem_scaling : MemScaling, optional
        How values are scaled for memory of low precision.
    precision : int or "bf16", optional
        Bits of floats; 64 turns double precision on.
    mode : Mode, optional
        The mode that layers ask for.
    **kwargs
        Any other setting, such as `dt`.

    Raises
    ------
    EnvironError
        If a value is not possible.
    """
    given = {"mem_scaling": mem_scaling, "mode": mode, **kwargs}
    given = {k: v for k, v in given.items() if v is not None or k in kwargs}
    if platform is not None:
        set_platform(platform)
    if host_device_count is not None:
        set_host_device_count(host_device_count)
    if precision is not None:
        _check_precision(precision)
        jax.config.update("jax_enable_x64", precision == 64)
        given["precision"] = precision
    _check_mode(mode)
    _check_connectivity(given)
    _settings.update(given)
    for key, value in given.items():
        _notify(key, value)


@contextlib.contextmanager
def context(**kwargs: Any) -> Iterator[dict[str, Any]]:
    """Change settings inside a block, on this thread.

    Parameters
    ----------
    **kwargs
        The settings, such as `dt=0.1 * u.ms` or `fit=True`.

    Yields
    ------
    dict
        All settings as they are inside.

    Raises
    ------
    EnvironError
        If a setting can only be changed for the process: platform and device count.
    """
    for key in _PROCESS_ONLY:
        if key in kwargs:
            raise EnvironError(
                f"environ.context({key}=...): {key} cannot change while JAX runs. "
                f"Call environ.set({key}=...) at the start of the program."
            )
    precision = kwargs.get("precision")
    with contextlib.ExitStack() as stack:
        if precision is not None:
            _check_precision(precision)
            stack.enter_context(jax.enable_x64(precision == 64))
        _check_mode(kwargs.get("mode"))
        _check_connectivity(kwargs)
        _contexts.stack.append(kwargs)
        try:
            for key, value in kwargs.items():
                _notify(key, value)
            yield all()
        finally:
            kept = [layer for layer in _contexts.stack if layer is not kwargs]
            _contexts.stack[:] = kept  # by identity: `==` of quantities may raise
            for key in kwargs:
                before = _find(key)
                if before is not _MISSING:
                    _notify(key, before)


def _find(key: str) -> Any:
    for layer in reversed(_contexts.stack):
        if key in layer:
            return layer[key]
    return _settings.get(key, _MISSING)


def get(key: str, default: Any = _MISSING, desc: str | None = None) -> Any:
    """Return a setting.

    Parameters
    ----------
    key : str
        Its name.
    default : object, optional
        What to return when it is not set.
    desc : str, optional
        What it is, for the message.

    Raises
    ------
    UnknownNameError
        If it is not set and no default is given; also a KeyError.
    """
    match key:
        case "platform":
            return get_platform()
        case "host_device_count":
            return get_host_device_count()
    value = _find(key)
    if value is not _MISSING:
        return value
    if default is not _MISSING:
        return default
    if key in _DEFAULTS:
        return _DEFAULTS[key]()
    meaning = f" ({desc})" if desc else ""
    raise UnknownNameError(
        f"environ: {key!r}{meaning} is not set. Set it with environ.set({key}=...), "
        f"or around the code with `with environ.context({key}=...):`."
        + nearest(key, all())
    )


def all() -> dict[str, Any]:
    """Return all settings as they are now, on this thread."""
    merged = dict(_settings)
    for layer in _contexts.stack:
        merged.update(layer)
    return merged


def set_host_device_count(n: int) -> None:
    """Ask for `n` virtual CPU devices; only before JAX has started.

    Parameters
    ----------
    n : int
        Number of devices.
    """
    if not isinstance(n, (int, np.integer)) or n < 1:
        raise EnvironError(
            f"environ: host_device_count is {n!r}; it needs to be 1 or more."
        )
    flags = os.environ.get("XLA_FLAGS", "")
    flags = re.sub(r"--xla_force_host_platform_device_count=\S+", "", flags).split()
    flags.append(f"--xla_force_host_platform_device_count={n}")
    os.environ["XLA_FLAGS"] = " ".join(flags)
    _settings["host_device_count"] = int(n)
    _notify("host_device_count", int(n))


def set_platform(platform: str) -> None:
    """Choose where JAX runs; only before JAX has started.

    Parameters
    ----------
    platform : str
        "cpu", "gpu" or "tpu".
    """
    if platform not in _PLATFORMS:
        raise EnvironError(
            f"environ: the platform is {platform!r}; it needs to be one of "
            f"{', '.join(_PLATFORMS)}.{nearest(platform, _PLATFORMS)}"
        )
    jax.config.update("jax_platform_name", platform)
    _settings["platform"] = platform
    _notify("platform", platform)


def get_host_device_count() -> int:
    """Return the number of virtual CPU devices that was asked for, else 1."""
    flags = os.environ.get("XLA_FLAGS", "")
    found = re.search(r"--xla_force_host_platform_device_count=(\d+)", flags)
    return int(found[1]) if found else 1


def get_platform() -> str:
    """Return where JAX runs: "cpu", "gpu" or "tpu"."""
    return jax.default_backend()


def get_dt() -> Any:
    """Return the time step.

    Raises
    ------
    UnknownNameError
        If it is not set; also a KeyError.
    """
    return get("dt", desc="the time step of the integration")


def get_mode() -> Mode:
    """Return the mode."""
    return get("mode")


def get_mem_scaling() -> Any:
    """Return how values are scaled for memory of low precision."""
    return get("mem_scaling")


def get_precision() -> int | str:
    """Return the bits of floats: 8, 16, 32 or 64."""
    return get("precision")


def dftype() -> Any:
    """Return the type of floats at the present precision."""
    return jnp.dtype(_FLOATS[get_precision()])  # type: ignore[index]


def ditype() -> Any:
    """Return the type of signed integers at the present precision."""
    return jnp.dtype(f"int{_WHOLE[get_precision()]}")


def dutype() -> Any:
    """Return the type of unsigned integers at the present precision."""
    return jnp.dtype(f"uint{_WHOLE[get_precision()]}")


def dctype() -> Any:
    """Return the type of complex numbers at the present precision."""
    return jnp.dtype("complex128" if get_precision() == 64 else "complex64")


def tolerance() -> Any:
    """Return the error that results may have at the present precision."""
    tolerances = {64: 1e-12, 32: 1e-5, 16: 1e-2, "bf16": 1e-2, 8: 1e-1}
    return jnp.asarray(tolerances[get_precision()], dftype())


def register_default_behavior(
    key: str, behavior: Callable[[Any], None], replace_if_exist: bool = False
) -> None:
    """Call `behavior` with the value of a setting whenever it changes.

    On leaving a context it is called with the value from before.

    Parameters
    ----------
    key : str
        The setting.
    behavior : callable
        Takes the new value.
    replace_if_exist : bool, default False
        Take the place of one that is registered already.

    Raises
    ------
    EnvironError
        If one is registered already and is not to be replaced.
    """
    if not callable(behavior):
        raise EnvironError(f"environ: the behavior of {key!r} needs to be callable.")
    if key in _behaviors and not replace_if_exist:
        raise EnvironError(
            f"environ: {key!r} has a behavior already. "
            "Pass replace_if_exist=True to take its place."
        )
    _behaviors[key] = behavior


def _notify(key: str, value: Any) -> None:
    if key in _behaviors:
        _behaviors[key](value)


def _check_precision(precision: Any) -> None:
    if precision not in _FLOATS:
        raise EnvironError(
            f"environ: the precision is {precision!r}; it needs to be one of "
            f"{', '.join(map(repr, _FLOATS))}."
        )


def _check_mode(mode: Any) -> None:
    if mode is not None and not isinstance(mode, Mode):
        raise EnvironError(
            f"environ: the mode is {mode!r}; it needs to be a mixin.Mode, such as "
            "mixin.Training() or mixin.Batching(32)."
        )


def _check_connectivity(settings: dict[str, Any]) -> None:
    choice = settings.get("connectivity", "auto")
    if choice not in _CONNECTIVITY:
        raise EnvironError(
            f"environ: connectivity is {choice!r}; it needs to be one of "
            f"{', '.join(map(repr, _CONNECTIVITY))}."
        )


def _no_scaling() -> Any:
    from .util import IdMemScaling  # util needs the engine's State: not at import

    return IdMemScaling()


_DEFAULTS: dict[str, Callable[[], Any]] = {
    "precision": lambda: 64 if jax.config.read("jax_enable_x64") else 32,
    "mode": Mode,
    "mem_scaling": _no_scaling,
}
