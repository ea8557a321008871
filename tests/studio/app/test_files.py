import json

import pytest

from studio import examples
from studio.document import Document
from studio.document._codec import encode

ADD = {"op": "add-node", "kind": "LIFRef", "sign": 1}

HOSTILE = [
    "../outside",
    "..",
    "../../etc/passwd",
    "/etc/passwd",
    "/tmp/x.loom.json",
    "a/../../x",
    "..\\outside",
    "a//b",
    "./x",
    ".hidden",
    "sub/.hidden/x",
    "~/x/..",
    "",
    "x\x00y",
    "x\ny",
    "\ud800",
    "link/x",
    "link/outside.loom.json",
    "x" * 300,
    "x/" * 1000 + "x",
]


@pytest.fixture
def outside(place):
    """Put a folder beside the notebook's, and a link that leads there."""
    folder = place.parent / "secret"
    folder.mkdir()
    examples.load("first").save(folder / "outside.loom.json")
    (folder / "note.txt").write_text("secret")
    (place / "link").symlink_to(folder)
    (place / "file.loom.json").symlink_to(folder / "outside.loom.json")
    return folder


def everything(folder):
    return {
        p: p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and "state" not in p.parts  # the journal writes all the time
    }


def test_save_gives_a_name_of_its_own_and_keeps_it(browser, place):
    browser.edit(ADD)
    answer = browser.ask("file", command="save")
    assert answer["path"] == "untitled.loom.json"
    patch = browser.wait(
        lambda m: m["type"] == "patch" and m.get("file", {}).get("saved")
    )
    assert patch["file"] == {"path": "untitled.loom.json", "saved": True}
    assert Document.load(place / answer["path"]) == browser.document
    assert not browser.edit(ADD)["file"]["saved"]
    assert browser.ask("file", command="save")["path"] == "untitled.loom.json"


def test_save_never_takes_the_name_of_another_file(open_browser, place):
    (place / "first_network.loom.json").write_text("mine")
    browser = open_browser("first")
    assert browser.ask("file", command="save")["path"] == "first_network_2.loom.json"
    answer = browser.ask("file", command="save", path="first_network")
    assert answer["problems"][0]["code"] == "conflict"
    assert (place / "first_network.loom.json").read_text() == "mine"


def test_a_file_that_changed_on_disk_is_not_replaced(browser, place):
    browser.ask("file", command="save", path="x")
    other = Document.load(place / "x.loom.json")
    other.apply([ADD])
    other.save()
    browser.edit(ADD, ADD)
    assert browser.ask("file", command="save")["problems"][0]["code"] == "conflict"
    assert Document.load(place / "x.loom.json") == other


def test_open_shows_the_file_in_all_views(browser, place):
    examples.load("first").save(place / "mine.loom.json")
    browser.edit(ADD)
    answer = browser.ask("file", command="open", path="mine.loom.json")
    assert answer["path"] == "mine.loom.json"
    snapshot = browser.messages("snapshot")[-1]
    assert snapshot["document"]["name"] == "First network"
    assert snapshot["file"] == {"path": "mine.loom.json", "saved": True}
    assert snapshot["history"]["undo"] is None
    assert browser.document.name == "First network"
    assert browser.editor.document["name"] == "First network"
    browser.wait_state("ready")
    # edits of the one that was left do not reach the one that is shown
    patch = browser.put("n1", "label", "Exc")
    assert patch["nodes"][0]["size"] == 80


def test_new_and_examples(browser):
    for example in examples.EXAMPLES:
        answer = browser.ask("file", command="example", path=example.key)
        assert "problems" not in answer
        expected = examples.load(example.key).name
        assert browser.messages("snapshot")[-1]["document"]["name"] == expected
    browser.ask("file", command="new")
    assert browser.document.n_nodes == 0
    answer = browser.ask("file", command="example", path="frist")
    assert "Did you mean 'first'?" in answer["problems"][0]["text"]


