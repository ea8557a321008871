"""Undo and redo: what was, and what became of it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from ._store import Records

MAX_STEPS = 500


@dataclass
class Step:
    """One thing to undo.

    Attributes
    ----------
    label : str
        What the menu says: "Move E", "Set tau of E".
    gesture : hashable or None
        Edits that follow with the same gesture join this step.
    before, after : dict
        The touched elements on both sides.
    """

    label: str
    gesture: Hashable | None
    before: Records
    after: Records

    def absorb(self, other: Step) -> None:
        """Take in a step that followed."""
        self.before = other.before | self.before
        self.after = self.after | other.after
        self._forget_untouched()

    def _forget_untouched(self) -> None:
        same = [ref for ref in self.before if self.before[ref] == self.after[ref]]
        for ref in same:
            del self.before[ref], self.after[ref]

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs any more."""
        return not self.before


class History:
    """The steps that can be undone and redone, at most `max_steps`."""

    def __init__(self, max_steps: int = MAX_STEPS):
        self._max_steps = max_steps
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self._open: Hashable | None = None

    @property
    def undo_label(self) -> str | None:
        """What undo would take back."""
        return self._done[-1].label if self._done else None

    @property
    def redo_label(self) -> str | None:
        """What redo would make again."""
        return self._undone[-1].label if self._undone else None

    def __len__(self) -> int:
        return len(self._done)

    def add(self, step: Step, *, is_done: bool = False) -> None:
        """Keep a step; one of the gesture under way folds into the last."""
        self._undone.clear()
        if step.gesture is not None and self._done and step.gesture == self._open:
            self._done[-1].absorb(step)
            if self._done[-1].is_empty:
                self._done.pop()
                self._open = None
        elif not step.is_empty:
            self._done.append(step)
            self._open = step.gesture
            del self._done[: -self._max_steps]
        if is_done:
            self._open = None

    def end_gesture(self) -> None:
        """Let what follows be a step of its own."""
        self._open = None

    def undo(self) -> Step | None:
        """Return the step to take back, if there is one."""
        return self._turn(self._done, self._undone)

    def redo(self) -> Step | None:
        """Return the step to make again, if there is one."""
        return self._turn(self._undone, self._done)

    def clear(self) -> None:
        """Forget everything."""
        self._done.clear()
        self._undone.clear()
        self._open = None

    def _turn(self, source: list[Step], target: list[Step]) -> Step | None:
        self._open = None
        if not source:
            return None
        step = source.pop()
        target.append(step)
        return step
