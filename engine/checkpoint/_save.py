"""save: write the States of a target."""

from __future__ import annotations

import os
from typing import Any

from . import _store as store
from ._leaves import describe, flatten, to_store
from ._states import holders


def save(path: str | os.PathLike[str], target: Any, *, force: bool = False) -> None:
    """Write the States of modules and optimizers to a folder.

    The folder is complete or not there: an interrupted write leaves one with another
    name. With several processes all of them call this; arrays may be sharded.

    Parameters
    ----------
    path : path-like
        Folder to make.
    target : Node, State, or container of them
        For example ``{"model": model, "optimizer": optimizer,
        "random": engine.random.DEFAULT}``; also what `graph.treefy_states` returns. A
        State that is reached twice is stored once. Units, random keys (typed or raw),
        weak types and plain numbers come back as they were.
    force : bool, default False
        Replace the folder if it exists.

    Raises
    ------
    CheckpointError
        If the folder exists, or the target has no State.
    UnsavableValueError
        If a value is traced or holds something else than arrays.
    MissingPackageError
        If orbax-checkpoint is not installed.
    """
    arrays: dict[str, dict[str, Any]] = {}
    manifest: dict[str, Any] = {}
    for name, (holder, others) in holders(target, "save").items():
        leaves, _ = flatten(holder.value)
        stored = {
            leaf: to_store(f"the value of {name}{leaf}", x)
            for leaf, x in leaves.items()
        }
        # orbax stores no empty arrays; what `describe` notes of them is all there is
        arrays[name] = {leaf: x for leaf, x in stored.items() if x.size}
        records = {leaf: describe(x) for leaf, x in leaves.items()}
        manifest[name] = {"leaves": records, "names": list(others)}
    store.write(store.absolute(path), arrays, manifest, force)
