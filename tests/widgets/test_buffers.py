import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as arrays

from widgets import ProtocolError, _buffers, pack, unpack

anything = arrays.arrays(
    dtype=np.float32,
    shape=arrays.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5),
)


@pytest.mark.parametrize("dtype", _buffers._DTYPES)
@settings(max_examples=20, deadline=None)
@given(array=anything)
def test_round_trip(dtype, array):
    array = np.nan_to_num(array, nan=0, posinf=1, neginf=1).clip(0, 200).astype(dtype)
    given = {"a": array, "odd": np.arange(3, dtype=np.uint8), "b": array[::-1].T}
    metas, sizes, buffer = pack(given)
    assert len(buffer) == 2 * array.nbytes + 3
    back = unpack(metas, sizes, memoryview(buffer))
    for name, expected in given.items():
        assert back[name].dtype == expected.dtype
        np.testing.assert_array_equal(back[name], expected.reshape(-1))
        assert not back[name].flags.writeable


def test_rows_have_names_of_their_own():
    table = np.arange(6, dtype=np.float32).reshape(3, 2)
    metas, sizes, buffer = pack({("x", "y"): table.T, "z": table[0]})
    assert metas == [[("x", "y"), "float32"], ["z", "float32"]]
    back = unpack(metas, sizes, buffer)
    assert {name: row.tolist() for name, row in back.items()} == {
        "x": [0, 2, 4],
        "y": [1, 3, 5],
        "z": [0, 1],
    }


def test_bytes_are_little_endian_whatever_the_array_is():
    big = np.array([1, 256], ">u2")
    metas, sizes, buffer = pack({"x": big})
    assert buffer == b"\x01\x00\x00\x01"
    assert unpack(metas, sizes, buffer)["x"].tolist() == [1, 256]


@pytest.mark.parametrize("dtype", ["int64", "complex64", "bool", "object"])
def test_pack_refuses_types_without_a_browser_array(dtype):
    with pytest.raises(ProtocolError, match="Convert it with astype"):
        pack({"x": np.zeros(2, dtype)})


@pytest.mark.parametrize(
    ("metas", "sizes", "buffer", "text"),
    [
        ([], [], b"a", "1 bytes belong to no array"),
        ([], [1], b"", "0 arrays are described, but 1"),
        ([["x", "uint16"]], [2], b"abc", "needs 4 bytes; 3 are left"),
        ([["x", "O"]], [1], b"abcd", "unknown type"),
    ],
)
def test_unpack_refuses(metas, sizes, buffer, text):
    with pytest.raises(ProtocolError, match=text):
        unpack(metas, sizes, buffer)
