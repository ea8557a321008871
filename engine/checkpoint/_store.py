"""Directories that orbax writes and reads; the only place that knows orbax."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import jax
import numpy as np

from .._errors import nearest
from ._errors import (
    CheckpointError,
    DamagedCheckpointError,
    MissingPackageError,
    NotACheckpointError,
)

FORMAT, VERSION = "neuroloom-states", 1
_UNFINISHED = ".orbax-checkpoint-tmp"

_NO_ORBAX = (
    "engine.checkpoint needs orbax-checkpoint, which is not installed. "
    "Install it by `pip install 'neuroloom[train]'`."
)
_EXISTS = (
    "checkpoint.save: {path} exists already. Give another path, or force=True to "
    "replace it."
)
_NOTHING = (
    "checkpoint.restore: there is no checkpoint at {path}.{hint} Give its folder."
)
_NOT_OURS = (
    "checkpoint.restore: {path} is no checkpoint of States: {why}. Give a folder that "
    "engine.checkpoint.save has written{orbax}."
)
_INTERRUPTED = (
    "checkpoint.restore: writing {path} was interrupted: there is only the unfinished "
    "{left}. Restore an earlier checkpoint, and delete what is unfinished."
)
_NEWER = (
    "checkpoint.restore: {path} has version {version} of the format; this is version "
    "{known}. Update neuroloom to read it."
)
_DAMAGED = (
    "checkpoint.restore: the arrays of {path} cannot be read ({error}). The folder was "
    "changed or copied in part; take another copy or an earlier checkpoint."
)


def orbax() -> ModuleType:
    """Import orbax at the first use.

    Raises
    ------
    MissingPackageError
        If it is not installed.
    """
    try:
        import orbax.checkpoint
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "orbax":
            raise
        raise MissingPackageError(_NO_ORBAX) from error
    return orbax.checkpoint


def _encoded(name: str) -> str:
    """Return a name that orbax may use in a path."""
    return name.replace("%", "%25").replace("/", "%2F") or "value"


def absolute(path: str | os.PathLike[str]) -> Path:
    """Return the absolute path; orbax needs one."""
    return Path(path).expanduser().absolute()


def write(
    path: Path,
    arrays: Mapping[str, Mapping[str, Any]],
    manifest: Mapping[str, Any],
    force: bool,
) -> None:
    """Write a folder, whole or not at all.

    Parameters
    ----------
    path : Path
        The folder.
    arrays : mapping
        State to leaf to array.
    manifest : mapping
        What else is known; JSON-able.
    force : bool
        Replace what is there, after the new one is complete.
    """
    ocp = orbax()
    if path.exists() and not force:
        raise CheckpointError(_EXISTS.format(path=path))
    tree = {
        _encoded(name): {_encoded(leaf): x for leaf, x in leaves.items()}
        for name, leaves in arrays.items()
        if leaves
    }
    about = {"format": FORMAT, "version": VERSION, "states": manifest}
    args = ocp.args.Composite(
        states=ocp.args.PyTreeSave(tree), manifest=ocp.args.JsonSave(about)
    )
    with ocp.Checkpointer(ocp.CompositeCheckpointHandler()) as checkpointer:
        if not path.exists():
            checkpointer.save(path, args=args)
            return
        new = path.with_name(path.name + ".new")
        checkpointer.save(new, args=args, force=True)
    _replace(ocp, path, new)


def _replace(ocp: ModuleType, path: Path, new: Path) -> None:
    """Put a complete folder in the place of an older one; the first process does it."""
    if jax.process_index() == 0:
        old = path.with_name(path.name + ".old")
        _remove(old)
        path.rename(old)
        new.rename(path)
        _remove(old)
    ocp.multihost.sync_global_processes("engine.checkpoint.save")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    elif path.exists():
        path.unlink()


def read_manifest(path: Path) -> dict[str, Any]:
    """Return what `write` has noted of the States.

    Raises
    ------
    NotACheckpointError
        If there is none, it is unfinished, or something else.
    DamagedCheckpointError
        If part of it is missing.
    """
    ocp = orbax()
    _check_is_ours(path)
    args = ocp.args.Composite(manifest=ocp.args.JsonRestore())
    try:
        with ocp.Checkpointer(ocp.CompositeCheckpointHandler()) as checkpointer:
            about = checkpointer.restore(path, args=args).manifest
    except (ValueError, KeyError, OSError) as error:
        raise DamagedCheckpointError(_DAMAGED.format(path=path, error=error)) from error
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        why = "its manifest is that of another program"
        raise NotACheckpointError(_NOT_OURS.format(path=path, why=why, orbax=""))
    if about["version"] > VERSION:
        text = _NEWER.format(path=path, version=about["version"], known=VERSION)
        raise CheckpointError(text)
    return about["states"]


def _check_is_ours(path: Path) -> None:
    if not path.exists():
        siblings = sorted(path.parent.glob("*")) if path.parent.is_dir() else []
        left = [one.name for one in siblings if one.name.startswith(path.name + ".")]
        if left:
            text = _INTERRUPTED.format(path=path, left=", ".join(map(repr, left)))
            raise NotACheckpointError(text)
        names = [one.name for one in siblings if one.is_dir()]
        hint = nearest(path.name, names)
        raise NotACheckpointError(_NOTHING.format(path=path, hint=hint))
    if _UNFINISHED in path.name:
        text = _INTERRUPTED.format(path=path, left=repr(path.name))
        raise NotACheckpointError(text)
    if (path / "manifest").is_dir() and (path / "states").is_dir():
        return
    if (path / "manifest").is_dir():
        text = _DAMAGED.format(path=path, error="its folder `states` is missing")
        raise DamagedCheckpointError(text)
    why, reader = "it is a file" if path.is_file() else "it has no manifest", ""
    if (path / "_CHECKPOINT_METADATA").exists() or (path / "_METADATA").exists():
        reader = "; this one is of orbax: read it by orbax.checkpoint"
    raise NotACheckpointError(_NOT_OURS.format(path=path, why=why, orbax=reader))


def read(
    path: Path, wanted: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Return arrays of a folder.

    Parameters
    ----------
    path : Path
        The folder.
    wanted : mapping
        State to leaf to sharding; those with None come as numpy arrays.

    Raises
    ------
    DamagedCheckpointError
        If they cannot be read.
    """
    ocp = orbax()
    item: dict[str, dict[str, Any]] = {}
    how: dict[str, dict[str, Any]] = {}
    for name, leaves in wanted.items():
        for leaf, sharding in leaves.items():
            item.setdefault(_encoded(name), {})[_encoded(leaf)] = 0  # only a place
            how.setdefault(_encoded(name), {})[_encoded(leaf)] = (
                ocp.RestoreArgs(restore_type=np.ndarray)
                if sharding is None
                else ocp.ArrayRestoreArgs(sharding=sharding)
            )
    args = ocp.args.Composite(
        states=ocp.args.PyTreeRestore(item=item, restore_args=how, partial_restore=True)
    )
    try:
        with ocp.Checkpointer(ocp.CompositeCheckpointHandler()) as checkpointer:
            found = checkpointer.restore(path, args=args).states
    except (ValueError, KeyError, OSError) as error:
        raise DamagedCheckpointError(_DAMAGED.format(path=path, error=error)) from error
    return {
        name: {leaf: found[_encoded(name)][_encoded(leaf)] for leaf in leaves}
        for name, leaves in wanted.items()
    }
