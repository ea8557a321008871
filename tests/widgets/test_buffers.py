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
    metas, buffers = pack({"a": array, "b": array[::-1]})
    assert all(buffer.nbytes == array.nbytes for buffer in buffers)
    back = unpack(metas, [bytes(buffer) for buffer in buffers])
    for name, expected in {"a": array, "b": array[::-1]}.items():
        assert back[name].dtype == expected.dtype
        assert back[name].shape == expected.shape
        np.testing.assert_array_equal(back[name], expected)
        assert not back[name].flags.writeable


def test_bytes_are_little_endian_whatever_the_array_is():
    big = np.array([1, 256], ">u2")
    assert bytes(pack({"x": big})[1][0]) == b"\x01\x00\x00\x01"


def test_a_scalar_is_an_array_without_axes():
    metas, buffers = pack({"x": np.array(2.5, "float32")})
    assert metas[0]["shape"] == []
    assert unpack(metas, buffers)["x"] == 2.5


@pytest.mark.parametrize("dtype", ["int64", "complex64", "bool", "object"])
def test_pack_refuses_types_without_a_browser_array(dtype):
    with pytest.raises(ProtocolError, match="Convert it with astype"):
        pack({"x": np.zeros(2, dtype)})


@pytest.mark.parametrize(
    ("metas", "buffers", "text"),
    [
        ([], [b""], "0 arrays are described, but 1"),
        ([{"name": "x", "dtype": "uint16", "shape": [2]}], [b"abc"], "needs 4 bytes"),
        ([{"name": "x", "dtype": "O", "shape": [1]}], [b"abcd"], "unknown type"),
    ],
)
def test_unpack_refuses(metas, buffers, text):
    with pytest.raises(ProtocolError, match=text):
        unpack(metas, buffers)
