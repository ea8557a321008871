"""Joining the processes of several hosts, each started with the same command."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Sequence
from typing import Any

import jax

from ..divide import DivisionError
from ._meeting import meet

PORT = 12321
AUTO = "auto"

_NOT_HERE = (
    "join_hosts: this machine is none of {hosts}. Write the names or addresses by "
    "which it is known, or say which of them it is (--host-id, from 0)."
)
_SEVERAL = (
    "join_hosts: this machine is {n} of the hosts {hosts}. Say which of them this "
    "process is (--host-id, from 0)."
)
_NO_ID = "join_hosts: there is no host {id} of {n}; they count from 0 to {last}."
_NO_PORT = "join_hosts: {port!r} in {host!r} is no port. Write {name}:12321, say."
_EMPTY = (
    "join_hosts: hosts={hosts!r} names an empty host. Write them with commas between, "
    "the first with a port that is free: node0:12321,node1,node2."
)
_FEWER = "join_hosts: devices={n}, but a host has only {fewest}. Give at most {fewest}."
_LATE = (
    "join_hosts: JAX has been used already. Join the hosts before anything is computed."
)
_NOT_JOINED = (
    "join_hosts: the {n} hosts did not come together at {where}: {error} Start the "
    "same command on each of them, and let them reach that port."
)


def want_devices(n: int | None) -> None:
    """Let the processors of this host count as so many devices, if they still can.

    That is so until JAX is used, and unless the environment says how many they are.
    """
    chosen = "xla_force_host_platform_device_count" in os.environ.get("XLA_FLAGS", "")
    if n is None or chosen:
        return
    with contextlib.suppress(RuntimeError):  # JAX has been used: it keeps what it has
        jax.config.update("jax_num_cpu_devices", n)


def join_hosts(
    hosts: str | Sequence[str],
    host_id: int | None = None,
    devices: int | None = None,
    wait: float = 120.0,
) -> list[Any]:
    """Let the processes that make this call see each other's devices.

    It is called once, before JAX is used.

    Parameters
    ----------
    hosts : str or sequence of str
        Names or addresses of all hosts, in the same order on each, such as
        "node0:12321,node1,node2". The first coordinates; its port has to be free
        (default 12321). "auto" asks the launcher instead, as `jax.distributed` finds
        it: Slurm, Open MPI.
    host_id : int, optional
        Which of them this process is, from 0. Default: the one whose address this
        machine has.
    devices : int, optional
        So many of each host: GPUs, or else parts of its processors. Default: all GPUs,
        or one for the processors together.
    wait : float, s, default 120
        How long to wait for the others.

    Returns
    -------
    list of jax.Device
        Those of all hosts, for `simulate(..., devices=...)`.

    Raises
    ------
    DivisionError
        If the list is wrong, this machine is not in it, the others do not come, or a
        host has not so many devices.
    """
    host_id = number_of_host(hosts, host_id)
    if host_id is None:
        return _start(devices, "the launcher's address", "?", {})
    names, ports = _names_and_ports(hosts)
    port = ports[0] or PORT
    meet(names, port, host_id, wait)
    where = f"{names[0]}:{port}"
    options: dict[str, Any] = {"num_processes": len(names), "process_id": host_id}
    options["coordinator_address"] = where
    return _start(devices, where, len(names), options)


def number_of_host(hosts: str | Sequence[str], host_id: int | None) -> int | None:
    """Return which of the hosts this process is; None if the launcher has to say.

    Parameters and errors are those of `join_hosts`.
    """
    if hosts == AUTO:
        return None
    names, _ = _names_and_ports(hosts)
    if host_id is None:
        return _which(names)
    if not 0 <= host_id < len(names):
        n = len(names)
        raise DivisionError(_NO_ID.format(id=host_id, n=n, last=n - 1))
    return host_id


def _names_and_ports(hosts: str | Sequence[str]) -> tuple[Any, Any]:
    named = hosts.split(",") if isinstance(hosts, str) else list(hosts)
    names, ports = zip(*map(_name_and_port, named), strict=True)
    return names, ports


def _name_and_port(host: str) -> tuple[str, int | None]:
    name, colon, port = host.strip().rpartition(":")
    if not colon:
        name, port = port, ""
    if not name:
        raise DivisionError(_EMPTY.format(hosts=host))
    if colon and not (port.isdecimal() and 0 < int(port) < 2**16):
        raise DivisionError(_NO_PORT.format(port=port, host=host, name=name))
    return name, int(port) if port else None


def _which(names: Sequence[str]) -> int:
    """Return which host this machine is."""
    here = [i for i, name in enumerate(names) if _is_here(name)]
    hosts = ", ".join(names)
    if not here:
        raise DivisionError(_NOT_HERE.format(hosts=hosts))
    if len(here) > 1:
        raise DivisionError(_SEVERAL.format(n=len(here), hosts=hosts))
    return here[0]


def _is_here(name: str) -> bool:
    """Tell whether a name is one of this machine: a socket can have its address."""
    try:
        places = socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    except OSError:
        return False
    for family, kind, protocol, _, address in places:
        with contextlib.suppress(OSError), socket.socket(family, kind, protocol) as one:
            one.bind(address)
            return True
    return False


def _start(
    devices: int | None, where: str, n: int | str, options: dict[str, Any]
) -> list[Any]:
    try:
        want_devices(devices)
        jax.config.update("jax_cpu_collectives_implementation", "gloo")
        jax.distributed.initialize(**options)
    except (RuntimeError, ValueError) as error:
        if "before" in str(error):  # what JAX says when a computation came first
            raise DivisionError(_LATE) from error
        text = _NOT_JOINED.format(n=n, where=where, error=_sentence(error))
        raise DivisionError(text) from error
    of_host = [jax.local_devices(i) for i in range(jax.process_count())]
    fewest = min(map(len, of_host))
    if devices is not None and devices > fewest:
        raise DivisionError(_FEWER.format(n=devices, fewest=fewest))
    return [one for there in of_host for one in there[:devices]]


def _sentence(error: Exception) -> str:
    text = str(error).strip().splitlines()[0].rstrip(".")
    return f"{text}."
