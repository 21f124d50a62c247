"""What the shipped tagger says about texts whose topic nobody would dispute."""

import pytest

from tasks.topics import tagger as module
from tasks.topics.tagger import TopicTagger

POLITICS, SPORT, HEALTH = "medtop:11000000", "medtop:15000000", "medtop:07000000"
ECONOMY, ENVIRONMENT = "medtop:04000000", "medtop:06000000"

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
    return module.load()


@pytest.mark.parametrize(("language", "text", "topic"), CLEAR_TEXTS)
def test_a_clear_text_gets_its_topic_first(tagger: TopicTagger, language: str, text: str, topic: str) -> None:
    assert tagger.tag(text, language)[0].id == topic


def test_a_concept_that_the_text_names_comes_with_its_topic(tagger: TopicTagger) -> None:
    twice = f"{ENGLISH_SPORT} Football is played in the rain."
    given = tagger.tag(twice, "en")
    assert given[0].label == "sport"
    football = next(topic for topic in given if topic.label == "football")
    assert module.MIN_BELOW <= football.score <= given[0].score


def test_a_single_mention_is_no_concept(tagger: TopicTagger) -> None:
    text = ENGLISH_SPORT.replace("an extra", "a") + " The last shot was curling."
    assert "curling" not in [topic.label for topic in tagger.tag(text, "en")]


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
    assert tagger.tag(text, "und") == ()


@pytest.mark.parametrize(("language", "text", "topic"), CLEAR_TEXTS)
def test_scores_are_sorted_and_none_is_a_guess(
    tagger: TopicTagger, language: str, text: str, topic: str
) -> None:
    scores = [given.score for given in tagger.tag(text, language)]
    assert scores == sorted(scores, reverse=True), topic
    assert all(module.MIN_FURTHER <= score <= 1 for score in scores), topic


@pytest.mark.parametrize(("language", "text", "topic"), CLEAR_TEXTS)
def test_two_loads_say_the_same(tagger: TopicTagger, language: str, text: str, topic: str) -> None:
    again = module.load()
    assert again.version == tagger.version
    assert again.tag(text, language) == tagger.tag(text, language), topic


def test_outside_the_encoder_s_languages_the_same_text_scores_less(tagger: TopicTagger) -> None:
    known, strange = (tagger.tag(ENGLISH_SPORT, language)[0] for language in ("en", "ro"))
    assert (known.id, strange.id) == (SPORT, SPORT)
    assert module.MIN_ELSEWHERE <= strange.score < known.score


def test_a_language_that_the_encoder_reads_as_well_scores_like_its_own(tagger: TopicTagger) -> None:
    assert tagger.tag(ENGLISH_SPORT, "id")[0].score == tagger.tag(ENGLISH_SPORT, "en")[0].score


def test_topics_are_those_of_the_first_pieces_however_a_text_goes_on(tagger: TopicTagger) -> None:
    beginning = f"{ENGLISH_SPORT} {ENGLISH_SPORT}"
    other = "The central bank raised its interest rate, and shares of lenders fell. " * 12
    tops = [
        {topic.id: topic.score for topic in tagger.tag(text, "en") if topic.id in tagger.top.labels}
        for text in (beginning, f"{beginning} {other}")
    ]
    assert tops[0] == tops[1]


def test_a_text_of_two_topics_gets_both(tagger: TopicTagger) -> None:
    text = (
        "The company moves its climate target: investors worry about emissions, profits and the environment."
    )
    assert {ENVIRONMENT, ECONOMY} <= {one.id for one in tagger.tag(text, "en")}


def test_section_and_keywords_decide_where_the_text_leaves_it_open(tagger: TopicTagger) -> None:
    text = "It was a long evening for all of them, and nobody knew how it would end."
    alone, filed = (tagger.tag(text, "en", names) for names in ((), ("Sport", "Football")))
    assert SPORT not in [topic.id for topic in alone]
    assert filed[0].id == SPORT


@pytest.mark.parametrize("names", [("Politics",), ("Health",), ("Economy", "Business", "Markets")])
def test_a_section_overrides_no_text_that_is_clear(tagger: TopicTagger, names: tuple[str, ...]) -> None:
    assert tagger.tag(ENGLISH_SPORT, "en", names)[0].id == SPORT


def test_a_section_that_says_nothing_changes_nothing(tagger: TopicTagger) -> None:
    assert tagger.tag(ENGLISH_SPORT, "en", ("News", "Wien")) == tagger.tag(ENGLISH_SPORT, "en")
