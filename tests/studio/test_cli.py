import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from engine import environ
from engine.run import Result
from studio import examples
from studio.cli import app
from studio.document import Document
from studio.document._codec import encode

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEUROLOOM_STATE", str(tmp_path / "state"))
    return tmp_path


@pytest.fixture
def shell():
    """Run a command; returns exit code, output and errors."""

    def run(*args, code=0):
        done = CliRunner().invoke(app, [str(arg) for arg in args])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == code, done.output
        return done

    return run


@pytest.fixture
def first():
    """Save the first example as first.loom.json."""
    return examples.load("first").save("first.loom.json")


def test_version_and_help(shell):
    assert shell("--version").stdout == "neuroloom 0.1.0\n"
    text = shell("--help").stdout
    for name in ("lab", "new", "check", "info", "run", "export", "demo", "examples"):
        assert name in text
    assert "Exit codes" in text


def test_examples_are_listed_in_columns(shell):
    lines = shell("examples").stdout.splitlines()
    assert len(lines) == len(examples.EXAMPLES)
    rows = list(zip(lines, examples.EXAMPLES, strict=True))
    assert len({line.index(example.title) for line, example in rows}) == 1
    assert len({line.rindex(example.text) for line, example in rows}) == 1


def test_new_writes_documents(shell, folder):
    assert "Wrote" in shell("new", "mine").stdout
    assert Document.load("mine.loom.json").name == "mine"
    shell("new", "b.loom.json", "--example", "balanced", "--name", "Big")
    assert Document.load("b.loom.json").name == "Big"
    assert "--force" in shell("new", "mine", code=3).stderr
    shell("--quiet", "new", "mine", "--force", "--example", "first")
    assert Document.load("mine.loom.json").n_nodes == 5
    assert (
        "Did you mean 'first'" in shell("new", "c", "--example", "frist", code=2).stderr
    )
    assert "no folder" in shell("new", "nowhere/c", code=3).stderr


def test_check_says_what_is_wrong(shell, first):
    assert shell("check", first).stdout == "First network is ready to run.\n"
    assert shell("--quiet", "check", first).stdout == ""
    shell("new", "empty")
    assert "nothing to run yet" in shell("check", "empty.loom.json", code=1).stdout
    document = Document.load(first)
    edge = document.to_doc()["edges"][0]["id"]
    edit = {"op": "set", "element": edge, "field": "delay", "value": "0.05 ms"}
    document.apply([edit])
    document.save()
    text = shell("check", first, code=1).stdout
    assert text.startswith("error   E to E, delay:")
    assert "fix:" in text
    assert "1 to fix" in text


def test_unknown_kinds_are_named(shell, first):
    graph = Document.load(first).graph
    graph.nodes["n1"]["kind"] = "LIFReff"
    Path("x.loom.json").write_bytes(encode(graph))
    assert "LIFReff" in shell("check", "x.loom.json", code=1).stdout
    assert "LIFReff" in shell("run", "x.loom.json", code=1).stdout
    assert "LIFReff" in shell("info", "x.loom.json").stdout


def test_info(shell, first):
    text = shell("info", first).stdout
    assert "E: LIFRef, 80 neurons" in text
    assert "neurons" in text
    assert "200" in text
    assert "?" not in shell("info", first).stdout
    assert re.search(r"a second of it, about\s+\d\S* m?s at 10 Hz", text)
    assert "until the first step" in text


def test_info_tells_of_connections_that_are_not_stored(shell):
    file = examples.load("balanced").save("balanced.loom.json")
    assert "not stored" not in shell("info", file).stdout
    with environ.context(connectivity="just-in-time"):
        assert "drawn anew at every spike" in shell("info", file).stdout


def test_run_prints_rates_and_writes_what_is_asked_for(shell, first):
    done = shell("run", first, "-d", "50ms", "-o", "out.npz", "--plot", "out.html")
    assert " Hz" in done.stdout
    result = Result.load("out.npz")
    assert result.n_steps == 500
    expected = examples.load("first")
    assert set(result.spikes) == {"E", "I"}
    assert expected.name in Path("out.html").read_text("utf-8")
    assert "--force" in shell("run", first, "-o", "out.npz", code=3).stderr
    assert "no folder" in shell("run", first, "--plot", "no/x.html", code=3).stderr


