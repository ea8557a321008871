"""Whatever goes in wrong: the message says what, where, and how to mend it.

One table. Every row has a text for what is wrong, one for where (a path in a module or
the place where a State was made), and one for the cure.
"""

import warnings

import brainunit as u
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from engine import (
    EngineError,
    HiddenState,
    State,
    augment,
    check_state_value_tree,
    compile,
    environ,
    nn,
)

HERE = r"made at .*test_bad_input\.py:\d+"
X = jnp.arange(3.0)
KEPT: list = []


class Cell(nn.Module):
    """Has States of several kinds, one of them in a module below."""

    def __init__(self):
        super().__init__()
        self.V = HiddenState(jnp.zeros(2) * u.mV)
        self.n = State(jnp.int32(0))
        self.layer = nn.Linear(2, 2)
        self.note = State("text", name="note")
        self.inner = None

    def write(self, name, value):
        getattr(self, name).value = value

    def make(self, x):
        self.inner = HiddenState(x)
        return x


def leaking(cell):
    compile.jit(cell.make)(1.0)
    return cell.inner.value


def leaking_in_jax(cell):
    jax.jit(lambda x: cell.write("n", x))(1)
    return compile.jit(lambda: cell.n.value + 1)()


def leaking_below(cell):
    cell.below = [Cell()]
    compile.jit(cell.below[0].make)(1.0)
    return cell.below[0].inner.value


def another_tree(cell):
    with check_state_value_tree():
        cell.V.value = {"a": 1.0}


class Adds(nn.Module):
    """Adds its voltage to whatever is given."""

    def __init__(self):
        super().__init__()
        self.V = State(1.0 * u.mV)

    def update(self, x):
        return self.V.value + x


def call_module(cell):
    module = Adds()
    return module(1.0 * u.nA)


def grow(cell):
    return cell.write("V", jnp.zeros(3) * u.mV)


def other_unit(cell):
    return cell.write("V", jnp.zeros(2) * u.nA)


def other_type(cell):
    return cell.write("n", jnp.float32(0.5))


class Unset:
    """No array."""

    def __repr__(self):
        return "Unset()"


