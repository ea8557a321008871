"""The colours of the editor, as a plotly template: figures look like the drawing."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import plotly.graph_objects as go

Theme = Literal["light", "dark"]


@dataclass(frozen=True)
class Palette:
    """Colours of one theme; hues by what a node does.

    Attributes
    ----------
    surface, line, ink, ink_2, accent : str
        Background, dividers, text, fainter text, marks of the user.
    excitatory, inhibitory : tuple of str
        First, second and third population of a sign.
    unsigned, inputs : str
    """

    surface: str
    line: str
    ink: str
    ink_2: str
    accent: str
    excitatory: tuple[str, ...]
    inhibitory: tuple[str, ...]
    unsigned: str
    inputs: str

    def hues(self, signs: Mapping[str, int | None]) -> dict[str, str]:
        """Return label -> hue for label -> sign (None for an input)."""
        families = {
            1: self.excitatory,
            -1: self.inhibitory,
            0: (self.unsigned,),
            None: (self.inputs,),
        }
        used = dict.fromkeys(families, 0)
        hues = {}
        for label, sign in signs.items():
            family = families[sign]
            hues[label] = family[used[sign] % len(family)]
            used[sign] += 1
        return hues


PALETTES: dict[Theme, Palette] = {
    "light": Palette(
        surface="#ffffff",
        line="#e3e3e3",
        ink="#1f1f1f",
        ink_2="#525252",
        accent="#5b4cc4",
        excitatory=("#0a6cb5", "#12316f", "#007382"),
        inhibitory=("#ab4c00", "#5e2a12", "#7a6500"),
        unsigned="#5f5f5f",
        inputs="#0a745a",
    ),
    "dark": Palette(
        surface="#212121",
        line="#404040",
        ink="#e4e4e4",
        ink_2="#b8b8b8",
        accent="#bdb2ff",
        excitatory=("#63b3f2", "#c9dcff", "#4fd0e0"),
        inhibitory=("#ff9d5c", "#ffdcb0", "#d9c24a"),
        unsigned="#b5b5b5",
        inputs="#45cfa5",
    ),
}

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"


@functools.cache
def template(theme: Theme = "light") -> go.layout.Template:
    """Return the plotly template of a theme: no boxes, few grid lines, titles left."""
    colours = PALETTES[theme]
    axis = {
        "color": colours.ink_2,
        "gridcolor": colours.line,
        "linecolor": colours.line,
        "zeroline": False,
        "showgrid": False,
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": colours.line,
        "title": {"standoff": 8},
    }
    layout = go.Layout(
        paper_bgcolor=colours.surface,
        plot_bgcolor=colours.surface,
        font={"family": FONT, "size": 12, "color": colours.ink},
        title={"x": 0, "xref": "paper", "font": {"size": 13}},
        colorway=[
            colours.excitatory[0],
            colours.inhibitory[0],
            colours.inputs,
            colours.unsigned,
            *colours.excitatory[1:],
            *colours.inhibitory[1:],
        ],
        xaxis=axis,
        yaxis=axis | {"nticks": 4},
        hovermode="closest",
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        margin={"l": 72, "r": 16, "t": 40, "b": 44},
    )
    return go.layout.Template(layout=layout)


def layout_of(styled: go.Figure | go.layout.Template) -> Any:
    """Return the layout of a template, or of that of a figure.

    plotly declares its properties as data, which no type checker can follow.
    """
    found: Any = styled
    return (found.layout.template if isinstance(styled, go.Figure) else found).layout
