"""The program of a network also lowers for machines that are not at hand."""

import jax
import numpy as np
import pytest
from jax import export

from engine.lower import build
from engine.run import Simulation
from studio import examples

PLATFORMS = ["cpu", "cuda", "tpu"]


@pytest.fixture(scope="module", params=[e.key for e in examples.EXAMPLES])
def simulation(request):
    return Simulation(build(examples.load(request.param).plan()))


def lowered(simulation, platform):
    program = simulation._program
    values = simulation._values
    arguments = (
        simulation._numbers,
        [values[path] for path in program.fixed],
        [values[path] for path in program.carried],
        np.int32(0),
        np.int32(100),
    )
    shapes = jax.tree.map(
        lambda x: jax.ShapeDtypeStruct(np.shape(x), x.dtype), arguments
    )
    checks = [
        export.DisabledSafetyCheck.custom_call(name)
        for name in (
            "neuroloom_push_bool_one_float32",
            "neuroloom_push_bool_one_float32_narrow",
            "neuroloom_push_bool_many_float32_narrow",
            "neuroloom_push_bool_many_float32",
        )
    ]
    run = jax.jit(program.run.__wrapped__)
    with simulation._context():
        return export.export(run, platforms=[platform], disabled_checks=checks)(*shapes)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_program_of_an_example_lowers(simulation, platform):
    """Native kernels are for the CPU; elsewhere the program is XLA's alone."""
    text = lowered(simulation, platform).mlir_module()
    assert "stablehlo.while" in text
    has_products = any(hasattr(p, "comm") for p in vars(simulation.network).values())
    is_native = "neuroloom_push" in text
    assert is_native == (platform == "cpu" and has_products)


def test_nothing_of_a_step_goes_back_to_python(simulation):
    text = lowered(simulation, "cuda").mlir_module()
    assert "callback" not in text
    assert "infeed" not in text
