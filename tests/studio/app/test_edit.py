import threading
import time

import pytest

from studio import examples

ADD_E = {"op": "add-node", "kind": "LIFRef", "sign": 1, "position": [0, 0]}
ADD_I = {"op": "add-node", "kind": "LIFRef", "sign": -1, "position": [0, 100]}


@pytest.fixture
def pair(browser):
    """A browser whose drawing has E and I and a projection e1 between them."""
    connect = {"op": "connect", "source": "n1", "target": "n2"}
    browser.edit(ADD_E, ADD_I, connect)
    return browser


def test_hello_is_answered_with_everything(open_browser):
    browser = open_browser("first", hello=False)
    snapshot = browser.hello()
    assert snapshot["document"] == browser.document.to_doc()
    assert snapshot["catalogue"]["nodes"]
    assert snapshot["history"] == {"undo": None, "redo": None}
    browser.wait_told("ready")
    code = browser.wait(lambda m: m.get("code", {}).get("in_step"))["code"]
    assert "class" in code["text"]
    assert set(code["map"]) >= {"n1", "n2", "n3"}
    assert browser.hello()["code"] == code
    assert snapshot["estimate"]["neurons"] == 200
    assert snapshot["file"] == {"path": None, "saved": False}
    assert [e["key"] for e in snapshot["examples"]] == [
        e.key for e in examples.EXAMPLES
    ]
    assert not [p for p in snapshot["problems"] if p["severity"] == "error"]


def test_an_empty_drawing_says_so(browser):
    snapshot = browser.hello()
    assert snapshot["document"]["nodes"] == []
    assert snapshot["run"]["state"] == "empty"
    browser.wait(lambda m: m.get("code") == {"text": "", "map": {}, "in_step": True})


def test_edits_are_answered_with_patches(browser):
    patch = browser.edit(ADD_E)
    assert patch["type"] == "patch"
    (node,) = patch["nodes"]
    assert (node["id"], node["label"]) == ("n1", "E")
    assert patch["history"] == {"undo": "Add E", "redo": None}
    assert patch["invalidates"] == "structure"
    assert not patch["file"]["saved"]
    code = browser.wait(
        lambda m: m["type"] == "patch" and m.get("code", {}).get("text")
    )
    assert list(code["code"]["map"]) == ["n1"]
    assert code["intent"] is None
    assert code["estimate"]["neurons"] == node["size"]
    assert browser.wait_state("ready")


def test_removing_takes_edges_along(pair):
    patch = pair.edit({"op": "remove", "ids": ["n1"]})
    assert sorted(patch["removed"]) == ["e1", "n1"]


def test_wrong_edits_are_refused_and_change_nothing(pair):
    before = pair.document.to_doc()
    answer = pair.put("n1", "params.tau", "5 mV")
    assert answer["type"] == "refused"
    (problem,) = answer["problems"]
    assert (problem["element"], problem["field"]) == ("n1", "params.tau")
    assert pair.edit({"op": "explode"})["type"] == "refused"
    assert pair.edit({"op": "set", "element": "n1"})["type"] == "refused"
    assert pair.edit(ADD_E, {"op": "remove", "ids": ["n9"]})["type"] == "refused"
    assert pair.document.to_doc() == before


def test_undo_and_redo(pair):
    pair.put("n1", "params.tau", "30 ms")
    patch = pair.ask("undo")
    assert patch["nodes"][0]["params"] == {}
    assert patch["history"]["redo"] == "Set tau of E"
    patch = pair.ask("redo")
    assert patch["nodes"][0]["params"] == {"tau": "30 ms"}
    assert pair.ask("redo")["nodes"] == []


def test_a_gesture_is_one_step_and_few_patches(pair):
    n = len(pair.messages("patch"))
    steps = 60
    for i in range(steps):
        pair.intent += 1
        op = {
            "op": "set",
            "element": "n1",
            "field": "params.tau",
            "value": f"{20 + i} ms",
        }
        content = {"view": "v1", "ops": [op], "gesture": 7, "done": i == steps - 1}
        pair.say("edit", intent=pair.intent, **content)
        time.sleep(0.004)
    last = pair.wait(lambda m: m.get("intent") == pair.intent)
    assert last["nodes"][0]["params"] == {"tau": "79 ms"}
    assert last["history"]["undo"] == "Set tau of E"
    assert len(pair.messages("patch")) - n < steps / 3
    patch = pair.ask("undo")
    assert patch["nodes"][0]["params"] == {}


def test_a_refusal_inside_of_a_gesture_keeps_the_order(pair):
    pair.put("n1", "params.tau", "25 ms", gesture=1)
    answer = pair.put("n1", "params.tau", "5 mV", gesture=1)
    assert answer["type"] == "refused"
    answers = [m["intent"] for m in [*pair.messages("patch"), answer] if m["intent"]]
    assert answers == sorted(answers)
    assert pair.document.element("n1")["params"] == {"tau": "25 ms"}


