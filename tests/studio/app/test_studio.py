import os
import subprocess
import sys
import time
from pathlib import Path

import networkx as nx
import pytest

from engine import kinds
from studio import Network, Studio, StudioError, examples
from studio._errors import FileError
from studio.app import _cell
from studio.document import Document

ROOT = Path(__file__).parents[3]
ADD = {"op": "add-node", "kind": "LIFRef", "sign": 1}


@pytest.fixture
def run_cell(monkeypatch):
    """Let a function run as a cell of a notebook; each call is another run of it."""
    runs = iter(range(100))
    studios = []

    def run(*sources, cell="c1"):
        found = _cell.Cell(f"a.ipynb#{cell}", f"run {next(runs)}")
        monkeypatch.setattr(_cell, "current", lambda: found)
        made = [Studio(source) for source in sources]
        studios.extend(made)
        return made

    monkeypatch.setattr(_cell, "_rows", {})
    yield run
    for studio in studios:
        studio.close()


def test_it_opens_what_it_is_given(open_browser, place):
    document = examples.load("first")
    assert open_browser(document).document is document
    network = Network.of(document)
    assert open_browser(network).document is document
    assert open_browser(document.graph).document == document
    assert open_browser("first").document == document
    path = document.save(place / "first.loom.json")
    assert open_browser(path).document == document
    assert open_browser("first.loom.json").document.path == path
    assert open_browser().document.n_nodes == 0
    for wrong, text in (
        ("frist", "Did you mean 'first'"),
        ("a.loom.json", "could not"),
    ):
        with pytest.raises(FileError, match=text):
            Studio(wrong)
    for wrong in (7, [], nx.path_graph(2)):
        with pytest.raises(StudioError, match="give a Document"):
            Studio(wrong)


def test_what_it_shows_and_says(open_browser):
    studio = open_browser("first").studio
    assert repr(studio) == "<Studio 'First network': 5 nodes, 8 edges, ready>"
    data, _ = studio._repr_mimebundle_(include=None, exclude=None)
    assert data["text/plain"] == repr(studio)
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert "text/html" not in data
    studio.close()
    studio.close()
    assert "closed" in repr(studio)


def test_the_network_is_a_view_of_the_same_document(browser):
    net = browser.studio.network
    net.add("LIFRef", 10, name="E")
    assert browser.document.n_nodes == 1
    assert "class" in browser.studio.to_python()
    browser.studio.undo()
    assert browser.document.n_nodes == 0
    browser.studio.redo().open("neuron")
    assert browser.document.name == examples.load("neuron").name


def test_an_interrupt_pauses_the_run_and_returns(open_browser, monkeypatch):
    studio = open_browser("neuron").studio
    studio.run()

    def interrupted(timeout):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(studio._desk.running, "wait", interrupted)
        with pytest.raises(KeyboardInterrupt):
            studio.wait()
    assert studio.wait(60)
    assert studio.state in ("ready", "paused")


def test_two_studios_show_one_document(open_browser):
    document = examples.load("first")
    one, two = open_browser(document), open_browser(document)
    one.put("n1", "label", "Exc")
    two.wait(
        lambda m: m["type"] == "patch" and any(n["label"] == "Exc" for n in m["nodes"])
    )
    one.ask("file", command="new")
    assert two.put("n1", "label", "E again")["type"] == "patch"
    assert document._place.journal is not None, "the other still needs it"


def test_kinds_of_a_cell_reach_the_palette_and_the_drawing(open_browser):
    document = examples.load("first")
    graph = document.graph
    graph.nodes["n1"]["kind"] = "MyLIF"
    browser = open_browser(Document.from_graph(graph))
    assert browser.studio.state == "draft"
    base = kinds.get("node", "LIFRef")
    mine = type(base)(**{**vars(base), "key": "MyLIF", "label": "Mine"})
    try:
        kinds.register(mine)
        told = browser.wait(lambda m: m["type"] == "catalogue")
        assert "MyLIF" in [k["key"] for k in told["catalogue"]["nodes"]]
        browser.wait_state("ready")
        assert "MyLIF" in [k["key"] for k in browser.editor.catalogue["nodes"]]
        # the state may be told before the problems are
        browser.wait(
            lambda m: (
                m["type"] == "patch"
                and not [p for p in m["problems"] if p["severity"] == "error"]
            )
        )
    finally:
        kinds.unregister(mine)
    browser.wait_state("draft")


