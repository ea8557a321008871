"""The text of classes that a person wrote in a notebook, with all that they name."""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import linecache
import math
import symtable
import sys
import textwrap
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import brainunit as u
import numpy as np

from .._errors import EngineError
from ..kinds import Kind

PRESENT = {"u": "brainunit", "engine": "engine"}  # what every script imports
OWN = frozenset(
    {"DT", "SEED", "PRECISION", "RECORD", "stream", "wiring_seed", "show_raster"}
)
_PLAIN = (bool, int, float, complex, str, bytes, types.NoneType, range)
_SCRIPTS = ("__main__", "__mp_main__", "builtins", None)


class ExportError(EngineError, ValueError):
    """A network that cannot be printed as Python."""


class Sources:
    """Lines that define classes of the user's own; `names` are those they take.

    Parameters
    ----------
    own : iterable of Kind
        Kinds whose classes are the user's.

    Raises
    ------
    ExportError
        If a class, or something that it names, has neither an import path nor text.
    """

    def __init__(self, own: Iterable[Kind]):
        self.names: dict[str, Any] = {}
        self.imports: list[str] = []
        self.texts: list[str] = []
        for kind in own:
            cls = kind.resolve()
            if kind.path is None:
                self._define(cls.__name__, cls, kind.label)
                continue
            module, _, name = kind.path.partition(":")
            first = name.partition(".")[0]
            found = getattr(importlib.import_module(module), first)
            if self._is_new(first, found, kind.label):
                self.imports.append(f"from {module} import {first}")

    def _is_new(self, name: str, value: Any, where: str) -> bool:
        """Take a name; False if it stands for this value already."""
        if name in OWN or name in PRESENT:
            raise ExportError(
                f"{where}: the script itself uses the name {name!r}. Give yours another."
            )
        if name not in self.names:
            self.names[name] = value
            return True
        if self.names[name] is value or _is_equal(self.names[name], value):
            return False
        raise ExportError(
            f"{where}: {name!r} means two different things in this network, so one "
            "script cannot hold both. Rename one of them."
        )

    def _define(self, name: str, value: Any, where: str) -> None:
        """Add the text of a class or function after that of all it names."""
        if not self._is_new(name, value, where):
            return
        text = text_of(value)
        if text is None:
            raise ExportError(
                f"{where}: {name} has no source text, so it cannot be written into a "
                "script. Define it in a notebook cell or in a module."
            )
        scope = _scope(value)
        for used in sorted(_used(text)):
            if used in scope and used != name:
                self._provide(used, scope[used], where)
        self.texts.append(text)

    def _provide(self, name: str, value: Any, where: str) -> None:
        """Make one name known that a text uses."""
        if inspect.ismodule(value):
            if PRESENT.get(name) == value.__name__:
                return
            if self._is_new(name, value, where):
                self.imports.append(_import(value.__name__, name))
            return
        if isinstance(value, (type, types.FunctionType)) and _is_local(value):
            self._define(name, value, where)
            return
        origin = _public(value)
        if origin is not None:
            if self._is_new(name, value, where):
                module, own = origin
                alias = "" if own == name else f" as {name}"
                self.imports.append(f"from {module} import {own}{alias}")
            return
        literal = _literal(value)
        if literal is None:
            raise ExportError(
                f"{where}: {name} is a {type(value).__name__} from outside of the "
                "class, which cannot be written into a script. Make it an attribute "
                "of the class, or put both into a module."
            )
        if self._is_new(name, value, where):
            self.texts.append(f"{name} = {literal}")


def _import(path: str, name: str) -> str:
    return f"import {path}" if path == name else f"import {path} as {name}"


def _is_equal(one: Any, other: Any) -> bool:
    literal = _literal(one)
    return literal is not None and literal == _literal(other)


def _is_local(value: Any) -> bool:
    """Tell whether only this session knows a class or function."""
    module = getattr(value, "__module__", None)
    if module in _SCRIPTS and getattr(builtins, value.__name__, None) is not value:
        return True
    return "<locals>" in value.__qualname__ or value.__name__ == "<lambda>"


def _public(value: Any) -> tuple[str, str] | None:
    """Return module and name that a value can be imported by, the shortest one."""
    module, name = getattr(value, "__module__", None), getattr(value, "__name__", None)
    if not isinstance(module, str) or not isinstance(name, str):
        return None
    parts = module.split(".")
    for n in range(1, len(parts) + 1):
        path = ".".join(parts[:n])
        if getattr(sys.modules.get(path), name, None) is value:
            return path, name
    return None


