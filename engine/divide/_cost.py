r"""What the exchange of spikes costs: bytes, messages, and the time they take.

A population of `n` neurons on `D` devices has `L(n)` neurons on each (see `Pieces`). In
an interval of `k` steps (the shortest delay) a device sends

.. math:: B = \lceil k \sum_n L(n) / 8 \rceil

bytes to all others, whatever the rate is. On `H` hosts with `g = D / H` devices each,
a host so sends :math:`g B / k` bytes of its own a step, and receives
:math:`(H - 1) g B / k` of the others; in a ring, or where hosts pass on what they got,
it sends as much as it receives. A population that others hear of without delay costs an
exchange of its own in every step.

The time of an exchange is that of its messages, one after the other, and of its bytes:

.. math:: T = \lambda m + (H - 1) g B / \beta

with the latency :math:`\lambda` and the bandwidth :math:`\beta` of the link of a host,
and :math:`m = H - 1` messages in a ring, :math:`\lceil \log_2 H \rceil` where the
number of known blocks doubles.

What does not get less with more hosts is what every device knows of all neurons: their
spikes of as many steps as the longest possible delay has, a byte each, and for each
projection where the synapses of a neuron begin, 4 bytes (`kept_bytes`).

What carries the bytes adds to them: between processors about 290 an exchange were
measured (`tests/bench/hosts.py`). Not counted is what is sent once a chunk and not once
an interval: the traces of probes, and whether numbers are finite; nor spikes that are no
booleans, as a class of the user's own may have, which are sent whenever they are read.

As lists of neurons, 4 bytes a spike, spikes of rate `r` would take `4 r dt` bytes a
neuron and step instead of 1/8: less below 312 Hz at 0.1 ms. Rows of bits are what a
program of fixed shapes can send without knowing how many there will be.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ._errors import DivisionError
from ._exchange import Exchange
from ._layout import Pieces

SPIKE_BYTES = 4  # of an entry of a list: which neuron, and in which step

_UNEVEN = "cost: {n} devices are no whole number for each of {hosts} hosts."


@dataclass(frozen=True)
class Link:
    """What connects a host to the others.

    Parameters
    ----------
    latency : float, s
        Time of a message without content. Default 2 microseconds (InfiniBand).
    bandwidth : float, bytes / s
        In each direction. Default 12.5e9 (100 Gbit/s).
    """

    latency: float = 2e-6
    bandwidth: float = 12.5e9


@dataclass(frozen=True)
class Cost:
    """What a host spends on the exchange of spikes.

    Parameters
    ----------
    hosts : int
        Number of hosts.
    bytes_out, bytes_in : float
        Bytes a step of a host's own spikes, and of those of all others.
    exchanges : float
        Exchanges a step; each is one operation of all devices together.
    """

    hosts: int
    bytes_out: float
    bytes_in: float
    exchanges: float

    def seconds(self, link: Link | None = None, is_ring: bool = False) -> float:
        """Return the time of the exchange in a step.

        Parameters
        ----------
        link : Link, optional
            Between the hosts. Default: that of `Link()`.
        is_ring : bool, default False
            Whether a message goes from host to host, instead of doubling what is
            known each time.
        """
        link = Link() if link is None else link
        n = self.hosts - 1 if is_ring else math.ceil(math.log2(self.hosts))
        return self.exchanges * n * link.latency + self.bytes_in / link.bandwidth


def cost(
    sizes: Sequence[int],
    hosts: int,
    devices: int = 1,
    interval: int = 1,
    instant: Sequence[int] = (),
) -> Cost:
    """Return what it costs to exchange the spikes of some populations.

    Parameters
    ----------
    sizes : sequence of int
        Neurons of each population, on all hosts together.
    hosts : int
        Number of hosts.
    devices : int, default 1
        Devices of each host.
    interval : int, default 1
        Shortest delay in steps.
    instant : sequence of int, optional
        Neurons of the source of each projection without delay between populations.
    """
    pieces = Pieces(hosts * devices)
    exchange = Exchange(sizes, interval, pieces)
    each = exchange.n_bytes / interval + sum(pieces.length(n) // 8 for n in instant)
    own = devices * each
    n_exchanges = bool(exchange.n_bytes) / interval + len(instant)
    return Cost(hosts, own, (hosts - 1) * own, n_exchanges)


def cost_of(exchange: Exchange, hosts: int, instant: Sequence[int] = ()) -> Cost:
    """Return what the exchange of a run costs, its devices being those of `hosts`.

    Raises
    ------
    DivisionError
        If the hosts would have different numbers of devices.
    """
    n = exchange.pieces.n
    if n % hosts:
        raise DivisionError(_UNEVEN.format(n=n, hosts=hosts))
    return cost(exchange.sizes, hosts, n // hosts, exchange.interval, instant)


def list_bytes(n_neurons: float, rate: float, dt: float) -> float:
    """Return the bytes a step of spikes as a list, for `rate` in Hz and `dt` in s."""
    return SPIKE_BYTES * n_neurons * rate * dt


def kept_bytes(n_neurons: int, n_rows: int, n_projections: float) -> float:
    """Return the bytes on each device for what it knows of all neurons.

    Parameters
    ----------
    n_neurons : int
        All of them.
    n_rows : int
        Steps that their spikes are kept for.
    n_projections : float
        Projections that a neuron is a source of; one with delays of its own counts as
        many times as its longest delay has steps.
    """
    return n_neurons * (n_rows + 4 * n_projections)
