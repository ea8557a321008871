"""The model of costs by hand, tables that are cut, and bits that are sent."""

from types import SimpleNamespace

import numpy as np
import pytest

from engine import environ, event
from engine.divide import (
    CutTable,
    DivisionError,
    Exchange,
    Link,
    Pieces,
    cost,
    cost_of,
    kept_bytes,
    list_bytes,
)
from engine.run._share import _keeping


def test_bytes_and_messages_are_those_of_a_calculation_by_hand():
    found = cost([10_000 * 1000], hosts=1000, interval=15)
    assert found.bytes_out == 1250  # 10 000 bits
    assert found.bytes_in == 999 * 1250
    assert found.exchanges == pytest.approx(1 / 15)
    # ten messages one after the other, or 999 in a ring, and the bytes
    link = Link(latency=1e-6, bandwidth=1e9)
    assert found.seconds(link) == pytest.approx(10e-6 / 15 + 999 * 1250 / 1e9)
    ring = found.seconds(link, is_ring=True)
    assert ring == pytest.approx(999e-6 / 15 + 999 * 1250 / 1e9)
    assert cost([10_000], hosts=1).seconds() == 0
    assert list_bytes(10_000, rate=10, dt=1e-4) == 40
    assert kept_bytes(1000, n_rows=201, n_projections=2) == 209_000


def test_devices_of_a_host_share_its_link_and_small_populations_fill_a_byte():
    one, four = cost([800, 3], 2), cost([800, 3], 2, devices=4)
    assert one.bytes_out == (400 + 8) / 8
    assert four.bytes_out == 4 * (104 + 8) / 8
    assert cost([], 4).exchanges == 0
    instant = cost([], 4, instant=[800, 80])
    assert (instant.exchanges, instant.bytes_out) == (2, (200 + 24) / 8)
    exchange = Exchange([800, 3], 1, Pieces(8))
    assert cost_of(exchange, 2) == four
    with pytest.raises(DivisionError, match="8 devices are no whole number for each"):
        cost_of(exchange, 3)


@pytest.mark.parametrize("n_devices", [1, 3, 8])
@pytest.mark.parametrize("n_post", [1, 20, 97])
def test_cut_tables_hold_every_synapse_once_in_its_order(n_devices, n_post):
    rng = np.random.default_rng(n_post)
    degrees = rng.integers(0, 9, 30)
    indptr = np.concatenate([[0], np.cumsum(degrees)]).astype(np.int32)
    indices = rng.integers(0, n_post, indptr[-1] + 5).astype(np.uint32)  # spare room
    weights = rng.normal(size=indices.size)
    pieces = Pieces(n_devices)
    table = CutTable(indptr, indices, n_post, pieces)
    assert table.counts.sum() == indptr[-1]
    assert table.capacity == max(table.counts.max(), 1)
    length = pieces.length(n_post)
    for row in range(30):
        own = slice(indptr[row], indptr[row + 1])
        for device in range(n_devices):
            rows = table.rows(device)
            part = slice(rows[row], rows[row + 1])
            is_mine = indices[own] // length == device
            targets = table.targets(device)[part] + device * length
            np.testing.assert_array_equal(targets, indices[own][is_mine])
            found = table.synapses(device, weights)[part]
            np.testing.assert_array_equal(found, weights[own][is_mine])


def test_bits_are_read_as_they_were_sent():
    rng = np.random.default_rng(0)
    exchange = Exchange([20, 9], 3, Pieces(2))
    rows = rng.random((4, 2, 3, exchange.width)) < 0.3
    sent = np.packbits(rows.reshape(4, 2, -1), axis=2)
    assert sent.shape[2] == exchange.n_bytes == 3 * (16 + 8) / 8
    first, second = exchange.read(sent)
    whole = rows.transpose(0, 2, 1, 3).reshape(12, 2, exchange.width)
    np.testing.assert_array_equal(first, whole[:, :, :16].reshape(12, 32)[:, :20])
    np.testing.assert_array_equal(second, whole[:, :, 16:].reshape(12, 16)[:, :9])
    np.testing.assert_array_equal(exchange.spikes(sent[0])[1], second[:3])


@pytest.mark.parametrize("delay", [None, "one", "each"])
@pytest.mark.parametrize("weight", ["one", "each"])
def test_a_host_of_two_forgets_what_ends_on_the_other_and_computes_the_same(
    delay, weight
):
    rng = np.random.default_rng(1)
    table = event.sample_fixed_prob(20, 50, 0.4, 3)
    n = table[1].size
    weights = rng.integers(1, 9, n).astype(np.float32) if weight == "each" else 2.0
    delays = {"one": 0.3, "each": rng.integers(1, 6, n) * 0.1}
    past = rng.random((7, 20)) < 0.5

    def layer():
        if delay is None:
            return event.CSRLinear(20, 50, *table, weight=weights)
        return event.DelayedCSRLinear(
            20, 50, *table, weight=weights, delay=delays[delay]
        )

    whole, share = layer(), layer()
    devices = [SimpleNamespace(process_index=i) for i in (0, 0, 1, 1)]
    _keeping(devices)(SimpleNamespace(comm=share))
    own = 2 * Pieces(4).length(50)
    with environ.context(dt=0.1, i=9):
        for one in (whole, share):
            one.init_state()
        assert 0 < share.indices.size < whole.indices.size
        assert share.indices.max() < own
        assert share.indptr.shape == whole.indptr.shape  # one shape on all hosts
        wanted, found = (x(past[2] if delay is None else past) for x in (whole, share))
    np.testing.assert_array_equal(found[:own], wanted[:own])
    assert (found[own:] == 0).all()
    assert wanted[own:].any()
