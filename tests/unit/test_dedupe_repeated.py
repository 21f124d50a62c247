"""What a host repeats over its stories counts in the content id, not in what finds near-duplicates."""

import time
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.article import Article, Outcome, article_id
from tasks.dedupe.minhash import NEAR, signature, similar
from tasks.dedupe.repeated import AT_ENDS, STORIES, VERSIONS, as_ranges, paragraphs, without
from tasks.dedupe.stage import MemoryContentIndex, dedupe
from tasks.dedupe.text import content_id


def story(seed: int, words: int = 70) -> str:
    """Return a story without names or numbers that shares no word with any other."""
    return " ".join(f"{chr(97 + at % 26)}{seed}{chr(97 + at // 26)}" for at in range(words))


#: Paragraphs that are longer together than the stories above them.
FOOTER = "\n".join(story(seed, 22) for seed in range(100, 108))


def article(name: str, text: str, host: str = "a.test", **fields: Any) -> Article:
    url = f"https://{host}/{name}"
    return Article(id=article_id(url), url=url, text=text, **fields)


def with_stories(count: int, host: str = "a.test") -> MemoryContentIndex:
    """Return an index that has seen so many stories of a host, each with the footer."""
    contents = MemoryContentIndex()
    for seed in range(count):
        # Long ones, which are told apart with the footer, too.
        dedupe(article(f"s{seed}", f"{story(seed, 1500)}\n{FOOTER}", host), contents=contents)
    return contents


def last_two(contents: MemoryContentIndex) -> Article:
    dedupe(article("one", f"{story(20)}\n{FOOTER}"), contents=contents)
    return dedupe(article("other", f"{story(21)}\n{FOOTER}"), contents=contents)


def test_two_stories_over_one_footer_are_no_copies_once_the_host_has_repeated_it() -> None:
    assert last_two(with_stories(STORIES - 2)).near_duplicate_of == "https://a.test/one"
    found = last_two(with_stories(STORIES))
    assert found.near_duplicate_of is None
    assert found.repeated_paragraphs == "2-9"


def test_the_text_stays_and_says_with_the_numbers_what_was_compared() -> None:
    found = last_two(with_stories(STORIES))
    text = f"{story(21)}\n{FOOTER}"
    assert (found.text, found.content_id) == (text, content_id(text))
    compared = signature(text, range(2, 10))
    assert compared == msgspec.structs.replace(signature(story(21)), content_id=found.content_id)


def test_a_copy_is_found_whatever_footer_it_has() -> None:
    contents = with_stories(STORIES)
    dedupe(article("one", f"{story(20)}\n{FOOTER}"), contents=contents)
    copy = dedupe(article("copy", f"By our reporter\n{story(20)}", "b.test"), contents=contents)
    assert copy.near_duplicate_of == "https://a.test/one"


def test_the_same_text_with_the_same_footer_is_an_exact_duplicate() -> None:
    contents = with_stories(STORIES)
    dedupe(article("one", f"{story(20)}\n{FOOTER}"), contents=contents)
    assert dedupe(article("two", f"{story(20)}\n{FOOTER}"), contents=contents).outcome is Outcome.DUPLICATE


def test_a_text_that_is_all_repeated_is_no_near_duplicate() -> None:
    contents = with_stories(STORIES)
    found = dedupe(article("empty", f"{FOOTER}\nmore"), contents=contents)
    assert (found.near_duplicate_of, found.repeated_paragraphs) == (None, "1-8")


def test_another_host_s_paragraphs_do_not_count() -> None:
    found = dedupe(article("x", f"{story(20)}\n{FOOTER}", "b.test"), contents=with_stories(STORIES))
    assert found.repeated_paragraphs is None


def test_the_host_is_the_one_that_the_page_came_from() -> None:
    moved = article("x", f"{story(20)}\n{FOOTER}", "short.test", final_url="https://a.test/x")
    assert dedupe(moved, contents=with_stories(STORIES)).repeated_paragraphs == "2-9"


def test_versions_of_one_story_are_one_story() -> None:
    contents = MemoryContentIndex()
    body = [f"{story(seed)} and so on, as was said at noon." for seed in range(6)]
    for version in range(STORIES + 2):
        text = "\n".join([*body, f"update {version}"])
        found = dedupe(article(f"v{version}", text), contents=contents)
        assert found.repeated_paragraphs is None
    assert found.near_duplicate_of == "https://a.test/v0"


SLUGS = (
    "ferry-runs-aground",
    "budget-passed-at-midnight",
    "orchestra-votes",
    "old-bridge-closed",
    "lighthouse-letters",
)


