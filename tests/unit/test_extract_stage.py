"""Extract: from a page to the article's fields."""

# ruff: noqa: RUF001 - typography and scripts as pages have them

import subprocess
import sys
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import pytest
from trafilatura.utils import trim

from tasks.article import Article
from tasks.errors import Reason, Rejected
from tasks.extract.fields import ExtractedFields, seconds_of
from tasks.extract.stage import Extractor, extract

SENTENCE = "The council of Harbor Falls voted on Monday to raise the levees along the river by half a metre. "
BODY = "".join(f"<p>{SENTENCE * 2}Paragraph {number}.</p>" for number in range(4))
PAGE = """<!DOCTYPE html><html lang="en"><head><title>Levees to rise - The Falls Courier</title>
<meta property="og:site_name" content="The Falls Courier"><meta property="og:image" content="/levee.jpg">
<meta name="author" content="Ada Quinn"><meta name="description" content="Half a metre.">
<meta property="article:published_time" content="2024-03-05T09:00:00Z">
<meta name="keywords" content="rivers, floods, rivers"><meta property="og:type" content="article">
<meta property="article:section" content="Town"><meta name="publisher" content="Courier Ltd">
<script>let tracking = true</script></head>
<body><nav><a href="/">Home</a></nav><article><h1>Levees to rise</h1>{}</article></body></html>"""


def page(html: str | bytes, **fields: str) -> Article:
    body = html.encode() if isinstance(html, str) else html
    return Article(id="0a", url="https://courier.example/levees", content_type="text/html", html=body).evolve(
        **fields
    )


def document(text: str) -> Article:
    return Article(id="0a", url="file:///levees.txt", content_type="text/plain", html=text.encode())


def run(article: Article, min_chars: int = 150) -> Article:
    return extract(article, extractor=Extractor(min_chars=min_chars))


@pytest.mark.parametrize(
    ("fetched", "day"), [("2024-03-05", "2024-03-05"), ("2024-03-03", None), (None, "2024-03-05")]
)
def test_no_date_is_later_than_the_page_was_fetched(fetched: str | None, day: str | None) -> None:
    time = datetime.fromisoformat(f"{fetched}T12:00Z").timestamp() if fetched else None
    assert run(page(PAGE.format(BODY)).evolve(fetched_at=time)).date == day


@pytest.mark.parametrize(
    ("stated", "author", "authors", "agency"),
    [
        ("Ada Quinn", "Ada Quinn", ("Ada Quinn",), None),
        ("Ada Quinn, Reuters", "Ada Quinn; Reuters", ("Ada Quinn",), "Reuters"),
        ("Reuters", "Reuters", (), "Reuters"),
        ("Courier Staff", "Courier Staff", (), None),
    ],
)
def test_authors_are_persons_and_author_is_whom_the_page_gives(
    stated: str, author: str, authors: tuple[str, ...], agency: str | None
) -> None:
    found = run(page(PAGE.format(BODY).replace("Ada Quinn", stated)))
    assert (found.author, found.authors, found.agency) == (author, authors, agency)


def test_a_page_becomes_text_and_metadata() -> None:
    article = run(page(PAGE.format(BODY)))
    assert article.text is not None
    assert article.text.count("The council of Harbor Falls") == 8
    assert article.html is None
    assert article.title == "Levees to rise"
    assert article.author == "Ada Quinn"
    assert article.date == "2024-03-05"
    assert article.site == "The Falls Courier"
    assert article.description == "Half a metre."
    assert article.image == "https://courier.example/levee.jpg"
    assert article.tags == ("rivers", "floods")
    assert article.page_type == "article"
    assert (article.authors, article.keywords) == (("Ada Quinn",), ("rivers", "floods"))
    assert (article.section, article.publisher) == ("Town", "Courier Ltd")
    assert article.declared_language == "en"
    assert article.published_stated is not None
    assert article.published_stated.startswith("2024-03-05")
    assert article.versions == {"extractor": Extractor().version}


def test_the_version_names_trafilatura_and_our_rules() -> None:
    assert Extractor().version.startswith("trafilatura 2.")
    assert " / newsmill " in Extractor().version


