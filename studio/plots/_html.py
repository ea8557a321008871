"""Figures as web pages that need nothing else: no network, no server."""

from __future__ import annotations

import html
import itertools
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from ._theme import layout_of

_numbers = itertools.count(1)
# no link to the company's cloud, no logo that is one
_CONFIG = {"displaylogo": False, "responsive": True, "plotlyServerURL": ""}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; \
img-src data: blob:; worker-src blob:">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
</head>
<body style="margin:12px;background:{background}">
{body}
</body>
</html>
"""


def to_html(figure: go.Figure, title: str = "Neuroloom") -> str:
    """Return a page with one figure and all it needs, about 5 MB.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
    title : str
        Name of the page; any text, it is escaped.

    Notes
    -----
    The page forbids itself every outside request. The id of its element is ours:
    plotly writes the one it is given without escaping.
    """
    body = figure.to_html(
        full_html=False,
        include_plotlyjs=True,
        config=_CONFIG,
        div_id=f"neuroloom-{next(_numbers)}",
    )
    own: Any = figure.layout
    background = own.paper_bgcolor or layout_of(figure).paper_bgcolor or "#ffffff"
    return _PAGE.format(
        title=html.escape(title), body=body, background=html.escape(background)
    )


def write_html(figure: go.Figure, path: str | Path, title: str = "Neuroloom") -> Path:
    """Write the page of `to_html` and return its path."""
    path = Path(path)
    path.write_text(to_html(figure, title), encoding="utf-8")
    return path