def test_quiet_runs_print_the_rates_only(shell, first):
    done = shell("--quiet", "run", first, "-d", "20 ms", "-o", "out.npz")
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["E", "I"]
    assert done.stderr == ""


@pytest.mark.parametrize("duration", ["5mV", "-1s", "0", "soon", "1e99s", "nan s"])
def test_wrong_durations_are_refused_before_anything_is_built(shell, first, duration):
    assert shell("run", first, f"--duration={duration}", code=1).stderr


def test_an_empty_document_does_not_run(shell):
    shell("new", "empty")
    assert "nothing to run yet" in shell("run", "empty.loom.json", code=1).stderr
    assert "nothing to run yet" in shell("export", "empty.loom.json", code=1).stderr


def test_files_that_cannot_be_read_are_told_in_a_sentence(shell, folder):
    assert "could not be read" in shell("run", "no.loom.json", code=3).stderr
    Path("bad.loom.json").write_text("{")
    for command in ("check", "info", "run", "export"):
        done = shell(command, "bad.loom.json", code=3)
        assert "bad.loom.json" in done.stderr
        assert "Traceback" not in done.stderr


def test_names_cannot_steer_the_terminal(shell):
    graph = examples.load("first").graph
    graph.nodes["n1"]["label"] = "E\x1b[2J\u202e"
    Path("x.loom.json").write_bytes(encode(graph))
    for command in ("info", "check", "run"):
        text = CliRunner().invoke(app, [command, "x.loom.json"]).output
        assert text
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_exported_scripts_run_and_give_the_spikes_of_run(shell, first, folder):
    printed = shell("export", first).stdout
    shell("export", first, "--output", "first.py")
    assert Path("first.py").read_text("utf-8") == printed
    command = [sys.executable, "first.py", "--duration", "50", "--save", "script.npz"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    shell("run", first, "-d", "50ms", "-o", "shell.npz")
    script, run = Result.load("script.npz"), Result.load("shell.npz")
    assert set(script.spikes) >= {"E", "I"}
    for label in ("E", "I"):
        train = run.spikes[label]
        np.testing.assert_array_equal(train.steps, script.spikes[label].steps)
        np.testing.assert_array_equal(train.neurons, script.spikes[label].neurons)


def test_demo_makes_a_raster_and_a_script(shell, folder):
    done = shell("demo", "--duration", "20ms", "--folder", folder)
    assert "E" in done.stdout
    assert (folder / "balanced.html").stat().st_size > 100_000
    compile((folder / "balanced.py").read_text("utf-8"), "balanced.py", "exec")
    assert "no folder" in shell("demo", "--folder", "nowhere", code=3).stderr


def test_lab_opens_a_notebook(shell, folder, monkeypatch):
    calls = []

    def run(command, check, env):
        calls.append(command)
        ours = Path(env["JUPYTER_CONFIG_PATH"].split(os.pathsep)[0])
        assert (ours / "labconfig" / "page_config.json").exists()
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    done = shell("lab", "--no-browser", "--port", 9999, "--ip=0.0.0.0")
    (command,) = calls
    notebook = folder / "01_first_network.ipynb"
    assert command[1:3] == ["-m", "jupyterlab"]
    assert Path(command[3]) == notebook
    assert {"--no-browser", "--port=9999", "--ip=0.0.0.0"} <= set(command)
    assert "Ctrl+C" in done.stdout
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    assert any("Studio" in "".join(cell["source"]) for cell in cells)
    notebook.write_text("mine")
    shell("lab")
    assert notebook.read_text() == "mine", "what is there is opened as it is"
    assert "no notebook" in shell("lab", "other.ipynb", code=3).stderr


def test_the_command_is_a_program(folder):
    done = subprocess.run(
        [sys.executable, "-m", "studio.cli", "run", "no.loom.json"],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 3
    assert done.stderr.startswith("no.loom.json could not be read")
