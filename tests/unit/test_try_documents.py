"""`newsmill try`: documents through the stages, in this process."""

import gzip
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tasks.article import Outcome, Topic
from tasks.dedupe.stage import MemoryContentIndex
from tasks.extract.stage import Extractor
from tasks.fetch.client import Client
from tasks.fetch.robots import MemoryRobotsCache, Robots
from tasks.language.detector import Detector
from tasks.topics.memory_tagger import MemoryTagger
from workers.cli.tables import tried_document
from workers.delivery.http_client import make_client
from workers.errors import UserError
from workers.local.try_documents import GivenDocuments, MemoryTools, Pipeline, Tried, as_json, expand
from workers.output.terminal import Terminal
from workers.settings import Settings
from workers.sinks.columns import columns

WORDS = "The council voted on the new ferry line yesterday, and the harbour was loud. "
PAGE = f"<html><head><title>Ferry</title></head><body><article><h1>Ferry</h1><p>{WORDS * 5}</p></article></body></html>"


class BrokenTagger(MemoryTagger):
    """Raises for a text with `crash` in it, as a stage with a bug does."""

    def tag(self, text: str, language: str, names: Sequence[str] = ()) -> tuple[Topic, ...]:
        if "crash" in text:
            raise RuntimeError("broken page")
        return super().tag(text, language, names)


@pytest.fixture(scope="session")
def detector() -> Detector:
    return Detector.load()


@pytest.fixture
def pipeline(detector: Detector) -> Pipeline:
    client: Client = make_client(Settings(_env_file=None))  # type: ignore[call-arg]
    return Pipeline(
        MemoryTools(
            client=client,
            robots=Robots(client, MemoryRobotsCache(), "newsmill"),
            documents=GivenDocuments(),
            extractor=Extractor(min_chars=150),
            detector=detector,
            contents=MemoryContentIndex(),
            tagger=BrokenTagger({"ferry": Topic("medtop:15000000", "sport", 0.9)}),
        )
    )


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], str]:
    monkeypatch.chdir(tmp_path)

    def write(name: str, content: str) -> str:
        raw = content.encode()
        Path(name).write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
        return name

    return write


Given = Callable[[str, str], str]


def outcomes(tried: list[Tried]) -> list[tuple[str, str, str | None]]:
    return [(one.given, one.outcome.value, one.reason) for one in tried]


def test_documents_end_as_they_do_in_a_worker(pipeline: Pipeline, given: Given) -> None:
    names = [
        given("page.html", PAGE),
        given("packed.html.gz", PAGE.replace("council", "senate")),
        given("headline.txt", "Ferry line opens"),
        given("packed.txt.gz", "Harbour fair begins"),
        given("short.html", "<p>too little"),
        given("empty.txt", ""),
        given("paper.pdf", "%PDF-1.7"),
        given("bug.txt", "crash"),
    ]
    assert outcomes(list(pipeline.run(names))) == [
        ("page.html", "enriched", None),
        ("packed.html.gz", "enriched", None),
        ("headline.txt", "enriched", None),
        ("packed.txt.gz", "enriched", None),
        ("short.html", "rejected", "no_article"),
        ("empty.txt", "rejected", "no_article"),
        ("paper.pdf", "rejected", "not_html"),
        ("bug.txt", "failed", "error"),
    ]


def test_a_duplicate_names_the_first_as_the_user_called_it(pipeline: Pipeline, given: Given) -> None:
    first, copy = given("a.html", PAGE), given("b.html", PAGE)
    tried = list(pipeline.run([f"./{first}", copy, first]))
    assert [one.outcome for one in tried] == [Outcome.ENRICHED, Outcome.DUPLICATE, Outcome.DUPLICATE]
    assert [as_json(one)["duplicate_of"] for one in tried] == [None, "./a.html", "./a.html"]
    assert len({one.article.id for one in tried}) == 3


def test_the_json_has_the_keys_of_an_export_and_what_the_user_called_it(
    pipeline: Pipeline, given: Given
) -> None:
    (one,) = pipeline.run([given("page.html", PAGE)])
    record = json.loads(json.dumps(as_json(one)))
    assert list(record) == list(columns())
    assert (record["url"], record["outcome"], record["reason"], record["language"]) == (
        "page.html",
        "enriched",
        None,
        "en",
    )
    assert record["title"] == "Ferry"
    assert "The council voted" in record["text"]
    assert record["topics"] == [{"id": "medtop:15000000", "label": "sport", "score": 0.9}]


def test_what_is_no_http_url_is_rejected_and_the_others_go_on(pipeline: Pipeline, given: Given) -> None:
    tried = list(pipeline.run(["ftp://a.test/", "http://127.0.0.1/", given("a.txt", "Ferry")]))
    assert outcomes(tried) == [
        ("ftp://a.test/", "rejected", "bad_url"),
        ("http://127.0.0.1/", "rejected", "blocked_address"),
        ("a.txt", "enriched", None),
    ]
    assert list(as_json(tried[0])) == list(columns())


@pytest.mark.parametrize(
    ("content", "content_type"), [(PAGE, "text/html"), ("Ferry line opens", "text/plain"), ("%PDF-1.7", None)]
)
def test_standard_input_is_a_page_or_a_text(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, content: str, content_type: str | None
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
    (one,) = pipeline.run(["-"])
    assert (one.given, one.article.content_type) == ("-", content_type)


def test_results_come_one_by_one(pipeline: Pipeline, given: Given) -> None:
    names = iter([given("a.txt", "Ferry")])
    assert next(pipeline.run(names)).given == "a.txt", "the second was never asked for"


def test_a_folder_is_what_is_in_it_and_what_is_missing_is_said_first(given: Given) -> None:
    given("b.html", PAGE)
    given("a.txt", "Ferry")
    assert expand([".", "-", "http://a.test/"]) == ["a.txt", "b.html", "-", "http://a.test/"]
    with pytest.raises(UserError, match=r"nothing\.html does not exist"):
        expand(["a.txt", "nothing.html"])


@pytest.mark.parametrize("width", [40, 80, 120])
def test_what_is_shown_tells_outcome_title_and_text(pipeline: Pipeline, given: Given, width: int) -> None:
    (one,) = pipeline.run([given("page.html", PAGE)])
    console = Terminal(width=width)
    with console.capture() as captured:
        console.print(tried_document(one))
    shown = captured.get()
    assert shown.startswith("page.html\n")
    for name, value in {"outcome": "enriched", "title": "Ferry", "language": r"en \(1.00\)"}.items():
        assert re.search(rf"{name}\s+{value}\n", shown)
    assert "sport 0.90" in shown
    assert max(map(len, shown.splitlines())) <= width


def test_what_a_try_has_no_use_for_is_not_imported() -> None:
    # .4 s of 2.4 that a person would wait for.
    code = "import sys, workers.local.try_documents; print(*{'celery', 'kombu', 'redis', 'sqlalchemy'} & {*sys.modules})"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.split() == []
