import threading

import numpy as np
import pytest

import widgets
from widgets import _editor


class Bare(widgets.Editor):
    """The editor without its browser half."""

    _esm = "export default {}"
    _css = ""


@pytest.fixture
def editor():
    editor = Bare()
    editor.sent = []
    editor.send = lambda content, buffers=None: editor.sent.append((content, buffers))
    yield editor
    editor.close()


def receive(editor, content):
    editor._receive(editor, content, [])


def hello(editor, view="v1"):
    receive(
        editor, {"type": "hello", "view": view, "protocol": widgets.PROTOCOL_VERSION}
    )


def frame(**fields):
    return widgets.Frame(
        run=1,
        revision=2,
        step0=0,
        n_steps=10,
        rates={"n1": 5.0},
        sizes=[3],
        layout=1,
        **fields,
    )


def test_valid_messages_reach_the_callbacks(editor):
    got = []
    editor.on_message(got.append)
    hello(editor)
    receive(editor, {"type": "undo", "intent": 3})
    assert got == [
        widgets.Hello(view="v1", protocol=widgets.PROTOCOL_VERSION),
        widgets.Undo(intent=3),
    ]
    editor.on_message(got.append, remove=True)
    receive(editor, {"type": "undo", "intent": 4})
    assert len(got) == 2


def test_comm_messages_arrive(editor):
    got = []
    editor.on_message(got.append)
    editor._handle_custom_msg({"type": "redo", "intent": 1}, [])
    assert got == [widgets.Redo(intent=1)]


def test_broken_messages_are_answered_and_never_passed_on(editor, caplog):
    got = []
    hello(editor)
    editor.on_message(got.append)
    receive(editor, {"type": "undo", "intent": 3, "extra": 1})
    receive(editor, "rubbish")
    assert got == []
    ((content, _),) = editor.sent
    assert content["type"] == "refused"
    assert content["intent"] == 3
    assert "undo.extra is not known" in content["problems"][0]["text"]
    assert len(caplog.records) == 2


def test_nothing_is_sent_to_closed_views(editor):
    catalogue = widgets.Catalogue(catalogue={})
    assert not editor.post(catalogue)
    hello(editor)
    assert editor.n_views == 1
    assert editor.post(catalogue)
    receive(editor, {"type": "bye", "view": "v1"})
    assert not editor.post(catalogue)
    assert not editor.post(frame())
    assert len(editor.sent) == 1


def test_frames_are_numbered_and_need_credit(editor, monkeypatch):
    editor._credits = widgets.Credits(per_view=2, rate=1e9)
    hello(editor)
    array = np.arange(3, dtype="float32")
    metas, _, buffer = widgets.pack({"rate/n1": array})
    message = frame()
    assert editor.frame_ready()
    assert editor.post(message, [buffer])
    assert editor.post({**message.to_content(), "told": {"arrays": metas}}, [buffer])
    assert not editor.post(message)
    assert not editor.wait_frame_ready(0.01)
    receive(editor, {"type": "ack", "view": "v1", "seq": 1})
    assert editor.post(message)
    assert [content["seq"] for content, _ in editor.sent] == [1, 2, 3]
    assert bytes(editor.sent[1][1][0]) == array.tobytes()


def test_frames_keep_their_order_from_many_threads(editor):
    editor._credits = widgets.Credits(per_view=1000, rate=1e9)
    hello(editor)

    def work():
        for _ in range(50):
            editor.post(frame())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = [content["seq"] for content, _ in editor.sent]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == len(numbers) > 0


def test_post_refuses_what_is_not_a_message(editor):
    hello(editor)
    with pytest.raises(widgets.ProtocolError, match="type is not known"):
        editor.post({"type": "undo", "intent": 1})


def test_assets_are_served(editor, monkeypatch, tmp_path):
    script = tmp_path / "plotly.js"
    script.write_bytes(b"var Plotly")
    hello(editor)
    monkeypatch.setitem(_editor._ASSETS, "plotly", script)
    receive(editor, {"type": "need", "asset": "plotly"})
    assert editor.sent == [({"type": "asset", "name": "plotly"}, [b"var Plotly"])]
    script.unlink()
    with pytest.raises(widgets.FrontEndMissingError, match="npm run build"):
        receive(editor, {"type": "need", "asset": "plotly"})


def test_an_editor_without_its_files_says_how_to_build_them(monkeypatch):
    for name in ("_esm", "_css"):
        monkeypatch.delattr(widgets.Editor, name, raising=False)
    with pytest.raises(widgets.FrontEndMissingError, match="npm run build"):
        widgets.Editor()


def test_fallback_is_plain_text(editor):
    editor.document = {"name": "<b>Two</b>", "nodes": [{"id": "n1"}], "edges": []}
    bundle, _ = editor._repr_mimebundle_()
    assert bundle["text/plain"].startswith("Neuroloom editor '<b>Two</b>': 1 node, 0 e")
    assert "text/html" not in bundle
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_only_the_drawing_is_synced():
    declared = {
        name
        for name, trait in widgets.Editor.class_own_traits(sync=True).items()
        if not name.startswith("_")
    }
    assert declared == {"document", "catalogue", "theme_hint"}
