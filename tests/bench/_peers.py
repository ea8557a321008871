"""Programs to compare with, each in an environment of its own, and one run of one.

A run is a process that prints a line of JSON at its end. It has one thread and, where
the platform lets us say so, one core.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import platformdirs

HERE = Path(__file__).resolve().parent
FOLDER = platformdirs.user_cache_path("neuroloom") / "bench"

ENVIRONMENTS: dict[str, tuple[str, ...]] = {
    # the last Brian2 for Python 3.11 uses numpy.ndarray.ptp, which numpy 2.4 removed
    "brian2": ("brian2==2.9.0", "numpy<2.4", "setuptools"),
    "nest": ("nest-simulator==3.10.0", "numpy"),
    "brainpy": ("brainpy==2.8.2", "brainstate==0.5.4", "brainevent==0.2.1", "numba"),
    # jax 0.4.36 removed jax.core.thread_local_state, which brainstate 0.1.0 reads
    "brainstate-0.1.0": (
        "brainstate==0.1.0",
        "jax==0.4.35",
        "jaxlib==0.4.35",
        "numpy<2.3",
    ),
    "snntorch": ("torch==2.13.0", "snntorch==1.0.0", "numpy"),
    "norse": ("torch==2.13.0", "norse==1.1.0", "numpy"),
    "spikingjelly": ("torch==2.13.0", "spikingjelly==2.0.0", "numpy"),
}
"""Packages of each environment, pinned to what was measured."""

_LIBRARIES = ("OMP", "OPENBLAS", "MKL", "NUMBA")
_ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in _LIBRARIES} | {
    "JAX_PLATFORMS": "cpu",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}


_ERROR = re.compile(r"[\w.]+(Error|Exception|Refused|ERROR)\b: ")


class RunFailedError(Exception):
    """A program did not come to its end."""


def python_of(name: str) -> Path:
    """Return the interpreter of an environment, installed at the first use.

    Raises
    ------
    RunFailedError
        If its packages cannot be installed here.
    """
    packages, folder = ENVIRONMENTS[name], FOLDER / name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    mark = folder / "complete"
    if not mark.exists() or mark.read_text().split() != list(packages):
        print(f"installing {' '.join(packages)}", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        _run([python, "-m", "pip", "install", "-q", *packages], os.environ)
        mark.write_text("\n".join(packages))
    return python


def once(
    python: str | Path,
    script: str,
    *arguments: object,
    on_all_cores: bool = False,
    **settings: str,
) -> dict:
    """Run a script of this folder and return what it printed.

    Parameters
    ----------
    python : str or Path
        Interpreter.
    script : str
        Name of the script.
    *arguments
        Its arguments.
    on_all_cores : bool, default False
        Whether it may use several threads.
    **settings
        Environment variables besides those for one thread.

    Raises
    ------
    RunFailedError
        With the last line of what it said.
    """
    limits = {} if on_all_cores else _ONE_THREAD
    environment = {**os.environ, **limits, **settings}
    command = [python, HERE / script, *map(str, arguments)]
    with contextlib.nullcontext() if on_all_cores else _one_core():
        out = _run(command, environment)
    return json.loads(out.strip().splitlines()[-1])


def _run(command: list, environment: object) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment
    )
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        told = [line for line in lines if _ERROR.match(line)] or lines[-1:] or [""]
        raise RunFailedError(f"exit code {done.returncode}: {told[-1][:300]}")
    return done.stdout


@contextlib.contextmanager
def _one_core() -> Iterator[None]:
    """Let processes begin on the last core that this one may use."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)
