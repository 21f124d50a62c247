"""The stage: which text the tagger sees, and what it leaves on the record."""

from tasks.article import Article, Topic
from tasks.topics.memory_tagger import MemoryTagger
from tasks.topics.stage import TEXT_CHARACTERS, tag_topics

SPORT = Topic(id="medtop:15000000", label="sport", score=0.9)


def tagger() -> MemoryTagger:
    return MemoryTagger({"x": SPORT}, version="1-abc", release="2020-02-02")


def article(**fields: object) -> Article:
    return Article(id="0" * 32, url="https://example.org/").evolve(**fields)


def test_the_topics_and_what_made_them_stand_on_the_record() -> None:
    tagged = tag_topics(article(text="x", versions={"extractor": "e-1"}), tagger=tagger())
    assert tagged.topics == (SPORT,)
    assert (tagged.tagger_version, tagged.taxonomy_release) == ("1-abc", "2020-02-02")
    assert tagged.versions == {"extractor": "e-1", "tagger": "memory 1-abc", "taxonomy": "memory 2020-02-02"}


def test_title_description_and_the_beginning_of_the_text_are_read() -> None:
    memory = tagger()
    long = "a" * TEXT_CHARACTERS + "never read"
    tag_topics(article(title="Title", description="Lead", text=long, language="de"), tagger=memory)
    assert memory.calls == [("Title\nLead\n" + "a" * TEXT_CHARACTERS, "de")]


def test_a_description_that_the_text_begins_with_is_read_once() -> None:
    memory = tagger()
    tag_topics(
        article(title="Title", description="A bell.", text="A bell. It rang.", language="en"), tagger=memory
    )
    assert memory.calls == [("Title\nA bell. It rang.", "en")]


def test_an_article_with_nothing_in_it_is_an_empty_text_in_no_language() -> None:
    memory = tagger()
    tag_topics(article(), tagger=memory)
    assert memory.calls == [("", "und")]


def test_section_categories_keywords_and_tags_are_given_each_once() -> None:
    memory = tagger()
    tag_topics(
        article(
            text="x", section="Football", categories=("Sport",), keywords=("Ferry",), tags=("Cup", "Sport")
        ),
        tagger=memory,
    )
    assert memory.names == [("Football", "Sport", "Ferry", "Cup")]
