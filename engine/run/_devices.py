"""Which devices a network is divided among."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import jax

from ..divide import DivisionError

_FEWER = (
    "simulate: devices={wanted}, but there {are}. {hint} `jax.devices()` lists them."
)
_ON_CPU = (
    "A processor counts as one device; for more, call "
    'jax.config.update("jax_num_cpu_devices", {wanted}) before JAX is used.'
)
_UNKNOWN = (
    "simulate: devices={given!r}; give a number of devices, 'all', or a list of JAX "
    "devices."
)
_IDLE = (
    "simulate: process {idle} of {n} has none of the {wanted} devices. Give at least "
    "one of each process, or 'all'."
)


def devices_of(devices: Any) -> list[Any]:
    """Return the devices that are meant, those of one host next to each other.

    Parameters
    ----------
    devices : int, "all" or sequence of jax.Device
        So many of the first, all, or just these; of all processes that
        `jax.distributed` joined.

    Raises
    ------
    DivisionError
        If there are not so many, or a process has none of them.
    """
    there = sorted(jax.devices(), key=lambda one: (one.process_index, one.id))
    if isinstance(devices, str) and devices == "all":
        chosen = there
    elif isinstance(devices, int) and not isinstance(devices, bool) and devices > 0:
        if devices > len(there):
            raise DivisionError(_fewer(devices, there))
        chosen = there[:devices]
    elif isinstance(devices, Sequence) and not isinstance(devices, str) and devices:
        chosen = list(devices)
        if not all(isinstance(one, jax.Device) for one in chosen):
            raise DivisionError(_UNKNOWN.format(given=devices))
    else:
        raise DivisionError(_UNKNOWN.format(given=devices))
    idle = set(range(jax.process_count())) - {one.process_index for one in chosen}
    if idle:
        n, wanted = jax.process_count(), len(chosen)
        raise DivisionError(_IDLE.format(idle=min(idle), n=n, wanted=wanted))
    return chosen


def in_host_memory() -> Any:
    """Return a context in which arrays are made in the memory of the host.

    A network that is divided need not fit one device. Where JAX has no processor among
    its platforms, this changes nothing.
    """
    try:
        return jax.default_device(jax.local_devices(backend="cpu")[0])
    except RuntimeError:
        return contextlib.nullcontext()


def _fewer(wanted: int, there: Sequence[Any]) -> str:
    platform = there[0].platform
    are = (
        f"is one ({platform})" if len(there) == 1 else f"are {len(there)} ({platform})"
    )
    hint = f"Give at most {len(there)}."
    if platform == "cpu":
        hint = f"{hint} {_ON_CPU.format(wanted=wanted)}"
    return _FEWER.format(wanted=wanted, are=are, hint=hint)
