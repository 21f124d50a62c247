"""Which language a text is in."""

# ruff: noqa: RUF001 - sentences in several scripts

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import replace

import pycld2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.article import Article
from tasks.errors import Reason, Rejected
from tasks.language import scripts
from tasks.language.compat import langdetect_factory, langdetect_languages
from tasks.language.detector import Detector
from tasks.language.detectors import UNDETERMINED
from tasks.language.stage import detect_language

ENGLISH = "The council voted on Monday to raise the levees along the river by half a metre."


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector.load()


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", ENGLISH),
        (
            "de",
            "Der Stadtrat hat am Montag beschlossen, die Deiche am Fluss um einen halben Meter zu erhöhen.",
        ),
        ("fr", "Le conseil municipal a voté lundi le rehaussement des digues le long du fleuve."),
        ("ru", "Городской совет в понедельник проголосовал за повышение дамб вдоль реки."),
        ("ja", "市議会は月曜日、川沿いの堤防を五十センチ高くすることを決めた。"),
        ("ko", "시의회는 월요일에 강변 제방을 높이기로 의결했다."),
        ("zh-cn", "市议会星期一投票决定将河边的堤坝加高半米。"),
        ("zh-tw", "市議會星期一投票決定將河邊的堤壩加高半公尺，臺灣當局表示歡迎。"),
        ("ar", "صوّت مجلس المدينة يوم الاثنين على رفع السدود على طول النهر."),
    ],
)
def test_a_sentence_is_recognised(detector: Detector, language: str, text: str) -> None:
    assert detector.detect(text).language == language


@pytest.mark.parametrize(
    ("language", "script", "text"),
    [
        ("ka", "Geor", "საქალაქო საბჭომ ორშაბათს კენჭი უყარა"),
        ("hy", "Armn", "Քաղաքային խորհուրդը երկուշաբթի քվեարկեց"),
        ("am", "Ethi", "የከተማው ምክር ቤት ሰኞ ዕለት ድምፅ ሰጠ"),
        ("ti", "Ethi", "ባይቶ ከተማ ሰኑይ ነቲ ሓጽቢ ክብ ንምባል ድምጺ ሂቡ፣ እዚ ድማ ኣብ ጥቓ ሩባ ዝነብሩ ሰባት ይሕግዝ።"),
        ("km", "Khmr", "ក្រុមប្រឹក្សាក្រុងបានបោះឆ្នោតនៅថ្ងៃច័ន្ទ"),
        ("lo", "Laoo", "ສະພາເມືອງໄດ້ລົງຄະແນນສຽງໃນວັນຈັນ"),
        ("my", "Mymr", "မြို့တော်ကောင်စီသည် တနင်္လာနေ့တွင် မဲပေးခဲ့သည်"),
        ("si", "Sinh", "නගර සභාව සඳුදා ඡන්දය ප්‍රකාශ කළේය"),
        ("bo", "Tibt", "གྲོང་ཁྱེར་ལྷན་ཚོགས་ཀྱིས་གཟའ་ཟླ་བར"),
        ("el", "Grek", "Το δημοτικό συμβούλιο ψήφισε τη Δευτέρα"),
        ("ja", "Jpan", "市議会は月曜日、iPhone 15 Pro Max の調達を決めた"),
        ("ko", "Kore", "시의회, 강변 제방 높이기로 의결"),
    ],
)
def test_a_script_with_one_or_two_languages_decides(
    detector: Detector, language: str, script: str, text: str
) -> None:
    guess = detector.detect(text)
    assert (guess.language, guess.script) == (language, script)
    assert guess.detector in {"script", "pycld2"}
    assert guess.confidence > 0.6


