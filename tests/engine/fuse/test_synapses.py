"""Tables as threads and rings of sums want them, against synapses one by one."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from engine.event._blocks import narrowed
from engine.event._delayed import by_delay
from engine.fuse import _synapses
from engine.fuse._synapses import by_source, parts_of, within


def drawn(rng, n_pre, n_post, n):
    """Return source, target and delay of some synapses, in the order of sources."""
    source = np.sort(rng.integers(0, n_pre, n))
    return source, rng.integers(0, n_post, n), rng.integers(1, 8, n)


def table_of(source, target, n_pre):
    indptr = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=n_pre))])
    return indptr.astype(np.int32), target.astype(np.uint32)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(_synapses, "GRAIN", 2)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 20),
    st.integers(1, 20),
    st.integers(0, 100),
    st.integers(1, 4),
    st.booleans(),
    st.integers(0, 2**16),
)
def test_every_synapse_is_found_by_its_source_once(
    n_pre, n_post, n, n_parts, has_weights, seed
):
    source, target, delay = drawn(np.random.default_rng(seed), n_pre, n_post, n)
    indptr, indices, order = by_delay(*table_of(source, target, n_pre), delay)
    weights = order.astype(np.float32) if has_weights else None
    rows, places, own = by_source(indptr, indices, weights, n_pre, n_post, n_parts)
    rows = rows.reshape(n_parts, n_pre + 1)
    each = _synapses._share(n_post, n_parts)
    found = []
    for part in range(n_parts):
        for pre in range(n_pre):
            for k in range(rows[part, pre], rows[part, pre + 1]):
                past, post = divmod(int(places[k]), n_post)
                assert min(post // each, n_parts - 1) == part
                found.append((pre, post, past + 1))
                if has_weights:
                    number = int(own[k])
                    assert (source[number], target[number]) == (pre, post)
                    assert delay[number] == past + 1
    assert sorted(found) == sorted(zip(source, target, delay, strict=True))
    assert (own is None) != has_weights


def test_targets_out_of_range_are_left_out_of_rings():
    indptr, indices = np.array([0, 2, 3], np.int32), np.array([1, 7, 2], np.uint32)
    rows, places, own = by_source(indptr, indices, np.arange(3.0), 1, 3, 1)
    assert rows.tolist() == [0, 2]
    assert places.tolist() == [1, 3 + 2]
    assert own.tolist() == [0, 2]


@pytest.mark.parametrize("n_parts", [1, 2, 3])
def test_the_parts_of_a_row_follow_one_another(n_parts):
    rng = np.random.default_rng(n_parts)
    source, target, _ = drawn(rng, 9, 12, 80)
    order = np.lexsort((target, source))
    indptr, indices = table_of(source[order], target[order], 9)
    bounds = parts_of(indptr, indices, 9, 12, n_parts)
    each = _synapses._share(12, n_parts)
    for pre in range(9):
        assert bounds[0, pre] == indptr[pre]
        assert bounds[-1, pre] == indptr[pre + 1]
        for part in range(n_parts):
            own = indices[bounds[part, pre] : bounds[part + 1, pre]]
            assert all(min(post // each, n_parts - 1) == part for post in own)


def test_rows_that_are_not_in_order_cannot_be_divided():
    indptr, indices = np.array([0, 2], np.int32), np.array([5, 1], np.uint32)
    assert parts_of(indptr, indices, 1, 6, 2) is None
    assert parts_of(indptr, indices, 1, 6, 1).tolist() == [[0], [2]]


def test_what_is_out_of_range_goes_to_the_spare_element():
    assert within(np.array([0, 99, 2], np.int32), 4).tolist() == [0, 4, 2]
    inside = np.array([0, 3], np.int32)
    assert within(inside, 4) is inside
    narrow = np.array([0, 99, 2], np.uint16)
    assert within(narrow, 4).tolist() == [0, 4, 2]
    assert within(narrow, 2**16) is narrow  # looked at in each step


@pytest.mark.parametrize("n_parts", [1, 2, 3])
def test_rows_in_blocks_have_the_same_parts(n_parts):
    rng = np.random.default_rng(n_parts)
    n_post = 2 * 2**16 + 7
    source, target, _ = drawn(rng, 3, n_post, 600)
    order = np.lexsort((target, source))
    table = table_of(source[order], target[order], 3)
    blocks = narrowed(*table, 3, n_post)
    assert blocks[0].size == 3 * 3 + 1
    found = parts_of(*blocks, 3, n_post, n_parts)
    assert found.tolist() == parts_of(*table, 3, n_post, n_parts).tolist()
