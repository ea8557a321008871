"""One value of a State as arrays and what else has to be known of them."""

from __future__ import annotations

from typing import Any

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jax.sharding import SingleDeviceSharding

from ._errors import UnsavableValueError

Record = dict[str, Any]
_PYTHON = {one.__name__: one for one in (bool, int, float, complex)}
_BASE_UNITS = (
    "length",
    "mass",
    "time",
    "current",
    "temperature",
    "substance",
    "luminosity",
)
_SAME = 1e-12  # relative difference of two units of one size

_TRACED = (
    "checkpoint.save: {where} is traced. Call save outside of jit, grad, for_loop and "
    "the other transformations."
)
_NO_ARRAY = (
    "checkpoint.save: {where} is a {type}. Only arrays, numbers, random keys and "
    "quantities of them can be stored; keep the rest in attributes."
)


def _is_quantity(x: Any) -> bool:
    return isinstance(x, u.Quantity)


def flatten(value: Any) -> tuple[dict[str, Any], Any]:
    """Return the leaves of a value by name, quantities as a whole, and its structure."""
    found, tree = jax.tree_util.tree_flatten_with_path(value, is_leaf=_is_quantity)
    return {jax.tree_util.keystr(path): leaf for path, leaf in found}, tree


def is_key(x: Any) -> bool:
    """Tell whether `x` holds typed random keys."""
    dtype = getattr(x, "dtype", None)
    return dtype is not None and jnp.issubdtype(dtype, jax.dtypes.prng_key)


def describe(leaf: Any) -> Record:
    """Return what is known of a leaf besides its numbers; JSON-able.

    Parameters
    ----------
    leaf : array, shape, number, key or Quantity
        Of a value, or of what a value is to be.
    """
    unit = None
    if isinstance(leaf, u.Quantity):
        unit, leaf = _unit_record(leaf.unit), leaf.mantissa
    if type(leaf).__name__ in _PYTHON:
        return {"kind": type(leaf).__name__, "dtype": "", "shape": [], "unit": unit}
    record: Record = {"kind": "array", "dtype": str(leaf.dtype)}
    record |= {"shape": list(leaf.shape), "unit": unit}
    if is_key(leaf):
        record |= {"kind": "key", "dtype": str(jax.random.key_impl(leaf))}
    elif isinstance(leaf, (np.ndarray, np.generic)):
        record["kind"] = "numpy"
    elif getattr(leaf, "weak_type", False):
        record["weak"] = True
    return record


def to_store(where: str, leaf: Any) -> Any:
    """Return the array that is stored for a leaf.

    Raises
    ------
    UnsavableValueError
        If it is traced, or no array.
    """
    plain = leaf.mantissa if isinstance(leaf, u.Quantity) else leaf
    if isinstance(plain, Tracer):
        raise UnsavableValueError(_TRACED.format(where=where))
    if is_key(plain):
        return jax.random.key_data(plain)
    if isinstance(plain, jax.Array):
        return plain
    if isinstance(plain, (np.ndarray, np.generic, *_PYTHON.values())):
        array = np.asarray(plain)
        if array.dtype != object and array.dtype.kind not in "USV":
            return array
    raise UnsavableValueError(_NO_ARRAY.format(where=where, type=type(plain).__name__))


def misfit(saved: Record, leaf: Any) -> str | None:
    """Return why what was saved does not fit a leaf of the target, or None."""
    wanted = describe(leaf)
    if saved["shape"] != wanted["shape"]:
        return f"has shape {_shape(saved)} in the checkpoint and {_shape(wanted)} here"
    is_number = saved["kind"] in _PYTHON or wanted["kind"] in _PYTHON
    if (saved["kind"] == "key") != (wanted["kind"] == "key"):
        one, other = (
            f"a {'typed' if r['kind'] == 'key' else 'raw'} key or array"
            for r in (saved, wanted)
        )
        return f"is {one} in the checkpoint and {other} here; keys do not change form"
    if saved["dtype"] != wanted["dtype"] and not is_number:
        return f"is {saved['dtype']} in the checkpoint and {wanted['dtype']} here"
    return _unit_misfit(saved["unit"], wanted["unit"])


def from_store(array: Any, saved: Record, leaf: Any) -> Any:
    """Return the leaf that was saved, in the unit and where the leaf of the target is.

    Parameters
    ----------
    array : numpy or jax array, or None
        What was stored; nothing is of empty arrays.
    saved : dict
        What `describe` has returned of it.
    leaf : array, shape, number, key or Quantity
        What the target holds now.
    """
    unit = leaf.unit if isinstance(leaf, u.Quantity) else None
    plain = leaf.mantissa if isinstance(leaf, u.Quantity) else leaf
    new = array
    if new is None and saved["kind"] == "key":
        empty = jax.random.key_data(plain)
        new = np.zeros(empty.shape, empty.dtype)
    elif new is None:
        new = np.zeros(saved["shape"], jnp.dtype(saved["dtype"]))
    if unit is not None:
        ratio = saved["unit"]["magnitude"] / float(unit.magnitude)
        if abs(ratio - 1) > _SAME:
            new = np.asarray(new) * np.asarray(ratio).astype(new.dtype)
    if saved["kind"] in _PYTHON:
        new = _PYTHON[saved["kind"]](np.asarray(new).item())
    elif saved["kind"] != "numpy":
        new = _on_device(new, saved, plain)
    return new if unit is None else u.Quantity(new, unit=unit)


def _on_device(array: Any, saved: Record, plain: Any) -> Any:
    if saved.get("weak") and not array.shape:
        number = jnp.asarray(np.asarray(array).item())
        array = number if number.dtype == array.dtype else array
    if not isinstance(array, jax.Array):
        is_placed = isinstance(plain, jax.Array) and plain.committed
        array = jax.device_put(array, plain.sharding if is_placed else None)
    if saved["kind"] == "key":
        return jax.random.wrap_key_data(array, impl=saved["dtype"])
    return array


def sharding_of(leaf: Any) -> Any:
    """Return where a leaf of the target lies, if on several devices; else None."""
    plain = leaf.mantissa if isinstance(leaf, u.Quantity) else leaf
    if is_key(plain) and isinstance(plain, jax.Array):
        plain = jax.random.key_data(plain)
    sharding = getattr(plain, "sharding", None)
    if sharding is None or isinstance(sharding, SingleDeviceSharding):
        return None
    return sharding if len(sharding.device_set) > 1 else None


def _shape(record: Record) -> tuple[int, ...]:
    return tuple(record["shape"])


def _unit_record(unit: Any) -> Record:
    dim = [float(unit.dim.get_dimension(name)) for name in _BASE_UNITS]
    return {"name": str(unit), "dim": dim, "magnitude": float(unit.magnitude)}


def _unit_misfit(saved: Record | None, wanted: Record | None) -> str | None:
    dims = [one["dim"] if one else [0.0] * len(_BASE_UNITS) for one in (saved, wanted)]
    if dims[0] == dims[1] and (saved is None) == (wanted is None):
        return None
    names = [
        f"in {one['name']}" if one else "without a unit" for one in (saved, wanted)
    ]
    return f"is {names[0]} in the checkpoint and {names[1]} here"
