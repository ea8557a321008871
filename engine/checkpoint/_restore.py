"""restore: give the States of a target the values of a checkpoint."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._errors import nearest
from .._state import State
from . import _store as store
from ._errors import DifferentStatesError
from ._leaves import flatten, from_store, misfit, sharding_of
from ._states import Holder, holders

_SHOWN = 20  # misfits named in a message
_DIFFERENT = (
    "checkpoint.restore: {path} does not fit the target; nothing was restored.\n"
    "{lines}\nMake the target as it was when it was saved, or pass strict=False to "
    "restore the {n} that fit and get a report of the others."
)


@dataclass(frozen=True)
class Restored:
    """What `restore` did.

    Parameters
    ----------
    restored : tuple of str
        Names of the States that have the values of the checkpoint now.
    missing : tuple of str
        Those of the target that the checkpoint does not have.
    extra : tuple of str
        Those of the checkpoint that the target does not have.
    unfit : dict of str to str
        Those that both have, and why they do not fit.
    """

    restored: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    unfit: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Whether target and checkpoint have the same States."""
        return not (self.missing or self.extra or self.unfit)

    def lines(self) -> list[str]:
        """Return one sentence for each State that was not restored."""
        texts = [
            f"- {name}: the checkpoint does not have it.{nearest(name, self.extra)}"
            for name in self.missing
        ]
        texts += [
            f"- {name}: the target does not have it.{nearest(name, self.missing)}"
            for name in self.extra
        ]
        return texts + [f"- {name}: {why}." for name, why in self.unfit.items()]


def restore(
    path: str | os.PathLike[str], target: Any, *, strict: bool = True
) -> Restored:
    """Give the States of modules and optimizers the values of a checkpoint.

    Values are checked against those that the States hold now: structure, shape, type,
    and the dimension of units (a value saved in V is read into mV). Arrays come to
    lie where those of the target lie, on one device or on a mesh. All States are
    written, or, when something does not fit, none.

    Parameters
    ----------
    path : path-like
        Folder that `save` has written.
    target : Node, State, or container of them
        Built as the one that was saved; changed in place.
    strict : bool, default True
        Raise unless all States fit. False restores those that fit.

    Returns
    -------
    Restored
        Names of the States, by what became of them.

    Raises
    ------
    DifferentStatesError
        If States are missing, left over, or of another structure, shape, type or unit.
    NotACheckpointError
        If there is no finished checkpoint of States.
    DamagedCheckpointError
        If its arrays cannot be read.
    MissingPackageError
        If orbax-checkpoint is not installed.
    """
    where = store.absolute(path)
    manifest = store.read_manifest(where)
    known = {
        other: name for name, one in manifest.items() for other in (name, *one["names"])
    }
    fits: dict[str, tuple[Holder, str]] = {}
    missing: list[str] = []
    unfit: dict[str, str] = {}
    used: set[str] = set()
    for name, (holder, others) in holders(target, "restore").items():
        saved = next((known[one] for one in (name, *others) if one in known), None)
        if saved is None:
            missing.append(name)
            continue
        used.add(saved)
        why = _misfit(manifest[saved]["leaves"], holder)
        if why is None:
            fits[name] = (holder, saved)
        else:
            unfit[name] = why
    extra = tuple(name for name in manifest if name not in used)
    report = Restored(tuple(fits), tuple(missing), extra, unfit)
    if strict and not report.is_complete:
        lines = report.lines()
        if len(lines) > _SHOWN:
            lines = [*lines[:_SHOWN], f"- and {len(lines) - _SHOWN} more"]
        text = _DIFFERENT.format(path=where, lines="\n".join(lines), n=len(fits))
        raise DifferentStatesError(text)
    _fill(where, manifest, fits)
    return report


def _misfit(records: Mapping[str, Any], holder: Holder) -> str | None:
    """Return why a State does not fit what was saved, or None."""
    leaves, _ = flatten(holder.peek() if isinstance(holder, State) else holder.value)
    site = f" (made at {holder.site})" if isinstance(holder, State) else ""
    if leaves.keys() != records.keys():
        return (
            f"has the leaves {_names(records)} in the checkpoint and "
            f"{_names(leaves)} here{site}"
        )
    for name, leaf in leaves.items():
        why = misfit(records[name], leaf)
        if why is not None:
            return f"{name + ' ' if name else ''}{why}{site}"
    return None


def _names(leaves: Mapping[str, Any]) -> str:
    return ", ".join(name or "(the value)" for name in leaves) or "none"


def _fill(
    path: Any, manifest: Mapping[str, Any], fits: Mapping[str, tuple[Holder, str]]
) -> None:
    """Read the arrays, and write all States after that."""
    wanted: dict[str, dict[str, Any]] = {}
    for holder, saved in fits.values():
        leaves, _ = flatten(holder.value)
        records = manifest[saved]["leaves"]
        wanted[saved] = {
            name: sharding_of(leaf)
            for name, leaf in leaves.items()
            if 0 not in records[name]["shape"]
        }
    arrays = store.read(path, {name: one for name, one in wanted.items() if one})
    new = []
    for holder, saved in fits.values():
        leaves, tree = flatten(holder.value)
        records = manifest[saved]["leaves"]
        new.append(
            tree.unflatten(
                from_store(arrays.get(saved, {}).get(name), records[name], leaf)
                for name, leaf in leaves.items()
            )
        )
    for (holder, _), value in zip(fits.values(), new, strict=True):
        holder.value = value
