"""A row follows from the seed and its number, follows the law, and is the same anywhere."""

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats

from engine import event
from engine.event import _rows
from engine.event._rows import _draw, _library, _numpy, _recipe

native = pytest.mark.skipif(_rows.problem() is not None, reason="no machine code")


@st.composite
def recipes(draw):
    """Tables of all kinds and sizes; small ones with many pairs, large with few."""
    n_pre, n_post = (draw(st.integers(1, 2000)) for _ in range(2))
    n_post = draw(st.sampled_from([n_pre, n_post]))
    skips_self = n_pre == n_post and draw(st.booleans())
    is_multi = draw(st.booleans())
    there = n_post - skips_self
    rule = draw(st.sampled_from(["prob", "degree"]))
    if rule == "prob":
        amount = draw(
            st.sampled_from([0.0, 1e-9, 1e-5, 1e-3, 0.02, 0.3, 0.5, 0.97, 1.0])
        )
    elif is_multi:
        amount = draw(st.integers(0, 100)) if there else 0
    else:
        amount = draw(st.one_of(st.integers(0, there), st.just(there)))
    seed = draw(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=3))
    return _recipe.recipe(
        n_pre, n_post, seed, skips_self=skips_self, is_multi=is_multi, **{rule: amount}
    )


def written(recipe):
    """Write out all rows, or the first ones, by machine code."""
    few = _recipe.Recipe(min(recipe.n_rows, 40), recipe.n_columns, recipe.words)
    return few, _draw.draw(few, 1.0, lambda n: None)


@native
@given(recipe=recipes())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_machine_code_and_numpy_give_the_same_rows(recipe):
    few, (indptr, indices) = written(recipe)
    degrees, targets = _numpy.rows(few, 0, few.n_rows)
    np.testing.assert_array_equal(np.diff(indptr), degrees)
    np.testing.assert_array_equal(indices, targets)
    for row in {0, few.n_rows - 1}:  # alone
        one = slice(indptr[row], indptr[row + 1])
        np.testing.assert_array_equal(indices[one], _numpy.rows(few, row, row + 1)[1])


@native
@pytest.mark.parametrize("degree", [900, 1023, 1200, 2500])
def test_many_different_targets(degree):  # more candidates than are kept
    recipe = _recipe.recipe(3, 9000, [5], degree=degree)
    _, indices = _draw.draw(recipe, degree, lambda n: None)
    np.testing.assert_array_equal(indices, _numpy.rows(recipe, 0, 3)[1])
    assert (np.diff(indices.reshape(3, degree).astype(int), axis=1) > 0).all()


@pytest.mark.parametrize("kind", ["prob", "out", "in", "multi"])
def test_without_machine_code_tables_are_the_same(kind, monkeypatch):
    def make():
        return {
            "prob": lambda: event.sample_fixed_prob(300, 200, 0.05, 3),
            "out": lambda: event.sample_fixed_out_degree(200, 200, 7, 3, False),
            "in": lambda: event.sample_fixed_in_degree(300, 200, 7, 3),
            "multi": lambda: event.sample_fixed_prob(300, 200, 0.05, 3, True, True),
        }[kind]()

    before = make()
    monkeypatch.setattr(_library, "problem", lambda: "none")
    monkeypatch.setattr("engine.event._sample.problem", lambda: "none")
    for a, b in zip(before, make(), strict=True):
        np.testing.assert_array_equal(a, b)


# the law


def matrix(recipe):
    indptr, indices = _draw.draw(recipe, 1.0, lambda n: None)
    found = np.zeros((recipe.n_rows, recipe.n_columns), int)
    rows = np.repeat(np.arange(recipe.n_rows), np.diff(indptr))
    np.add.at(found, (rows, indices), 1)
    return found


