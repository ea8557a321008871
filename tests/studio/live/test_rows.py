import numpy as np
from hypothesis import given, strategies as st

from studio.live._rows import choose


def test_balanced_network_shows_83_and_21_of_4000():
    rows = choose({"E": 3200, "I": 800}, None)
    assert [r.neurons.size for r in rows.values()] == [83, 21]


@given(
    st.dictionaries(st.text(max_size=3), st.integers(1, 5000), min_size=1, max_size=6),
    st.one_of(st.none(), st.integers(1, 400)),
)
def test_rows_and_neurons_are_inverse(sizes, n_rows):
    for key, rows in choose(sizes, n_rows).items():
        assert rows.n == sizes[key]
        assert 1 <= rows.neurons.size <= sizes[key]
        np.testing.assert_array_equal(
            rows.lookup[rows.neurons], np.arange(rows.neurons.size)
        )
        np.testing.assert_array_equal(np.flatnonzero(rows.is_shown), rows.neurons)
