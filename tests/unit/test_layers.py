"""Who may import whom: `tasks` <- `workers` -> `monitoring`. Read from the sources, function bodies included."""

import ast
from collections.abc import Iterator
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
        "workers",
        "tasks",
        "seeds",
        "tests",
        "benchmarks",
        "celery",
        "kombu",
        "redis",
        "sqlalchemy",
    },
    "workers": {"tests", "benchmarks"},
    "seeds": {"workers", "monitoring", "tests", "benchmarks", "celery", "redis", "sqlalchemy"},
    "benchmarks": {"tests"},
}


def imported(source: str) -> Iterator[str]:
    """Yield the top-level package of every import in `source`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


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


def test_celery_is_known_to_few_modules_only() -> None:
    knowing = {
        file.name
        for file in sources("workers")
        if {"celery", "kombu"} & set(imported(file.read_text(encoding="utf-8")))
    }
    assert {"runner.py", "frontier.py", "ledger.py", "store.py", "producer.py"}.isdisjoint(knowing)
    assert {"celery_app.py", "stages.py", "scheduler.py"} <= knowing


@pytest.mark.parametrize("package", ["tasks", "monitoring"])
def test_the_environment_is_read_by_settings_only(package: str) -> None:
    readers = {
        file.name
        for file in sources(package)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"getenv", "environ"}
    }
    # metrics.py sets the one variable by which prometheus_client is told where its files go.
    assert readers <= {"metrics.py"}


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
