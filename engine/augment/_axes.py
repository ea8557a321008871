"""Which axis of which State is mapped."""

from __future__ import annotations

from collections.abc import ItemsView, Mapping, Sequence
from typing import Any

from .._errors import EngineError
from ..typing import Filter
from ..util import to_predicate


class AxesError(EngineError, ValueError):
    """Axes of a mapped function do not fit its arguments, output or States."""


class StateAxes:
    """Axes of the States of a node, by filters; the first that fits counts.

    Parameters
    ----------
    filter_axes : mapping of filter to int or None, or sequence of such pairs
        For example `{ParamState: None, HiddenState: 0}`; `...` fits everything.

    Examples
    --------
    >>> axes = StateAxes({ParamState: 0, ...: None})
    >>> vmap(lambda model, x: model(x), in_axes=(axes, 0))
    """

    def __init__(
        self,
        filter_axes: Mapping[Filter, int | None] | Sequence[tuple[Filter, int | None]],
    ):
        pairs = filter_axes.items() if isinstance(filter_axes, Mapping) else filter_axes
        self._pairs = dict(pairs)
        self._rules = [(to_predicate(f), axis) for f, axis in self._pairs.items()]

    @property
    def filters(self) -> tuple[Filter, ...]:
        """The filters."""
        return tuple(self._pairs)

    @property
    def axes(self) -> tuple[int | None, ...]:
        """The axis of each filter."""
        return tuple(self._pairs.values())

    def items(self) -> ItemsView[Any, int | None]:
        """Return pairs of filter and axis."""
        return self._pairs.items()

    def axis_of(self, path: tuple[Any, ...], state: Any) -> int | None:
        """Return the axis of one State.

        Raises
        ------
        AxesError
            If no filter fits.
        """
        for fits, axis in self._rules:
            if fits(path, state):
                return axis
        raise AxesError(
            f"StateAxes: no filter fits the State at {path}. "
            "Add one for it, or `...: None` for all others."
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StateAxes) and self._pairs == other._pairs

    def __hash__(self) -> int:
        return hash(tuple(self._pairs.items()))

    def __repr__(self) -> str:
        return f"StateAxes({self._pairs})"