def test_python_and_browser_edit_one_document(pair):
    pair.studio.network.set("E", tau="33 ms")
    patch = pair.wait(
        lambda m: (
            m["type"] == "patch"
            and any(n["params"].get("tau") == "33 ms" for n in m["nodes"])
        )
    )
    assert patch["intent"] is None
    assert patch["history"]["undo"] == "Set tau of E"


def test_many_edits_of_python_are_few_messages(browser):
    for i in range(100):
        browser.studio.network.add("LIFRef", 10, name=f"P{i}")
    browser.wait(
        lambda _: (
            {n["id"] for m in browser.messages("patch") for n in m["nodes"]}
            >= {f"n{i}" for i in range(1, 101)}
        )
    )
    assert len(browser.messages("patch")) < 60


def test_edits_of_many_threads_leave_views_in_step(pair):
    def work(name):
        for i in range(20):
            pair.studio.network.set(name, tau=f"{20 + i} ms")

    threads = [threading.Thread(target=work, args=(name,)) for name in ("E", "I")]
    for thread in threads:
        thread.start()
    for i in range(20):
        pair.put("e1", "weight", f"{1 + i} nS")
    for thread in threads:
        thread.join()
    revision = pair.document.revision
    pair.wait(lambda m: m["type"] == "patch" and m["revision"] == revision)
    shown = {}
    for patch in pair.messages("patch"):
        shown |= {e["id"]: e for e in (*patch["nodes"], *patch["edges"])}
    doc = pair.document.to_doc()
    assert [shown[e["id"]] for e in (*doc["nodes"], *doc["edges"])] == [
        *doc["nodes"],
        *doc["edges"],
    ]


def test_two_views_are_in_step(pair):
    snapshot = pair.hello("v2")
    assert pair.editor.n_views == 2
    assert snapshot["document"] == pair.document.to_doc()
    pair.put("n1", "label", "Exc", view="v2")
    assert pair.hello("v1")["document"]["nodes"][0]["label"] == "Exc"


def test_code_that_does_not_fit_says_why(pair):
    pair.wait(lambda m: m.get("code", {}).get("text"))
    pair.put("e1", "delay", "0.05 ms")
    patch = pair.wait(
        lambda m: m["type"] == "patch" and not m.get("code", {}).get("in_step", True)
    )
    assert patch["code"]["why"]
    assert patch["code"]["text"], "the last script stays"
    assert pair.wait_state("draft")
    pair.put("e1", "delay", "0.2 ms")
    assert pair.wait_state("ready")


def test_silenced_warnings_stay_silent(pair):
    codes = lambda m: {p["code"] for p in m["problems"] if p["element"] == "e1"}
    assert "unusual" in codes(pair.put("e1", "weight", "5000 nS"))
    patch = pair.ask("silence", element="e1", code="unusual")
    assert "unusual" not in codes(patch)
    assert patch["edges"][0]["silenced"] == ["unusual"]
    assert patch["history"]["undo"] == "Silence a warning of E to I"
    answer = pair.ask("silence", element=None, code="x")
    assert answer["meta"]["silenced"] == ["x"]
    assert pair.ask("silence", element="n99", code="x")["type"] == "refused"


def test_wrong_messages_are_answered_and_nothing_breaks(pair):
    answer = pair.ask("edit", view="v1", ops="all", extra=1)
    assert answer["type"] == "refused"
    for content in (
        {"type": "nothing"},
        {},
        {"type": "run", "command": "fly"},
        7,
        None,
    ):
        pair.editor._handle_custom_msg(content, [])
    for value in (True, -1, 0, float("nan"), None, 1e9):
        pair.say("run", command="run-for", value=value)
    pair.say("run", command="speed", value=0)
    pair.say("view", view="v1", rows=10**9, window=float("inf"))
    state = pair.wait(lambda m: m["type"] == "run-state" and m["text"])
    assert "needs a number" in state["text"]
    assert pair.put("n1", "label", "Fine")["type"] == "patch"


def test_an_error_of_ours_is_answered(pair, monkeypatch, caplog):
    monkeypatch.setattr(pair.document, "apply", lambda *_, **__: 1 / 0)
    answer = pair.put("n1", "label", "Z")
    assert answer["type"] == "refused"
    assert "division" in answer["problems"][0]["text"]
    assert "could not be handled" in caplog.text


def test_the_drawing_reaches_the_saved_notebook(pair):
    deadline = time.monotonic() + 5
    while pair.editor.document != pair.document.to_doc():
        assert time.monotonic() < deadline
        time.sleep(0.02)
