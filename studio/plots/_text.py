"""Text of a person on its way to plotly, which would read it as markup."""

from __future__ import annotations

MAX_LENGTH = 80

# plotly turns <a> into links and <span style> into CSS, and $...$ into TeX
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;"})


def escape(text: object) -> str:
    """Return text that plotly shows as it is: no tags, links, entities or TeX.

    Every string that is not ours goes through here, once, on its way to a figure.
    """
    line = "".join(c if c.isprintable() else " " for c in str(text))
    if len(line) > MAX_LENGTH:
        line = line[: MAX_LENGTH - 1] + "…"
    return line.translate(_ENTITIES)


def grouped(number: float) -> str:
    """Return a whole number as in "3 200", with thin spaces."""
    return f"{round(number):,}".replace(",", "\u2009")
