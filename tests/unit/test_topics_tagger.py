"""What the shipped tagger says about texts whose topic nobody would dispute."""

import time

import pytest

from tasks.topics import TopicTagger, load_tagger

POLITICS, SPORT, HEALTH = "medtop:11000000", "medtop:15000000", "medtop:07000000"
ECONOMY, SCIENCE = "medtop:04000000", "medtop:13000000"

ENGLISH_SPORT = (
    "The home side won the championship final after extra time. The striker scored twice for the football "
    "team, the goalkeeper saved a penalty, and the coach praised his players after the last match of the season."
)
CLEAR_TEXTS = [
    pytest.param("en", ENGLISH_SPORT, SPORT, id="English, sport"),
    pytest.param(
        "de",
        "Die Patientinnen und Patienten im Krankenhaus warten auf die Impfung. Ärzte warnen vor der Krankheit, "
        "die Infektion breitet sich aus, Medikamente und Therapie sind knapp.",
        HEALTH,
        id="German, health",
    ),
    pytest.param(
        "es",
        "El equipo de fútbol ganó el campeonato; los jugadores y el entrenador celebraron el torneo de "
        "baloncesto, el atletismo y la natación en los Juegos Olímpicos.",
        SPORT,
        id="Spanish, sport",
    ),
    pytest.param(
        "fr",
        "Le gouvernement et le parlement débattent de la loi électorale : le ministre, les députés et les "
        "partis politiques préparent l'élection présidentielle et le référendum.",
        POLITICS,
        id="French, politics",
    ),
    pytest.param(
        "pt",
        "O governo e o parlamento discutem a eleição: o ministro, os deputados e os partidos políticos "
        "preparam a campanha eleitoral e o referendo.",
        POLITICS,
        id="Portuguese, politics",
    ),
    pytest.param(
        "zh-cn",
        "足球比赛昨晚举行，球队的运动员在锦标赛中获胜，教练称赞了篮球和游泳选手。",  # noqa: RUF001 - its own comma
        SPORT,
        id="Chinese, sport",
    ),
]


@pytest.fixture(scope="module")
def tagger() -> TopicTagger:
    return load_tagger()


@pytest.mark.parametrize(("language", "text", "topic"), CLEAR_TEXTS)
def test_a_clear_text_gets_its_topic_first(tagger: TopicTagger, language: str, text: str, topic: str) -> None:
    assert tagger.tag(text, language)[0].id == topic


def test_a_concept_that_the_text_names_comes_with_its_topic(tagger: TopicTagger) -> None:
    labels = [topic.label for topic in tagger.tag(ENGLISH_SPORT, "en")]
    assert labels[0] == "sport"
    assert "football" in labels


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param(" \n\t ", id="blank"),
        pytest.param("1234 5678 !!! ??? 99", id="no words"),
        pytest.param("xqzv wprk jjjt zzkw qqpx vvbn wxyz kkjh", id="gibberish"),
        pytest.param("ქართული ენა ძველია", id="a script it was not trained on"),
    ],
)
def test_where_there_is_nothing_to_go_by_no_topic_is_given(tagger: TopicTagger, text: str) -> None:
    assert tagger.tag(text, "en") == ()


@pytest.mark.parametrize(("language", "text", "topic"), CLEAR_TEXTS)
def test_scores_are_sorted_and_between_the_threshold_and_one(
    tagger: TopicTagger, language: str, text: str, topic: str
) -> None:
    scores = [given.score for given in tagger.tag(text, language)]
    assert scores == sorted(scores, reverse=True), topic
    assert all(tagger.threshold <= score <= 1 for score in scores), topic


def test_the_probabilities_of_the_top_level_topics_add_up_to_one(tagger: TopicTagger) -> None:
    scores = tagger.scorer.scores(ENGLISH_SPORT)
    assert len(scores) == 17
    assert sum(scores.values()) == pytest.approx(1)


@pytest.mark.parametrize(("language", "text", "topic"), CLEAR_TEXTS)
def test_two_loads_say_the_same(tagger: TopicTagger, language: str, text: str, topic: str) -> None:
    again = load_tagger()
    assert again.version == tagger.version
    assert again.tag(text, language) == tagger.tag(text, language), topic


def test_a_score_does_not_depend_on_the_order_of_words(tagger: TopicTagger) -> None:
    backwards = " ".join(reversed(ENGLISH_SPORT.split()))
    assert tagger.scorer.scores(backwards) == tagger.scorer.scores(ENGLISH_SPORT)


def test_a_known_word_among_many_unknown_ones_is_no_evidence(tagger: TopicTagger) -> None:
    assert tagger.tag("football", "en")[0].id == SPORT
    strange = " ".join(f"qz{a}{b}xw" for a in "abcdefghij" for b in "klmnopqrst")
    assert tagger.tag(f"football {strange}", "en") == ()


def test_a_higher_threshold_gives_fewer_topics_and_is_another_version(tagger: TopicTagger) -> None:
    strict = load_tagger(threshold=0.99)
    assert len(strict.tag(ENGLISH_SPORT, "en")) < len(tagger.tag(ENGLISH_SPORT, "en"))
    assert strict.version != tagger.version


def test_two_thousand_characters_take_milliseconds_not_tens_of_them(tagger: TopicTagger) -> None:
    text = (ENGLISH_SPORT * 10)[:2_000]
    tagger.tag(text, "en")
    started = time.process_time()
    for _ in range(20):
        tagger.tag(text, "en")
    assert (time.process_time() - started) / 20 < 0.01
