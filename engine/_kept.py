"""Compiled programs, kept between sessions in a folder of this user.

The folder is named after the processor and the versions that compiled: a home that
several machines share never gives one of them the programs of another.
"""

from __future__ import annotations

import functools
import hashlib
import os
import tempfile
from importlib.metadata import version
from pathlib import Path

import jax
import llvmlite.binding as llvm
import platformdirs
from jax.experimental.compilation_cache import compilation_cache

SWITCH = "NEUROLOOM_CACHE"
"""Environment variable; "0" keeps nothing."""
MOST = 512 * 2**20  # bytes; the oldest half goes when there are more
_DIGEST = 32


@functools.cache
def folder() -> Path | None:
    """Return where programs are kept; None if they are not."""
    if os.environ.get(SWITCH) == "0":
        return None
    parts = (
        *(version(name) for name in ("jax", "jaxlib", "llvmlite")),
        *(llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()),
    )
    name = hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()
    place = platformdirs.user_cache_path("neuroloom") / "programs" / name
    try:
        place.mkdir(parents=True, exist_ok=True)
        prune(place)
    except OSError:
        return None
    return place if os.access(place, os.W_OK) else None


def keep_programs() -> None:
    """Let JAX keep what it compiles from now on, unless the user has said where.

    JAX itself is told by `jax_compilation_cache_dir`.
    """
    if jax.config.values["jax_compilation_cache_dir"] is not None:
        return
    place = folder()
    if place is None:
        return
    compilation_cache.reset_cache()  # JAX looks for a folder once
    jax.config.update("jax_compilation_cache_dir", str(place))
    # a network starts with many small programs, so that small ones matter
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


def prune(place: Path, most: int = MOST) -> None:
    """Remove the files that were made first until half of `most` bytes are left."""
    files = []
    for file in place.iterdir():
        try:
            found = file.stat()
        except FileNotFoundError:  # another session prunes too
            continue
        files.append((found.st_mtime, found.st_size, file))
    left = sum(size for _, size, _ in files)
    if left <= most:
        return
    for _, size, file in sorted(files):
        if left <= most // 2:
            return
        file.unlink(missing_ok=True)
        left -= size


def read(name: str) -> bytes | None:
    """Return what was kept under a name; None if nothing whole was."""
    place = folder()
    if place is None:
        return None
    try:
        content = (place / name).read_bytes()
    except OSError:
        return None
    digest, data = content[:_DIGEST], content[_DIGEST:]
    is_whole = hashlib.blake2b(data, digest_size=_DIGEST).digest() == digest
    return data if is_whole else None


def write(name: str, data: bytes) -> None:
    """Keep data under a name; a full disk is no reason to stop."""
    place = folder()
    if place is None:
        return
    digest = hashlib.blake2b(data, digest_size=_DIGEST).digest()
    try:
        with tempfile.NamedTemporaryFile(dir=place, delete=False) as file:
            file.write(digest + data)
        Path(file.name).replace(place / name)
    except OSError:
        return
