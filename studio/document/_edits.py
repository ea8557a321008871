"""The edits of a document, a union told apart by `op`; nothing else gets in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictStr,
    TypeAdapter,
    ValidationError,
)

from .._errors import Refused
from ._problem import problem
from ._records import Id, Json, KindKey, Label, Position, Sign, Size, Values, explain

MAX_BATCH = 20_000


class Edit(BaseModel):
    """Base of the edits: unknown fields are an error, nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class AddNode(Edit):
    """Add a population, an input or a probe."""

    op: Literal["add-node"] = "add-node"
    id: Id | None = None
    kind: KindKey
    label: Label | None = None
    size: Size | None = None
    sign: Sign | None = None
    params: Values = Field(default_factory=dict)
    position: Position = Field(default_factory=lambda: [0, 0])


class Connect(Edit):
    """Add a projection, a drive or a recording; what is left out is chosen."""

    op: Literal["connect"] = "connect"
    id: Id | None = None
    source: Id
    target: Id
    source_port: KindKey | None = None
    target_port: KindKey | None = None
    attrs: Values = Field(default_factory=dict)


class Remove(Edit):
    """Remove nodes, with their edges, and edges."""

    op: Literal["remove"] = "remove"
    ids: Annotated[list[Id], Field(max_length=MAX_BATCH)]


class SetField(Edit):
    """Give a field another value; None makes a parameter its default again."""

    op: Literal["set"] = "set"
    element: Id | None
    field: Annotated[StrictStr, Field(min_length=1, max_length=200)]
    value: Json


class Move(Edit):
    """Put nodes elsewhere."""

    op: Literal["move"] = "move"
    positions: dict[Id, Position]


class Duplicate(Edit):
    """Copy nodes and the edges among them."""

    op: Literal["duplicate"] = "duplicate"
    ids: Annotated[list[Id], Field(max_length=MAX_BATCH)]
    offset: Position = Field(default_factory=lambda: [40, 40])


class Paste(Edit):
    """Add nodes and edges that were copied, with new ids where theirs are taken."""

    op: Literal["paste"] = "paste"
    nodes: Annotated[list[dict[str, Any]], Field(max_length=MAX_BATCH)]
    edges: Annotated[list[dict[str, Any]], Field(max_length=MAX_BATCH)] = Field(
        default_factory=list
    )


AnyEdit: TypeAlias = Annotated[
    AddNode | Connect | Remove | SetField | Move | Duplicate | Paste,
    Field(discriminator="op"),
]
EDITS: TypeAdapter[AnyEdit] = TypeAdapter(AnyEdit)


def checked(edit: Mapping[str, Any] | Edit) -> Edit:
    """Return an edit from JSON, or refuse it."""
    if isinstance(edit, Edit):
        return edit
    try:
        return EDITS.validate_python(dict(edit))
    except ValidationError as error:
        lines = explain(error, "Edit")
        raise Refused([problem("edit", line) for line in lines]) from error