def test_export_is_the_script_of_the_drawing(open_browser, place):
    browser = open_browser("first")
    answer = browser.ask("file", command="export")
    assert answer["text"] == browser.studio.to_python()
    assert answer["path"] is None
    answer = browser.ask("file", command="export", path="run")
    assert answer["path"] == "run.py"
    assert (place / "run.py").read_text() == browser.studio.to_python()
    assert "problems" not in browser.ask("file", command="export", path="run.py")
    (place / "own.py").write_text("print('mine')")
    answer = browser.ask("file", command="export", path="own.py")
    assert "not a script that Neuroloom made" in answer["problems"][0]["text"]
    assert (place / "own.py").read_text() == "print('mine')"


def test_what_cannot_run_is_not_exported(browser):
    answer = browser.ask("file", command="export")
    assert "nothing to run yet" in answer["problems"][0]["text"]


def test_list_shows_documents_and_folders(browser, place, outside):
    for name in ("b.loom.json", "a.loom.json", ".c.loom.json", "d.txt"):
        (place / name).write_text("{}")
    (place / "sub").mkdir()
    (place / "sub" / "e.loom.json").write_text("{}")
    entries = browser.ask("file", command="list")["entries"]
    assert [(e["name"], e["folder"]) for e in entries] == [
        ("sub", True),
        ("a.loom.json", False),
        ("b.loom.json", False),
    ]
    (entry,) = browser.ask("file", command="list", path="sub")["entries"]
    assert entry["path"] == "sub/e.loom.json"
    assert browser.ask("file", command="list", path="a.loom.json")["problems"]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("command", ["save", "open", "export", "list"])
def test_no_path_leads_out_of_the_folder(browser, place, outside, command, name):
    before = everything(place.parent)
    browser.edit(ADD)
    answer = browser.ask("file", command=command, path=name)
    if command == "list" and name == "":
        return  # the folder itself
    (problem,) = answer["problems"]
    assert problem["severity"] == "error"
    assert problem["text"]
    assert everything(place.parent) == before
    assert browser.document.n_nodes == 1
    assert "secret" not in json.dumps(answer)


def test_a_link_to_a_file_outside_is_not_opened_or_replaced(browser, outside):
    for command in ("open", "save"):
        answer = browser.ask("file", command=command, path="file.loom.json")
        assert "leads out" in answer["problems"][0]["text"]


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"\x00\xff", b"[" * 100_000, b'{"format": "neuroloom"}', b"null"],
)
def test_damaged_files_are_refused_in_words(browser, place, data):
    (place / "bad.loom.json").write_bytes(data)
    before = browser.document
    answer = browser.ask("file", command="open", path="bad.loom.json")
    assert "bad.loom.json" in answer["problems"][0]["text"]
    assert browser.document is before


def test_unknown_kinds_open_as_marked_placeholders(open_browser, place):
    document = examples.load("first")
    graph = document.graph
    graph.nodes["n1"]["kind"] = "HodgkinHuxley"
    graph.nodes["n1"]["params"] = {"g_Na": "120 mS", "deep": {"a": [1, 2]}}
    (place / "hh.loom.json").write_bytes(encode(graph))
    browser = open_browser("hh.loom.json")
    snapshot = browser.messages("snapshot")[-1]
    node = next(n for n in snapshot["document"]["nodes"] if n["id"] == "n1")
    assert node["params"] == {"g_Na": "120 mS", "deep": {"a": [1, 2]}}
    problem = next(p for p in snapshot["problems"] if p["element"] == "n1")
    assert problem["severity"] == "error"
    assert "HodgkinHuxley" in problem["text"]
    assert not snapshot["code"]["in_step"]
    browser.wait_told("draft")
    assert browser.put("n1", "label", "HH")["type"] == "patch"
    browser.ask("file", command="save")
    saved = Document.load(place / "hh.loom.json").element("n1")
    assert saved["params"] == node["params"]


def test_a_newer_file_is_only_looked_at(open_browser, place):
    payload = json.loads(examples.load("first").encode())
    payload["version"] = 99
    (place / "new.loom.json").write_text(json.dumps(payload))
    browser = open_browser("new.loom.json")
    answer = browser.put("n1", "label", "Z")
    assert answer["type"] == "refused"
    assert "newer Neuroloom" in answer["problems"][0]["text"]
    assert browser.ask("undo")["type"] == "refused"


def test_python_saves_and_views_know(browser, place):
    browser.edit(ADD)
    browser.studio.save("sub.loom.json")
    browser.wait(lambda m: m["type"] == "patch" and m.get("file", {}).get("saved"))
