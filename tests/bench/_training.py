"""Train two layers of spiking neurons with one library; one line of JSON out.

python _training.py LIBRARY STEPS SEED

LIBRARY is engine, engine-layers, snntorch, norse or spikingjelly. All have the same
weights, data and equation, v <- d v + (1 - d) I with a hard reset, so that the first
loss is the same; about 5 % of the cells spike in a step. Each has the surrogate
gradient nearest to an arcus tangent that it offers. `engine-layers` and spikingjelly
take a layer after the other through all time steps, the others a step after the other
through all layers.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

N_IN, N_HIDDEN, N_OUT = 700, 256, 20
T, BATCH = 100, 64
TAU = 10.0  # steps
DECAY = float(np.exp(-1 / TAU))
RATE = 1e-3
Step = Callable[[], float]


def problem(seed: int) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Return weights, spikes (T, BATCH, N_IN) and labels."""
    rng = np.random.default_rng(seed)
    shapes = ((N_IN, N_HIDDEN, 0.8), (N_HIDDEN, N_HIDDEN, 1.0), (N_HIDDEN, N_OUT, 1.0))
    weights = [
        (rng.normal(0.01, std, (n, m))).astype(np.float32) for n, m, std in shapes
    ]
    spikes = (rng.random((T, BATCH, N_IN)) < 0.05).astype(np.float32)
    return weights, spikes, rng.integers(0, N_OUT, BATCH)


def with_engine(seed: int, is_by_layer: bool) -> Step:
    """Return a step of `engine`."""
    import jax
    import jax.numpy as jnp

    from engine import ParamState, augment, compile, environ, nn, optim, surrogate

    weights, spikes, labels = problem(seed)
    environ.set(dt=1.0)
    x, y = jnp.asarray(spikes), jnp.asarray(labels)

    def cells() -> nn.LIF:
        arctan = surrogate.Arctan(alpha=2.0)
        unitless = {"R": 1.0, "tau": TAU, "V_th": 1.0, "V_reset": 0.0, "V_rest": 0.0}
        start = lambda shape, *_, **__: jnp.zeros(shape)
        how = {"spk_fun": arctan, "spk_reset": "hard", "V_initializer": start}
        return nn.LIF(N_HIDDEN, **unitless, **how)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = [nn.Linear(*w.shape, w_init=w, b_init=None) for w in weights]
            self.cells = [cells(), cells()]

        def update(self, x: jax.Array) -> jax.Array:
            for layer, cell in zip(self.layers[:2], self.cells, strict=True):
                x = cell(layer(x))
            return x

        def by_layer(self, x: jax.Array) -> jax.Array:
            for layer, cell in zip(self.layers[:2], self.cells, strict=True):
                x = compile.for_loop(cell, layer(x))
            return x

    net = Net()
    nn.init_all_states(net, BATCH)
    trained = net.states(ParamState)
    optimizer = optim.Adam(RATE).register_trainable_weights(trained)

    def loss() -> jax.Array:
        nn.init_all_states(net, BATCH)
        found = net.by_layer(x) if is_by_layer else compile.for_loop(net, x)
        logits = net.layers[2](found.mean(0))
        chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1)
        return -chosen.mean()

    @compile.jit
    def step() -> jax.Array:
        grads, value = augment.grad(loss, trained, return_value=True)()
        optimizer.update(grads)
        return value

    return lambda: float(step())


def with_torch(name: str, seed: int) -> Step:
    """Return a step of a library on torch."""
    import torch

    torch.set_num_threads(1)
    weights, spikes, labels = problem(seed)
    x, y = torch.as_tensor(spikes), torch.as_tensor(labels)
    layers = [torch.nn.Linear(*w.shape, bias=False) for w in weights]
    with torch.no_grad():
        for layer, weight in zip(layers, weights, strict=True):
            layer.weight.copy_(torch.as_tensor(weight.T.copy()))
    run = {"snntorch": _snntorch, "norse": _norse, "spikingjelly": _spikingjelly}[name]
    forward = run(torch)
    trained = [layer.weight for layer in layers]
    optimizer = torch.optim.Adam(trained, RATE)

    def step() -> float:
        optimizer.zero_grad()
        logits = layers[2](forward(x, layers[:2]).mean(0))
        loss = torch.nn.functional.cross_entropy(logits, y)
        loss.backward()
        optimizer.step()
        return float(loss.detach())

    return step


def _snntorch(torch: Any) -> Callable:
    snn = importlib.import_module("snntorch")
    how = {"reset_mechanism": "zero", "reset_delay": False}
    how["spike_grad"] = snn.surrogate.atan(alpha=2.0)
    cells = [snn.Leaky(beta=DECAY, **how) for _ in range(2)]

    def forward(x: Any, layers: list) -> Any:
        states = [cell.reset_mem() for cell in cells]
        found = []
        for now in x:
            for i, (layer, cell) in enumerate(zip(layers, cells, strict=True)):
                now, states[i] = cell((1 - DECAY) * layer(now), states[i])
            found.append(now)
        return torch.stack(found)

    return forward


def _norse(torch: Any) -> Callable:
    norse = importlib.import_module("norse.torch")
    number = lambda x: torch.as_tensor(float(x))
    # its step is Euler's: dt / tau is chosen for the same decay
    values = {"tau_mem_inv": number((1 - DECAY) / 1e-3), "v_leak": number(0)}
    values |= {"v_th": number(1), "v_reset": number(0)}
    parameters = norse.LIFBoxParameters(**values, method="super", alpha=number(2))
    cells = [norse.LIFBoxCell(parameters, dt=1e-3) for _ in range(2)]

    def forward(x: Any, layers: list) -> Any:
        states: list = [None, None]
        found = []
        for now in x:
            for i, (layer, cell) in enumerate(zip(layers, cells, strict=True)):
                now, states[i] = cell(layer(now), states[i])
            found.append(now)
        return torch.stack(found)

    return forward


def _spikingjelly(torch: Any) -> Callable:
    base = importlib.import_module("spikingjelly.activation_based")
    neuron = importlib.import_module("spikingjelly.activation_based.neuron")
    curves = importlib.import_module("spikingjelly.activation_based.surrogate")
    how = {"tau": 1 / (1 - DECAY), "step_mode": "m"}
    how["surrogate_function"] = curves.ATan(2.0)
    cells = [neuron.LIFNode(**how) for _ in range(2)]

    def forward(x: Any, layers: list) -> Any:
        for layer, cell in zip(layers, cells, strict=True):
            base.functional.reset_net(cell)
            x = cell(layer(x))  # all steps at once
        return x

    return forward


def main(name: str, n_steps: int, seed: int) -> None:
    """Warm up, then measure."""
    begin = time.perf_counter()
    is_ours = name.startswith("engine")
    is_by_layer = name.endswith("layers")
    step = with_engine(seed, is_by_layer) if is_ours else with_torch(name, seed)
    losses = [step()]
    ready = time.perf_counter() - begin
    losses.append(step())
    took = []
    for _ in range(n_steps):
        begin = time.perf_counter()
        losses.append(step())
        took.append(time.perf_counter() - begin)
    package, below = ("neuroloom", "jax") if is_ours else (name, "torch")
    versions = [importlib.metadata.version(package)]
    versions.append(f"{below} {importlib.metadata.version(below)}")
    result = {"wall": statistics.median(took), "ready": ready, "first": losses[0]}
    result |= {"last": losses[-1], "version": " ".join(versions)}
    print(json.dumps(result))


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
