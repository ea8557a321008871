"""The old names still work, and say where they went."""

import pytest

from engine import augment, compile, transform


@pytest.mark.parametrize(
    ("name", "part"), [("jit", compile), ("for_loop", compile), ("grad", augment)]
)
def test_old_names_point_to_the_new_ones(name, part):
    with pytest.warns(DeprecationWarning, match=rf"engine\.\w+\.{name}"):
        assert getattr(transform, name) is getattr(part, name)
    assert name in dir(transform)


def test_unknown_names_suggest_the_nearest():
    with pytest.raises(AttributeError, match=r"'for_lop'.*Did you mean 'for_loop'"):
        transform.for_lop  # noqa: B018
