"""A step of a network as one piece of native code, made from its jaxpr.

The program of XLA runs a step as dozens of small pieces, each over all neurons; here
one loop does all that a neuron needs, in registers. What is not known here runs as a
program of XLA, with the same results but for rounding.
"""

from ._flow import Unfusable as Unfusable
from ._kernel import Code as Code, Kernel as Kernel, can_run as can_run
from ._layout import layout as layout
from ._loop import native_loop as native_loop
from ._work import work as work
