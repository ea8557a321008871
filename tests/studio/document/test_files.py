"""Saving: a whole old or a whole new file, never less, never over another's work."""

import errno
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import FileLock

from studio.document import ConflictError, Document, FileError, _files, inside


def files(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir() if not file.name.endswith(".lock")}


def test_save_and_load(tmp_path):
    document = Document("One")
    path = document.save(tmp_path / "a.loom.json")
    assert document.is_saved
    assert document.path == path
    again = Document.load(path)
    assert again == document
    assert again.is_saved
    assert files(tmp_path) == {"a.loom.json"}


def test_three_backups_rotate(tmp_path):
    path = tmp_path / "a"
    known = []
    for i in range(6):
        known = [_files.save(path, b"%d" % i, known=known)]
    assert path.read_bytes() == b"5"
    assert [file.read_bytes() for file in _files.backups(path)] == [b"4", b"3", b"2"]


def test_saving_the_same_again_keeps_the_backups(tmp_path):
    path = tmp_path / "a"
    digest = _files.save(path, b"1")
    assert _files.save(path, b"1") == digest
    assert _files.backups(path) == []


def test_a_second_writer_never_overwrites_silently(tmp_path):
    path = tmp_path / "a.loom.json"
    Document("First").save(path)
    mine, theirs = Document.load(path), Document.load(path)
    mine._store.graph.graph["name"] = "Mine"
    theirs._store.graph.graph["name"] = "Theirs"
    theirs.save()
    with pytest.raises(ConflictError, match="changed on disk"):
        mine.save()
    assert Document.load(path).name == "Theirs"
    mine.save(overwrite=True)
    assert Document.load(path).name == "Mine"
    assert Document.decode(_files.backups(path)[0].read_bytes()).name == "Theirs"


def test_a_new_document_does_not_replace_a_file_it_never_read(tmp_path):
    path = tmp_path / "a.loom.json"
    Document("First").save(path)
    with pytest.raises(ConflictError):
        Document("Second").save(path)


def test_a_deleted_file_is_written_again(tmp_path):
    document = Document("One")
    path = document.save(tmp_path / "a.loom.json")
    path.unlink()
    assert document.save().exists()


def test_links_are_followed(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "real")
    _files.save(tmp_path / "link", b"1", overwrite=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"1"


def test_permissions_stay(tmp_path):
    path = tmp_path / "a"
    digest = _files.save(path, b"1")
    umask = os.umask(0)
    os.umask(umask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask
    path.chmod(0o640)
    _files.save(path, b"2", known=[digest])
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("call", ["fsync", "open", "replace"])
@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_every_failing_call_leaves_a_whole_file(tmp_path, monkeypatch, call, n):
    path = tmp_path / "a"
    digest = _files.save(path, b"old")
    left = [n]

    def failing(original):
        def wrapped(*args, **kwargs):
            left[0] -= 1
            if left[0] < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return original(*args, **kwargs)

        return wrapped

    owner = Path if call == "replace" else _files.os
    with monkeypatch.context() as patch:
        patch.setattr(owner, call, failing(getattr(owner, call)))
        try:
            _files.save(path, b"new", known=[digest])
            allowed = (b"new",)
        except FileError as error:
            said, allowed = str(error), (b"old", b"new")
        else:
            said = "No space left"
    assert "No space left" in said
    assert path.read_bytes() in allowed
    assert not [name for name in files(tmp_path) if name.endswith(".tmp")]
    # and the next save, by one that knows either, works
    known = [_files.digest(b"old"), _files.digest(b"new")]
    _files.save(path, b"newer", known=known)
    assert path.read_bytes() == b"newer"


@pytest.mark.skipif(os.name == "nt", reason="POSIX folders")
def test_a_missing_folder_is_said(tmp_path):
    with pytest.raises(FileError, match="could not be saved"):
        _files.save(tmp_path / "no" / "a", b"1")


def test_a_lock_held_elsewhere_is_waited_for_and_said(tmp_path, monkeypatch):
    monkeypatch.setattr(_files, "LOCK_SECONDS", 0.05)
    with (
        FileLock(tmp_path / ".a.lock"),
        pytest.raises(FileError, match="another program"),
    ):
        _files.save(tmp_path / "a", b"1")


def test_reading_what_is_not_there(tmp_path):
    with pytest.raises(FileError, match="could not be read"):
        Document.load(tmp_path / "a.loom.json")


def test_damaged_files_name_their_backups(tmp_path):
    document = Document("One")
    path = document.save(tmp_path / "a.loom.json")
    document._store.graph.graph["name"] = "Two"
    document.save()
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(ValueError, match=r"Backups of it: .*\.a\.loom\.json\.bak1"):
        Document.load(path)


SAVER = """
import sys
from pathlib import Path
from studio.document import _files
path = Path(sys.argv[1])
i = 0
while True:
    body = (b"%d " % i) * 200_000
    _files.save(path, body + b"end", overwrite=True)
    print(i, flush=True)
    i += 1
"""


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_kill_during_saves_leaves_whole_files(tmp_path):
    path = tmp_path / "a"
    rng = random.Random(0)
    for _ in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", SAVER, str(path)], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(rng.uniform(0, 0.05))
            process.send_signal(signal.SIGKILL)
            process.wait()
        for file in [path, *_files.backups(path)]:
            data = file.read_bytes()
            number = data.split(b" ", 1)[0]
            assert data == (number + b" ") * 200_000 + b"end"
    _files.save(path, b"after", overwrite=True)
    assert not [name for name in files(tmp_path) if name.endswith(".tmp")]


CLIMBING = ["..", "../a", "/etc/passwd", "a/../../b", "a\\..\\b", "~/.ssh/../../x"]
ODD = ["", ".hidden", "a\x00b", "x/.y", "\ud800", "a\nb", "//host/share"]


@pytest.mark.parametrize("name", CLIMBING + ODD)
def test_names_from_a_browser_never_leave_the_folder(tmp_path, name):
    with pytest.raises(FileError):
        inside(tmp_path, name)


def test_names_from_a_browser_may_be_plain(tmp_path):
    assert inside(tmp_path, "Balanced E I") == tmp_path / "Balanced E I.loom.json"
    assert inside(tmp_path, "sub/a.loom.json") == tmp_path / "sub/a.loom.json"


def test_links_out_of_the_folder_are_refused(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "out").symlink_to(tmp_path)
    with pytest.raises(FileError, match="leads out"):
        inside(home, "out/a")
