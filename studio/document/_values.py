"""Values on their way into the document: parsed, normalised or refused."""

from __future__ import annotations

import functools
from collections.abc import Container
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from .._errors import Refused, nearest
from . import _kinds
from ._problem import problem, refusal, set_op
from ._records import (
    MAX_LABEL,
    MAX_SEED,
    MAX_SIZE,
    Json,
    Label,
    Names,
    Position,
    Sign,
    Size,
    check_json,
)
from ._store import Attrs, Store

if TYPE_CHECKING:
    from engine.kinds import Param

# what a plain field holds, and how its refusal says what it needs
_PLAIN: dict[str, tuple[TypeAdapter[Any], str]] = {
    "label": (
        TypeAdapter(Label),
        f"A name is one line of at most {MAX_LABEL} characters.",
    ),
    "size": (TypeAdapter(Size), f"A size is a whole number from 1 to {MAX_SIZE}."),
    "sign": (TypeAdapter(Sign), "The sign is 1, 0 or -1."),
    "position": (TypeAdapter(Position), "A position is two finite numbers."),
    "pins": (TypeAdapter(Names), "Pins are a list of fields."),
    "silenced": (TypeAdapter(Names), "What is silenced is a list of codes."),
    "muted": (TypeAdapter(bool), "Muted is true or false."),
}


def parse_plain(field: str, value: Any, element: str | None) -> Any:
    """Return the value of a field that is no parameter, or refuse it."""
    adapter, need = _PLAIN[field]
    if field == "size" and isinstance(value, str):
        value = _whole(value)
    if isinstance(value, float) and value.is_integer() and field in ("size", "sign"):
        value = int(value)
    try:
        return adapter.validate_python(value, strict=True)
    except ValidationError as error:
        raise refusal("value", need, element, field) from error


def parse_param(
    value: Any, param: Param | None, element: str | None, field: str
) -> Json:
    """Return a value as the file has it: "0.02 s" becomes "20 ms".

    Without a declaration (a kind that is not registered here) any JSON is kept.
    """
    from engine.kinds import ValueProblem, parse_value

    if param is None:
        try:
            return check_json(value)
        except ValueError as error:
            raise refusal("value", f"{field}: {error}.", element, field) from error
    try:
        return parse_value(value, param)
    except ValueProblem as error:
        fixes = [(label, [set_op(element, field, v)]) for label, v in error.fixes]
        raise Refused(
            [problem(error.code, error.text, element, field, fixes=fixes)]
        ) from error


def parse_params(
    values: Attrs, kind: Any | None, element: str | None, prefix: str
) -> Attrs:
    """Return the parameters of a kind, each parsed; unknown names are refused."""
    parsed = {}
    for name, value in values.items():
        field = f"{prefix}{name}"
        parsed[name] = parse_param(
            value, declared(kind, name, element, field), element, field
        )
    return parsed


def declared(
    kind: Any | None, name: str, element: str | None, field: str
) -> Param | None:
    """Return the declaration of a parameter; None only for an unknown kind."""
    if kind is None:
        return None
    if (param := _kinds.param(kind, name)) is not None:
        return param
    names = [p.name for p in kind.params]
    raise refusal(
        "unknown-parameter",
        f"{kind.label} has no parameter {name!r}.{nearest(name, names)}",
        element,
        field,
    )


def parse_setting(name: str, value: Any) -> Any:
    """Return the value of a setting of the document, or refuse it."""
    field = f"graph.{name}"
    if name == "name":
        return parse_plain("label", value, None)
    if name == "silenced":
        return parse_plain("silenced", value, None)
    params = settings()
    if name not in params:
        raise refusal(
            "unknown-field",
            f"A document has no setting {name!r}.{nearest(name, ['name', 'silenced', *params])}",
            None,
            field,
        )
    return parse_param(value, params[name], None, field)


@functools.cache
def settings() -> dict[str, Param]:
    """Return the settings of a document, declared as parameters."""
    from engine.kinds import Param

    rows = [
        Param(
            name="dt",
            unit="ms",
            default=0.1,
            low=0.01,
            high=1.0,
            minimum=1e-4,
            maximum=100.0,
            help="Time step of the simulation.",
            label="Time step",
            structural=True,
        ),
        Param(
            name="seed",
            unit="",
            default=0,
            low=0,
            high=10_000,
            minimum=0,
            maximum=MAX_SEED,
            help="Start of every random draw: same seed, same spikes.",
            label="Seed",
            integer=True,
            structural=True,
        ),
        Param(
            name="precision",
            unit="",
            default=32,
            low=32,
            high=64,
            choices=(32, 64),
            help="Bits of a number in the simulation.",
            label="Precision",
            integer=True,
            structural=True,
        ),
    ]
    return {row.name: row for row in rows}


def check_label(store: Store, label: str, element: str | None) -> None:
    """Refuse a name that another node has: spikes and rates go by name."""
    owner = store.labels().get(label)
    if owner is None or owner == element:
        return
    free = free_label(store.labels(), label)
    fixes = [(f"Use {free}", [set_op(element, "label", free)])] if element else []
    raise refusal(
        "name-taken",
        f"{label} is the name of another node. Names are used for spikes and rates.",
        element,
        "label",
        fixes=fixes,
    )


def free_label(labels: Container[str], wanted: str) -> str:
    """Return `wanted`, or the first of "E 2", "E 3", ... that is free."""
    if wanted not in labels:
        return wanted
    stem, _, number = wanted.rpartition(" ")
    if not (stem and number.isdecimal()):
        stem = wanted
    stem = stem[: MAX_LABEL - 8]
    n = 2
    while f"{stem} {n}" in labels:
        n += 1
    return f"{stem} {n}"


def _whole(text: str) -> Any:
    """Read "3 200" with any kind of space; else the text, to be refused."""
    digits = "".join(text.split()).replace("_", "")
    return int(digits) if digits.isdecimal() and len(digits) <= 15 else text