def test_other_versions_stay() -> None:
    article = run(page(PAGE.format(BODY)).evolve(versions={"fetcher": "1"}))
    assert set(article.versions) == {"fetcher", "extractor"}


@pytest.mark.parametrize("html", ["", " \n", "<html></html>", "<!-- -->", PAGE.format("<p>Too short.</p>")])
def test_a_page_without_text_is_no_article(html: str) -> None:
    with pytest.raises(Rejected) as ending:
        run(page(html))
    assert ending.value.reason is Reason.NO_ARTICLE


def test_the_least_length_is_a_setting_and_chinese_counts_more() -> None:
    html = PAGE.format(f"<p>{'政府宣布将在河边修建新的堤坝。' * 6}</p>")
    assert run(page(html), min_chars=200).text
    with pytest.raises(Rejected):
        run(page(html), min_chars=1000)


def test_a_cookie_wall_is_no_article() -> None:
    wall = "".join(f"<p>Our {number} partners use cookies to store information.</p>" for number in range(9))
    with pytest.raises(Rejected, match="A consent wall") as ending:
        run(page(f"<html><body><div>{wall}</div></body></html>"))
    assert ending.value.reason is Reason.BLOCKED


def test_a_dialog_about_cookies_that_is_all_the_text_of_a_page_with_a_list_is_no_wall() -> None:
    wall = "".join(f"<p>Our {number} partners use cookies to store information.</p>" for number in range(9))
    films = "".join(
        f"<li><a href='/{number}'>The film of day {number} in the harbour</a></li>" for number in range(50)
    )
    with pytest.raises(Rejected, match="only a notice") as ending:
        run(page(f"<html><body><nav><ul>{films}</ul></nav><div>{wall}</div></body></html>"))
    assert ending.value.reason is Reason.NO_ARTICLE


def test_a_wall_and_a_soft_404_are_rejected_by_name() -> None:
    gone = "The page you are looking for could not be found. Check the address, or use the search. "
    for body, reason in (
        (f"<title>Page not found</title><h1>Page not found</h1><p>{gone * 3}</p>", Reason.SOFT_404),
        ("<title>x</title><div id=root></div><script src=/a.js></script>", Reason.NEEDS_JAVASCRIPT),
        ("<title>x</title><script>window._cf_chl_opt={}</script>", Reason.BLOCKED),
    ):
        with pytest.raises(Rejected) as ending:
            run(page(f"<html><body>{body}</body></html>"))
        assert ending.value.reason is reason


def test_a_record_without_a_page_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no page"):
        run(page("").evolve(html=None))


def test_windows_1252_without_a_declaration_comes_out_right() -> None:
    text = run(
        page(PAGE.format(BODY + "<p>“Élève modèle”, said the mayor’s café.</p>").encode("windows-1252"))
    ).text
    assert text is not None
    assert "“Élève modèle”, said the mayor’s café." in text


def test_one_bad_byte_does_not_garble_the_rest() -> None:
    html = PAGE.format(BODY + "<p>Élève modèle.</p>").encode().replace(b"Paragraph 0", b"Paragraph \xff")
    text = run(page(html)).text
    assert text is not None
    assert "Élève modèle." in text


@pytest.mark.parametrize("control", ["&#11;", "&#1;", "\x0b", "\x00", "\ufffe"])
def test_a_control_character_does_not_void_the_page(control: str) -> None:
    text = run(page(PAGE.format(BODY.replace("Paragraph 1", f"Paragraph {control}1")))).text
    assert text is not None
    assert control not in text
    assert "Paragraph 3" in text


@pytest.mark.parametrize("depth", [300, 1500])
def test_a_deeply_nested_page_is_read(depth: int) -> None:
    html = f"<html><head><title>t</title></head><body>{'<div>' * depth}{BODY}{'</div>' * depth}</body></html>"
    text = run(page(html)).text
    assert text is not None
    assert "Paragraph 3" in text


def test_comments_below_the_article_are_left_out() -> None:
    comments = '<div id="comments" class="comments"><p>I disagree with every word of this.</p></div>'
    text = run(page(PAGE.format(BODY).replace("</article>", f"</article>{comments}"))).text
    assert text is not None
    assert "disagree" not in text


