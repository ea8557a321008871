"""Figures of a run, in the colours of the editor."""

from ._figures import (
    overview as overview,
    raster as raster,
    rates as rates,
    traces as traces,
)
from ._html import to_html as to_html, write_html as write_html
from ._series import population_rate as population_rate
from ._text import escape as escape
from ._theme import PALETTES as PALETTES, template as template
