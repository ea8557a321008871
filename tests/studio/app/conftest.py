"""An editor without a browser: messages go in, and what is sent is kept."""

import threading

import pytest

import widgets
from studio import Studio
from studio.app import _studio


class Bare(widgets.Editor):
    """The editor without its browser half."""

    _esm = "export default {}"
    _css = ""

    def __init__(self, **traits):
        self.sent = []
        self.changed = threading.Condition()
        super().__init__(**traits)

    def send(self, content, buffers=None):
        with self.changed:
            self.sent.append((content, buffers))
            self.changed.notify_all()
        if content["type"] == "frame":
            # a view that draws at once
            ack = {"type": "ack", "view": "v1", "seq": content["seq"]}
            threading.Timer(0.001, self._receive, (self, ack, [])).start()


class Browser:
    """A view of a studio: it says, and it hears."""

    def __init__(self, source=None):
        self.studio = Studio(source)
        self.editor = self.studio.editor
        self.intent = 0

    @property
    def document(self):
        return self.studio.document

    def say(self, type_, **content):
        self.editor._handle_custom_msg({"type": type_, **content}, [])

    def ask(self, type_, **content):
        """Say something with an intent and return the answer to it."""
        self.intent += 1
        intent = self.intent
        self.say(type_, intent=intent, **content)
        return self.wait(lambda m: m.get("intent") == intent)

    def hello(self, view="v1"):
        n = len(self.messages("snapshot"))
        self.say("hello", view=view, protocol=widgets.PROTOCOL_VERSION)
        return self.wait_count("snapshot", n + 1)[-1]

    def edit(self, *ops, view="v1", **options):
        return self.ask("edit", view=view, ops=list(ops), **options)

    def put(self, element, field, value, **options):
        op = {"op": "set", "element": element, "field": field, "value": value}
        return self.edit(op, **options)

    def run(self, command, **options):
        self.say("run", command=command, **options)

    def messages(self, type_):
        with self.editor.changed:
            sent = [content for content, _ in self.editor.sent]
        return [content for content in sent if content["type"] == type_]

    def wait(self, test, timeout=20):
        """Return the first message that passes a test, sent before or to come."""
        found = []

        def look():
            found[:] = [c for c, _ in self.editor.sent if test(c)]
            return bool(found)

        with self.editor.changed:
            done = self.editor.changed.wait_for(look, timeout)
            assert done, [c for c, _ in self.editor.sent if c["type"] != "frame"][-4:]
        return found[0]

    def wait_count(self, type_, n):
        self.wait(lambda _: sum(c["type"] == type_ for c, _ in self.editor.sent) >= n)
        return self.messages(type_)

    def wait_told(self, state, timeout=60):
        """Wait until the last word about the run, a snapshot's too, is this state.

        The run has a thread of its own: the first snapshot may be ahead of it.
        """

        def is_last(_):
            told = [
                c["run"]["state"] if c["type"] == "snapshot" else c["state"]
                for c, _ in self.editor.sent
                if c["type"] in ("snapshot", "run-state")
            ]
            return bool(told) and told[-1] == state

        self.wait(is_last, timeout)

    def wait_state(self, state, timeout=60):
        """Wait until the last run state told is this one."""

        def is_last(_):
            told = [c for c, _ in self.editor.sent if c["type"] == "run-state"]
            return bool(told) and told[-1]["state"] == state

        self.wait(is_last, timeout)
        return self.messages("run-state")[-1]

    def settle(self):
        """Wait until everything said is done, and what may wait too."""
        desk = self.studio._desk
        desk.worker.wait()
        desk._writer.wait()
        desk.worker.wait()


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """Let journals and files stay in a folder of the test."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NEUROLOOM_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(_studio, "Editor", Bare)
    return folder


@pytest.fixture
def open_browser():
    made = []

    def open_(source=None, *, hello=True):
        made.append(Browser(source))
        if hello:
            made[-1].hello()
        return made[-1]

    yield open_
    for one in made:
        one.studio.close()


@pytest.fixture
def browser(open_browser):
    return open_browser()
