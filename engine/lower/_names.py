"""Identifiers for the Python that is generated, from whatever people type."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata

MAX_LENGTH = 40

# what a generated script uses itself, and what every module has as attributes
TAKEN = frozenset(
    {
        *("engine", "brainunit", "argparse", "plotly", "go", "u", "self", "stream"),
        *(
            "wiring_seed",
            "network",
            "result",
            "options",
            "parser",
            "show_raster",
            "main",
        ),
        *("DT", "SEED", "PRECISION", "RECORD", "update", "states", "nodes", "name"),
        *("in_size", "out_size", "init_state", "reset_state", "state_trees", "desc"),
        *(
            "check_valid_context",
            "graph_clear",
            "graph_items",
            "graph_pop",
            "graph_set",
        ),
        *("non_hashable_params", "program", "elements", "plan", "record", "values"),
    }
)


def identifier(label: str) -> str:
    """Return the nearest Python name to a label, "" if nothing is left of it."""
    folded = unicodedata.normalize("NFKC", label[: 4 * MAX_LENGTH])
    words = re.sub(r"\W+", "_", folded).strip("_")[:MAX_LENGTH].rstrip("_")
    words = unicodedata.normalize("NFKC", words)
    if words and not words.isidentifier():
        words = f"n{words}"  # it begins with a digit
    return words if words.isidentifier() else ""


class Names:
    """Hands out identifiers, each once."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def take(self, label: str, otherwise: str) -> str:
        """Return a free identifier near to `label`, or else to `otherwise`."""
        stem = identifier(label) or identifier(otherwise) or "part"
        if self._is_reserved(stem):
            stem = f"{stem}_"
        name, n = stem, 2
        while name in self._used or self._is_reserved(name):
            name, n = f"{stem}_{n}", n + 1
        self._used.add(name)
        return name

    @staticmethod
    def _is_reserved(name: str) -> bool:
        is_word = keyword.iskeyword(name) or keyword.issoftkeyword(name)
        return is_word or name in TAKEN or hasattr(builtins, name)


def class_name(label: str) -> str:
    """Return the name of a class: "Balanced E/I" becomes "BalancedEI"."""
    parts = re.split(r"\W+|_", unicodedata.normalize("NFKC", label[: 4 * MAX_LENGTH]))
    words = "".join(part[:1].upper() + part[1:] for part in parts)[:MAX_LENGTH]
    name = identifier(words) or "Network"
    if keyword.iskeyword(name) or hasattr(builtins, name) or name in TAKEN:
        return f"{name}Network"
    return name


def one_line(text: str) -> str:
    """Return text that can stand in a comment: printable, on one line, ASCII quotes."""
    folded = " ".join(text.split())
    return "".join(c for c in folded if c.isprintable())[:120]
