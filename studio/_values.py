"""Python values as the document has them: quantities become text with units."""

from __future__ import annotations

from typing import Any

import brainunit as u
import numpy as np


def normal(mean: Any, std: Any) -> dict[str, Any]:
    """Return a normal distribution, for a parameter that each neuron draws.

    Parameters
    ----------
    mean, std : str, number or Quantity

    Examples
    --------
    >>> normal(-55 * u.mV, 5 * u.mV)
    {'dist': 'Normal', 'mean': '-55 mV', 'std': '5 mV'}
    """
    return {"dist": "Normal", "mean": to_json(mean), "std": to_json(std)}


def uniform(low: Any, high: Any) -> dict[str, Any]:
    """Return a uniform distribution, for a parameter that each neuron draws.

    Parameters
    ----------
    low, high : str, number or Quantity
    """
    return {"dist": "Uniform", "low": to_json(low), "high": to_json(high)}


def to_json(value: Any) -> Any:
    """Return a quantity as "20 ms", an array as a list; other values as they are."""
    if isinstance(value, u.Quantity):
        if value.is_unitless:
            return to_json(value.to_decimal())
        unit = str(value.unit).removeprefix("1 ")
        numbers = to_json(np.asarray(value.mantissa))
        if isinstance(numbers, list):
            return [f"{number} {unit}" for number in numbers]
        return f"{numbers} {unit}"
    if isinstance(value, dict):
        return {str(key): to_json(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | range):
        return [to_json(entry) for entry in value]
    if isinstance(value, np.floating):
        # the shortest text of a float32 is what was meant: 0.1, not 0.10000000149
        return float(str(value))
    if isinstance(value, np.generic):
        return value.item()
    if hasattr(value, "__array__"):
        array = np.asarray(value)
        return to_json(array[()]) if array.ndim == 0 else [to_json(x) for x in array]
    return value


def seconds(duration: Any) -> float:
    """Return a duration, such as `1 * u.second` or "500 ms", in seconds.

    Raises
    ------
    Refused
        If it is no positive time.
    """
    from engine.kinds import Param, number_in

    from .document._values import parse_param

    param = Param(
        "duration",
        unit="s",
        default=1.0,
        minimum=0.0,
        maximum=1e6,
        label="Duration",
        help="How long to simulate.",
    )
    return float(number_in(parse_param(to_json(duration), param, None, ""), "s"))
