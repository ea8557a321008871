"""Unsaved edits survive their program."""

import os
import subprocess
import sys
import threading
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


def test_saving_while_the_journal_is_written_never_waits_for_it(tmp_path):
    document = Document("Busy")
    document.start_journal()
    journal = document._place.journal
    encode, entered = journal._encode, threading.Event()

    def slow():
        entered.set()
        time.sleep(0.2)
        return encode()

    journal._encode = slow
    journal.touch()
    assert entered.wait(5)
    done = threading.Thread(target=document.save, args=(tmp_path / "a.loom.json",))
    done.start()
    done.join(5)
    assert not done.is_alive()
    wait_for(lambda: not journal._writing.locked())
    assert not journal.file.exists(), "what is saved is not journalled"
    document.close()


def test_a_recovered_document_is_journalled_before_the_old_journal_goes(tmp_path):
    killed()
    (recovery,) = Document.recoveries()
    document = Document.recover(recovery)
    document.start_journal("notebook#cell", replaces=recovery)
    assert not recovery.file.exists()
    assert document._place.journal.file.exists()
    document.close()
