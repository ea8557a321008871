"""What was compiled once is not compiled in the next session."""

import os
import subprocess
import sys

import pytest

from engine import _kept

SCRIPT = """
import logging, sys
import brainunit as u
from engine import _kept
from engine.fuse import _native
from engine.lower import build
from engine.run import Simulation
from studio import Network

net = Network("kept", dt=0.1 * u.ms, seed=3)
E = net.add("LIFRef", 20, name="E")
net.connect(net.add("ConstantCurrent", name="Drive", amplitude="300 pA"), E)
made = []
class Seen(_native.Library):
    def __init__(self, text):
        super().__init__(text)
        made.append(self.was_kept)
import engine.fuse._kernel as kernel
kernel.Library = Seen
simulation = Simulation(build(net.document.plan()))
chunk = simulation.advance(500)
print(made, sorted(map(int, next(iter(chunk.counts.values())))), _kept.folder())
"""


def session(folder, **more):
    environment = {
        key: value for key, value in os.environ.items() if key != _kept.SWITCH
    }
    environment |= {"XDG_CACHE_HOME": str(folder), "HOME": str(folder), **more}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr, done.stderr
    return done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="XDG_CACHE_HOME is Linux's")
def test_the_second_session_loads_what_the_first_compiled(tmp_path):
    first = session(tmp_path)
    second = session(tmp_path)
    assert first.startswith("[False]")
    assert second.startswith("[True]")
    assert first.split("]", 1)[1] == second.split("]", 1)[1]


@pytest.mark.skipif(sys.platform != "linux", reason="XDG_CACHE_HOME is Linux's")
def test_torn_code_is_compiled_again(tmp_path):
    session(tmp_path)
    (code,) = tmp_path.glob("neuroloom/programs/*/*.o")
    code.write_bytes(code.read_bytes()[:-7])
    assert session(tmp_path).startswith("[False]")
    assert session(tmp_path).startswith("[True]")


def test_nothing_is_kept_where_the_user_says_so(tmp_path):
    assert "None" in session(tmp_path, NEUROLOOM_CACHE="0")
    assert not list(tmp_path.glob("neuroloom/programs/*/*"))


def test_the_oldest_files_go_when_there_are_too_many(tmp_path):
    for k in range(10):
        file = tmp_path / str(k)
        file.write_bytes(bytes(100))
        os.utime(file, (k, k))
    _kept.prune(tmp_path, most=1000)
    assert len(list(tmp_path.iterdir())) == 10
    _kept.prune(tmp_path, most=999)
    assert sorted(f.name for f in tmp_path.iterdir()) == ["6", "7", "8", "9"]
