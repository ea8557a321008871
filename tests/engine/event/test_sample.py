"""Tables are drawn from the law they are named for."""

import jax
import numpy as np
import pytest
from scipy import stats

from engine import event
from engine.event._rows import _draw

RULES = {
    "prob": (event.sample_fixed_prob, 0.1),
    "in": (event.sample_fixed_in_degree, 5),
    "out": (event.sample_fixed_out_degree, 5),
    "total": (event.sample_fixed_total, 300),
}
each_rule = pytest.mark.parametrize(("sample", "amount"), RULES.values(), ids=RULES)


def pairs(indptr, indices):
    return np.repeat(np.arange(indptr.size - 1), np.diff(indptr)), indices


def counts(table, n_pre, n_post):
    """Count connections of each pair."""
    n = np.zeros((n_pre, n_post), int)
    np.add.at(n, pairs(*table), 1)
    return n


@each_rule
@pytest.mark.parametrize("allow_multi", [False, True])
@pytest.mark.parametrize("shape", [(50, 50), (40, 70)])
def test_table_is_valid_sorted_and_as_asked(sample, amount, allow_multi, shape):
    n_pre, n_post = shape
    table = sample(*shape, amount, 3, allow_self=False, allow_multi=allow_multi)
    event.check_table(*table, *shape)
    assert (table[0].dtype, table[1].dtype) == (np.int32, np.uint32)
    assert table[0][-1] == table[1].size
    n = counts(table, *shape)
    if not allow_multi:
        assert n.max() == 1
    if n_pre == n_post:
        assert np.trace(n) == 0
    pre, post = pairs(*table)
    assert (np.diff(pre * n_post + post.astype(int)) >= 0).all()


@each_rule
def test_seed_decides_and_threads_do_not(sample, amount, monkeypatch):
    first = sample(50, 50, amount, 3)
    for n_threads in (1, 2, 3, 4):
        monkeypatch.setattr(_draw, "_n_threads", lambda n=n_threads: n)
        for block in (1, 64, 2**17):  # many blocks, and one
            monkeypatch.setattr(_draw, "BLOCK", block)
            for a, b in zip(first, sample(50, 50, amount, 3), strict=True):
                np.testing.assert_array_equal(a, b)
    assert not np.array_equal(first[1], sample(50, 50, amount, 4)[1])
    assert not np.array_equal(sample(50, 50, amount)[1], sample(50, 50, amount)[1])
    key = jax.random.key(3)
    np.testing.assert_array_equal(
        sample(50, 50, amount, key)[1],
        sample(50, 50, amount, jax.random.key_data(key))[1],
    )


def test_degrees_are_fixed():
    indptr, _ = event.sample_fixed_out_degree(40, 30, 7, 1)
    np.testing.assert_array_equal(np.diff(indptr), 7)
    _, indices = event.sample_fixed_in_degree(40, 30, 7, 1)
    np.testing.assert_array_equal(np.bincount(indices, minlength=30), 7)
    assert event.sample_fixed_total(40, 30, 123, 1)[1].size == 123


@pytest.mark.parametrize("degree", [2, 4])  # by redrawing, and by complement
def test_all_sets_of_targets_are_equally_likely(degree):
    _, indices = event.sample_fixed_out_degree(30_000, 6, degree, 1)
    sets = indices.reshape(-1, degree) @ 6 ** np.arange(degree)
    seen = np.unique(sets, return_counts=True)[1]
    assert seen.size == 15
    assert stats.chisquare(seen).pvalue > 1e-4


@pytest.mark.parametrize("prob", [0.02, 0.5, 0.97])
def test_every_pair_is_an_independent_draw(prob):
    n = counts(event.sample_fixed_prob(1000, 900, prob, 5), 1000, 900)
    for axis, trials in ((0, 1000), (1, 900)):
        degrees = n.sum(axis)
        law = stats.binom(trials, prob)
        ratio = degrees.var() / law.var()  # 1 with a standard error of about 0.05
        assert 0.8 < ratio < 1.2
        assert abs(degrees.mean() - law.mean()) < 5 * law.std() / np.sqrt(degrees.size)
    # gaps along a row are geometric: neighbours do not know of each other
    together = (n[:, 1:] & n[:, :-1]).mean()
    assert abs(together - prob**2) < 5 * prob / np.sqrt(n.size)


def test_multiple_connections_keep_the_mean():
    n = counts(event.sample_fixed_prob(500, 40, 0.3, 1, allow_multi=True), 500, 40)
    assert n.max() > 1
    assert abs(n.mean() - 0.3) < 5 * np.sqrt(0.3 / n.size)


def test_extremes():
    assert event.sample_fixed_prob(5, 4, 0.0)[1].size == 0
    np.testing.assert_array_equal(counts(event.all_to_all(3, 4), 3, 4), 1)
    np.testing.assert_array_equal(
        counts(event.all_to_all(3, 3, allow_self=False), 3, 3), 1 - np.eye(3)
    )
    np.testing.assert_array_equal(counts(event.one_to_one(4), 4, 4), np.eye(4))
    np.testing.assert_array_equal(
        counts(event.sample_fixed_out_degree(3, 4, 4), 3, 4), 1
    )
    for table in (
        event.sample_fixed_prob(0, 4, 0.5),
        event.sample_fixed_prob(4, 0, 0.5),
    ):
        assert table[1].size == 0


def test_transpose_and_padding():
    indptr, indices = event.sample_fixed_prob(20, 30, 0.2, 1)
    back = event.transpose_table(indptr, indices, 30)
    np.testing.assert_array_equal(
        counts(back, 30, 20), counts((indptr, indices), 20, 30).T
    )
    padded = event.pad_table(indptr, indices, 500)
    assert padded[1].size == 500
    event.check_table(*padded, 20, 30)
    with pytest.raises(event.EventError, match="do not fit 5"):
        event.pad_table(indptr, indices, 5)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: event.sample_fixed_prob(5, 5, 1.2), r"must lie in \[0, 1\]"),
        (lambda: event.sample_fixed_out_degree(5, 5, 6), "there are 5 neurons"),
        (lambda: event.sample_fixed_in_degree(5, 5, 5, allow_self=False), "4 neurons"),
        (lambda: event.sample_fixed_total(3, 3, 10), "there are 9"),
        (lambda: event.sample_fixed_prob(10**6, 10**6, 0.1), "Divide the projection"),
        (lambda: event.sample_fixed_prob(2, 2**31, 0.0), "Divide the population"),
        (lambda: event.JITFixedOutDegree(2**31, 2, 1, 1.0), "Divide the population"),
    ],
)
def test_impossible_tables_are_refused(call, text):
    with pytest.raises(event.EventError, match=text):
        call()
