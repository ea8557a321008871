"""States on several devices: eight virtual ones, and two processes.

The devices have to be there before JAX starts, so all of it runs in other processes.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def run(*command, devices):
    environment = {
        **os.environ,
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}",
    }
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_eight_devices():
    options = ["-q", "-n", "0", "-p", "no:cacheprovider"]
    run("-m", "pytest", *options, HERE / "eight_devices.py", devices=8)


@pytest.mark.slow
def test_the_example_trains_on_eight_devices_as_on_one(tmp_path):
    found = []
    for n in (1, 8):
        program = ROOT / "notebooks" / "data_parallel.py"
        file = tmp_path / f"{n}.npz"
        run(program, "--devices", str(n), "--save", file, devices=n)
        found.append(np.load(file))
    for name in found[0].files:
        np.testing.assert_allclose(found[0][name], found[1][name], atol=2e-6)


@pytest.mark.slow
def test_two_processes_train_as_one():
    run(ROOT / "tests" / "bench" / "two_processes.py", devices=1)