def test_an_unrelated_kind_does_not_stop_a_run(open_browser):
    browser = open_browser("first")
    browser.run("run")
    browser.wait_state("running")
    base = kinds.get("node", "LIFRef")
    other = type(base)(**{**vars(base), "key": "Other", "label": "Other"})
    kinds.register(other)
    kinds.unregister(other)
    browser.wait(lambda m: m["type"] == "catalogue")
    browser.settle()
    assert browser.studio.state == "running"


def test_a_cell_that_runs_again_goes_on(run_cell):
    (first,) = run_cell(None)
    first.document.apply([ADD])
    first.run()
    (again,) = run_cell(None)
    assert again.document is first.document
    assert "closed" in repr(first)
    assert not first._desk.running.controller._thread.is_alive()
    notes = [p["code"] for p in again._desk._check()]
    assert "reopened" in notes
    again.save("x.loom.json")
    assert "reopened" not in [p["code"] for p in again._desk._check()]
    (fresh,) = run_cell(None)
    assert fresh.document.n_nodes == 0
    (note,) = [p for p in fresh._desk._check() if p["code"] == "reopened"]
    assert "saved as x.loom.json" in note["text"]


def draw(studio):
    """Draw a population as the browser does."""
    studio.editor._handle_custom_msg({"type": "hello", "view": "v", "protocol": 2}, [])
    op = {"op": "add-node", "kind": "LIFRef", "label": "Late", "size": 7}
    told = {"type": "edit", "intent": 1, "view": "v", "ops": [op]}
    studio.editor._handle_custom_msg(told, [])
    studio._desk.worker.wait()


def test_a_drawing_that_the_cell_makes_takes_the_edits_in(run_cell):
    def again():
        made = examples.load("first")
        return made, run_cell(made)[0]

    _, one = again()
    draw(one)
    document, two = again()
    assert two.document is document, "the cell may hold it by a name"
    assert two.network["Late"].record["size"] == 7
    assert one.document._place.journal is None, "one journal is enough"
    assert document._place.journal.file.exists()
    two.undo()
    assert document == examples.load("first")
    two.redo()
    assert document != examples.load("first")
    _, three = again()
    assert three.network["Late"].record["size"] == 7
    (other,) = run_cell(examples.load("neuron"))
    assert other.document == examples.load("neuron")


def test_edits_of_cells_are_not_made_twice(run_cell):
    (one,) = run_cell(examples.load("first"))
    one.network.add("LIFRef", 7, name="Made by a cell")
    (two,) = run_cell(examples.load("first"))
    assert two.document == examples.load("first")


def test_an_example__that_was_not_changed_is_opened_afresh(run_cell):
    (one,) = run_cell("first")
    (two,) = run_cell("first")
    assert two.document is not one.document
    (other,) = run_cell("neuron")
    two.document.apply([ADD])
    assert other.document.name == examples.load("neuron").name


def test_two_editors_of_one_cell_keep_their_places(run_cell):
    a, b = run_cell(None, None)
    assert a._is_closed is False
    a.document.apply([ADD])
    b.document.apply([ADD, ADD])
    a2, b2 = run_cell(None, None)
    assert (a2.document, b2.document) == (a.document, b.document)
    assert a2.document is a.document
    assert b2.document is b.document


KILLED = """
import sys, time, widgets
sys.path[:0] = {paths}
from studio import examples
from studio.app import _cell, _studio
class Bare(widgets.Editor):
    _esm, _css = "export default {{}}", ""
_studio.Editor = Bare
_cell.current = lambda: _cell.Cell("a.ipynb#c1", "run")
studio = _studio.Studio({source})
op = {{"op": "add-node", "kind": "LIFRef", "label": "Late", "size": 7}}
for told in ({{"type": "hello", "protocol": 2}}, {{"type": "edit", "intent": 1, "ops": [op]}}):
    studio.editor._handle_custom_msg(told | {{"view": "v"}}, [])
if {saved!r}:
    studio._desk.worker.wait()
    studio.save({saved!r})
    studio.network.set("Late", size=8)
    studio.document.mark_by_hand()
journal = studio.document._place.journal
while not journal.file.exists():
    time.sleep(0.01)
print("written", flush=True)
time.sleep(60)
"""


