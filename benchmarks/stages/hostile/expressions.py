"""The regular expressions of a source tree, found in its modules and by its syntax."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

#: How an expression may be used; what is found nowhere, such as one in a table, may be used in any of these ways.
METHODS = ("match", "fullmatch", "search")
#: The packages with regular expressions; `regex` backtracks as `re` does, and is no dependency of newsmill's own.
_PACKAGES = ("re", "regex")
_FUNCTIONS = (
    "compile",
    "search",
    "match",
    "fullmatch",
    "split",
    "findall",
    "finditer",
    "sub",
    "subn",
    "template",
)


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression, where it is, and the methods that are called on it; `sub` and the like search."""

    module: str
    name: str
    pattern: re.Pattern[str] | re.Pattern[bytes]
    methods: tuple[str, ...]

    @property
    def id(self) -> str:
        """Return its module and its name."""
        return f"{self.module}:{self.name}"


@dataclass(frozen=True, slots=True)
class Loose:
    """A use of `re` that no walk over the modules finds: it is in a function."""

    module: str
    line: int
    code: str


def expressions(modules: Iterable[str], folder: Path) -> Iterator[Expression]:
    """Yield the expressions that `modules`, whose files are in `folder`, hold in their variables, tables included."""
    names = list(modules)
    trees = [ast.parse(path_of(name, folder).read_text("utf-8")) for name in names]
    used = _uses(trees)
    for name in names:
        for variable, value in sorted(vars(import_module(name)).items()):
            for key, pattern in _patterns(variable, value):
                if _is_defined_in(variable, trees[names.index(name)]):
                    yield Expression(name, key, pattern, tuple(sorted(used.get(variable, ()))) or METHODS)


def loose(modules: Iterable[str], folder: Path) -> Iterator[Loose]:
    """Yield the uses of `re` and `regex` inside of functions, and those of `regex` and of `from re import` anywhere."""
    for name in modules:
        tree = ast.parse(path_of(name, folder).read_text("utf-8"))
        inside = {
            id(node) for function in ast.walk(tree) if _is_function(function) for node in ast.walk(function)
        }
        for node in ast.walk(tree):
            if (_is_call(node) and id(node) in inside) or _is_import(node):
                yield Loose(name, getattr(node, "lineno", 0), ast.unparse(node))


def modules_in(folder: Path, *packages: str) -> list[str]:
    """Return the names of all modules in the packages of `folder`."""
    paths = (path for package in packages for path in sorted((folder / package).rglob("*.py")))
    return [
        ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__") for path in paths
    ]


def path_of(name: str, folder: Path) -> Path:
    """Return the file of a module."""
    path = folder.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _patterns(name: str, value: object) -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes]]]:
    if isinstance(value, re.Pattern):
        yield name, value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _patterns(f"{name}[{key!r}]", one)
    elif isinstance(value, list | tuple | set | frozenset):
        for number, one in enumerate(value):
            yield from _patterns(f"{name}[{number}]", one)


def _is_defined_in(variable: str, tree: ast.Module) -> bool:
    targets = (
        target
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    )
    return any(
        isinstance(one, ast.Name) and one.id == variable for target in targets for one in ast.walk(target)
    )


def _uses(trees: Iterable[ast.Module]) -> dict[str, set[str]]:
    """Return the methods that are named on each variable: `NAME.match`, `module.NAME.sub`."""
    used: dict[str, set[str]] = {}
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Attribute) and node.attr in _FUNCTIONS:
            owner = node.value
            name = (
                owner.id
                if isinstance(owner, ast.Name)
                else owner.attr
                if isinstance(owner, ast.Attribute)
                else ""
            )
            used.setdefault(name, set()).add(node.attr if node.attr in METHODS else "search")
    return used


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def _is_call(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr in _FUNCTIONS
        and isinstance(node.value, ast.Name)
        and node.value.id in _PACKAGES
    )


def _is_import(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.module in _PACKAGES
    return isinstance(node, ast.Import) and any(
        one.name == "regex" or (one.name == "re" and one.asname) for one in node.names
    )
