"""Arrays as the browser reads them: names and types, sizes, and the bytes of all."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ._errors import ProtocolError

_DTYPES = ("uint8", "uint16", "uint32", "int32", "float32", "float64")
"""Types that a browser has an array for and a message may carry."""
_LITTLE = {name: np.dtype(name).newbyteorder("<") for name in _DTYPES}
_NAMES = {
    code: name for code in "BHILQhilqefd" if (name := np.dtype(code).name) in _DTYPES
}
"""By the letter of a type; several letters may be the same one."""
_IS_LITTLE = sys.byteorder == "little"

Meta = list[Any]
"""``[name, dtype]`` of an array, or with names of its rows."""


def pack(
    arrays: Mapping[str | tuple[str, ...], np.ndarray],
) -> tuple[list[Meta], list[int], bytes]:
    """Describe arrays and give their bytes, all in one buffer.

    Parameters
    ----------
    arrays : mapping of str, or tuple of str, to array
        Names to arrays of one of the types that browsers know. An array with several
        names is one array for each of its rows.

    Returns
    -------
    metas : list of [name, dtype]
        One an array; equal for arrays of the same names and types.
    sizes : list of int
        How many numbers each array is.
    buffer : bytes
        Little-endian, in C order, array after array without gaps.

    Raises
    ------
    ProtocolError
        If an array has another type.

    Examples
    --------
    >>> metas, sizes, buffer = pack({"rate/n1": np.zeros(3, "float32")})
    >>> metas, sizes, len(buffer)
    ([['rate/n1', 'float32']], [3], 12)
    """
    metas: list[Meta] = []
    sizes, parts = [], []
    for name, array in arrays.items():
        dtype = _NAMES.get(array.dtype.char)
        if dtype is None:
            raise ProtocolError(
                f"Array {name!r} is {array.dtype.name}; a browser reads "
                f"{', '.join(_DTYPES)}. Convert it with astype."
            )
        metas.append([name, dtype])
        sizes.append(array.size)
        is_plain = array.flags.c_contiguous and array.dtype.isnative is _IS_LITTLE
        parts.append(array if is_plain else array.astype(_LITTLE[dtype]).tobytes())
    return metas, sizes, b"".join(parts)


def unpack(
    metas: Sequence[Meta], sizes: Sequence[int], buffer: bytes | bytearray | memoryview
) -> dict[str, np.ndarray]:
    """Read arrays back: the inverse of `pack`, for arrays of one dimension.

    Parameters
    ----------
    metas : sequence of [name, dtype]
        Descriptions as `pack` gives them.
    sizes : sequence of int
        How many numbers each array is.
    buffer : bytes
        The arrays, one after the other.

    Returns
    -------
    dict of str to array, shape (size,)
        Read-only arrays; rows with names of their own are arrays.

    Raises
    ------
    ProtocolError
        If a type is unknown, or there are not as many sizes or bytes as described.
    """
    if len(metas) != len(sizes):
        raise ProtocolError(
            f"{len(metas)} arrays are described, but {len(sizes)} sizes came."
        )
    whole, at = bytes(buffer), 0
    arrays: dict[str, np.ndarray] = {}
    for (name, of), n in zip(metas, sizes, strict=True):
        if of not in _LITTLE:
            raise ProtocolError(f"Array {name!r} has the unknown type {of}.")
        dtype = _LITTLE[of]
        need, left = n * dtype.itemsize, len(whole) - at
        if need > left:
            raise ProtocolError(
                f"Array {name!r} of {n} numbers needs {need} bytes; {left} are left."
            )
        array = np.frombuffer(whole, dtype, n, at)
        if sys.byteorder == "big":
            array = array.astype(dtype.newbyteorder("="))
            array.flags.writeable = False
        at += need
        if isinstance(name, str):
            arrays[name] = array
        else:
            arrays |= zip(name, array.reshape(len(name), -1), strict=True)
    if at < len(whole):
        raise ProtocolError(f"{len(whole) - at} bytes belong to no array.")
    return arrays
