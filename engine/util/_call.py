"""Calls that are written down first and made later."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any


@dataclasses.dataclass(frozen=True)
class CallProxy:
    """Path of attributes and items, ending in a call that `run` makes.

    ``CallProxy(run).layers[0].update(x)`` is ``run(accessor, x)``, where the accessor
    finds ``layers[0].update`` in whatever `run` gives it.

    Parameters
    ----------
    run : callable
        Gets the accessor and the arguments of the call.
    steps : tuple
        The path so far: ``("attr", name)`` or ``("item", key)``.
    """

    run: Callable[..., Any]
    steps: tuple[tuple[str, Any], ...] = ()

    def __getattr__(self, name: str) -> CallProxy:
        return CallProxy(self.run, (*self.steps, ("attr", name)))

    def __getitem__(self, key: Any) -> CallProxy:
        return CallProxy(self.run, (*self.steps, ("item", key)))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        steps = self.steps

        def accessor(target: Any) -> Any:
            for how, key in steps:
                target = getattr(target, key) if how == "attr" else target[key]
            return target

        return self.run(accessor, *args, **kwargs)
