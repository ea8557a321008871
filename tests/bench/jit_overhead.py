"""What does a call of a compiled function over a hundred States cost?

    python tests/bench/jit_overhead.py [--states 100] [--rounds 5] [--blocks 9]

Compares `engine.compile.jit` over a module of small States with `jax.jit` over a
dictionary of the same arrays, and with `flax.nnx.jit` and `equinox.filter_jit`, which
it installs in an environment of their own (a folder in the user's cache) beside the
same JAX. Ratios are to `jax.jit` of the same process; rounds of both environments take
turns. The engine is meant to cost at most twice what `jax.jit` does.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import venv
from pathlib import Path

import platformdirs

HERE = Path(__file__).resolve().parent
PEERS = platformdirs.user_cache_path("neuroloom") / "bench" / "modules"
PACKAGES = ["flax==0.12.8", "equinox==0.13.8"]
BAR = 2.0  # times jax.jit


def peer_python() -> Path:
    """Return the interpreter that has the peers, installed at the first use."""
    same = [f"{p}=={importlib.metadata.version(p)}" for p in ("jax", "jaxlib", "numpy")]
    folder = PEERS / "_".join(same)
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        venv.create(folder, with_pip=True, clear=True)
        packages = [*PACKAGES, *same]
        subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True)
        (folder / "complete").touch()
    return python


def once(python: str | Path, n: int, n_blocks: int, sides: list[str]) -> dict:
    """Run some sides in one process; it prints one line of JSON."""
    environment = {**os.environ, "JAX_PLATFORMS": "cpu"}
    command = [python, HERE / "_overhead.py", str(n), str(n_blocks), *sides]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{done.stderr}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def main() -> None:
    """Run the rounds, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--states", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--blocks", type=int, default=9, help="of calls, in a round")
    options = parser.parse_args()
    sides: list[tuple[str | Path, list[str]]] = [
        (sys.executable, ["jax.jit", "engine.compile.jit"]),
        (
            peer_python(),
            [
                "jax.jit",
                "flax.nnx.jit",
                "flax.nnx.cached_partial",
                "equinox.filter_jit",
            ],
        ),
    ]
    rows: dict[str, list[tuple[float, float]]] = {}
    versions: dict[str, str] = {}
    for _ in range(options.rounds):
        for python, names in sides:
            found = once(python, options.states, options.blocks, names)
            base = found["jax.jit"]["seconds"]
            for name, row in found.items():
                versions[name] = row["version"]
                rows.setdefault(name, []).append(
                    (row["seconds"], row["seconds"] / base)
                )
    print(
        f"{options.states} States, {options.rounds} rounds, {os.cpu_count()} cores, "
        f"{platform.python_implementation()} {platform.python_version()}"
    )
    print(f"{'call':<26} {'version':<10} {'us a call':>10} {'of jax.jit':>10}")
    for name, pairs in rows.items():
        micro, ratio = (
            statistics.median(column) for column in zip(*pairs, strict=True)
        )
        print(f"{name:<26} {versions[name]:<10} {micro * 1e6:>10.1f} {ratio:>10.2f}")
    ours = statistics.median(ratio for _, ratio in rows["engine.compile.jit"])
    verdict = "within" if ours <= BAR else "OVER"
    print(f"engine: {ours:.2f} times jax.jit, {verdict} the bar of {BAR:g}")


if __name__ == "__main__":
    main()