@pytest.mark.parametrize(
    ("language", "script", "text"),
    [
        (
            "ms",
            "Latn",
            (
                "Majlis bandaraya pada hari Isnin mengundi untuk menaikkan tambak di sepanjang sungai itu, kata "
                "jurucakapnya kepada pemberita kerana beberapa kawasan kampung telah ditenggelami air."
            ),
        ),
        (
            "sr",
            "Cyrl",
            "Градско веће је у понедељак гласало за подизање насипа дуж реке, рекао је портпарол.",
        ),
        (
            "yo",
            "Latn",
            "Ìgbìmọ̀ ìlú náà dìbò ní ọjọ́ Ajé láti gbé odi etí odò náà sókè, gẹ́gẹ́ bí agbẹnusọ wọn ti sọ.",
        ),
        (
            "uz",
            "Latn",
            "Shahar kengashi dushanba kuni daryo boʻyidagi toʻgʻonlarni koʻtarish uchun ovoz berdi.",
        ),
        ("kk", "Cyrl", "Қалалық кеңес дүйсенбі күні өзен бойындағы бөгеттерді көтеру үшін дауыс берді."),
        (
            "is",
            "Latn",
            "Borgarstjórn samþykkti á mánudag að hækka varnargarðana meðfram ánni um hálfan metra.",
        ),
    ],
)
def test_a_language_that_langdetect_does_not_know_is_named(
    detector: Detector, language: str, script: str, text: str
) -> None:
    guess = detector.detect(text)
    assert (guess.language, guess.script) == (language, script)


@pytest.mark.parametrize(
    "text",
    [
        "Zvxq blorn tekkim sarvu nolgat prishkeny uvdor mankip.",
        "Bu rïdorğa wiksel täpmon şulvay krendi foska ılmert.",
    ],
)
def test_what_is_in_no_language_is_not_named_with_confidence(detector: Detector, text: str) -> None:
    assert detector.detect(text).confidence <= 0.5


@pytest.mark.parametrize(
    ("language", "script", "text"),
    [
        ("zh-tw", "Hant", "颱風逼近 台鐵宣布停駛"),
        ("zh-tw", "Hant", "港府公布新年度財政預算案，學者批評開支過大。"),
        ("zh-cn", "Hans", "台风逼近 铁路宣布停运"),
        ("zh-cn", "Hans", "外交部发言人星期一表示，中方对此表示关切。"),
    ],
)
def test_traditional_and_simplified_chinese_are_told_apart(
    detector: Detector, language: str, script: str, text: str
) -> None:
    guess = detector.detect(text)
    assert (guess.language, guess.script) == (language, script)


def test_a_foreign_name_does_not_decide(detector: Detector) -> None:
    assert detector.detect(f"{ENGLISH} The song is called თბილისო.").language == "en"


@pytest.mark.parametrize("text", ["", " \n", "2024 12.5 %", "https://courier.example/a/b?c=d", "😀 🎉", "—"])
def test_what_has_no_words_is_undetermined(detector: Detector, text: str) -> None:
    guess = detector.detect(text)
    assert (guess.language, guess.confidence) == ("und", 0.0)


@pytest.mark.parametrize(
    "headline",
    ["COUNCIL VOTES TO RAISE LEVEES ALONG THE RIVER", "Council Votes To Raise Levees Along The River"],
)
def test_capitals_do_not_matter(detector: Detector, headline: str) -> None:
    assert detector.detect(headline) == detector.detect(headline.lower())
    assert detector.detect(headline).language == "en"


def test_where_the_pair_differs_langdetect_has_the_last_word_at_half_its_confidence(
    detector: Detector,
) -> None:
    guess = detector.detect("Ja, det er så.")
    assert guess.detector == "langdetect"
    assert guess.confidence <= 0.5


@given(st.text(st.characters(), max_size=60))
def test_any_text_has_an_answer(detector: Detector, text: str) -> None:
    guess = detector.detect(text)
    assert 0 <= guess.confidence <= 1
    assert (guess.confidence == 0) >= (guess.language == UNDETERMINED)


def test_every_language_of_langdetect_is_known_to_the_pair_or_its_script(detector: Detector) -> None:
    by_script = {one for languages in scripts._LANGUAGES.values() for one in languages}
    assert detector.langdetect.knows <= detector.py3langid.knows | by_script


def test_the_beginning_of_a_long_text_decides(detector: Detector) -> None:
    assert detector.detect(ENGLISH * 20 + "Der Stadtrat hat am Montag beschlossen." * 100).language == "en"