def test_short_stories_over_a_long_footer_count_if_their_addresses_have_other_words() -> None:
    contents = MemoryContentIndex()
    found = [
        dedupe(article(slug, f"{story(seed)}\n{FOOTER}"), contents=contents)
        for seed, slug in enumerate(SLUGS)
    ]
    assert [bool(one.near_duplicate_of) for one in found] == [False, True, True, False, False]
    assert found[-1].repeated_paragraphs == "2-9"


@pytest.mark.parametrize(
    "fields", [{"canonical_link": f"https://a.test/{SLUGS[0]}"}, {"og_url": f"https://a.test/{SLUGS[0]}"}]
)
def test_one_that_names_the_original_does_not(fields: dict[str, str]) -> None:
    contents = MemoryContentIndex()
    for seed, slug in enumerate(SLUGS):
        found = dedupe(article(slug, f"{story(seed)}\n{FOOTER}", **fields), contents=contents)
    assert found.repeated_paragraphs is None


def test_of_many_in_one_frame_at_addresses_alike_some_count() -> None:
    contents = MemoryContentIndex()
    linked = [
        dedupe(article(f"sign-{seed}", f"{story(seed)}\n{FOOTER}"), contents=contents).near_duplicate_of
        for seed in range(8 * VERSIONS)
    ]
    assert all(linked[1:10])
    assert not any(linked[-10:])


def test_nor_do_addresses_of_numbers_alone() -> None:
    contents = MemoryContentIndex()
    for seed in range(5):
        found = dedupe(article(f"{seed}{seed}", f"{story(seed)}\n{FOOTER}"), contents=contents)
        assert found.repeated_paragraphs is None
    assert found.near_duplicate_of == "https://a.test/00"


def test_an_article_that_is_delivered_again_does_not_count_twice() -> None:
    contents = MemoryContentIndex()
    for _ in range(STORIES + 1):
        dedupe(article("one", f"{story(1)}\n{FOOTER}"), contents=contents)
    assert dedupe(article("x", FOOTER), contents=contents).repeated_paragraphs is None


def test_a_document_without_a_host_has_none() -> None:
    contents = MemoryContentIndex()
    for seed in range(STORIES + 1):
        one = Article(id=f"{seed:032}", url=f"file:///{seed}", text=f"{story(seed)}\n{FOOTER}")
        assert dedupe(one, contents=contents).repeated_paragraphs is None


def test_paragraphs_at_both_ends_are_looked_at_and_short_ones_are_not() -> None:
    lines = [f"{number} is the number of this line of the text" for number in range(1, 101)]
    numbers = [number for number, _ in paragraphs("\n".join(lines))]
    assert numbers == [*range(1, AT_ENDS + 1), *range(101 - AT_ENDS, 101)]
    lines[1] = lines[98] = "short"
    assert [number for number, _ in paragraphs("\n".join(lines))] == [
        number for number in numbers if number not in (2, 99)
    ]


@given(st.lists(st.text(max_size=60), max_size=80))
def test_numbers_are_those_of_the_lines(lines: list[str]) -> None:
    text = "\n".join(lines)
    split = text.split("\n")
    found = paragraphs(text)
    assert [number for number, _ in found] == sorted({number for number, _ in found})
    assert all(paragraphs(split[number - 1]) == [(1, key)] for number, key in found)
    numbers = [number for number, _ in found]
    assert without(text, numbers) == "\n".join(
        line for number, line in enumerate(split, 1) if number not in numbers
    )


@pytest.mark.parametrize(
    ("numbers", "ranges"), [([], None), ([1], "1"), ([1, 7, 8, 9], "1 7-9"), ([2, 4], "2 4")]
)
def test_a_row_has_them_as_ranges(numbers: list[int], ranges: str | None) -> None:
    assert as_ranges(numbers) == ranges


def test_near_is_what_the_rest_says() -> None:
    one, other = (signature(f"{story(seed)}\n{FOOTER}", range(2, 10)) for seed in (1, 2))
    assert similar(one, other) == 0
    assert similar(one, signature(f"{FOOTER}\n{story(1)}", range(1, 9))) >= NEAR


@pytest.mark.parametrize("unit", ["\n", "a\n", "a" * 40 + "\n", "\ud800", " "])
def test_none_takes_long(unit: str) -> None:
    text = unit * (3_000_000 // len(unit))
    begin = time.process_time()
    without(text, [number for number, _ in paragraphs(text)])
    assert time.process_time() - begin < 1
