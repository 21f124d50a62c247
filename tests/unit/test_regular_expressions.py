"""Every regular expression that sees pages, headers or lists takes a time that is linear in the length of any text."""

import re
from pathlib import Path

import pytest

from benchmarks.stages.hostile.attacks import worst
from benchmarks.stages.hostile.expressions import Expression, expressions, loose, modules_in

ROOT = Path(__file__).parents[2]
#: Where texts of strangers are read. What builds the tagger reads the project's own files.
PACKAGES = ("tasks", "workers/sources", "workers/output", "workers/sinks")
OWN_FILES = {f"tasks.topics.{name}" for name in ("build", "measure", "train")}
MODULES = [name for name in modules_in(ROOT, *PACKAGES) if name not in OWN_FILES]
#: Work on trafilatura's XPath expressions, which are constants.
NOT_ON_DATA = ("tasks.extract.xpath_optimizer.predicates", "tasks.extract.xpath_optimizer.rewriting")
#: Holds the libraries' own, to put them back.
NOT_OURS = "tasks.extract.linear_compat:_BEFORE"
EXPRESSIONS = list(
    {
        one.pattern: one
        for one in expressions(MODULES, ROOT)
        if one.module not in NOT_ON_DATA and not one.id.startswith(NOT_OURS)
    }.values()
)


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=lambda one: one.id)
def test_no_text_makes_an_expression_take_more_than_linear_time(expression: Expression) -> None:
    found = worst(expression.pattern, expression.methods)
    assert found.linear, (
        f"{expression.pattern.pattern!r}.{found.method}({found.attack}): {found.growth:.1f} times for 4"
    )


def test_all_expressions_are_constants_of_a_module_where_the_test_above_finds_them() -> None:
    assert [one for one in loose(MODULES, ROOT) if one.module not in NOT_ON_DATA] == []


def test_the_walk_finds_the_expressions_of_tables_too() -> None:
    assert {"tasks.extract.markup:_CLOSING['svg']", "tasks.extract.boilerplate:_VIEW"} <= {
        one.id for one in EXPRESSIONS
    }


@pytest.mark.parametrize(
    ("pattern", "methods"),
    [
        (r"\s+$", ("search",)),
        (r"views?\s*:?\s*\d*\s*\)?", ("fullmatch",)),
        (r"home(?:\s*>\s*[^>\n]{1,200}){1,6}", ("fullmatch",)),
        (r"(?:a+)+b", ("match",)),
        (r'"author":[^}]+?"name"', ("search",)),
        (r"<[^>]*>", ("search",)),
        (r"[a-z]+=", ("search",)),
        (rb"<meta\s[^>]*>", ("search",)),
    ],
)
def test_an_expression_that_backtracks_is_found(pattern: str | bytes, methods: tuple[str, ...]) -> None:
    assert not worst(re.compile(pattern), methods).linear


@pytest.mark.parametrize(
    ("pattern", "methods"),
    [
        (r"\s++$", ("match",)),
        (r"views?\s*+:?\s*+\d*+\s*+\)?", ("fullmatch",)),
        (r"<[^<>]*>", ("search",)),
        (r"(?<![a-z])[a-z]++=", ("search",)),
        (r"T[^T]{0,40}:\d\d$", ("search",)),
    ],
)
def test_one_that_does_not_is_not(pattern: str, methods: tuple[str, ...]) -> None:
    assert worst(re.compile(pattern), methods).linear


@pytest.mark.parametrize(
    "code",
    [
        "def f(t):\n    return re.sub('a+', '', t)",
        "f = lambda t: re.search('a', t)",
        "import regex",
        "from re import compile",
    ],
)
def test_an_expression_outside_of_the_constants_is_found(tmp_path: Path, code: str) -> None:
    (tmp_path / "one.py").write_text(f"import re\n{code}\n")
    assert len(list(loose(["one"], tmp_path))) == 1
