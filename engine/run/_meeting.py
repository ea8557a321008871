"""Hosts wait for each other before JAX does, which ends the process if one is late."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterator, Sequence

from ..divide import DivisionError

GREETING = "neuroloom"
PAUSE = 0.2  # s between two tries to reach the first host

_ABSENT = (
    "join_hosts: {missing} did not come to port {port} of {first} within {wait:g} s. "
    "Start the same command there."
)
_NO_FIRST = (
    "join_hosts: {first} does not answer at port {port} ({error}) for {wait:g} s. Start "
    "the same command there, and let this machine reach that port."
)
_TAKEN = (
    "join_hosts: port {port} of this machine cannot be used ({error}). Give another one: "
    "{first}:23456, say."
)
_TWICE = (
    "join_hosts: two processes are host {i}, {name}. Give each a --host-id of its own."
)
_OTHERS = (
    "join_hosts: host {i} was started with other --hosts than the first one: {given}, "
    "not {named}. Give all of them the same."
)


def meet(names: Sequence[str], port: int, host: int, wait: float) -> None:
    """Return when all hosts have come.

    Parameters
    ----------
    names : sequence of str
        All hosts; they meet at the first.
    port : int
        There.
    host : int
        Which of them this is.
    wait : float, s
        How long to wait.

    Raises
    ------
    DivisionError
        In all hosts, if one does not come in time, or comes with another list; in the
        first one, if its port is taken.
    """
    end = time.monotonic() + wait
    if len(names) == 1:
        return
    problem = _receive(names, port, end, wait) if host == 0 else None
    if host:
        problem = _visit(names, port, host, end, wait)
    if problem:
        raise DivisionError(problem)


def _receive(names: Sequence[str], port: int, end: float, wait: float) -> str | None:
    """Wait for the others, tell them whether all is well, and return what is not."""
    came: dict[int, socket.socket] = {}
    with contextlib.ExitStack() as stack:
        try:
            door = stack.enter_context(socket.create_server(("", port)))
        except OSError as error:
            text = error.strerror
            return _TAKEN.format(port=port, error=text, first=names[0])
        problem = None
        while problem is None and len(came) < len(names) - 1:
            door.settimeout(max(end - time.monotonic(), 0.01))
            try:
                guest = stack.enter_context(door.accept()[0])
            except TimeoutError:
                late = [n for i, n in enumerate(names) if i and i not in came]
                options = {"port": port, "first": names[0], "wait": wait}
                problem = _ABSENT.format(missing=", ".join(late), **options)
                break
            problem = _greeted(guest, names, came)
        for guest in came.values():
            with contextlib.suppress(OSError):
                guest.sendall(json.dumps([GREETING, problem]).encode() + b"\n")
    return problem


def _greeted(
    guest: socket.socket, names: Sequence[str], came: dict[int, socket.socket]
) -> str | None:
    """Note who has come, and return what is wrong with it; strangers are let go."""
    try:
        word, host, given = json.loads(_line(guest, 2.0))
        if word != GREETING or host not in range(1, len(given)):
            return None
    except (OSError, ValueError, TypeError):
        return None
    is_known, is_new = given == list(names), host not in came
    came[host if is_new else -1] = guest  # it hears what is wrong, too
    if not is_known:
        return _OTHERS.format(i=host, given=", ".join(given), named=", ".join(names))
    return None if is_new else _TWICE.format(i=host, name=names[host])


def _visit(
    names: Sequence[str], port: int, host: int, end: float, wait: float
) -> str | None:
    """Tell the first host that this one is there, and return what it finds wrong."""
    error: object = "no answer"
    for left in _tries(end):
        try:
            with socket.create_connection((names[0], port), timeout=left) as first:
                greeting = json.dumps([GREETING, host, list(names)])
                first.sendall(greeting.encode() + b"\n")
                word, problem = json.loads(_line(first, left))
        except (OSError, ValueError, TypeError) as found:
            error = getattr(found, "strerror", None) or error
            continue
        if word == GREETING:
            return problem
    return _NO_FIRST.format(first=names[0], port=port, error=error, wait=wait)


def _tries(end: float) -> Iterator[float]:
    """Yield the seconds that are left, again and again until there are none."""
    while (left := end - time.monotonic()) > 0:
        yield left
        time.sleep(PAUSE)


def _line(peer: socket.socket, timeout: float) -> bytes:
    """Return a line that somebody says, "" where it says no more."""
    peer.settimeout(timeout)
    with peer.makefile("rb") as file:
        return file.readline(65536)