def test_the_same_text_gets_the_same_answer_in_every_thread_and_detector(detector: Detector) -> None:
    mixed = "Ja, das ist so. Yes, it is. Sim, é isso."
    with ThreadPoolExecutor(8) as pool:
        guesses = set(pool.map(detector.detect, [mixed] * 24))
    assert guesses == {Detector.load().detect(mixed)}


def test_the_record_says_who_is_how_sure(detector: Detector) -> None:
    article = Article(id="0", url="https://x.example/", text=ENGLISH, versions={"extractor": "e"})
    article = detect_language(article, detector=detector)
    assert (article.language, article.language_detector) == ("en", "py3langid+pycld2")
    assert article.script == "Latn"
    assert 0.9 < (article.language_confidence or 0) <= 1
    assert article.versions == {"extractor": "e", "detector": detector.version}
    assert re.fullmatch(r"langdetect 1\S+, py3langid \S+, pycld2 \S+ / newsmill \d+", detector.version)


def test_a_short_text_is_read_with_its_title(detector: Detector) -> None:
    article = Article(id="0", url="https://x.example/", title=ENGLISH, text="12 : 3")
    assert detect_language(article, detector=detector).language == "en"


def test_a_long_text_is_read_without_its_title(detector: Detector) -> None:
    article = Article(id="0", url="https://x.example/", title="Der Stadtrat " * 60, text=ENGLISH * 4)
    assert detect_language(article, detector=detector).language == "en"


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [((), True), (("en",), True), (("fr", "en"), True), (("fr",), False), (("und",), False)],
)
def test_only_the_languages_that_are_wanted_are_kept(
    detector: Detector, wanted: tuple[str, ...], *, kept: bool
) -> None:
    article = Article(id="0", url="https://x.example/", text=ENGLISH)
    choosy = replace(detector, wanted=wanted)
    if kept:
        assert detect_language(article, detector=choosy).language == "en"
        return
    with pytest.raises(Rejected, match="en ") as caught:
        detect_language(article, detector=choosy)
    assert caught.value.reason is Reason.LANGUAGE


def test_zh_stands_for_both_ways_of_writing_chinese(detector: Detector) -> None:
    choosy = replace(detector, wanted=("zh",))
    assert choosy.wants("zh-cn")
    assert choosy.wants("zh-tw")
    assert not replace(detector, wanted=("zh-cn",)).wants("zh-tw")


def test_the_files_of_langdetect_are_named_after_its_languages() -> None:
    assert sorted(langdetect_languages()) == sorted(langdetect_factory().get_lang_list())


def test_langdetect_uses_the_seed_of_its_factory() -> None:
    # Its own `detect` samples other n-grams at each call: of 20, some differ.
    factory = langdetect_factory()
    text = "Ja, das ist so. Yes, it is. Sim, é isso."

    def probabilities(seed: int | None) -> str:
        detector = copy(factory)
        detector.set_seed(seed)
        detector = detector.create()
        detector.append(text)
        return str(detector.get_probabilities())

    assert factory.seed == 0
    assert len({probabilities(0) for _ in range(20)}) == 1
    assert len({probabilities(None) for _ in range(20)}) > 1


def test_langdetect_is_asked_through_a_factory_of_its_own(
    detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = []
    factory = langdetect_factory()
    create = type(factory).create
    monkeypatch.setattr(type(factory), "create", lambda one: created.append(one) or create(one))
    assert detector.detect("Ja, det er så.").detector == "langdetect"
    assert created == [factory]


@pytest.mark.parametrize("text", [f"{ENGLISH} \x01", f"{ENGLISH} \ufdd0", f"{ENGLISH} \ud800"])
def test_pycld2_still_refuses_some_characters_and_the_stage_does_not(detector: Detector, text: str) -> None:
    with pytest.raises((pycld2.error, UnicodeEncodeError)):
        pycld2.detect(text)
    assert detector.detect(text).language == "en"


def test_langdetect_itself_still_has_one_factory_for_all_threads() -> None:
    program = (
        "from langdetect import detect, detector_factory as module; detect('one two'); first = module._factory;"
        "detect('three'); print(first is module._factory is not None)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["True"]
