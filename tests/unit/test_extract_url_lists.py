"""A text that is mostly URLs is a list, and no article; an article may have any number of links."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasks.article import Article
from tasks.errors import Reason, Rejected
from tasks.extract.stage import Extractor, extract
from tasks.extract.url_lists import is_url_list

URL = "https://a.test/2025/04/a-story"


@pytest.mark.parametrize(
    "text",
    [
        URL,
        f"# mine\n\n{URL}\n{URL}/2\n",
        f"{URL}\r{URL}\r",
        f"{URL}\tThe title of this story, as the site has it\n" * 3,
        f"Title;2025-04-16;{URL}\nTitle;2025-04-16;{URL}\n",
        f'"Title, with a comma","{URL}"\n' * 3,
        f'{{"url": "{URL}", "title": "x"}}\n',
        "www.a.test/1\nwww.a.test/2\n",
        "a.test\nb.test\n",
        "no url\nhttps://a.test/\n",
        f"A headline of the day\n{URL}\nAnother headline\n{URL}\n",
    ],
)
def test_a_text_whose_lines_are_urls_is_a_list(text: str) -> None:
    assert is_url_list(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# a comment\n",
        "A headline\n",
        "Headline.\n",
        "今日の天気\n",
        "大雨.洪水.地震警报\n",
        "One headline: see http://a.test/\n",
        f"A headline\n\nThe story, as it was told.\n\n{URL}\n",
        f"A headline\n\nThe story.\n\n{URL}\n\nMore of the story, and where to buy the thing it is about.\n\n{URL}\n",
        "and/or\n1.5\n12:30\n",
    ],
)
def test_a_text_with_links_is_no_list(text: str) -> None:
    assert not is_url_list(text)


def articles() -> Iterator[str]:
    folder = Path(os.environ.get("NEWSMILL_DATA", "nowhere"))
    for line in (folder / "publishers/truth.jsonl").read_text("utf-8").splitlines():
        yield json.loads(line)["text"]
    for one in json.loads((folder / "pages/ground-truth.json").read_text("utf-8")).values():
        yield one["articleBody"]


@pytest.mark.skipif("NEWSMILL_DATA" not in os.environ, reason="NEWSMILL_DATA names no folder with articles")
def test_no_true_article_is_a_list() -> None:
    assert [text[:100] for text in articles() if is_url_list(text)] == []


@pytest.mark.parametrize(
    "text", ["a." * 1_500_000, "://" * 1_000_000, "a.b" * 1_000_000 + "://", ("x," * 1000 + "://\n") * 1400]
)
def test_a_hostile_text_takes_no_longer_than_its_length(text: str) -> None:
    began = time.process_time()
    is_url_list(text)
    assert time.process_time() - began < 10, "3 MB take 0.1 to 0.8 s"


def document(url: str, text: str) -> Article:
    return Article(id="0a", url=url, content_type="text/plain", html=text.encode())


@pytest.mark.parametrize("url", ["file:///urls.txt", "https://a.test/sitemap.txt"])
def test_a_list_is_rejected_as_what_it_is(url: str) -> None:
    with pytest.raises(Rejected) as caught:
        extract(document(url, f"{URL}\n{URL}\n"), extractor=Extractor())
    assert (caught.value.reason, "list" in caught.value.detail) == (Reason.URL_LIST, True)


def test_a_list_in_utf_16_is_rejected_too() -> None:
    article = document("file:///urls.txt", "").evolve(html=f"{URL}\n{URL}\n".encode("utf-16"))
    with pytest.raises(Rejected) as caught:
        extract(article, extractor=Extractor())
    assert caught.value.reason is Reason.URL_LIST


def test_a_headline_alone_is_an_article() -> None:
    assert extract(document("file:///a.txt", "Council votes today\n"), extractor=Extractor()).text
