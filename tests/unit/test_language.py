"""Which language a text is in."""

# ruff: noqa: RUF001 - sentences in several scripts

from concurrent.futures import ThreadPoolExecutor

import pytest

from tasks.article import Article
from tasks.language import Detector, detect_language

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
    ("language", "text"),
    [
        ("ka", "საქალაქო საბჭომ ორშაბათს კენჭი უყარა"),
        ("hy", "Քաղաքային խորհուրդը երկուշաբթի քվեարկեց"),
        ("am", "የከተማው ምክር ቤት ሰኞ ዕለት ድምፅ ሰጠ"),
        ("km", "ក្រុមប្រឹក្សាក្រុងបានបោះឆ្នោតនៅថ្ងៃច័ន្ទ"),
        ("lo", "ສະພາເມືອງໄດ້ລົງຄະແນນສຽງໃນວັນຈັນ"),
        ("my", "မြို့တော်ကောင်စီသည် တနင်္လာနေ့တွင် မဲပေးခဲ့သည်"),
        ("si", "නගර සභාව සඳුදා ඡන්දය ප්‍රකාශ කළේය"),
        ("bo", "གྲོང་ཁྱེར་ལྷན་ཚོགས་ཀྱིས་གཟའ་ཟླ་བར"),
    ],
)
def test_a_script_without_a_profile_decides(detector: Detector, language: str, text: str) -> None:
    guess = detector.detect(text)
    assert (guess.language, guess.detector) == (language, "script")
    assert guess.confidence > 0.9


def test_a_foreign_name_does_not_decide(detector: Detector) -> None:
    assert detector.detect(f"{ENGLISH} The song is called თბილისო.").language == "en"


@pytest.mark.parametrize("text", ["", " \n", "2024 12.5 %", "https://courier.example/a/b?c=d", "😀 🎉", "—"])
def test_what_has_no_words_is_undetermined(detector: Detector, text: str) -> None:
    guess = detector.detect(text)
    assert (guess.language, guess.confidence) == ("und", 0.0)


def test_capitals_do_not_matter(detector: Detector) -> None:
    headline = "COUNCIL VOTES TO RAISE LEVEES ALONG THE RIVER"
    assert detector.detect(headline) == detector.detect(headline.lower())
    assert detector.detect(headline).language == "en"


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
    assert (article.language, article.language_detector) == ("en", "langdetect")
    assert 0.9 < (article.language_confidence or 0) <= 1
    assert article.versions == {"extractor": "e", "detector": detector.version}
    assert detector.version.startswith("langdetect 1.")


def test_a_short_text_is_read_with_its_title(detector: Detector) -> None:
    article = Article(id="0", url="https://x.example/", title=ENGLISH, text="12 : 3")
    assert detect_language(article, detector=detector).language == "en"


def test_a_long_text_is_read_without_its_title(detector: Detector) -> None:
    article = Article(id="0", url="https://x.example/", title="Der Stadtrat " * 60, text=ENGLISH * 4)
    assert detect_language(article, detector=detector).language == "en"
