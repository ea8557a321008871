"""Old files become new ones, a version at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

VERSION = 1

Migration = Callable[[dict[str, Any]], dict[str, Any]]

# version -> the step to the next one; a step is added with every new format and
# never removed, so that every released version opens for ever
MIGRATIONS: Mapping[int, Migration] = {}


def migrate(
    payload: dict[str, Any],
    *,
    to: int = VERSION,
    migrations: Mapping[int, Migration] = MIGRATIONS,
) -> dict[str, Any]:
    """Return `payload` in format `to`; files of that format or a later one stay."""
    while payload["version"] < to:
        version = payload["version"]
        payload = migrations[version](payload) | {"version": version + 1}
    return payload
