"""Rows of random tables, each made from a seed and its number alone."""

from ._draw import (
    draw as draw,
    draw_transposed as draw_transposed,
    in_degrees as in_degrees,
)
from ._entries import drawn_push as drawn_push
from ._frame import (
    Frame as Frame,
    Handler as Handler,
    registered as registered,
)
from ._handlers import gather_target as gather_target, push_target as push_target
from ._library import problem as problem
from ._recipe import Kind as Kind, Recipe as Recipe, recipe as recipe
from ._words import Text as Text, Word as Word
from ._xla import for_each_target as for_each_target
