"""What a stage says of itself is enough: tools, fields, versions, what to load."""

import subprocess
import sys
from typing import Any, get_type_hints

import msgspec
import pytest

from tasks.article import Article
from tasks.fetch.fetchers import FETCHERS
from tasks.pipeline import STAGES, bind, version_names
from tasks.stage import ROW, Stage, call, check, tools_of
from workers.delivery.runtime import Runtime
from workers.local.try_documents import MemoryTools
from workers.settings import Settings
from workers.sinks.columns import columns
from workers.store.schema import articles

ARTICLE = Article(id="0" * 32, url="http://a.test/", text="word word")


class Words(msgspec.Struct, frozen=True):
    """What the stage here adds."""

    words: int | None = None


class Tools:
    """Tools that count how often they are asked for."""

    def __init__(self) -> None:
        self.asked = 0

    @property
    def factor(self) -> int:
        self.asked += 1
        return 10


def count_words(article: Article, *, factor: int) -> Article:
    return article.with_added(Words(len((article.text or "").split()) * factor))


STAGE = Stage(name="count_words", run=count_words, queue="enrich", adds=Words, version="3")


def test_a_stage_gets_the_tools_that_its_function_names_when_it_runs() -> None:
    tools = Tools()
    step = STAGE.bind(tools)
    assert tools.asked == 0
    assert step(ARTICLE).added == {"words": 20}
    assert tools.asked == 1


def test_a_tool_that_is_missing_is_an_error() -> None:
    with pytest.raises(AttributeError, match="factor"):
        STAGE.bind(object())(ARTICLE)


def test_a_version_stands_in_the_article_under_the_stages_name() -> None:
    assert STAGE.bind(Tools())(ARTICLE).versions == {"count_words": "3"}
    assert STAGE.version_names == ("count_words",)


def test_the_fields_of_a_stage_have_types() -> None:
    assert STAGE.fields == {"words": int | None}
    for stage in STAGES:
        if isinstance(stage.adds, tuple):
            assert set(stage.fields) <= set(get_type_hints(Article))


class Title(msgspec.Struct, frozen=True):
    """A field that every article has."""

    title: int = 0


@pytest.mark.parametrize(
    ("stage", "complaint"),
    [
        (Stage(name="text", run=count_words, queue="enrich", version="1"), "'text', but a row has that name"),
        (
            Stage(name="count", run=count_words, queue="enrich", adds=Title),
            "'title', but a row has that name",
        ),
        (Stage(name="host", run=count_words, queue="enrich", version="1"), "'host', but a row has that name"),
        (Stage(name="count-words", run=count_words, queue="enrich"), "letters, digits and underscores"),
        (Stage(name="dedupe", run=count_words, queue="enrich"), "Two stages have one name"),
        (
            Stage(name="again", run=count_words, queue="enrich", version="1"),
            "'again', but a row has that name",
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Stage) else "",
)
def test_a_stage_that_would_overwrite_something_in_a_row_is_refused(stage: Stage, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        check((*STAGES, stage))


def test_the_names_that_stages_may_not_have_are_those_of_a_row() -> None:
    check((*STAGES, STAGE))
    of_articles = {field.encode_name for field in msgspec.structs.fields(Article)}
    of_stages = {*version_names(), *(name for stage in STAGES for name in stage.fields)}
    assert (set(articles.c.keys()) | set(columns())) - of_stages - of_articles <= ROW


def test_added_fields_travel_in_the_message() -> None:
    article = STAGE.bind(Tools())(ARTICLE)
    assert Article.from_message(article.to_message()).added == {"words": 20}


def test_a_function_by_its_name_is_imported_when_it_is_called() -> None:
    assert call("tasks.urls:host_of", None, "http://a.test/x") == "a.test"


def test_every_stage_of_the_pipeline_has_a_name_fields_and_versions_of_its_own() -> None:
    for names in (
        [stage.name for stage in STAGES],
        [name for stage in STAGES for name in stage.fields],
        list(version_names()),
    ):
        assert len(names) == len(set(names))
    assert list(bind(object())) == [stage.name for stage in STAGES]


@pytest.mark.parametrize("tools", [Runtime(Settings(_env_file=None)), MemoryTools], ids=["worker", "try"])  # type: ignore[call-arg]
def test_the_tools_of_all_stages_and_fetchers_are_there(tools: Any) -> None:
    there = {*dir(tools), *getattr(tools, "__dataclass_fields__", ())}
    functions = [stage.run for stage in STAGES] + [fetcher.run for fetcher in FETCHERS]
    wanted = {name for function in functions for name in tools_of(function)}
    assert wanted
    assert wanted - {"tools"} <= there


def test_the_pipeline_imports_none_of_the_stages_work() -> None:
    code = (
        "import sys, tasks.pipeline; "
        "print(*{'trafilatura', 'numpy', 'urllib3', 'lxml', 'langdetect', 'dns'} & {*sys.modules})"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.split() == []
