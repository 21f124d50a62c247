import json
import re

import pytest
import trafilatura
from trafilatura.settings import Document

from seeds.demo.pages import front_page, story_page
from seeds.demo.sites import load_sites
from seeds.demo.stories import HEADING, Story, load_stories

SITES = load_sites()
STORIES = load_stories()
MIRROR = "finecircle.test"


def first_story_of(site: str) -> Story:
    return next(story for story in STORIES if story.site == site)


def page_of(story: Story) -> str:
    site = SITES[story.site]
    return story_page(story, site, 8088).decode(site.encoding)


def extracted(html: str) -> Document:
    document = trafilatura.bare_extraction(html, include_comments=False, fast=True, with_metadata=True)
    assert isinstance(document, Document)
    return document


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.slug)
def test_an_extractor_finds_the_whole_story_and_on_ordinary_sites_nothing_else(story: Story) -> None:
    text = extracted(page_of(story)).text or ""
    told = "\n".join(block.removeprefix(HEADING) for block in story.body)
    assert (told in text) if story.site == MIRROR else (told == text)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.slug)
def test_an_extractor_finds_title_day_and_author(story: Story) -> None:
    found = extracted(page_of(story))
    author = None if story.site == MIRROR else story.author
    assert (found.title, found.date, found.author) == (story.title, f"{story.published:%Y-%m-%d}", author)


@pytest.mark.parametrize("site", ["harbourpost.test", "landbote.test", "deuxrives.test", "plazamayor.test"])
def test_a_page_has_the_furniture_of_a_newspaper(site: str) -> None:
    html = page_of(first_story_of(site)).lower()
    for part in ("nav", "related", "footer", "<h1", 'href="/"'):
        assert part in html


@pytest.mark.parametrize(
    "site", ["harbourpost.test", "deuxrives.test", "plazamayor.test", "meridianwire.test"]
)
def test_modern_sites_surround_a_story_with_breadcrumb_share_buttons_newsletter_and_comments(
    site: str,
) -> None:
    html = page_of(first_story_of(site))
    for part in ("breadcrumb", "share", "newsletter", "comment", "tags"):
        assert part in html


@pytest.mark.parametrize("site", ["harbourpost.test", "deuxrives.test", "meridianwire.test", "islander.test"])
def test_json_ld_names_headline_author_and_date(site: str) -> None:
    story = first_story_of(site)
    scripts = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page_of(story), re.DOTALL)
    article = json.loads(scripts[0])
    assert article["@type"] == "NewsArticle"
    assert (article["headline"], article["author"][0]["name"]) == (story.title, story.author)
    assert article["datePublished"] == story.published.isoformat()


@pytest.mark.parametrize("site", ["harbourpost.test", "deuxrives.test", "meridianwire.test"])
def test_open_graph_names_title_site_and_url_with_the_port(site: str) -> None:
    html = page_of(first_story_of(site))
    assert 'property="og:title"' in html
    assert f'property="og:site_name" content="{SITES[site].name}"' in html
    assert f'property="og:url" content="http://{site}:8088/' in html


def test_one_site_has_microdata_only() -> None:
    html = page_of(first_story_of("plazamayor.test"))
    assert 'itemprop="articleBody"' in html
    assert "ld+json" not in html
    assert "og:" not in html


def test_one_site_is_windows_1252_and_says_so_nowhere() -> None:
    site = SITES["landbote.test"]
    page = story_page(first_story_of(site.host), site, 8088)
    with pytest.raises(UnicodeDecodeError):
        page.decode()
    assert re.search(rb"[\x80-\x9f]", page), "quotes and dashes tell it from latin-1"
    assert b"charset" not in page.lower()
    assert "charset" not in site.content_type


def test_the_mirror_frames_a_story_with_breadcrumb_date_and_three_lists_of_headlines() -> None:
    story = first_story_of(MIRROR)
    lines = (extracted(page_of(story)).text or "").split("\n")
    assert lines[0].startswith(f"Current:Home > {story.section}{story.title}")
    assert lines[1:3] == ["View", f"Date:{story.published:%Y-%m-%d %H:%M:%S}"]
    tail = lines[lines.index(story.body[-1]) + 1 :]
    assert tail[0] == "veryGood! (34)"
    starts = [tail.index(label) for label in ("Related", "Ranking", "Recommendation")]
    for start, end in zip(starts, [*starts[1:], len(tail)], strict=True):
        assert end - start > 3


def test_the_front_page_shows_headlines_of_its_site_and_no_paragraph() -> None:
    html = front_page(SITES["deuxrives.test"], 8088).decode()
    assert html.count('class="teaser"') >= 5
    assert "<p" not in html


def test_markup_in_a_story_is_shown_not_obeyed() -> None:
    title = 'Fish & <b>chips</b> "for all"</script>'
    sample = first_story_of("harbourpost.test")
    story = Story(**{name: getattr(sample, name) for name in sample.__struct_fields__} | {"title": title})
    html = page_of(story)
    assert "<b>chips" not in html.replace(json.dumps(title).replace("</", "<\\/"), "")
    scripts = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert json.loads(scripts[0])["headline"] == title
