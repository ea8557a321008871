"""Dictionaries of States."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax

from ._errors import UnknownNameError, nearest
from ._state import State
from .util import DictManager

_UNKNOWN_KEY = (
    "StateDictManager.assign_values: there is no State {key!r}.{hint} Add it with "
    "`manager[key] = State(value)` first."
)


@jax.tree_util.register_pytree_node_class
class StateDictManager(DictManager):
    """Dictionary of States, whose values can be read and written together.

    Examples
    --------
    >>> states = StateDictManager(a=ParamState(1.0), b=HiddenState(2.0))
    >>> states.split_values(ParamState)
    ({'a': 1.0}, {'b': 2.0})
    """

    def assign_values(self, *args: Mapping[Any, Any]) -> None:
        """Write the values of States that are here.

        Parameters
        ----------
        *args : mapping of key to value
            A State as value gives its own; an entry that is no State is replaced.

        Raises
        ------
        UnknownNameError
            If a key is not here.
        """
        for arg in args:
            for key, value in arg.items():
                if key not in self:
                    hint = nearest(key, self)
                    raise UnknownNameError(_UNKNOWN_KEY.format(key=key, hint=hint))
                new = value.value if isinstance(value, State) else value
                known = self[key]
                if isinstance(known, State):
                    known.value = new
                else:
                    self[key] = new

    def split_values(self, *filters: type) -> tuple[dict[Any, Any], ...]:
        """Return the values by the type of State: one dictionary each, then the rest.

        Parameters
        ----------
        *filters : type
            The types; the first that fits counts.
        """
        if not filters:
            return (self.collect_values(),)
        return tuple(group.collect_values() for group in self.split(*filters))

    def collect_values(self) -> dict[Any, Any]:
        """Return the values of the States."""
        return {
            key: entry.value if isinstance(entry, State) else entry
            for key, entry in self.items()
        }

    def to_dict_values(self) -> dict[Any, Any]:
        """Return the values of the States; the same as `collect_values`."""
        return self.collect_values()
