"""What the tests of documents share."""

import pytest

from studio.document import Document, Refused


class Editor:
    """A document and short ways to edit it."""

    def __init__(self, document=None):
        self.document = document or Document()

    def add(self, kind="LIFRef", **fields) -> str:
        change = self.document.apply([{"op": "add-node", "kind": kind} | fields])
        return change.upserted_nodes[0]["id"]

    def connect(self, source, target, **fields) -> dict:
        edit = {"op": "connect", "source": source, "target": target} | fields
        return self.document.apply([edit]).upserted_edges[0]

    def put(self, element, field, value, **options):
        edit = {"op": "set", "element": element, "field": field, "value": value}
        return self.document.apply([edit], **options)

    def refused(self, edits, **expected):
        """Apply edits that must be refused and return the problem."""
        document = self.document
        before, revision = document.to_doc(), document.revision
        labels = document.undo_label, document.redo_label
        with pytest.raises(Refused) as caught:
            document.apply(edits)
        assert document.to_doc() == before
        assert document.revision == revision
        assert (document.undo_label, document.redo_label) == labels
        problem = caught.value.problems[0]
        for name, value in expected.items():
            assert getattr(problem, name) == value
        assert problem.text in str(caught.value)
        return problem


@pytest.fixture
def editor():
    return Editor()


@pytest.fixture
def pair(editor):
    """An editor, and one population of each sign."""
    return editor, editor.add(sign=1), editor.add(sign=-1)