def test_a_first_of_january_that_nothing_but_a_bare_year_gives_is_no_date() -> None:
    html = f"<html><head><title>t</title></head><body><article>{BODY}</article><p>© 2019 Courier</p></body></html>"
    assert run(page(html)).date is None


def test_a_first_of_january_in_the_markup_is_a_date() -> None:
    assert run(page(PAGE.format(BODY).replace("2024-03-05", "2024-01-01"))).date == "2024-01-01"


def test_fields_are_bounded_so_that_the_message_stays_small() -> None:
    html = (
        PAGE.format(BODY)
        .replace("<h1>Levees to rise</h1>", "")
        .replace("Levees to rise - The Falls Courier", "title " * 500)
        .replace("Half a metre.", "description " * 500)
        .replace(
            "rivers, floods, rivers", ", ".join(f"tag {number}" for number in range(99)) + ", " + "long" * 30
        )
        .replace("/levee.jpg", "/" + "x" * 9000)
    )
    article = run(page(html))
    assert len(article.title or "") <= 500
    assert len(article.description or "") <= 1000
    assert len(article.tags) == 20
    assert article.image is None


def test_what_follows_from_other_fields_follows_from_what_they_are_cut_to() -> None:
    fields = ExtractedFields(
        text="",
        authors=tuple(f"Ann Number {number} {'x' * 40}" for number in range(99)),
        published_stated="2024-03-05T23:30:00-05:00",
        modified_stated="2024-03-06",
        keywords=tuple(f"a keyword of some length, number {number}" for number in range(99)),
    ).bounded()
    assert fields.author == "; ".join(fields.authors)
    assert 400 < len(fields.author) <= 500
    assert fields.date == "2024-03-05"
    assert fields.published == datetime(2024, 3, 6, 4, 30, tzinfo=UTC).timestamp()
    assert (fields.modified, fields.modified_stated) == (None, "2024-03-06")
    assert sum(map(len, fields.keywords)) <= 400


@pytest.mark.parametrize("stated", [None, "", "2024-03-05", "2024-03-05T10:00", "2024-02-30T10:00Z", "now"])
def test_a_time_without_a_zone_is_no_point_in_time(stated: str | None) -> None:
    assert seconds_of(stated) is None


def test_json_ld_of_the_wrong_shape_is_no_title() -> None:
    data = '<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle", '
    html = f'<html><head>{data}"headline": ["a", "b"]}}</script></head><body><article>{BODY}</article></body></html>'
    assert not isinstance(run(page(html)).title, list)


def test_a_document_is_its_text_however_short() -> None:
    article = run(document("Levees to rise\r\n"))
    assert (article.title, article.text) == (None, "Levees to rise")


def test_a_document_begins_with_its_headline() -> None:
    article = run(document(f"Levees to rise\nDate: 2024-03-05\n\n{SENTENCE}"))
    assert (article.title, article.date) == ("Levees to rise", "2024-03-05")
    assert article.text == f"Levees to rise\nDate: 2024-03-05\n\n{SENTENCE}".strip()


def test_a_document_that_begins_with_a_sentence_has_no_headline() -> None:
    assert run(document(f"{SENTENCE}\n{SENTENCE}")).title is None


@pytest.mark.parametrize("text", ["", " \n", "\x00\x01"])
def test_an_empty_document_is_no_article(text: str) -> None:
    with pytest.raises(Rejected) as ending:
        run(document(text))
    assert ending.value.reason is Reason.NO_ARTICLE


def test_one_page_in_4096_resets_the_caches() -> None:
    run(page(PAGE.format(BODY)))
    assert trim.cache_info().currsize
    run(page(PAGE.format(BODY)).evolve(id="0a000"))
    assert not trim.cache_info().currsize


def test_the_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Extractor().min_chars = 1  # type: ignore[misc]


def test_warming_loads_the_names_of_months_and_stop_words_and_no_date_parser() -> None:
    program = (
        "import sys; from tasks.extract.page import warm; warm();"
        "from tasks.extract.dates.months import names; from justext.core import define_stoplist;"
        "print('dateparser' in sys.modules, *(cache.cache_info().currsize for cache in (names, define_stoplist)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "1", "1"]
