import dataclasses
import json
import re
from pathlib import Path
from typing import get_args, get_origin

import pytest

import widgets
from widgets import _protocol, _validate

BROWSER, KERNEL = _protocol._BROWSER, _protocol._KERNEL
TYPESCRIPT = Path(_protocol.__file__).parent / "frontend" / "src" / "protocol.ts"

MESSAGES = [
    {"type": "hello", "view": "v1", "protocol": 1},
    {"type": "bye", "view": "v1"},
    {"type": "ack", "view": "v1", "seq": 3},
    {"type": "need", "asset": "plotly"},
    {"type": "edit", "intent": 1, "view": "v1", "ops": [{"op": "remove", "ids": []}]},
    {"type": "edit", "intent": 2, "view": "v1", "ops": [], "gesture": 4, "done": True},
    {"type": "missed", "view": "v1"},
    {"type": "undo", "intent": 5},
    {"type": "redo", "intent": 6},
    {"type": "run", "command": "run"},
    {"type": "run", "command": "speed", "value": 0.5},
    {"type": "run", "command": "record", "value": True},
    {"type": "view", "view": "v1", "rows": None, "window": 1.0},
    {"type": "file", "command": "open", "path": "a.loom.json", "intent": 7},
    {"type": "silence", "element": None, "code": "empty", "intent": 8},
]

BROKEN = [
    ([], "needs to be an object"),
    (None, "needs to be an object"),
    ({}, "type is not known: None"),
    ({"type": "helo"}, "Did you mean 'hello'"),
    ({"type": ["hello"]}, "type is not known"),
    ({"type": "frame"}, "type is not known"),
    ({"type": "ack", "view": "v1"}, "ack.seq is missing"),
    ({"type": "ack", "view": "v1", "seq": True}, "needs a whole number"),
    ({"type": "ack", "view": "v1", "seq": 1.0}, "needs a whole number"),
    ({"type": "ack", "view": "v1", "seq": 10**400}, "a very large number"),
    ({"type": "ack", "view": 1, "seq": 1}, "needs a text"),
    ({"type": "ack", "view": "\ud800", "seq": 1}, "needs a text"),
    ({"type": "ack", "view": "v1", "seqq": 1}, "Did you mean 'seq'"),
    ({"type": "need", "asset": "../../etc/passwd"}, "need.asset is not known"),
    ({"type": "edit", "intent": 1, "view": "v", "ops": {}}, "needs a list"),
    ({"type": "edit", "intent": 1, "view": "v", "ops": ["x"]}, "needs an object"),
    ({"type": "view", "view": "v", "rows": "9", "window": 1}, "whole number"),
    ({"type": "view", "view": "v", "rows": 1, "window": float("nan")}, "finite"),
    ({"type": "view", "view": "v", "rows": 1, "window": 10**999}, "finite"),
    ({"type": "run", "command": "rm"}, "run.command is not known"),
]


@pytest.mark.parametrize("content", MESSAGES, ids=json.dumps)
def test_parse_accepts_and_writes_back_each_message(content):
    message = widgets.parse(content)
    assert message.to_content() == content
    with pytest.raises(dataclasses.FrozenInstanceError):
        message.view = "other"  # type: ignore[attr-defined]


def test_every_browser_message_has_an_example():
    assert {content["type"] for content in MESSAGES} == set(BROWSER)


@pytest.mark.parametrize(("content", "text"), BROKEN)
def test_parse_refuses(content, text):
    with pytest.raises(widgets.ProtocolError, match=text):
        widgets.parse(content)


def edit_with(value):
    return {"type": "edit", "intent": 1, "view": "v", "ops": [{"op": value}]}


def test_parse_refuses_bombs_quickly():
    deep: list = []
    for _ in range(500):
        deep = [deep]
    with pytest.raises(widgets.ProtocolError, match="deeper than"):
        widgets.parse(edit_with(deep))
    with pytest.raises(widgets.ProtocolError, match="more than"):
        widgets.parse(edit_with([0] * (_validate.MAX_ITEMS + 1)))
    with pytest.raises(widgets.ProtocolError, match="JSON cannot say"):
        widgets.parse(edit_with("x" * (_validate.MAX_TEXT + 1)))
    with pytest.raises(widgets.ProtocolError, match="JSON cannot say"):
        widgets.parse(edit_with([{"a": float("inf")}]))


def test_optional_fields_are_left_out_and_null_ones_stay():
    patch = widgets.Patch(
        intent=None,
        revision=3,
        nodes=[],
        edges=[],
        removed=[],
        problems=[],
        history={"undo": None, "redo": None},
        invalidates="layout",
    )
    content = patch.to_content()
    assert content["intent"] is None
    assert not {"meta", "code", "estimate", "file"} & set(content)
    assert widgets.parse_kernel(content) == patch


def test_run_state_nests_in_a_snapshot():
    state = widgets.RunState(state="draft", t=0.0, step=0)
    snapshot = widgets.Snapshot(
        document={},
        catalogue={},
        problems=[],
        code={},
        estimate={},
        history={},
        run=state,
        revision=0,
        file={},
        examples=[],
    )
    content = snapshot.to_content()
    assert content["protocol"] == widgets.PROTOCOL_VERSION
    assert content["run"]["state"] == "draft"
    assert content["run"]["progress"] is None
    json.dumps(content, allow_nan=False)


# The TypeScript half: interfaces of the form  interface X { type: "tag"; a: T; b?: T }


def typescript_messages():
    source = re.sub(r"/\*.*?\*/|//[^\n]*", "", TYPESCRIPT.read_text(), flags=re.S)
    messages = []
    for tag in re.finditer(r"[{;,]\s*(?:readonly )?type\s*:\s*\"([a-z-]+)\"", source):
        begin = source.rindex("{", 0, tag.start() + 1)
        messages.append((tag[1], _members(source[begin:])))
    assert messages, "protocol.ts declares no messages that this test can read"
    return messages


def _members(body):
    """Names of a `{ ... }` literal at its first level, with whether they need to be."""
    depth, start, members = 0, 1, {}
    for i, char in enumerate(body):
        depth += (
            (char in "{[(<") - (char in "}])") - (char == ">" and body[i - 1] != "=")
        )
        if (depth == 1 and char in ";,\n") or depth == 0:
            part = re.match(r"\s*(?:readonly )?(\w+)(\??)\s*:", body[start:i])
            if part:
                members[part[1]] = not part[2]
            start = i + 1
        if depth == 0:
            break
    return members


def python_members(cls):
    return {
        field.name: not field.metadata.get("optional")
        for field in dataclasses.fields(cls)
    } | {"type": True}


def test_typescript_declares_the_same_messages():
    expected = sorted(
        (tag, tuple(sorted(python_members(cls).items())))
        for table in (BROWSER, KERNEL)
        for tag, cls in table.items()
    )
    found = sorted((tag, tuple(sorted(m.items()))) for tag, m in typescript_messages())
    assert found == expected


def test_typescript_has_the_same_version():
    version = re.search(r"PROTOCOL_VERSION\s*=\s*(\d+)", TYPESCRIPT.read_text())
    assert version is not None
    assert int(version[1]) == widgets.PROTOCOL_VERSION


@pytest.mark.parametrize(
    "literal",
    [_protocol.RunCommand, _protocol.FileCommand, _protocol.RunStateName],
    ids=["run", "file", "state"],
)
def test_typescript_knows_the_same_words(literal):
    assert get_origin(literal) is not None
    words = set(re.findall(r'"([a-z-]+)"', TYPESCRIPT.read_text()))
    assert set(get_args(literal)) <= words
