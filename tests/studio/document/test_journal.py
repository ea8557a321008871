"""Unsaved edits survive their program."""

import os
import subprocess
import sys
import time

import pytest

from studio.document import Document
from studio.document._journal import Journal


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("NEUROLOOM_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


def wait_for(check, seconds=5.0):
    end = time.monotonic() + seconds
    while not check() and time.monotonic() < end:
        time.sleep(0.01)
    assert check()


WRITER = """
import sys, time
from pathlib import Path
from studio.document import Document
from studio.document._journal import Journal
path = Path(sys.argv[1]) if len(sys.argv) > 1 else None
document = Document("Unsaved")
journal = Journal(document.encode, path)
journal.touch()
while not journal.file.exists():
    time.sleep(0.01)
print("written", flush=True)
time.sleep(60)
"""


def killed(*args) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, *args],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.environ.get("PYTHONPATH", "") or ROOT},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        assert Document.recoveries(*args) == []  # its writer lives
        process.kill()
        process.wait()


ROOT = str(__import__("pathlib").Path(__file__).parents[3])


def test_edits_of_a_killed_program_are_recovered(tmp_path):
    path = Document("Saved").save(tmp_path / "a.loom.json")
    killed(str(path))
    (recovery,) = Document.recoveries(path)
    document = Document.recover(recovery)
    assert document.name == "Unsaved"
    assert document.path == path
    assert not document.is_saved
    document.save()
    assert Document.load(path).name == "Unsaved"
    recovery.discard()
    assert Document.recoveries(path) == []


def test_a_document_that_never_had_a_file_is_recovered_in_its_folder(
    tmp_path, monkeypatch
):
    killed()
    assert len(Document.recoveries()) == 1
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert Document.recoveries() == []


def test_journal_follows_within_a_second_and_goes_when_saved(tmp_path):
    contents = [b"first"]
    journal = Journal(lambda: contents[0], tmp_path / "a")
    journal.touch()
    wait_for(journal.file.exists)
    contents[0] = b"second"
    start = time.monotonic()
    journal.touch()
    wait_for(lambda: journal.file.read_bytes().endswith(b"second"))
    assert time.monotonic() - start < 2.0
    journal.clear()
    assert not journal.file.exists()
    journal.close()
    journal.touch()
    time.sleep(0.05)
    assert not journal.file.exists()


def test_nothing_is_written_before_the_first_change(tmp_path):
    document = Document("One")
    document.start_journal()
    assert Document.recoveries() == []
    folder = tmp_path / "state" / "journal"
    assert [file for file in folder.iterdir() if file.suffix == ".json"] == []
    document.close()
    assert list(folder.iterdir()) == []


def test_damaged_journals_are_passed_over(tmp_path):
    killed()
    (file,) = [
        f for f in (tmp_path / "state" / "journal").iterdir() if f.suffix == ".json"
    ]
    file.write_bytes(b"not json\n")
    assert Document.recoveries() == []
