"""Train on many devices as on one: the batch is shared out, the weights are everywhere.

    python notebooks/data_parallel.py --devices 8

On two machines (or in two terminals of one), each with its own number:

    python notebooks/data_parallel.py --process 0 --of 2 --coordinator localhost:12321
    python notebooks/data_parallel.py --process 1 --of 2 --coordinator localhost:12321

Nothing in the model or in the step knows of devices. Where the values of the States
lie decides where the program runs, and they stay there.
"""

import argparse

import jax
import numpy as np
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

from engine import ParamState, augment, compile, graph, nn, optim, random


class Net(nn.Module):
    """Two layers; the hidden one is rectified."""

    def __init__(self):
        super().__init__()
        self.hidden, self.out = nn.Linear(4, 16), nn.Linear(16, 1)

    def update(self, x):
        return self.out(jax.nn.relu(self.hidden(x)))


def data(n_steps, n_batch=64):
    """Return inputs and targets, shape (n_steps, n_batch, 4 and 1)."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n_steps, n_batch, 4)).astype(np.float32)
    return x, np.sin(x.sum(-1, keepdims=True))


def train(mesh: Mesh, n_steps=20):
    """Train on the devices of a mesh with the axis "batch"; return losses and model."""
    everywhere = NamedSharding(mesh, PartitionSpec())
    rows = NamedSharding(mesh, PartitionSpec("batch"))

    random.seed(0)
    model = Net()
    weights = model.states(ParamState)
    optimizer = optim.Adam(0.01).register_trainable_weights(weights)
    for state in graph.states([model, optimizer]).values():
        state.value = jax.device_put(state.value, everywhere)

    @compile.jit
    def step(x, y):
        def loss():
            return ((model(x) - y) ** 2).mean()

        grads, value = augment.grad(loss, weights, return_value=True)()
        optimizer.update(grads)  # XLA sums the gradients over the devices
        return value

    def share_out(x):
        return jax.make_array_from_callback(x.shape, rows, lambda index: x[index])

    batches = zip(*data(n_steps), strict=True)
    losses = [step(share_out(x), share_out(y)) for x, y in batches]
    return np.array([float(loss) for loss in losses]), model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--devices", type=int, default=8, help="of a machine without others"
    )
    parser.add_argument("--process", type=int, default=0)
    parser.add_argument("--of", type=int, default=1, help="how many processes")
    parser.add_argument("--coordinator", default="localhost:12321")
    parser.add_argument("--save", help="write losses and weights to this .npz file")
    options = parser.parse_args()
    jax.config.update("jax_num_cpu_devices", options.devices)
    if options.of > 1:
        jax.config.update("jax_cpu_collectives_implementation", "gloo")
        jax.distributed.initialize(options.coordinator, options.of, options.process)

    mesh = jax.make_mesh((jax.device_count(),), ("batch",), axis_types=(AxisType.Auto,))
    losses, model = train(mesh)
    print(f"{jax.device_count()} devices: loss {losses[0]:.4f} to {losses[-1]:.4f}")
    if options.save:
        found = {
            f"{'.'.join(path)}.{name}": np.asarray(x.addressable_data(0))
            for path, state in model.states(ParamState).items()
            for name, x in state.value.items()
        }
        np.savez(options.save, losses=losses, **found)


if __name__ == "__main__":
    main()