def _literal(value: Any) -> str | None:
    """Return a constant as Python text, None if it is none."""
    if isinstance(value, (float, np.floating)) and not math.isfinite(value):
        return f'float("{float(value)}")'
    if isinstance(value, _PLAIN):
        return repr(value)
    if isinstance(value, (list, tuple)):
        parts = [_literal(part) for part in value]
        if any(part is None for part in parts):
            return None
        inside = ", ".join(str(part) for part in parts)
        if isinstance(value, list):
            return f"[{inside}]"
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if isinstance(value, np.generic):
        return _literal(value.item())
    if isinstance(value, u.Unit):
        names = [name for name in _unit_names() if getattr(u, name) == value]
        return f"u.{names[0]}" if names else None
    if isinstance(value, u.Quantity) and not np.shape(value.mantissa):
        number, unit = _literal(np.asarray(value.mantissa).item()), _literal(value.unit)
        return f"{number} * {unit}" if number and unit else None
    return None


def _unit_names() -> list[str]:
    """Return the names of units, the shortest first."""
    names = (n for n in vars(u) if not n.startswith("_"))
    units = (n for n in names if isinstance(getattr(u, n), u.Unit))
    return sorted(units, key=lambda name: (len(name), name))


def text_of(value: Any) -> str | None:
    """Return the text of a class or function without decorators of a class.

    Python finds no class that was defined in a notebook cell; its methods know the
    cell and the line. One without methods is looked for by its name in all cells.
    """
    codes = list(_codes(value))
    for code in codes:
        for first, last, text in _definitions(code.co_filename, value.__name__):
            if first <= code.co_firstlineno <= last:
                return text
    if codes:
        return None
    cells = [name for name in tuple(linecache.cache) if name.startswith("<")]
    cells += [name for name in tuple(linecache.cache) if "ipykernel" in name]
    texts = {text for c in cells for *_, text in _definitions(c, value.__name__)}
    return texts.pop() if len(texts) == 1 else None


def _definitions(file: str, name: str) -> Iterator[tuple[int, int, str]]:
    """Yield first line, last line and text of what a file defines under a name."""
    lines = linecache.getlines(file)
    try:
        tree = ast.parse("".join(lines))
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        is_definition = isinstance(node, (ast.ClassDef, ast.FunctionDef))
        if is_definition and node.name == name:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            start = node.lineno if isinstance(node, ast.ClassDef) else first
            last = node.end_lineno or start
            text = textwrap.dedent("".join(lines[start - 1 : last])).rstrip()
            yield first, last, text


def _codes(value: Any) -> Iterator[types.CodeType]:
    """Yield the code of a function, or of what a class defines."""
    if not isinstance(value, type):
        yield value.__code__
        return
    for member in vars(value).values():
        member = getattr(member, "__func__", getattr(member, "fget", member))  # noqa: PLW2901
        is_function = isinstance(member, types.FunctionType)
        if is_function and member.__qualname__.startswith(f"{value.__qualname__}."):
            yield member.__code__


def _scope(value: Any) -> Mapping[str, Any]:
    """Return what the names in a class or function can stand for."""
    functions = [value] if isinstance(value, types.FunctionType) else []
    if isinstance(value, type):
        members = (getattr(m, "__func__", m) for m in vars(value).values())
        functions = [m for m in members if isinstance(m, types.FunctionType)]
    scope = dict(getattr(sys.modules.get(value.__module__), "__dict__", {}))
    if isinstance(value, type):
        scope |= {base.__name__: base for base in value.__bases__}
    for function in functions:
        scope |= function.__globals__
        inner = inspect.getclosurevars(function).nonlocals
        scope |= {k: v for k, v in inner.items() if k != "__class__"}
    return scope


def _used(text: str) -> set[str]:
    """Return the names that a text takes from around it."""
    found: set[str] = set()
    waiting = [symtable.symtable(text, "class", "exec")]
    while waiting:
        table = waiting.pop()
        is_outside = table.get_type() == "module"
        found |= {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_referenced() and (is_outside or symbol.is_global())
        }
        waiting += table.get_children()
    return {name for name in found if not hasattr(builtins, name)}
