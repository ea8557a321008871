"""What the tests of lowering share."""

import brainunit as u
import pytest

from engine import lower
from engine.run import simulate


@pytest.fixture
def run():
    """Return `run(graph, ms)`: the result of a drawing."""
    return lambda graph, ms=10.0: simulate(
        lower.build(lower.plan(graph)), ms * u.ms, progress=False
    )
