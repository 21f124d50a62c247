"""Who may import whom: `tasks` <- `workers` -> `monitoring`, and within `workers` downward only.

Read from the sources, function bodies included.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: What a package must not import, wherever in its files: an article's stages know nothing of how they are run.
FORBIDDEN = {
    "tasks": {
        *("workers", "monitoring", "seeds", "tests", "benchmarks"),
        *("celery", "kombu", "billiard", "redis", "sqlalchemy", "psycopg", "prometheus_client"),
        *("pydantic_settings", "structlog", "typer", "rich"),
    },
    "monitoring": {
        *("workers", "tasks", "seeds", "tests", "benchmarks"),
        *("celery", "kombu", "redis", "sqlalchemy"),
    },
    "workers": {"tests", "benchmarks"},
    "seeds": {"workers", "monitoring", "tests", "benchmarks", "celery", "redis", "sqlalchemy"},
    "benchmarks": {"tests"},
}

#: The floors of `workers`, the highest first. A room imports from rooms on lower floors only, and from no other on its own.
FLOORS: tuple[set[str], ...] = (
    {"app", "command", "producer"},
    {"cli"},
    {"local"},
    {"inspect"},
    {"delivery", "sinks", "sources"},
    {"ledger"},
    {"store"},
    {
        *(
            "errors",
            "hosts_file",
            "logs",
            "masking",
            "output",
            "process",
            "redis_address",
            "settings",
            "times",
            "uncaught",
            "unknown_settings",
        )
    },
)
#: What the lowest floor may import of itself.
BELOW_ALL = {"errors", "masking", "output", "redis_address", "settings"}


def imports(source: str) -> Iterator[str]:
    """Yield the module of every import in `source`; for `from x import y`, `x.y`, which may be one, too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imported(source: str) -> Iterator[str]:
    """Yield the top-level package of every import in `source`."""
    yield from dict.fromkeys(name.split(".")[0] for name in imports(source))


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def module_of(file: Path) -> str:
    """Return the name of a module, that of the package for its __init__.py."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def import_graph(package: str) -> dict[str, set[str]]:
    """Return the modules of a package that each of its modules imports."""
    files = {module_of(file): file for file in sources(package)}
    graph = {}
    for module, file in files.items():
        named = set(imports(file.read_text("utf-8")))
        found = {name if name in files else name.rpartition(".")[0] for name in named}
        graph[module] = (found & files.keys()) - {module}
    return graph


def circles(graph: dict[str, set[str]]) -> set[str]:
    """Return the modules that import themselves by way of others, and those that wait for one that does."""
    left = {module: set(found) for module, found in graph.items()}
    while free := [module for module, found in left.items() if not found & left.keys()]:
        for module in free:
            del left[module]
    return set(left)


def room_of(module: str) -> str:
    return module.split(".")[1]


def floor_of(room: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


def breaches_of(graph: dict[str, set[str]]) -> Iterable[str]:
    for module, found in graph.items():
        for other in found:
            if "." not in module or "." not in other or room_of(module) == room_of(other):
                continue
            below = floor_of(room_of(module)) < floor_of(room_of(other))
            if not below and room_of(other) not in BELOW_ALL:
                yield f"{module} imports {other}"


@pytest.mark.parametrize("package", FORBIDDEN)
def test_a_package_imports_nothing_of_the_layers_that_it_must_not_know(package: str) -> None:
    assert sources(package)
    breaches = {
        f"{file.relative_to(ROOT)} imports {name}"
        for file in sources(package)
        for name in imported(file.read_text(encoding="utf-8"))
        if name in FORBIDDEN[package]
    }
    assert not breaches


def test_every_room_of_workers_has_its_floor() -> None:
    rooms = {room_of(module) for module in import_graph("workers") if "." in module}
    assert rooms == set().union(*FLOORS)


def test_rooms_import_from_lower_floors_only() -> None:
    assert sorted(breaches_of(import_graph("workers"))) == []


@pytest.mark.parametrize("package", ["tasks", "workers", "monitoring", "seeds"])
def test_no_modules_import_each_other_in_a_circle(package: str) -> None:
    assert circles(import_graph(package)) == set()


def test_celery_is_known_to_the_delivery_only() -> None:
    knowing = {
        file.relative_to(ROOT / "workers").parts[0]
        for file in sources("workers")
        if {"celery", "kombu", "billiard"} & set(imported(file.read_text(encoding="utf-8")))
    }
    assert knowing == {"delivery"}


def test_only_the_store_knows_its_tables() -> None:
    knowing = {module for module, found in import_graph("workers").items() if "workers.store.schema" in found}
    assert {room_of(module) for module in knowing} == {"store"}


@pytest.mark.parametrize("package", ["tasks", "monitoring"])
def test_the_environment_is_read_by_settings_only(package: str) -> None:
    readers = {
        file.name
        for file in sources(package)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"getenv", "environ"}
    }
    # compat.py sets the one variable by which prometheus_client is told where its files go.
    assert readers <= {"compat.py"}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import redis", ["redis"]),
        ("import redis.asyncio as r, json", ["redis", "json"]),
        ("from workers.store import Store", ["workers"]),
        ("def late():\n    from celery import Celery", ["celery"]),
        ("if TYPE_CHECKING:\n    import sqlalchemy", ["sqlalchemy"]),
        ("from . import redis", []),
        ("'import redis'", []),
    ],
)
def test_an_import_is_found_wherever_it_stands(source: str, found: list[str]) -> None:
    assert list(imported(source)) == found


def test_a_circle_is_found_and_an_arrow_upward() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == {"a", "b", "c"}
    assert circles({"a": {"b"}, "b": {"c"}, "c": set()}) == set()
    graph = {
        "workers.store.x": {"workers.ledger.y", "workers.errors"},
        "workers.ledger.y": {"workers.store.x"},
    }
    assert list(breaches_of(graph)) == ["workers.store.x imports workers.ledger.y"]
