"""Time calls of compiled functions over many small arrays; one line of JSON out.

    python tests/bench/_overhead.py N_STATES N_BLOCKS SIDE [SIDE ...]

A side is one way to keep the arrays: see `SIDES`. The sides take turns, a block of
calls each, and the median block counts.
"""

import importlib.metadata
import json
import statistics
import sys
import time
from collections.abc import Callable

import jax
import jax.numpy as jnp

CALLS = 200  # of a block
Call = Callable[[], None]


def arrays(n: int) -> dict[str, jax.Array]:
    """Return the arrays that every side keeps."""
    return {f"a{i}": jnp.full(4, float(i)) for i in range(n)}


def pure(n: int) -> Call:
    """A dictionary of arrays goes in and comes out."""
    x, kept = jnp.float32(1.0), arrays(n)
    step = jax.jit(lambda values, x: {k: v + x for k, v in values.items()})

    def call() -> None:
        nonlocal kept
        kept = step(kept, x)

    return call


def engine(n: int) -> Call:
    """A module of States, read and written."""
    from engine import State, compile, nn

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            for name, value in arrays(n).items():
                setattr(self, name, State(value))

        def update(self, x: jax.Array) -> None:
            for name in names:
                state = getattr(self, name)
                state.value = state.value + x

    names, x = list(arrays(n)), jnp.float32(1.0)
    step = compile.jit(Model())
    return lambda: step(x)


def nnx(n: int, is_cached: bool = False) -> Call:
    """A module of flax.nnx variables, changed in place."""
    from flax import nnx

    class Model(nnx.Module):
        def __init__(self) -> None:
            for name, value in arrays(n).items():
                setattr(self, name, nnx.Param(value))

    names, x, model = list(arrays(n)), jnp.float32(1.0), Model()

    @nnx.jit
    def step(model: Model, x: jax.Array) -> None:
        for name in names:
            variable = getattr(model, name)
            variable[...] = variable[...] + x

    if is_cached:
        quick = nnx.cached_partial(step, model)
        return lambda: quick(x)
    return lambda: step(model, x)


def equinox(n: int) -> Call:
    """A module of arrays; the function returns the next module."""
    import equinox as eqx

    class Model(eqx.Module):
        values: dict[str, jax.Array]

    x, model = jnp.float32(1.0), Model(arrays(n))

    @eqx.filter_jit
    def step(model: Model, x: jax.Array) -> Model:
        return Model({k: v + x for k, v in model.values.items()})

    def call() -> None:
        nonlocal model
        model = step(model, x)

    return call


SIDES = {
    "jax.jit": (pure, "jax"),
    "engine.compile.jit": (engine, "neuroloom"),
    "flax.nnx.jit": (nnx, "flax"),
    "flax.nnx.cached_partial": (lambda n: nnx(n, is_cached=True), "flax"),
    "equinox.filter_jit": (equinox, "equinox"),
}


def block(call: Call) -> float:
    """Return the seconds of one call, the mean of a block."""
    begin = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - begin) / CALLS


def main(n: int, n_blocks: int, sides: list[str]) -> None:
    """Compile all sides, then time them in turns."""
    calls = {side: SIDES[side][0](n) for side in sides}
    for call in calls.values():
        call()
    times: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(n_blocks):
        for side, call in calls.items():
            times[side].append(block(call))
    found = {
        side: {
            "seconds": statistics.median(rows),
            "version": importlib.metadata.version(SIDES[side][1]),
        }
        for side, rows in times.items()
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
