"""From a plan to Python that a person reads, runs and changes."""

from __future__ import annotations

import ast
import keyword
import textwrap
from collections.abc import Iterator
from typing import Any

from .. import kinds
from ..kinds import Kind
from ._names import class_name, one_line
from ._plan import Plan
from ._program import (
    Assign,
    Call,
    Method,
    Name,
    Section,
    Star,
    Sum,
    UserClass,
    Value,
    needs_label,
    program,
)
from ._source import OWN, ExportError, Sources

WIDTH = 88

_ALLOWED = tuple(
    getattr(ast, name)
    for name in (
        *("Module", "Import", "ImportFrom", "alias", "ClassDef", "FunctionDef"),
        *("arguments", "arg", "Return", "Assign", "Expr", "If", "For", "Name", "Load"),
        *("Store", "Attribute", "Call", "keyword", "Constant", "BinOp", "UnaryOp"),
        *("USub", "Mult", "Add", "Div", "Pow", "List", "Tuple", "Starred", "Dict"),
        *("Compare", "Eq", "JoinedStr", "FormattedValue", "Subscript"),
    )
)


class _Writer:
    """Lines of a script, and which of them stand for which element."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.places: dict[str, list[int]] = {}
        self.foreign = range(0)  # lines of the user's own

    def add(self, text: str = "", element: str | None = None) -> None:
        first = len(self.lines) + 1
        self.lines += text.split("\n")
        if element is not None:
            place = self.places.setdefault(element, [first, first])
            if first <= place[1] + 1:  # the map shows where an element is made
                place[1] = len(self.lines)


def to_python(plan: Plan) -> str:
    """Return the plan as a script of its own.

    The class in it builds the same modules in the same order as `build`, so its
    spikes are the same bit for bit. Run it with ``--save FILE.npz`` or ``--plot``.

    Raises
    ------
    ExportError
        If a class of the user's own has neither an import path nor source text.
    """
    return "\n".join(_written(plan).lines) + "\n"


def code_map(plan: Plan) -> dict[str, list[int]]:
    """Return first and last line of each element in the text of `to_python`."""
    return _written(plan).places


def _written(plan: Plan) -> _Writer:
    out = _Writer()
    sources = Sources(_user_classes(plan))
    name = _class_name(plan, sources)
    _write_head(plan, sources, out)
    _write_class(plan, name, out)
    _write_main(plan, name, out)
    _check_text("\n".join(out.lines), out.foreign)
    return out


def _class_name(plan: Plan, sources: Sources) -> str:
    """Return a name for the network that no class of the user's own has."""
    name = class_name(plan.name)
    while name in sources.names or name in OWN:
        name += "Network"
    return name


def _user_classes(plan: Plan) -> list[Kind]:
    """Return the kinds whose classes are the user's, each once."""
    parts: list[Any] = [n.kind for n in (*plan.inputs, *plan.populations)]
    parts += [part for p in plan.projections for part in (p.synapse, p.output)]
    own = {id(k): k for k in parts if k is not None and k.cls and not _is_ours(k)}
    return list(own.values())


def _is_ours(kind: Kind) -> bool:
    return (kind.path or "").startswith("engine.")


def _write_head(plan: Plan, sources: Sources, out: _Writer) -> None:
    title = one_line(plan.name).replace("\\", "/").replace('"', "'") or "Network"
    out.add(f'"""{title.rstrip(".")}.')
    out.add()
    out.add(
        "Made by Neuroloom. In step n, t = n dt: inputs, then what arrives (a spike of"
    )
    out.add("step m over k steps in step m + k), then the populations.")
    out.add('"""')
    out.add()
    out.add("import brainunit as u")
    out.add()
    out.add("import engine")
    _write_sources(sources, out)
    out.add()
    out.add(f"DT = {_text(_quantity(plan.dt, 'ms'))}")
    out.add(f"SEED = {plan.seed}")
    out.add(f"PRECISION = {plan.precision}  # bits of a number")
    functions = {name for name in ("stream", "wiring_seed") if _uses(plan, name)}
    if "stream" in functions:
        out.add(
            "\n\ndef stream(element, purpose):\n"
            '    """Give an element random numbers of its own, whatever else there is."""\n'
            "    return engine.random.stream(SEED, element, purpose)"
        )
    if "wiring_seed" in functions:
        out.add(
            "\n\ndef wiring_seed(projection):\n"
            '    """Give a projection a seed of its own."""\n'
            '    return engine.random.stream_seed(SEED, projection, "wiring")'
        )


