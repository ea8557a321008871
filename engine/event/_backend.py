"""Which implementation of the event products runs."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Literal, NamedTuple

import jax

from .._errors import EngineError
from ._kernels import native_problem

Choice = Literal["auto", "native", "xla"]


class BackendError(EngineError, RuntimeError):
    """A backend that does not exist, or not on this machine."""


class Backend(NamedTuple):
    """What runs, and why.

    Attributes
    ----------
    name : {'native', 'xla'}
        Compiled CPU kernels, or programs of XLA operations.
    reason : str
        In words.
    """

    name: str
    reason: str


class _Chosen(threading.local):
    choice: Choice = "auto"


_chosen = _Chosen()


def current_choice() -> Choice:
    """Give the choice of this thread."""
    return _chosen.choice


def backend() -> Backend:
    """Say which implementation the event products use on the default device."""
    if _chosen.choice == "xla":
        return Backend("xla", "chosen by use_backend")
    platform = jax.default_backend()
    if platform != "cpu":
        return Backend(
            "xla", f"native kernels are for CPUs, the device is a {platform}"
        )
    problem = native_problem()
    if problem is not None:
        return Backend("xla", problem)
    return Backend("native", "numba compiles kernels for this CPU")


@contextlib.contextmanager
def use_backend(choice: Choice) -> Iterator[None]:
    """Choose the implementation for what is traced inside a ``with`` block.

    Parameters
    ----------
    choice : {'auto', 'native', 'xla'}
        'auto' takes native kernels where there are any. A function that is compiled
        already keeps what it was compiled with.

    Raises
    ------
    BackendError
        If the choice is none of these, or 'native' where there are no kernels.
    """
    if choice not in ("auto", "native", "xla"):
        raise BackendError(
            f"event.use_backend: {choice!r} is no backend. Choose 'auto', 'native' or "
            "'xla'."
        )
    problem = native_problem() if choice == "native" else None
    if problem is not None:
        raise BackendError(
            f"event.use_backend: no native kernels here, because {problem}. Choose "
            "'auto' or 'xla'."
        )
    before, _chosen.choice = _chosen.choice, choice
    try:
        yield
    finally:
        _chosen.choice = before
