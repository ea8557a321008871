"""`run` over several devices, and over two hosts that are two processes here."""

import os
import signal
import socket
import subprocess
import sys

import brainunit as u
import jax
import numpy as np
import pytest
from typer.testing import CliRunner

from engine.divide import DivisionError
from engine.run import Result
from studio import Network, examples, normal, uniform
from studio.cli import app


@pytest.fixture
def network():
    net = Network("Two", seed=3)
    E = net.add("LIFRef", 90, name="E", V_init="-52 mV")
    P = net.add("Poisson", 60, name="P", rate="300 Hz")
    net.connect(P, E, prob=0.3, weight="4 nS")
    some = uniform("1.2 ms", "2 ms")
    net.connect(E, E, prob=0.1, weight=normal("4 nS", "1 nS"), delay=some)
    net.connect(E, E, prob=0.02, weight=normal("4 nS", "1 nS"), delay="1.5 ms")
    net.probe(E, "V", neurons=[0, 89])
    return net


@pytest.fixture
def port():
    with socket.socket() as one:
        one.bind(("localhost", 0))
        return one.getsockname()[1]


def same(one, other):
    assert one.spikes.keys() == other.spikes.keys()
    for label, train in one.spikes.items():
        np.testing.assert_array_equal(train.steps, other.spikes[label].steps)
        np.testing.assert_array_equal(train.neurons, other.spikes[label].neurons)
        assert len(train) > 5
    for key, trace in one.traces.items():
        a, b = u.get_mantissa(trace), u.get_mantissa(other.traces[key])
        np.testing.assert_array_equal(a, b)


def start(*args, **options):
    command = [sys.executable, "-m", "studio.cli", "run", *map(str, args)]
    environment = {**os.environ, "JAX_PLATFORMS": "cpu"}
    environment.pop("XLA_FLAGS", None)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment, **pipes, **options)


def test_devices_of_a_network(network):
    whole = network.run("50 ms", devices=1)
    same(network.run("50 ms", devices=jax.devices()), whole)
    n = len(jax.devices())
    with pytest.raises(DivisionError, match=f"devices={n + 1}, but there"):
        network.run("50 ms", devices=n + 1)


@pytest.mark.slow
def test_other_documents_are_refused(network, port, tmp_path):
    one, other = tmp_path / "one.loom.json", tmp_path / "other.loom.json"
    network.save(one)
    network.set(dt="0.05 ms")
    network.save(other)
    hosts = ("--hosts", f"localhost:{port},localhost")
    processes = [
        start(file, *hosts, "--host-id", i) for i, file in enumerate((one, other))
    ]
    errors = [p.communicate(120)[1] for p in processes]
    assert all(p.returncode == 1 for p in processes), errors
    assert all("process 1 of 2 runs another" in text for text in errors)


@pytest.mark.slow
def test_two_hosts_give_what_one_gives_and_an_interrupt_of_one_stops_both(
    network, port, tmp_path
):
    file, found = tmp_path / "two.loom.json", tmp_path / "found.npz"
    network.save(file)
    hosts = ("--hosts", f"localhost:{port},localhost", "--devices", 2)
    run = (file, "-d", "30s", "-o", found, *hosts)
    processes = [start(*run, "--host-id", i) for i in (0, 1)]
    shown = ""
    while "1%" not in shown:  # they are in the middle of it
        letter = processes[0].stderr.read(1)
        assert letter, shown
        shown += letter
    processes[1].send_signal(signal.SIGINT)
    (out, error), (other_out, other_error) = (p.communicate(60) for p in processes)
    assert [p.returncode for p in processes] == [0, 0], error + other_error
    assert "Interrupted" in out
    assert "Wrote" in out
    assert "Hz" not in other_out  # the first one speaks
    result = Result.load(found)
    assert result.interrupted
    assert 1000 < result.n_steps < 300_000
    same(result, network.run(result.duration, devices=1))


@pytest.mark.parametrize(
    ("options", "code", "text"),
    [
        (("--host-id", 0), 2, "--host-id says which of --hosts"),
        (("--hosts", "localhost:1x"), 1, "is no port"),
        (("--hosts", "localhost,localhost"), 1, "is 2 of the hosts"),
        (("--hosts", "nobody.invalid"), 1, "this machine is none of nobody.invalid"),
        (("--hosts", "localhost", "--host-id", 1), 1, "there is no host 1 of 1"),
        (("--hosts", "localhost,,b"), 1, "names an empty host"),
        (("--devices", 99), 1, "devices=99, but there"),
    ],
)
def test_what_is_wrong_with_hosts_is_told(options, code, text, tmp_path):
    file = examples.load("first").save(tmp_path / "first.loom.json")
    done = CliRunner().invoke(app, ["run", str(file), *map(str, options)])
    assert done.exit_code == code
    assert text in " ".join(done.output.split())
