"""Arrays as the browser reads them: a description each, and their bytes."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ._errors import ProtocolError

_DTYPES = ("uint8", "uint16", "uint32", "int32", "float32", "float64")
"""Types that a browser has an array for and a message may carry."""
_LITTLE = {name: np.dtype(name).newbyteorder("<") for name in _DTYPES}
_NAMES = {
    dtype.newbyteorder(order): name
    for name, dtype in _LITTLE.items()
    for order in ("<", ">")
}


def pack(
    arrays: Mapping[str, np.ndarray],
) -> tuple[list[dict[str, Any]], list[memoryview]]:
    """Describe arrays and give their bytes, without a copy where they are contiguous.

    Parameters
    ----------
    arrays : mapping of str to array
        Names to arrays of one of the types that browsers know.

    Returns
    -------
    metas : list of dict
        `{"name", "dtype", "shape"}`, one an array.
    buffers : list of memoryview
        Little-endian bytes in C order, one an array.

    Raises
    ------
    ProtocolError
        If an array has another type.

    Examples
    --------
    >>> metas, buffers = pack({"rate/n1": np.zeros(3, "float32")})
    >>> metas
    [{'name': 'rate/n1', 'dtype': 'float32', 'shape': [3]}]
    """
    metas, buffers = [], []
    for name, array in arrays.items():
        dtype = _NAMES.get(array.dtype)
        if dtype is None:
            raise ProtocolError(
                f"Array {name!r} is {array.dtype.name}; a browser reads "
                f"{', '.join(_DTYPES)}. Convert it with astype."
            )
        metas.append({"name": name, "dtype": dtype, "shape": list(array.shape)})
        little = np.ascontiguousarray(array, dtype=_LITTLE[dtype])
        # a view of bytes: the comm asks for one dimension, and empty shapes break cast
        buffers.append(little.reshape(-1).view(np.uint8).data)
    return metas, buffers


def unpack(
    metas: Iterable[Mapping[str, Any]],
    buffers: Sequence[bytes | bytearray | memoryview],
) -> dict[str, np.ndarray]:
    """Read arrays back: the inverse of `pack`.

    Parameters
    ----------
    metas : iterable of mapping
        Descriptions as `pack` gives them.
    buffers : sequence of bytes
        One buffer an array, in the same order.

    Returns
    -------
    dict of str to array
        Read-only views of the buffers.

    Raises
    ------
    ProtocolError
        If a type is unknown, or numbers of arrays or bytes do not agree.
    """
    metas = list(metas)
    if len(metas) != len(buffers):
        raise ProtocolError(
            f"{len(metas)} arrays are described, but {len(buffers)} buffers came."
        )
    arrays = {}
    for meta, buffer in zip(metas, buffers, strict=True):
        name, shape = meta["name"], tuple(meta["shape"])
        if meta["dtype"] not in _DTYPES:
            raise ProtocolError(f"Array {name!r} has the unknown type {meta['dtype']}.")
        dtype = np.dtype(meta["dtype"]).newbyteorder("<")
        need, given = math.prod(shape) * dtype.itemsize, memoryview(buffer).nbytes
        if need != given:
            raise ProtocolError(
                f"Array {name!r} of shape {shape} needs {need} bytes; {given} came."
            )
        array = np.frombuffer(buffer, dtype).reshape(shape)
        if sys.byteorder == "big":
            array = array.astype(dtype.newbyteorder("="))
        array.flags.writeable = False
        arrays[name] = array
    return arrays
