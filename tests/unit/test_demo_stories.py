import re
from collections import Counter

import msgspec
import pytest

from seeds.demo.pages import TEMPLATES
from seeds.demo.sites import load_sites
from seeds.demo.stories import HEADING, Story, load_stories

STORIES = load_stories()
BY_SLUG = {story.slug: story for story in STORIES}
OWN = [story for story in STORIES if story.copy_of is None and story.edited_from is None]
#: Languages written without spaces, whose length is counted in characters.
UNSPACED = {"zh-cn", "ja"}


def sentences(story: Story) -> set[str]:
    return set(re.split(r"(?<=[.?!»”]) ", " ".join(story.body)))


def test_there_are_at_least_42_stories_of_their_own_in_9_languages_on_5_sites() -> None:
    assert len(OWN) >= 42
    assert len({story.lang for story in OWN}) >= 9
    assert sum(count >= 5 for count in Counter(story.site for story in OWN).values()) >= 5


@pytest.mark.parametrize("story", OWN, ids=lambda story: story.slug)
def test_a_story_has_the_length_of_a_news_story(story: Story) -> None:
    text = " ".join(story.body)
    if story.lang in UNSPACED:
        assert 500 <= len(text) <= 1200
    else:
        assert 180 <= len(text.split()) <= 450


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.slug)
def test_a_story_tells_everything_that_its_page_shows(story: Story) -> None:
    assert all([story.title, story.author, story.section, story.tags, story.description, story.body])
    assert story.path.startswith("/")
    assert story.published.tzinfo is not None
    assert (story.published.month, story.published.day) != (1, 1), "extractors distrust 1 January"


def test_no_paragraph_occurs_in_two_stories() -> None:
    paragraphs = Counter(block for story in OWN for block in story.body if not block.startswith(HEADING))
    assert [block for block, count in paragraphs.items() if count > 1] == []


def test_no_two_stories_share_an_address_or_a_title() -> None:
    assert len({story.address for story in STORIES}) == len(STORIES)
    assert len({story.title for story in STORIES}) == len(STORIES)


def test_every_story_is_on_a_known_site_with_a_template() -> None:
    sites = load_sites()
    assert {story.site for story in STORIES} == set(sites)
    assert all((TEMPLATES / site.template).is_file() for site in sites.values())


def test_sites_have_templates_of_their_own_but_for_the_two_weeklies() -> None:
    templates = Counter(site.template for site in load_sites().values())
    assert {name for name, count in templates.items() if count > 1} == {"weekly.html"}


def test_a_copy_repeats_the_text_of_another_site_to_the_letter() -> None:
    copies = [story for story in STORIES if story.copy_of]
    assert copies
    for copy in copies:
        original = BY_SLUG[str(copy.copy_of)]
        assert (copy.body, copy.lang) == (original.body, original.lang)
        assert copy.site != original.site


def test_two_edited_versions_keep_most_of_a_text_from_another_site_but_not_all() -> None:
    edited = [story for story in STORIES if story.edited_from]
    assert len(edited) == 2
    for version in edited:
        original = BY_SLUG[str(version.edited_from)]
        before, after = sentences(original), sentences(version)
        assert len(before) / 2 < len(before & after) < len(before)
        assert version.site != original.site


def test_a_story_file_with_an_unknown_field_is_refused() -> None:
    record = msgspec.to_builtins(STORIES[0])
    with pytest.raises(msgspec.ValidationError, match="colour"):
        msgspec.convert({**record, "colour": "red"}, Story)
