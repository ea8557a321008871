"""Nests of transformations, over States and by hand in pure JAX.

Every transformation is given twice: for functions with States, and for functions
`(values, x) -> (values, y)` of pure JAX, where `values` is a dictionary. So is every
body, the innermost function. `BODIES` times `PAIRS` times `PAIRS` is what is tested.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jax import lax

from engine import State, augment, compile, nn
from engine.random import RandomState

X = jnp.array([0.3, -1.2, 2.0])
A, B = 0.7, 1.3


# Bodies: what uses States


class Model:
    """Writes one State, reads another; counts how often it is traced."""

    def __init__(self):
        self.a, self.b = State(jnp.float32(A)), State(jnp.float32(B))
        self.n_traces = 0

    def __call__(self, x):
        self.n_traces += 1
        return self.body(x)

    def body(self, x):
        y = self.a.value * x + self.b.value * x**2
        self.a.value = jnp.sin(self.a.value) + self.b.value
        return y

    def states(self):
        return {"a": self.a, "b": self.b}


def pure(values, x):
    """Do what `Model` does."""
    a, b = values["a"], values["b"]
    return values | {"a": jnp.sin(a) + b}, a * x + b * x**2


class Making(Model):
    """Makes States inside, of an argument and of another State."""

    def body(self, x):
        inner, sum_ = State(self.b.value * x), State(jnp.float32(0.0))
        for _ in range(2):
            inner.value = inner.value + self.a.value * x
            sum_.value = sum_.value + self.a.value
        self.a.value = jnp.sin(sum_.value)
        return inner.value * inner.copy().value


def pure_making(values, x):
    """Do what `Making` does."""
    a, b = values["a"], values["b"]
    return values | {"a": jnp.sin(2 * a)}, (b * x + 2 * a * x) ** 2


class Adds(nn.Module):
    """A layer that reads a State and changes it."""

    def __init__(self, weight, by):
        super().__init__()
        self.weight, self.by = weight, by

    def update(self, x):
        y = jnp.tanh(self.weight.value * x)
        self.weight.value = self.weight.value + 0.1 * self.by.value
        return y


class Shared(Model):
    """Two modules hold the same two States: the second reads what the first wrote."""

    def __init__(self):
        super().__init__()
        self.first, self.second = Adds(self.a, self.b), Adds(self.a, self.b)

    def body(self, x):
        return self.second(self.first(x)) + x**2


def pure_shared(values, x):
    """Do what `Shared` does."""
    a, b = values["a"], values["b"]
    y = jnp.tanh((a + 0.1 * b) * jnp.tanh(a * x)) + x**2
    return values | {"a": a + 0.1 * b + 0.1 * b}, y


class Drawing(Model):
    """Draws random numbers."""

    def __init__(self):
        super().__init__()
        self.stream = RandomState(jr.PRNGKey(3))

    def body(self, x):
        noise = jr.uniform(self.stream.split_key(), x.shape)
        self.a.value = self.a.value + 0.5
        return self.a.value * x + self.b.value * noise * x**2

    def states(self):
        return super().states() | {"key": self.stream}


def pure_drawing(values, x):
    """Do what `Drawing` does."""
    key, here = jr.split(values["key"])
    a, b = values["a"] + 0.5, values["b"]
    y = a * x + b * jr.uniform(here, x.shape) * x**2
    return values | {"a": a, "key": key}, y


BODIES: dict[str, tuple[type[Model], Callable[..., Any]]] = {
    "writes": (Model, pure),
    "makes": (Making, pure_making),
    "shares": (Shared, pure_shared),
    "draws": (Drawing, pure_drawing),
}


# Transformations: over States, and over values


def grad(f, model):
    def g(x):
        slopes = augment.grad(lambda x: f(x).sum(), grad_states=model.b, argnums=0)
        of_b, of_x = slopes(x)
        return of_x + of_b

    return g


def pure_grad(f):
    def g(values, x):
        def loss(b, x):
            new, y = f(values | {"b": b}, x)
            return y.sum(), new

        (of_b, of_x), new = jax.grad(loss, (0, 1), has_aux=True)(values["b"], x)
        return new, of_x + of_b

    return g


def vmap(f, model):
    return augment.vmap(lambda x: f(jnp.full(3, x)).sum())


def pure_vmap(f):
    """Map lanes; each has a key of its own, and the stream goes on behind them."""

    def g(values, x):
        shared = {k: v for k, v in values.items() if k != "key"}
        streams = {}
        if "key" in values:
            keys = jr.split(values["key"], len(x) + 1)
            streams, rest = {"key": keys[1:]}, {"key": keys[0]}

        def lane(shared, streams, x):
            new, y = f(shared | streams, jnp.full(3, x))
            return {k: v for k, v in new.items() if k != "key"}, y.sum()

        new, y = jax.vmap(lane, (None, 0, 0), (None, 0))(shared, streams, x)
        return (new | rest if streams else new), y

    return g


def for_loop(f, model):
    return lambda x: compile.for_loop(lambda k: f(k * x), jnp.array([1.0, 0.5])).sum(0)


def pure_for_loop(f):
    def g(values, x):
        new, ys = lax.scan(lambda c, k: f(c, k * x), values, jnp.array([1.0, 0.5]))
        return new, ys.sum(0)

    return g


def scan(f, model):
    def step(carry, k):
        return carry + f(k * carry), None

    return lambda x: compile.scan(step, x, jnp.array([0.3, 0.2]))[0]


def pure_scan(f):
    def step(carry, k):
        new, y = f(carry[0], k * carry[1])
        return (new, carry[1] + y), None

    return lambda values, x: lax.scan(step, (values, x), jnp.array([0.3, 0.2]))[0]


def while_loop(f, model):
    def turn(carry):
        return carry[0] + 1, carry[1] + 0.1 * f(carry[1])

    return lambda x: compile.while_loop(lambda c: c[0] < 2, turn, (0, x))[1]


def pure_while_loop(f):
    def turn(carry):
        n, values, x = carry
        new, y = f(values, x)
        return n + 1, new, x + 0.1 * y

    return lambda values, x: lax.while_loop(lambda c: c[0] < 2, turn, (0, values, x))[
        1:
    ]


def cond(f, model):
    return lambda x: compile.cond(model.a.value > 1, lambda x: x * model.b.value, f, x)


def pure_cond(f):
    def g(values, x):
        return lax.cond(values["a"] > 1, lambda v, x: (v, x * v["b"]), f, values, x)

    return g


def jacfwd(f, model):
    return lambda x: augment.jacfwd(f)(x).sum(0)


def pure_jacfwd(f):
    def g(values, x):
        def swapped(x):
            new, y = f(values, x)
            return y, new

        slopes, new = jax.jacfwd(swapped, has_aux=True)(x)
        return new, slopes.sum(0)

    return g


PAIRS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "jit": (lambda f, model: compile.jit(f), jax.jit),
    "grad": (grad, pure_grad),
    "vmap": (vmap, pure_vmap),
    "for_loop": (for_loop, pure_for_loop),
    "scan": (scan, pure_scan),
    "while_loop": (while_loop, pure_while_loop),
    "cond": (cond, pure_cond),
    "checkpoint": (lambda f, model: compile.checkpoint(f), jax.checkpoint),
    "jacfwd": (jacfwd, pure_jacfwd),
}

DEEP = [
    ["jit", "grad", "for_loop", "cond", "checkpoint"],
    ["jit", "vmap", "grad", "scan", "jacfwd"],
    ["for_loop", "jit", "cond", "vmap", "while_loop"],
    ["grad", "checkpoint", "for_loop", "jit", "vmap"],
    ["vmap", "jacfwd", "grad", "jit", "scan"],
]


# Nests


@dataclass
class Nest:
    """The same nest twice: over the States of a model, and over values.

    Parameters
    ----------
    model : Model
        Has the States.
    with_states : callable
        Of `X`.
    without : callable
        Of values and `X`.
    """

    model: Model
    with_states: Callable[..., Any]
    without: Callable[..., Any]


def nested(names: Sequence[str], body: str = "writes") -> Nest:
    """Return the nest of transformations, outermost first."""
    make, without = BODIES[body]
    model = make()
    with_states: Callable[..., Any] = model
    for name in reversed(names):
        ours, theirs = PAIRS[name]
        with_states, without = ours(with_states, model), theirs(without)
    return Nest(model, with_states, without)


def has_no_derivative(names: Sequence[str]) -> bool:
    """Tell whether JAX itself refuses: reverse mode through a while loop."""
    return "while_loop" in names and "grad" in names[: names.index("while_loop")]


def values_of(model: Model) -> dict[str, Any]:
    """Return the values of the States, unseen by transformations."""
    return {name: state.peek() for name, state in model.states().items()}


def assert_as_at_first(model: Model) -> None:
    """Assert that every State holds its first value: no tracer, nothing half-way."""
    first = values_of(type(model)())
    for name, value in values_of(model).items():
        assert not isinstance(value, jax.core.Tracer), name
        np.testing.assert_array_equal(value, first[name])