def _uses(plan: Plan, name: str) -> bool:
    """Tell whether the parts of a network call a function of the script."""

    def search(expression: Any) -> bool:
        match expression:
            case Name(path):
                return path == name
            case Call(function, args, kwargs):
                inner = (function, *args, *(value for _, value in kwargs))
                return any(search(part) for part in inner)
            case Method(of) | Star(of):
                return search(of)
        return False

    lines = [line for section in program(plan).parts for line in section.lines]
    return any(search(line.expression) for line in lines)


def _write_sources(sources: Sources, out: _Writer) -> None:
    for line in sorted(sources.imports):
        out.add(line)
    first = len(out.lines)
    for text in sources.texts:
        is_block = text.startswith(("class ", "def ", "@"))
        out.add(f"\n\n{text}" if is_block else text)
    out.foreign = range(first + 1, len(out.lines) + 1)


def _write_class(plan: Plan, name: str, out: _Writer) -> None:
    parts = program(plan)
    title = one_line(plan.name).replace("\\", "/").replace('"', "'") or "Network"
    out.add(f"\n\nclass {name}(engine.nn.Module):")
    out.add(f'    """{title.rstrip(".")}."""')
    out.add()
    out.add("    def __init__(self):")
    out.add("        super().__init__()")
    for section in parts.parts:
        _write_section(section, out)
    out.add()
    out.add("    def update(self):")
    out.add('        """Advance one step."""')
    for section in parts.step:
        out.add(f"        # {section.title}")
        for line in section.lines:
            head = f"{line.name} = " if line.name else ""
            out.add(_wrapped(head, line.expression, 8))


def _write_section(section: Section, out: _Writer) -> None:
    out.add()
    out.add(f"        # {section.title}")
    for line in section.lines:
        text = _wrapped(f"self.{line.name} = ", line.expression, 8)
        out.add(text, line.element)


def _records(plan: Plan) -> Iterator[tuple[str, str | None]]:
    """Yield what is recorded, as text, and the probe that asks for it."""
    for node in plan.recorded:
        label = [("label", Value(node.label))] if needs_label(node) else []
        call = Call(Name("engine.run.Spikes"), (Value(node.name),), tuple(label))
        yield _text(call), None
    seen: set[str] = set()
    for probe in plan.probes:
        if "variable" not in probe.params:
            continue
        variable, neurons = probe.params["variable"], probe.params["neurons"]
        for source in probe.sources:
            node = plan.nodes[source]
            args = (Value(node.name), Value(variable))
            kwargs: list[Any] = [("neurons", Value(list(neurons)))]
            key, n = f"{node.name}.{variable}", 2
            while key in seen:
                key, n = f"{node.name}.{variable}.{n}", n + 1
            if n > 2:  # another probe looks at this variable as well
                kwargs.append(("key", Value(key)))
            seen.add(key)
            if needs_label(node):
                kwargs.append(("label", Value(node.label)))
            call = Call(Name("engine.run.Trace"), args, tuple(kwargs))
            yield _text(call), probe.id


_MAIN = '''\


def show_raster(result):
    """Draw a dot for every spike."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for label, train in result.spikes.items():
        times, place = train.times.to_decimal(u.ms), train.neurons + train.offset
        dots = {"size": 2}
        figure.add_scattergl(x=times, y=place, mode="markers", marker=dots, name=label)
    figure.update_layout(xaxis_title="Time (ms)", yaxis_title="Neuron")
    figure.show()


if __name__ == "__main__":
    import argparse

    parser = argparse.ArgumentParser()
    parser.add_argument("--duration", type=float, default=1000.0, help="in ms")
    parser.add_argument("--save", metavar="FILE.npz", help="write the spikes")
    parser.add_argument("--plot", action="store_true", help="show a raster")
    options = parser.parse_args()

    engine.environ.set(dt=DT, precision=PRECISION)
    result = engine.run.simulate(
        CLASS(), options.duration * u.ms, dt=DT, record=RECORD, seed=SEED
    )
    for label, rate in result.rates().items():
        print(f"{label}: {rate:.2f}")
    if options.save:
        result.save(options.save)
    if options.plot:
        show_raster(result)'''


def _write_main(plan: Plan, name: str, out: _Writer) -> None:
    rows = list(_records(plan))
    out.add("\n\nRECORD = [")
    for text, probe in rows:
        out.add(f"    {text},", probe)
    out.add("]")
    out.add(_MAIN.replace("CLASS", name))


