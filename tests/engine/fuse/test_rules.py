"""Each operation gives what JAX gives, on ordinary and on awkward numbers."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from engine import fuse
from engine.nn._integrate import exprel

REAL = np.array(
    [
        *(0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 1e-30, -1e-30, 1e-42, 7.25, -88.0),
        *(88.5, 300.0, np.inf, -np.inf, np.nan, 0.1, -0.1, 0.999999, 1e6),
    ],
    np.float32,
)
WHOLE = np.array([0, 1, -1, 5, -7, 31, 2**31 - 1, -(2**31), 100, -100], np.int32)
PLAIN = np.linspace(-4, 4, 37).astype(np.float32)
UNIT = np.linspace(-0.999, 0.999, 41).astype(np.float32)
POSITIVE = np.logspace(-6, 6, 43).astype(np.float32)


def run(step, *arrays):
    """Run one step whose row is `step` of its inputs, natively."""
    leaves = [jnp.asarray(a) for a in arrays]
    closed = jax.make_jaxpr(lambda *x: (step(*x[:-1]),))(*leaves, jnp.int32(0))
    kernel = fuse.Kernel(fuse.Code(closed, 0), 4)
    for i, leaf in enumerate(leaves):
        kernel.load(i, leaf)
    done, (row,) = kernel.run(0, 1)
    assert done == 1
    if isinstance(row, tuple):  # booleans are listed
        found = np.zeros(np.shape(leaves[0]), bool)
        found[row[1]] = True
        return found
    return row[0]


EXACT = {
    "add": (
        lambda a: a + a[::-1].copy() if isinstance(a, np.ndarray) else a + 1.5,
        REAL,
    ),
    "sub": (lambda a: a - 1.5, REAL),
    "mul": (lambda a: a * -3.0, REAL),
    "div": (lambda a: 2.0 / a, REAL),
    "neg": (lambda a: -a, REAL),
    "abs": (jnp.abs, REAL),
    "sign": (jnp.sign, REAL),
    "sqrt": (lambda a: jnp.sqrt(a), REAL),
    "floor": (jnp.floor, REAL),
    "ceil": (jnp.ceil, REAL),
    "round": (jnp.round, REAL),
    "max": (lambda a: jnp.maximum(a, 0.25), REAL),
    "min": (lambda a: jnp.minimum(a, 0.25), REAL),
    "clip": (lambda a: jnp.clip(a, -1.0, 2.0), REAL),
    "square": (jnp.square, REAL),
    "cube": (lambda a: a**3, PLAIN),
    "where": (lambda a: jnp.where(a > 0, a, 2 * a), REAL),
    "less": (lambda a: a < 0.3, REAL),
    "equal": (lambda a: a == 1.0, REAL),
    "unequal": (lambda a: a != 1.0, REAL),
    "isfinite": (jnp.isfinite, REAL),
    "isnan": (jnp.isnan, REAL),
    "to_int": (lambda a: a.astype(jnp.int32), REAL),
    "to_uint": (lambda a: jnp.abs(a).astype(jnp.uint32), PLAIN),
    "to_bool": (lambda a: a.astype(bool), REAL),
    "bits": (lambda a: lax.bitcast_convert_type(a, jnp.uint32) >> 3, REAL),
    "int add": (lambda a: a + 3, WHOLE),
    "int mul": (lambda a: a * 7, WHOLE),
    "int div": (lambda a: lax.div(a, jnp.full_like(a, 3)), WHOLE),
    "int div by zero": (lambda a: lax.div(a, jnp.zeros_like(a)), WHOLE),
    "int rem": (lambda a: lax.rem(a, jnp.full_like(a, -3)), WHOLE),
    "int rem by zero": (lambda a: lax.rem(a, jnp.zeros_like(a)), WHOLE),
    "mod": (lambda a: a % 7, WHOLE),
    "int abs": (jnp.abs, WHOLE),
    "int sign": (jnp.sign, WHOLE),
    "int max": (lambda a: jnp.maximum(a, 3), WHOLE),
    "int less": (lambda a: a < -1, WHOLE),
    "uint less": (lambda a: a.astype(jnp.uint32) < 5, WHOLE),
    "and or xor not": (lambda a: ((a & 12) | 5) ^ ~a, WHOLE),
    "shifts": (lambda a: (a << 3) + (a >> 2) + lax.shift_right_logical(a, 5), WHOLE),
    "shift far": (lambda a: a << 40, WHOLE),
    "to_float": (lambda a: a.astype(jnp.float32), WHOLE),
    "narrow": (lambda a: a.astype(jnp.int8).astype(jnp.int32), WHOLE),
    "iota": (lambda a: a + jnp.arange(a.size), WHOLE),
    "select of three": (
        lambda a: lax.select_n(jnp.clip(a, 0, 2), a, 2 * a, 3 * a),
        WHOLE,
    ),
}


@pytest.mark.parametrize("name", EXACT)
def test_exact_operations_are_exact(name):
    step, values = EXACT[name]
    found = run(step, values)
    wanted = np.asarray(jax.jit(step)(jnp.asarray(values)))
    np.testing.assert_array_equal(flushed(found), flushed(wanted))


def flushed(values):
    """Numbers below the normal ones may be 0, as XLA has them in some places."""
    if values.dtype.kind != "f":
        return values
    is_tiny = np.abs(values) < np.finfo(np.float32).tiny
    return np.where(is_tiny, np.copysign(np.float32(0), values), values)


CLOSE = {
    "exp": (jnp.exp, np.linspace(-87, 88, 999).astype(np.float32), 2),
    "expm1": (jnp.expm1, PLAIN, 4),
    "expm1 small": (jnp.expm1, np.logspace(-9, -1, 99).astype(np.float32), 4),
    "exprel": (exprel, np.linspace(-95, 80, 9999).astype(np.float32), 3),
    "exprel small": (exprel, np.linspace(-0.8, 0.8, 9999).astype(np.float32), 3),
    "log": (jnp.log, POSITIVE, 2),
    "log1p": (jnp.log1p, POSITIVE, 4),
    "tanh": (jnp.tanh, PLAIN, 4),
    "logistic": (jax.nn.sigmoid, PLAIN, 4),
    "erf_inv": (lax.erf_inv, UNIT, 12),
    "sin": (jnp.sin, PLAIN, 2),
    "cos": (jnp.cos, PLAIN, 2),
    "rsqrt": (lax.rsqrt, POSITIVE, 2),
    "cbrt": (jnp.cbrt, PLAIN, 2),
    "pow": (lambda a: a**1.37, POSITIVE, 4),
    "inverse square": (lambda a: a**-2, POSITIVE, 2),
}


@pytest.mark.parametrize("name", CLOSE)
def test_functions_are_good_to_a_few_units_in_the_last_place(name):
    step, values, ulps = CLOSE[name]
    found = run(step, values).astype(np.float64)
    with jax.enable_x64(True):
        wanted = np.asarray(step(jnp.asarray(values, jnp.float64)))
    unit = np.spacing(np.maximum(np.abs(wanted), 1e-30).astype(np.float32))
    assert np.max(np.abs(found - wanted) / unit) <= ulps


@pytest.mark.parametrize("name", ["exp", "log", "log1p", "expm1", "exprel", "tanh"])
def test_functions_of_awkward_numbers_are_those_of_jax(name):
    step = CLOSE[name][0]
    found = run(step, REAL)
    wanted = np.asarray(step(jnp.asarray(REAL)))
    np.testing.assert_array_equal(np.isnan(found), np.isnan(wanted))
    np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-37)


@pytest.mark.parametrize("draw", ["bits", "uniform", "normal"])
def test_random_numbers_are_those_of_jax(draw):
    key = jax.random.PRNGKey(3)
    draws = {
        "bits": lambda k: jax.random.bits(k, (100,), jnp.uint32),
        "uniform": lambda k: jax.random.uniform(k, (100,)),
        "normal": lambda k: jax.random.normal(k, (100,)),
    }
    closed = jax.make_jaxpr(lambda k, i: (draws[draw](jax.random.fold_in(k, i)),))(
        key, jnp.int32(0)
    )
    kernel = fuse.Kernel(fuse.Code(closed, 0), 8)
    kernel.load(0, key)
    done, (rows,) = kernel.run(5, 3)
    assert done == 3
    for k in range(3):
        wanted = np.asarray(draws[draw](jax.random.fold_in(key, 5 + k)))
        if draw == "normal":
            np.testing.assert_allclose(rows[k], wanted, rtol=2e-6, atol=1e-7)
        else:
            np.testing.assert_array_equal(rows[k], wanted)


def test_double_precision_uses_the_library():
    with jax.enable_x64(True):
        values = np.linspace(-3, 3, 21)
        found = run(lambda a: jnp.exp(a) + jnp.tanh(a) * jnp.log1p(a * a), values)
        wanted = np.exp(values) + np.tanh(values) * np.log1p(values**2)
    np.testing.assert_allclose(found, wanted, rtol=1e-14)


UNKNOWN = {
    "sort": lambda a: jnp.sort(a),
    "matrix": lambda a: a @ jnp.ones((a.size, 3)),
    "cumsum": lambda a: jnp.cumsum(a),
    "loop": lambda a: lax.fori_loop(0, 3, lambda i, x: x + 1, a),
    "axis": lambda a: jnp.sum(a.reshape(1, -1), axis=0),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_known_is_told_by_name(name):
    closed = jax.make_jaxpr(lambda a, i: (UNKNOWN[name](a),))(PLAIN, jnp.int32(0))
    with pytest.raises(fuse.Unfusable, match=r"\w+"):
        fuse.Code(closed, 0)
