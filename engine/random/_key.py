"""Keys: what a seed becomes, and the state that hands out fresh ones."""

import contextlib
import hashlib
import secrets
from collections.abc import Iterator, Sequence
from typing import Any, Self

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jax.core import Tracer

from .._errors import EngineError
from .._state import State
from . import _threefry

SeedOrKey = int | jax.Array | np.ndarray
Size = int | Sequence[int]


class SeedError(EngineError, ValueError):
    """A value that is neither a seed nor a key, or no key where one is needed."""


def make_key(seed_or_key: SeedOrKey | None) -> jax.Array:
    """Turn a seed into a key, let a key through, and draw one from the system if None.

    Parameters
    ----------
    seed_or_key : int, int array of shape (), key or None
        Keys are typed (`jax.random.key`) or raw (uint32, last axis the words).

    Raises
    ------
    SeedError
        If it is none of these.
    """
    if seed_or_key is None:
        seed_or_key = secrets.randbits(32)
    if isinstance(seed_or_key, int | np.integer):
        with jax.ensure_compile_time_eval():  # a known seed is a known key, also in jit
            return _key_of_int(int(seed_or_key))
    dtype, shape = getattr(seed_or_key, "dtype", None), np.shape(seed_or_key)
    if dtype is not None:
        if jnp.issubdtype(dtype, jax.dtypes.prng_key):
            return jnp.asarray(seed_or_key)
        if jnp.issubdtype(dtype, jnp.integer) and not shape:
            return jr.PRNGKey(seed_or_key)
        if dtype == jnp.uint32:  # words on the host stay there: no backend starts
            is_on_device = isinstance(seed_or_key, jax.Array)
            return seed_or_key if is_on_device else np.array(seed_or_key)  # type: ignore[return-value]
    raise SeedError(
        f"engine.random: got {type(seed_or_key).__name__} (dtype {dtype}, shape "
        f"{shape}) as seed or key. Give an int, or a key from jax.random.PRNGKey or "
        "jax.random.key."
    )


def _key_of_int(seed: int) -> jax.Array:
    """Give `PRNGKey(seed)`; a seed beyond 32 bits folds in its upper words."""
    if -(2**31) <= seed < 2**32:
        return _threefry.of_seed(seed)
    key = _threefry.of_seed(seed & 0xFFFFFFFF)
    rest = seed >> 32
    while rest not in (0, -1):
        key, rest = _threefry.fold_in(key, rest & 0xFFFFFFFF), rest >> 32
    return key


def _words(element_id: str, purpose: str) -> tuple[int, int]:
    """Hash a name to two 32-bit words, the same on every machine."""
    text = f"{len(element_id)}:{element_id}:{purpose}".encode()
    digest = hashlib.blake2b(text, digest_size=8).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")


def stream(seed: SeedOrKey, element_id: str, purpose: str) -> jax.Array:
    """Give the key of one named stream of random numbers.

    Every node and edge draws from streams of its own, so adding an element never
    changes the wiring or the noise of another. Within a stream, step `n` draws with
    ``jax.random.fold_in(key, n)``: no chunk length or order of steps matters.

    Parameters
    ----------
    seed : int, int array of shape () (traced or not), or key
        Seed of the document.
    element_id : str
        Stable id of the node or edge.
    purpose : str
        What the numbers are for, e.g. ``"noise"``.

    Returns
    -------
    key
        A raw key, equal on every machine and in every version.
    """
    first, second = _words(element_id, purpose)
    return _threefry.fold_in(_threefry.fold_in(make_key(seed), first), second)


def stream_seed(seed: int, element_id: str, purpose: str) -> int:
    """Give the 64-bit seed of a named stream, for samplers on the host.

    Parameters
    ----------
    seed : int
        Seed of the document.
    element_id, purpose : str
        As for `stream`.
    """
    text = f"{seed}:{len(element_id)}:{element_id}:{purpose}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


class KeySource(State):
    """A state whose value is a key, split at every draw."""

    def __init__(self, seed_or_key: SeedOrKey | None = None) -> None:
        super().__init__(make_key(seed_or_key))
        self._backup: Any = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._value})"

    def seed(self, seed_or_key: SeedOrKey | None = None) -> None:
        """Start again from a seed or a key; from system entropy if None."""
        self.value = make_key(seed_or_key)

    def set_key(self, key: SeedOrKey) -> None:
        """Replace the key; an int is taken as a seed."""
        self.value = make_key(key)

    def clone(self) -> Self:
        """Make a new, independent state from a split of this one."""
        return type(self)(self.split_key())

    def split_key(self, n: int | None = None, backup: bool = False) -> jax.Array:
        """Advance the state and give fresh keys.

        Parameters
        ----------
        n : int, optional
            How many; None gives one key without a leading axis.
        backup : bool
            Keep the key from before, for `restore_key`. Default False.
        """
        if backup:
            self.backup_key()
        self.value, fresh = _threefry.split_off(self.value, n)
        return fresh

    def self_assign_multi_keys(self, n: int, backup: bool = True) -> None:
        """Let the value be `n` keys at once, e.g. one for each element of a vmap."""
        if backup:
            self.backup_key()
        self.value = jr.split(self.value, n)

    def backup_key(self) -> None:
        """Remember the present key.

        Raises
        ------
        SeedError
            If one is remembered already.
        """
        if self._backup is not None:
            raise SeedError(
                "RandomState.backup_key: a key is kept already. Call restore_key first."
            )
        self._backup = self.value

    def restore_key(self) -> None:
        """Go back to the key that `backup_key` remembered.

        Raises
        ------
        SeedError
            If there is none.
        """
        if self._backup is None:
            raise SeedError(
                "RandomState.restore_key: no key is kept. Call backup_key first."
            )
        self.value, self._backup = self._backup, None

    def check_if_deleted(self) -> None:
        """Seed anew if the key's buffer was donated away."""
        key = self._value
        if isinstance(key, Tracer) or not isinstance(key, jax.Array):
            return
        if key.is_deleted():
            self.value = make_key(None)

    @contextlib.contextmanager
    def seeded(self, seed_or_key: SeedOrKey | None) -> Iterator[None]:
        """Draw from `seed_or_key` inside a ``with`` block, then go on as before."""
        before = self.value
        self.value = make_key(seed_or_key)
        try:
            yield
        finally:
            self.value = before