# expressions


def _quantity(value: Any, unit: str) -> Value:
    return Value(kinds.number_in(value, unit), unit)


def _text(expression: Any) -> str:
    """Return an expression on one line."""
    match expression:
        case Name(path):
            return path
        case Value(value, unit):
            return _literal(value) + _times(unit)
        case UserClass(kind):
            return kind.resolve().__qualname__.rpartition("<locals>.")[2]
        case Method(of, name):
            return f"{_text(of)}.{name}"
        case Star(of):
            return f"*{_text(of)}"
        case Sum(terms):
            return " + ".join(" * ".join(map(_text, factors)) for factors in terms)
        case Call(function):
            return f"{_text(function)}({', '.join(_arguments(expression))})"
    raise TypeError(f"{type(expression).__name__} is no expression of a program.")


def _times(unit: str) -> str:
    """Return the factor that gives a number a declared unit such as "nS/mV"."""
    if not unit:
        return ""
    parts = [
        f"u.{name}" if power == 1 else f"u.{name}**{power}"
        for name, power in kinds.factors(unit)
    ]
    return f" * {parts[0]}" if len(parts) == 1 else f" * ({' * '.join(parts)})"


def _literal(value: Any) -> str:
    """Return a value as Python text, in double quotes where that needs no escapes."""
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, str) and value.isprintable() and not set(value) & set("\"\\'"):
        return f'"{value}"'
    return ascii(value) if isinstance(value, str) else repr(value)


def _arguments(call: Call) -> Iterator[str]:
    yield from map(_text, call.args)
    for name, value in call.kwargs:
        yield f"{name}={_text(value)}"


def _wrapped(head: str, expression: Any, indent: int, tail: str = "") -> str:
    """Return an expression on as many lines as it needs, arguments one a line."""
    space, width = " " * indent, WIDTH - len(tail)
    line = f"{space}{head}{_text(expression)}"
    if len(line) <= width or not isinstance(expression, Call):
        return (
            line
            if len(line) <= width
            else _wrapped_list(head, expression, indent, tail)
        )
    inner = indent + 4
    one_line_inside = f"{' ' * inner}{', '.join(_arguments(expression))}"
    is_simple = sum("(" in argument for argument in _arguments(expression)) <= 1
    if len(one_line_inside) <= WIDTH and is_simple:
        body = one_line_inside
    else:
        named = [("", arg) for arg in expression.args]
        named += [(f"{name}=", value) for name, value in expression.kwargs]
        rows = [_wrapped(start, value, inner, ",") for start, value in named]
        body = ",\n".join(rows) + ","
    return f"{space}{head}{_text(expression.function)}(\n{body}\n{space})"


def _wrapped_list(head: str, expression: Any, indent: int, tail: str) -> str:
    """Return a long list over several lines; other things stay long."""
    space = " " * indent
    if isinstance(expression, Star):
        return _wrapped(f"{head}*", expression.of, indent, tail)
    if not isinstance(expression, Value) or not isinstance(expression.value, list):
        return f"{space}{head}{_text(expression)}"
    width = WIDTH - indent - 4
    rows = textwrap.wrap(", ".join(map(_literal, expression.value)), width)
    body = "\n".join(f"{space}    {row}" for row in rows)
    return f"{space}{head}[\n{body}\n{space}]{_times(expression.unit)}"


def _check_text(text: str, foreign: range) -> None:
    """Parse what was written again: nothing but what this module writes may be there.

    The lines of the user's own classes are the user's code, and are left out.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExportError(f"The exported text is no Python: {error}") from error
    stack: list[ast.AST] = [node for node in tree.body if node.lineno not in foreign]
    while stack:
        node = stack.pop()
        if not isinstance(node, _ALLOWED):
            raise ExportError(
                f"The exported text would hold {type(node).__name__}, which a network "
                "never needs."
            )
        names = [n for n in (getattr(node, "id", ""), getattr(node, "attr", "")) if n]
        if any(n.startswith("_") and n not in ("__name__", "__init__") for n in names):
            raise ExportError(
                f"The exported text would use the private name {names[0]}."
            )
        if any(keyword.iskeyword(name) for name in names):
            raise ExportError(f"The exported text would use {names[0]} as a name.")
        stack += ast.iter_child_nodes(node)


__all__ = ["Assign", "ExportError", "code_map", "to_python"]
