"""One network over several devices: each owns a block of the neurons.

A step of the whole network is traced once; `_local` turns its program into that of one
device, which holds a block of every population and the synapses that end on it. Spikes
are exchanged as bits, once in the shortest delay (`_exchange`). `_cost` says how many
bytes that takes.
"""

from ._cost import (
    Cost as Cost,
    Link as Link,
    cost as cost,
    cost_of as cost_of,
    kept_bytes as kept_bytes,
    list_bytes as list_bytes,
)
from ._errors import DivisionError as DivisionError
from ._exchange import Exchange as Exchange
from ._layout import NEURONS as NEURONS, Layout as Layout, Pieces as Pieces
from ._local import Cell as Cell, local_step as local_step, needed as needed
from ._place import Placer as Placer
from ._tables import CutTable as CutTable