@pytest.mark.parametrize("prob", [0.0005, 0.003, 0.05, 0.4, 0.9])
def test_degrees_are_binomial_and_places_uniform(prob):
    n_pre, n_post = 4000, 3000
    found = matrix(_recipe.recipe(n_pre, n_post, [11], prob=prob))
    for axis, trials in ((1, n_post), (0, n_pre)):
        law = stats.binom(trials, prob)
        degrees = found.sum(axis)
        assert _chi2_of_counts(degrees, law) > 1e-4
        assert abs(degrees.mean() - law.mean()) < 5 * law.std() / degrees.size**0.5
    places = np.nonzero(found)[1]
    seen = np.bincount(places * 50 // n_post, minlength=50)
    assert stats.chisquare(seen).pvalue > 1e-4


def _chi2_of_counts(degrees, law):
    """Compare how often each degree came with its law, rare ones taken together."""
    edges = np.unique(law.ppf(np.linspace(0.02, 0.98, 13)))
    bins = np.concatenate([[-np.inf], edges, [np.inf]])
    seen = np.histogram(degrees, np.nextafter(bins, np.inf))[0]
    wanted = np.diff(np.concatenate([[0], law.cdf(edges), [1]])) * degrees.size
    full = wanted > 4
    seen = np.append(seen[full], seen[~full].sum())
    wanted = np.append(wanted[full], wanted[~full].sum())
    return stats.chisquare(seen[wanted > 0], wanted[wanted > 0]).pvalue


@pytest.mark.parametrize("prob", [0.002, 0.06, 0.5])
def test_gaps_are_geometric(prob):  # over the borders of segments, and beyond a digit
    recipe = _recipe.recipe(300, 200_000, [3], prob=prob)
    _, indices = _draw.draw(recipe, 1.0, lambda n: None)
    gaps = np.diff(indices.astype(int))
    gaps = gaps[gaps > 0]  # but for those from a row to the next
    most = int(8 / prob)
    seen = np.bincount(np.minimum(gaps, most), minlength=most + 1)[1:]
    law = prob * (1 - prob) ** np.arange(most - 1)
    law = np.append(law, (1 - prob) ** (most - 1))
    edges = np.unique(np.linspace(0, most, min(most, 60), endpoint=False).astype(int))
    seen, law = (np.add.reduceat(x, edges) for x in (seen, law))
    assert stats.chisquare(seen, law * gaps.size, sum_check=False).pvalue > 1e-4


def test_rows_seeds_and_neighbours_are_independent():
    n, prob = 2000, 0.1
    one = matrix(_recipe.recipe(n, n, [7], prob=prob))
    other = matrix(_recipe.recipe(n, n, [8], prob=prob))
    high = matrix(_recipe.recipe(n, n, [7 + 2**63], prob=prob))
    error = 5 * prob / n  # of a mean over all pairs, nearly
    for a, b in (
        (one, other),
        (one, high),
        (one[:-1], one[1:]),
        (one[:, :-1], one[:, 1:]),
        (one[:-1, :-1], one[1:, 1:]),
        (one, one.T * (1 - np.eye(n, dtype=int))),
    ):
        assert abs((a & b).mean() - prob**2) < error


@pytest.mark.parametrize(("n", "degree"), [(7, 3), (9, 2), (40, 38), (5, 4)])
def test_all_sets_are_equally_likely(n, degree):
    n_rows = 200 * math.comb(n, degree)
    recipe = _recipe.recipe(n_rows, n, [1], degree=degree)
    _, indices = _draw.draw(recipe, degree, lambda n: None)
    sets = np.sort(indices.reshape(-1, degree)).astype(object) @ [
        n**i for i in range(degree)
    ]
    seen = np.unique(sets.astype(str), return_counts=True)[1]
    assert seen.size == math.comb(n, degree)
    assert stats.chisquare(seen).pvalue > 1e-4


def test_targets_with_replacement_are_uniform():
    recipe = _recipe.recipe(3000, 37, [1], degree=50, is_multi=True)
    _, indices = _draw.draw(recipe, 50, lambda n: None)
    assert stats.chisquare(np.bincount(indices, minlength=37)).pvalue > 1e-4
    drawn = matrix(_recipe.recipe(3000, 200, [1], prob=0.3, is_multi=True))
    assert _chi2_of_counts(drawn.sum(1), stats.binom(200, 0.3)) > 1e-4


# the resolution


@pytest.mark.parametrize("prob", [1.0, 0.3, 0.004, 1e-4, 3e-8])
def test_digits_have_their_probability_to_a_word(prob):
    words = _recipe.recipe(1, 10**9, [1], prob=prob).words.astype(np.int64)
    bits, base = words[_recipe.BITS], 2 ** int(words[_recipe.BITS])
    share = []
    for table in range(words[_recipe.DIGITS]):
        start = _recipe.TABLE + table * base
        entries = words[start : start + base]
        room = 2 ** (32 - int(bits))
        found = np.zeros(base, np.int64)
        np.add.at(found, np.arange(base), entries >> bits)
        np.add.at(found, entries & (base - 1), room - (entries >> bits))
        share.append(found / 2.0**32)
        assert found.sum() == 2**32
    places = np.arange(base, dtype=float)
    stay = np.log1p(-prob) if prob < 1 else -np.inf
    step = base if len(share) == 2 else 1
    with np.errstate(invalid="ignore"):
        tails = np.where(places > 0, np.exp(places * step * stay), 1.0)
    wanted = tails - np.append(tails[1:], 0)
    np.testing.assert_allclose(share[0], wanted, atol=2**-31)
    if len(share) == 2:
        wanted = np.exp(places * stay) * -np.expm1(stay) / -np.expm1(base * stay)
        np.testing.assert_allclose(share[1], wanted, atol=2**-31)