def kill_with_unsaved_edits(source, saved=None):
    script = KILLED.format(paths=[str(ROOT)], source=source, saved=saved)
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.kill()
        process.wait()


@pytest.mark.parametrize("source", [None, "first", "mine.loom.json"])
def test_edits_come_back_after_the_kernel_was_killed(run_cell, place, source):
    examples.load("first").save(place / "mine.loom.json")
    kill_with_unsaved_edits(repr(source))
    (studio,) = run_cell(source)
    assert studio.network["Late"].record["size"] == 7
    assert not studio.document.is_saved
    (note,) = [p for p in studio._desk._check() if p["code"] == "reopened"]
    assert "when the kernel stopped" in note["text"]
    # they are kept on, should this kernel die too
    assert studio.document._place.journal.file.exists()
    studio.save("mine.loom.json" if source == "mine.loom.json" else "new.loom.json")
    studio.close()
    (later,) = run_cell(source, cell="c1")
    assert later.document.n_nodes == (0 if source is None else later.document.n_nodes)
    notes = [p["text"] for p in later._desk._check() if p["code"] == "reopened"]
    assert not [text for text in notes if "Edits that were not saved" in text]


def test_edits_of_a_given_drawing_come_back_into_it(run_cell):
    kill_with_unsaved_edits("examples.load('first')")
    document = examples.load("first")
    (studio,) = run_cell(document)
    assert studio.document is document
    assert studio.network["Late"].record["size"] == 7
    assert "when the kernel stopped" in studio._desk._check()[-1]["text"]
    studio.undo()
    assert document == examples.load("first")


@pytest.mark.parametrize("source", ["'first'", "examples.load('first')"])
def test_edits_after_a_save_come_back_in_the_cell_and_belong_to_the_file(
    run_cell, place, source
):
    kill_with_unsaved_edits(source, saved="mine.loom.json")
    (studio,) = run_cell(eval(source))
    assert studio.document.path == place / "mine.loom.json"
    assert studio.network["Late"].record["size"] == 8
    studio.save()
    saved = Network.of(Document.load("mine.loom.json"))
    assert saved["Late"].record["size"] == 8


def test_edits_after_a_save_come_back_when_the_file_is_opened(open_browser, place):
    kill_with_unsaved_edits("'first'", saved="mine.loom.json")
    browser = open_browser()
    browser.ask("file", command="open", path="mine.loom.json")
    assert browser.studio.network["Late"].record["size"] == 8
    told = browser.messages("snapshot")[-1]["problems"]
    assert "when the kernel stopped" in told[-1]["text"]


def test_edits_come_back_only_where_they_were_made(run_cell, place):
    kill_with_unsaved_edits("None")
    (other,) = run_cell(None, cell="c2")
    assert other.document.n_nodes == 0
    (example,) = run_cell("first", cell="c1")
    assert example.document == examples.load("first")


def test_a_file_that_is_newer_than_the_edits_wins(run_cell, place):
    path = examples.load("first").save(place / "mine.loom.json")
    kill_with_unsaved_edits("'mine.loom.json'")
    time.sleep(0.05)
    os.utime(path)
    (studio,) = run_cell("mine.loom.json")
    assert studio.document == examples.load("first")


def test_a_folder_that_cannot_be_written_stops_nobody(run_cell, monkeypatch, caplog):
    monkeypatch.setenv("NEUROLOOM_STATE", "/dev/null/state")
    (studio,) = run_cell(None)
    studio.document.apply([ADD])
    assert "not kept for a crash" in caplog.text


def test_importing_compiles_and_loads_nothing_heavy():
    code = (
        "import sys, studio; from studio import document; "
        "print([m for m in ('jax', 'anywidget', 'plotly', 'numba') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", "import studio, sys; " + code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout.strip() == "[]"
