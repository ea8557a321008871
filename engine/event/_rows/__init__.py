"""Rows of random tables, each made from a seed and its number alone."""

from ._draw import draw as draw, draw_transposed as draw_transposed
from ._library import problem as problem
from ._recipe import Recipe as Recipe, recipe as recipe
