"""Native CPU kernels, compiled at first use and kept in the user's cache."""

import contextlib
import ctypes
import functools
import hashlib
import importlib.util
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax
import platformdirs

from ._layout import layout_problem

_lock = threading.Lock()


@functools.cache
def native_problem() -> str | None:
    """Say why there are no native kernels here, or None if there are."""
    if importlib.util.find_spec("numba") is None:
        return "numba is not installed"
    return layout_problem()


def push_target(
    is_bool: bool, is_homogeneous: bool, dtype: str, is_narrow: bool = False
) -> str | None:
    """Give the name of the FFI target of a variant; None where XLA has to do it."""
    if dtype not in ("float32", "float64") or native_problem() is not None:
        return None
    with _lock:
        return _register(is_bool, is_homogeneous, dtype, is_narrow)


@functools.cache
def _register(is_bool: bool, is_homogeneous: bool, dtype: str, is_narrow: bool) -> str:
    """Compile a variant and tell XLA its address."""
    from numba import cfunc, types

    from ._push import push_kernel

    kernel = push_kernel(is_bool, is_homogeneous, dtype, is_narrow)
    compile_ = functools.partial(cfunc, types.int64(types.int64), error_model="numpy")
    with _cache_folder() as is_cached:
        handler = compile_(cache=is_cached)(kernel)
    events, weights = "bool" if is_bool else "real", "one" if is_homogeneous else "many"
    name = f"neuroloom_push_{events}_{weights}_{dtype}{'_narrow' * is_narrow}"
    jax.ffi.register_ffi_target(name, capsule(handler.address), platform="cpu")
    return name


@contextlib.contextmanager
def _cache_folder() -> Iterator[bool]:
    """Let numba keep what it compiles in a folder of this user and this source.

    The folder's name has a hash of these files: numba itself looks at one file only.
    Yields whether there is such a folder; without one nothing is kept.
    """
    from numba import config as numba_config

    config: Any = numba_config  # its names are made as it is imported
    if config.CACHE_DIR:  # the user's own choice (NUMBA_CACHE_DIR)
        yield True
        return
    sources = sorted(Path(__file__).parent.glob("*.py"))
    digest = hashlib.blake2b(b"".join(f.read_bytes() for f in sources), digest_size=8)
    folder = platformdirs.user_cache_path("neuroloom") / "kernels" / digest.hexdigest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        yield False
        return
    config.CACHE_DIR = str(folder)
    try:
        yield True
    finally:
        config.CACHE_DIR = ""


def capsule(address: int | None) -> object:
    """Wrap a function's address the way that `register_ffi_target` takes it."""
    make = ctypes.pythonapi.PyCapsule_New
    make.restype = ctypes.py_object
    make.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    return make(address, b"xla._CUSTOM_CALL_TARGET", None)
