"""What a document holds, as pydantic models: nothing outside them gets in.

A record says which JSON it is made of, not whether the model makes sense: the
values of parameters are checked by `engine.lower.check`, so that a file with a
wrong time constant opens and points at it. Fields that this version does not
know are kept as they are.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    StringConstraints,
    ValidationError,
)

MAX_NODES = 5_000
MAX_EDGES = 50_000
MAX_LABEL = 200
MAX_SIZE = 10**12
MAX_DEPTH = 32
MAX_SEED = 2**32 - 1
MAX_TEXT = 100_000

# fields of an edge that are no values of the model
PART_FIELDS = ("label", "pins", "silenced")

_KEPT = ConfigDict(extra="allow", allow_inf_nan=False, strict=True)


def check_text(text: str) -> str:
    """Refuse what no UTF-8 file can hold: a lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("it holds half of a character (a lone surrogate)") from error
    return text


def check_json(value: object) -> object:
    """Return `value` when it is JSON of a sane depth, with finite numbers."""
    stack: list[tuple[object, int]] = [(value, 0)]
    while stack:
        item, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels")
        if isinstance(item, dict):
            for key in item:
                if not isinstance(key, str):
                    raise ValueError(f"{key!r} is not a text, so no name of a field")
                check_text(key)
            stack += [(entry, depth + 1) for entry in item.values()]
        elif isinstance(item, list):
            stack += [(entry, depth + 1) for entry in item]
        elif isinstance(item, str):
            if len(item) > MAX_TEXT:
                raise ValueError(f"a text is longer than {MAX_TEXT} characters")
            check_text(item)
        elif isinstance(item, float):
            if not math.isfinite(item):
                raise ValueError("a number is not finite")
        elif isinstance(item, int):  # bool too
            if item.bit_length() > 1000:
                raise ValueError("a whole number has hundreds of digits")
        elif item is not None:
            raise ValueError(f"{type(item).__name__} is not JSON")
    return value


def _as_list(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


Id = Annotated[StrictStr, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$")]
KindKey = Annotated[
    StrictStr,
    StringConstraints(min_length=1, max_length=120),
    AfterValidator(check_text),
]
Label = Annotated[
    StrictStr,
    StringConstraints(
        min_length=1, max_length=MAX_LABEL, pattern=r"^[^\x00-\x1f\x7f]*$"
    ),
    AfterValidator(check_text),
]
Json = Annotated[Any, AfterValidator(check_json)]
Number = StrictInt | StrictFloat
Coordinate = Annotated[Number, Field(ge=-1e7, le=1e7)]
Position = Annotated[
    list[Coordinate], Field(min_length=2, max_length=2), BeforeValidator(_as_list)
]
Size = Annotated[StrictInt, Field(ge=1, le=MAX_SIZE)]
Sign = Literal[-1, 0, 1]
Values = dict[StrictStr, Json]
Names = Annotated[list[KindKey], Field(max_length=200), BeforeValidator(_as_list)]


class Record(BaseModel):
    """Base of the records: fields that are not known are kept, as JSON."""

    model_config = _KEPT
    __pydantic_extra__: dict[str, Json] = Field(init=False)  # pyright: ignore


class Part(Record):
    """A rule, synapse, output or other piece of a projection: kind and values."""

    kind: KindKey
    params: Values = Field(default_factory=dict)


class NodeRecord(Record):
    """A population, an input or a probe."""

    model_config = _KEPT
    id: Id
    kind: KindKey
    label: Label
    size: Size | None = None
    sign: Sign | None = None
    params: Values = Field(default_factory=dict)
    position: Position = Field(default_factory=lambda: [0, 0])
    pins: Names | None = None
    muted: StrictBool | None = None
    silenced: Names | None = None


class EdgeRecord(Record):
    """A projection, a drive or a recording."""

    model_config = _KEPT
    id: Id
    source: Id
    target: Id
    kind: KindKey
    source_port: KindKey
    target_port: KindKey
    rule: Part | None = None
    synapse: Part | None = None
    output: Part | None = None
    weight: Json = None
    delay: Json = None
    label: Label | None = None
    pins: Names | None = None
    silenced: Names | None = None


class Settings(Record):
    """What belongs to the document as a whole."""

    model_config = _KEPT
    name: Label = "Untitled"
    dt: Json = "0.1 ms"
    seed: Annotated[StrictInt, Field(ge=0, le=MAX_SEED)] = 0
    precision: Literal[32, 64] = 32
    silenced: Names | None = None


def plain(record: BaseModel) -> dict[str, Any]:
    """Return the JSON of a record, without the known fields that hold nothing."""
    data = record.model_dump()
    for name in type(record).model_fields:
        if data[name] is None:
            del data[name]
    return data


def explain(error: ValidationError, where: str) -> list[str]:
    """Return one sentence for each thing that pydantic found."""
    lines = []
    for item in error.errors(include_url=False, include_context=False):
        path = ".".join(str(step) for step in item["loc"])
        reason = item["msg"].removeprefix("Value error, ")
        lines.append(f"{where}{'.' if where and path else ''}{path}: {reason}.")
    return lines