# name: (what is done with a cell, what is wrong, where, how to mend it)
TABLE = {
    # shapes, types and units of States
    "for_loop, shape": (
        lambda c: compile.for_loop(lambda x: grow(c), X),
        r"^for_loop: .* changes from float32\[2\] mV to float32\[3\] mV in one step",
        rf"State 'c\.V' \(HiddenState, {HERE}\)",
        "give the State one like the last before the loop",
    ),
    "scan, unit": (
        lambda c: compile.scan(lambda a, x: (a, other_unit(c)), 0.0, X),
        r"^scan: .* changes from float32\[2\] mV to float32\[2\] nA",
        rf"State 'c\.V' \(HiddenState, {HERE}\)",
        "Write a value like the first",
    ),
    "checkpointed, type": (
        lambda c: compile.checkpointed_for_loop(lambda x: other_type(c), X),
        r"^checkpointed_for_loop: .* changes from int32\[\] to float32\[\]",
        rf"State 'c\.n' \(State, {HERE}\)",
        "Write a value like the first",
    ),
    "while_loop, shape": (
        lambda c: compile.while_loop(lambda i: i < 3, lambda i: (grow(c), i)[1], 0),
        "^while_loop: .* changes from",
        r"State 'c\.V'",
        "Write a value like the first",
    ),
    "bounded, unit": (
        lambda c: compile.bounded_while_loop(
            lambda i: i < 3, lambda i: (other_unit(c), i)[1], 0, max_steps=4
        ),
        "^bounded_while_loop: .* mV to .* nA",
        r"State 'c\.V'",
        "Write a value like the first",
    ),
    "while_loop, condition": (
        lambda c: compile.while_loop(
            lambda i: (c.write("n", i), i < 3)[1], lambda i: i + 1, 0
        ),
        "^while_loop: the condition writes",
        rf"State 'c\.n' \(State, {HERE}\)",
        "write it in the body",
    ),
    "scan, carry": (
        lambda c: compile.scan(lambda a, x: ((a, a), x), 0.0, X),
        r"^scan: the carry changes from float32\[\] to \(float32\[\], float32\[\]\)",
        "the carry",
        "Return a carry like the one given",
    ),
    "cond, shape": (
        lambda c: compile.cond(True, lambda: grow(c), lambda: None),
        r"^cond: .* is float32\[3\] mV after branch 0 and float32\[2\] mV after branch 1",
        r"State 'c\.V'",
        "All branches have to leave the same",
    ),
    "switch, unit": (
        lambda c: compile.switch(1, [lambda: None, lambda: other_unit(c)]),
        r"^switch: .* mV after branch 0 and .* nA after branch 1",
        r"State 'c\.V'",
        "All branches have to leave the same",
    ),
    "ifelse, output": (
        lambda c: compile.ifelse([True, False], [lambda: 1.0, lambda: X]),
        r"switch: branch 0 returns float32\[\] and branch 1 returns float32\[3\]",
        "branch 1",
        "have to return the same",
    ),
    # lengths and axes
    "for_loop, lengths": (
        lambda c: compile.for_loop(lambda x, y: x, X, jnp.ones(4)),
        r"^for_loop: the leading axes have the lengths \[3, 4\]",
        "leading axes",
        "need to be equal",
    ),
    "for_loop, scalar": (
        lambda c: compile.for_loop(lambda x: x, 3.0),
        "^for_loop: an argument is a scalar",
        "an argument",
        "functools.partial",
    ),
    "vmap, axis": (
        lambda c: augment.vmap(lambda x: x, in_axes=2)(X),
        r"^vmap: axis 2 is asked for of an argument, which has the shape \(3,\)",
        "an argument",
        "Give an axis that it has",
    ),
    "vmap, axis of a State": (
        lambda c: augment.vmap(lambda c: c.n.value)(c),
        "^vmap: axis 0 is asked for of",
        rf"State 'n' \(State, {HERE}\), which has the shape \(\)",
        "or None",
    ),
    "vmap, lengths": (
        lambda c: augment.vmap(lambda x, y: x)(X, jnp.ones(4)),
        r"^vmap: the mapped axes have the lengths \[3, 4\]",
        "mapped axes",
        "check in_axes",
    ),
    "vmap, write": (
        lambda c: augment.vmap(lambda x: c.write("V", x * u.mV))(jnp.ones((3, 2))),
        "^vmap: a State that is not mapped gets another value in every lane",
        rf"State 'c\.V' \(HiddenState, {HERE}\)",
        "Pass its node as an argument",
    ),
    "layer, shape": (
        lambda c: c.layer(jnp.ones(5)),
        r"^Linear: the input has the shape \(5,\)",
        "Linear",
        "last axis needs to have the length 2",
    ),
    "layer, transposed": (
        lambda c: c.layer(jnp.ones((2, 5))),
        r"the input has the shape \(2, 5\)",
        "Linear",
        "is it transposed",
    ),
    # derivatives
    "grad, whole numbers": (
        lambda c: augment.grad(lambda: c.n.value * 1.0, c.n)(),
        r"^grad: .* is int32\[\], which has no derivative",
        rf"State 'c\.n' \(State, {HERE}\)",
        "Give it floating-point values",
    ),
    "grad, argument number": (
        lambda c: augment.grad(lambda x: x, argnums=1)(1.0),
        "^grad: argnums has 1, and the function is called with 1 positional",
        "argnums",
        "Give numbers below that",
    ),
    "grad, no argument": (
        lambda c: augment.grad(lambda: 1.0)(),
        "^grad: argnums has 0, and the function is called with 0 positional",
        "argnums",
        "grad_states",
    ),
    "grad, array": (
        lambda c: augment.grad(lambda x: x)(X),
        r"^grad: the function returns float32\[3\]; a gradient needs a single number",
        "the function returns",
        "vector_grad or jacrev",
    ),
    # values that are no arrays
    "jit, State of text": (
        lambda c: compile.jit(lambda: c.note.value)(),
        "holds str, which is no array",
        rf"State 'c\.note' \(State, named 'note', {HERE}\)",
        "keep anything else in a plain attribute",
    ),
    "jit, text written": (
        lambda c: compile.jit(lambda: c.write("n", "text"))(),
        "holds str, which is no array",
        r"State 'c\.n'",
        "keep anything else in a plain attribute",
    ),
    "jit, text returned": (
        lambda c: compile.jit(lambda: {"a": "text"})(),
        "the function returns 'text' of type str, which is no array",
        "<lambda>",
        "Return arrays",
    ),
    "jit, State returned": (
        lambda c: compile.jit(lambda: c.V)(),
        "the function returns a State",
        rf"State 'c\.V' \(HiddenState, {HERE}\)",
        r"return its value, `state\.value`",
    ),
    "jit, argument": (
        lambda c: compile.jit(lambda x, *, k: x)(1, k={"a": Unset()}),
        r"is Unset\(\) of type Unset, which is no array",
        r"the argument \['k'\]\['a'\]",
        "static_argnums or static_argnames",
    ),
    "jit, static argument": (
        lambda c: compile.jit(lambda x: x, static_argnums=0)([1]),
        "which cannot be hashed",
        "the static argument 0 is a list",
        "such as a tuple",
    ),
    "jit, no function": (
        lambda c: compile.jit(3),
        "^jit: got 3 of type int",
        "jit",
        "it needs a function",
    ),
    "a State in a State": (
        lambda c: c.write("n", c.V),
        "the value is itself a State",
        HERE,
        r"`other\.value`",
    ),
    # values of another trace
    "leaked from jit": (
        leaking,
        r"it was made inside of make and kept\s+beyond it",
        rf"State 'cell\.inner' \(HiddenState\), {HERE}",
        "call init_state outside",
    ),
    "leaked from jax.jit": (
        leaking_in_jax,
        "belongs to a JAX transformation that is over",
        rf"State 'cell\.n' \(State, {HERE}\)",
        "use the engine's own in its place",
    ),
    "leaked from a module in a list": (
        leaking_below,
        "it was made inside of make and kept",
        rf"State 'cell\.below\[0\]\.inner' \(HiddenState\), {HERE}",
        "call init_state outside",
    ),
    "another tree": (
        another_tree,
        r"the value has the structure .*; the State holds",
        rf"State 'cell\.V' \(HiddenState\), {HERE}",
        "Give a value of that structure",
    ),
    # units in arithmetic
    "units, jit": (
        lambda c: compile.jit(lambda: c.V.value + 1.0 * u.nA)(),
        r"^<lambda>: units do not match in `.*c\.V\.value \+ 1\.0 \* u\.nA.*`",
        rf"State 'c\.V' \(HiddenState, {HERE}\) holds float32\[2\] mV",
        "Bring both sides to one dimension",
    ),
    "units, for_loop": (
        lambda c: compile.for_loop(lambda x: c.V.value < x, X),
        r"^for_loop: units do not match in .*test_bad_input\.py",
        rf"State 'c\.V' \(HiddenState, {HERE}\) holds float32\[2\] mV",
        "give plain numbers a unit",
    ),
    "units, grad": (
        lambda c: augment.grad(lambda: u.math.exp(c.V.value).sum(), c.V)(),
        "^grad: units do not match .* exp",
        rf"State 'c\.V' \(HiddenState, {HERE}\)",
        "Bring both sides to one dimension",
    ),
    "units, module": (
        call_module,
        r"^Adds: units do not match in `return self\.V\.value \+ x`",
        rf"State 'module\.V' \(State, {HERE}\) holds float mV",
        "Bring both sides to one dimension",
    ),
    # names
    "setting": (
        lambda c: environ.get("plattform"),
        "'plattform'",
        "environ",
        "Did you mean 'platform'|set",
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_message_says_what_and_where_and_how_to_mend_it(name):
    wrong, *texts = TABLE[name]
    cell = Cell()
    before = {key: getattr(cell, key).peek() for key in ("V", "n", "note")}
    with pytest.raises(EngineError) as raised:
        wrong(cell)
    for text in texts:
        raised.match(text)
    assert not cell.n.source_info.filename.startswith("<")
    if "jax.jit" not in name:  # which leaves its tracer
        for key, value in before.items():
            assert getattr(cell, key).peek() is value


def test_what_loses_nothing_is_cast_and_carries_take_the_type_they_meet():
    x = State(jnp.float32(1.0))

    def step(k):
        x.value = 2  # an int fits into a float
        return x.value

    compile.for_loop(step, X)
    assert (x.value, x.value.dtype) == (2.0, jnp.float32)
    # a loop that casts 0.5 to 0 never comes to an end
    assert compile.while_loop(lambda i: i < 2, lambda i: i + 0.5, 0) == 2.0
    assert compile.scan(lambda c, k: (c + k, None), 0, X)[0] == 3.0
    n = State(0)
    with pytest.raises(TypeError, match=r"from int32\[\] to float32\[\]"):
        compile.for_loop(lambda k: n.write_value(n.value + k), X)
    assert n.value == 0


def test_a_state_that_no_variable_reaches_is_named_by_the_class_that_holds_it():
    def away():
        cell = Cell()
        compile.jit(cell.make)(1.0)
        KEPT.append([cell])
        return cell.inner

    inner = away()
    with pytest.raises(EngineError, match=rf"State 'Cell\.inner' .*, {HERE}"):
        _ = (lambda *state: state[0].value)(inner)


def test_errors_about_units_are_still_what_the_arithmetic_raises():
    with pytest.raises(u.UnitMismatchError) as raised:
        call_module(None)
    assert isinstance(raised.value.__cause__, u.UnitMismatchError)
    with pytest.raises(TypeError, match=r"^other"):  # of another cause: left alone
        compile.jit(other)(1.0)


def other(x):
    raise TypeError("other")


def test_a_leaked_state_can_be_given_a_new_value():
    cell = Cell()
    with pytest.raises(EngineError, match="kept beyond it"):
        leaking(cell)
    cell.inner.value = jnp.ones(2)
    np.testing.assert_array_equal(compile.jit(lambda: cell.inner.value)(), [1, 1])


# Programs that are traced at every call


def traced_anew(function, calls):
    """Return the text of the only warning of many calls."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for call in calls:
            call(function)
    (one,) = [w for w in caught if w.category is compile.RetraceWarning]
    return str(one.message)


def test_a_jitted_function_that_is_traced_at_every_call_is_told_why():
    def call_with(*args, **kwargs):
        return lambda f: f(*args, **kwargs)

    shapes = [call_with(jnp.ones(i + 1)) for i in range(15)]
    text = traced_anew(compile.jit(lambda x: x), shapes)
    assert "at each of its last 10 calls: shapes or types" in text
    assert "(9,), then (10,)" in text or "9, then 10" in text

    trees = [call_with({f"k{i}": 1.0}) for i in range(15)]
    text = traced_anew(compile.jit(lambda x: x), trees)
    assert "structure of the arguments" in text

    static = [call_with(1.0, i) for i in range(15)]
    text = traced_anew(compile.jit(lambda x, n: x, static_argnums=1), static)
    assert "a static argument differs" in text
    assert "Pass it as an array" in text

    def set_dt(i):
        def call(f):
            with environ.context(dt=0.1 * (i + 1)):
                f(1.0)

        return call

    text = traced_anew(compile.jit(lambda x: x), [set_dt(i) for i in range(15)])
    assert "a setting of the environment differs" in text
    assert "dt" in text

    cell = Cell()

    def replace(f):
        cell.n = State(jnp.int32(0))
        f()

    text = traced_anew(compile.jit(lambda: cell.n.value), [replace] * 15)
    assert "were replaced" in text


def test_a_function_that_keeps_its_traces_is_never_warned_of():
    f = compile.jit(lambda x: x)
    for i in range(30):
        f(jnp.ones(i + 1))
        f(jnp.ones(1))


def test_a_loop_outside_of_jit_again_and_again_is_told():
    cell = Cell()

    def step(x):
        cell.n.value = cell.n.value + 1

    calls = [lambda f: compile.for_loop(f, X)] * 15
    text = traced_anew(step, calls)
    assert "for_loop over step (" in text
    assert "test_bad_input.py" in text
    assert "under engine.compile.jit" in text
    assert cell.n.value == 45

    again = compile.jit(lambda: compile.for_loop(step, X))
    for _ in range(15):
        again()
