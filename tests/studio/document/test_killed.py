"""kill -9 at any moment: what was saved is whole, and a second of edits is the most lost."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from studio.document import Document, backups

ROOT = Path(__file__).parents[3]
PROMISED = 1.0  # s

EDITS = """
import random, time
from studio.document import Document
document = Document("Busy")
add = {"op": "add-node", "id": "n1", "kind": "LIFRef", "size": 1}
document.apply([add])
document.start_journal("cell")
random.seed(%d)
for number in range(1, 10_000):
    edit = {"op": "set", "element": "n1", "field": "size", "value": number}
    document.apply([edit])
    print(number, time.monotonic(), flush=True)
    time.sleep(random.uniform(0.02, 0.2))
"""

SAVE = """
import os, sys
from pathlib import Path
from studio.document import Document
document = Document.load("a.loom.json")
document.start_journal("cell")
document.apply([{"op": "set", "element": None, "field": "graph.name", "value": "New"}])
document._place.journal.flush()
n_left = int(sys.argv[1])
rename = Path.replace
def stop(self, target):
    global n_left
    if not n_left:
        os._exit(9)
    n_left -= 1
    return rename(self, target)
Path.replace = stop
document.save()
"""


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROLOOM_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)


def edit_until_killed(seconds, seed):
    """Return number -> time of the edits of a program, and when it was killed."""
    command = [sys.executable, "-c", EDITS % seed]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(seconds)
        killed = time.monotonic()  # one clock for all processes of a machine
        process.kill()
        lines = [first, *process.stdout]
    told = [line.split() for line in lines if line.endswith("\n")]
    return {int(number): float(at) for number, at in told}, killed


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_a_kill_loses_the_last_second_of_edits_at_most(seed):
    edits, killed = edit_until_killed(random.Random(seed).uniform(1.5, 5.0), seed)
    (recovery,) = Document.recoveries()
    size = Document.recover(recovery).element("n1")["size"]
    old = [number for number, at in edits.items() if at <= killed - PROMISED]
    assert len(old) > 2
    assert size >= max(old)


def test_a_torn_write_leaves_the_journal_before_it(tmp_path):
    edits, _ = edit_until_killed(1.2, 7)
    (recovery,) = Document.recoveries()
    whole = recovery.file.read_bytes()
    torn = recovery.file.with_name(f".{recovery.file.name}.0123.tmp")
    torn.write_bytes(whole[: len(whole) // 2])
    (again,) = Document.recoveries()
    assert Document.recover(again).element("n1")["size"] in edits
    again.discard()
    assert list((tmp_path / "state" / "journal").iterdir()) == []


@pytest.mark.parametrize("n_renames", range(4))
def test_a_save_that_is_killed_leaves_the_old_file_its_backups_and_the_edits(n_renames):
    document = Document("v0")
    path = document.save("a.loom.json")
    for version in range(1, 4):
        name = f"v{version}"
        edit = {"op": "set", "element": None, "field": "graph.name", "value": name}
        document.apply([edit])
        document.save()
    command = [sys.executable, "-c", SAVE, str(n_renames)]
    assert subprocess.run(command, check=False).returncode == 9
    # renames: two make room for a backup, one puts it there, the last is the file
    assert Document.load(path).name == "v3"
    names = {Document.load(file).name for file in backups(path)}
    assert names >= {"v2", "v1"}
    (recovery,) = Document.recoveries(path)
    recovered = Document.recover(recovery)
    assert recovered.name == "New"
    # the next save works, and no half of a file is left behind
    recovered.save()
    recovery.discard()
    assert Document.load(path).name == "New"
    assert [Document.load(file).name for file in backups(path)][:2] == ["v3", "v2"]
    assert [file.name for file in path.parent.iterdir() if "tmp" in file.name] == []
