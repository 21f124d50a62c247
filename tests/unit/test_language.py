"""Which language a text is in."""

# ruff: noqa: RUF001 - sentences in several scripts

import re
import subprocess
import sys
import time
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
from tasks.language.detectors import UNDETERMINED, detector_code
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


#: One story, as a paper of each language would tell it; no word is from a corpus.
SERBIAN = (
    "Gradsko veće je u sredu odlučilo da se nasip pored reke podigne pre zime. Predsednik opštine kaže da radnici mogu da "
    "počnu u ponedeljak, a posle toga će deca moći da se vrate u školu. Niko nije povređen."
)
CROATIAN = (
    "Gradsko vijeće je u srijedu odlučilo podići nasip uz rijeku prije zime. Načelnik općine kaže da radnici mogu početi u "
    "ponedjeljak, a poslije toga će se djeca vratiti u školu. Nitko nije ozlijeđen. Radovi će trajati do siječnja."
)
BOSNIAN = (
    "Gradsko vijeće u Sarajevu je u srijedu odlučilo da se nasip pored rijeke podigne prije zime. Načelnik općine kaže da "
    "radnici mogu početi u ponedjeljak. Niko nije povrijeđen. Historija poplava u BiH je duga, a radovi traju do januara."
)
#: Nothing in it tells one of the three from the others.
NEUTRAL = "Radnici su jutros stigli na most i postavili novu ogradu od kamena i drveta."


@pytest.mark.parametrize(("language", "text"), [("sr", SERBIAN), ("hr", CROATIAN), ("bs", BOSNIAN)])
def test_serbian_croatian_and_bosnian_in_latin_letters_are_told_apart(
    detector: Detector, language: str, text: str
) -> None:
    guess = detector.detect(text)
    assert (guess.language, guess.script) == (language, "Latn")
    assert detector.detect(text.upper()).language == language
    # What the page declares is the frame's language then.
    assert {detector.detect(text, other).language for other in ("hr", "bs-BA", "en", "de-AT")} == {language}


def test_where_the_words_do_not_tell_the_page_does(detector: Detector) -> None:
    assert detector.detect(NEUTRAL).language == "hr"
    for declared, language in (
        ("sr-Latn-RS", "sr"),
        ("sr_ME", "sr"),
        ("bs", "bs"),
        ("hr-HR", "hr"),
        ("en", "hr"),
    ):
        guess = detector.detect(NEUTRAL, declared)
        assert guess.language == language
        assert guess.confidence < 0.8
    assert detector.detect(NEUTRAL, "bs").detector == "declared"


def test_a_page_that_declares_serbian_may_have_either_reflex_of_yat(detector: Detector) -> None:
    text = (
        "Predsjednik opštine kaže da će se poslije zime vidjeti ko mijenja nasip, a djeca se vraćaju u školu."
    )
    assert detector.detect(text, "sr-ME").language == "sr"


def test_who_decided_among_the_three_is_on_the_guess(detector: Detector) -> None:
    assert detector.detect(SERBIAN).detector == "words"
    assert detector.detect(CROATIAN).detector == "py3langid+pycld2"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "bho",
            "काल्ह साँझ के नगर परिषद के बइठक में तय भइल कि नदी के बान्ह ऊँच कइल जाई, अउर एकरा खातिर पइसा सरकार दीही।",
        ),
        ("hne", "नगर परिषद ह सोमवार के फैसला करिस कि नदिया के बंधिया ला अउ ऊँच करे जाही, अइसने बात ओमन कहिन।"),
        (
            "szl",
            "Rada miasta ôd pyńdziałku przegłosowała, iże wały kole rzyki bydōm wyższe, bo woda bōła barzo srogo.",
        ),
        (
            "csb",
            "Gardowô rada w pòniedzôłk zdecydowa, że wałë nad rzéką bądą wëższé, bò wòda bëła baro wësokô.",
        ),
        (
            "kg",
            "Bantu ya mbanza ke zola ti nsi mpi ntangu ya mvula ke vanda mbote, ebuna yandi ke tuba konso muntu.",
        ),
        (
            "tpi",
            "Ol memba bilong taun kaunsil i vot long Mande long mekim banis bilong wara i go antap moa, em i tok.",
        ),
        (
            "min",
            "Dewan kota pado hari Sinayan mamutuihan untuak maninggikan tanggul batang aia, urang kampuang sanang jo itu.",
        ),
        (
            "azb",
            "شهر شوراسی دوشنبه گونو چای قیراغینداکی سدلرین یوکسلدیلمه سینه سس وئردی، سؤزچو خبرچیلره بئله دئدی.",
        ),
        ("tcy", "ತುಳು ಪಂಡ್ಡ ಒಂಜಿ ಭಾಷೆ. ತುಳುನಾಡ್ ಪನ್ಪಿನ ಪ್ರದೇಶೊಡು ಉಂದೆನ್ ಪಾತೆರುವೆರ್ ಬೊಕ್ಕ ಕಾಸರಗೋಡು ಜಿಲ್ಲೆಡ್ ಉಂಡು."),
        ("mnw", "ဍုၚ်ဗၟာ ဂှ် ပၟိက်မၞိဟ်ဂမၠိုၚ် ဒှ်အခေါၚ်အရာ ညးမွဲမွဲ"),
        (
            "gsw",
            "De Gmeindrot het am Mäntig beschlosse, d Dämm am Fluss e halbe Meter höcher z mache, seit de Sprecher, und es isch guet.",
        ),
    ],
)
def test_a_relative_of_a_known_language_is_undetermined(detector: Detector, language: str, text: str) -> None:
    assert detector.detect(text).language == "und", language


@pytest.mark.parametrize(
    ("declared", "language"), [("szl-PL", "szl"), ("pl", "und"), ("de", "und"), ("xx", "und"), (None, "und")]
)
def test_a_relative_has_the_name_that_its_page_declares(
    detector: Detector, declared: str | None, language: str
) -> None:
    text = (
        "Rada miasta ôd pyńdziałku przegłosowała, iże wały kole rzyki bydōm wyższe, bo woda bōła barzo srogo."
    )
    assert detector.detect(text, declared).language == language


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "Test String: Harbour Bay 4, Lowtown 2\n\nMatch report to follow. Scorers: Holt, Dale, Reed (2), Brandt. Next match: Saturday.",
        ),
        (
            "en",
            "TWA said TWA will sell its TWA shares to another airline, and TWA is not going to say which airline it is.",
        ),
        (
            "de",
            (
                "Die Band aus Los Angeles tritt am Freitag in Bregenz auf. Mit Bill Ward, Geezer Butler und Tony Iommi kommen die "
                "Stars des Heavy Metal, dazu Judas Priest, Iron Maiden, Dio und die Scorpions. Der Eintritt ist frei."
            ),
        ),
    ],
)
def test_names_do_not_make_a_text_unlike_its_language(detector: Detector, language: str, text: str) -> None:
    assert detector.detect(text).language == language


def test_in_a_short_text_the_page_decides_between_what_the_detectors_name(detector: Detector) -> None:
    text = "Ja, det er så."
    named = {detector.py3langid.predict(text).language, detector.cld2.predict(text)[0].language}
    assert "no" in named | {detector.langdetect.predict(text).language}
    assert detector.detect("Mixed: Ja, det ist so. Yes. Sim, é isso.", "pt").language in {"pt", "und"}
    assert detector.detect(ENGLISH, "pt-BR").language == "en"
    assert detector.detect(SERBIAN * 2, "en-US").language == "sr"


@pytest.mark.parametrize(
    "declared", ["", " ", "!!!", "zxx", "x" * 70, "-", "EN_us", "zh-Hant", "sr-Latn-RS-x-y"]
)
def test_any_declaration_is_survived(detector: Detector, declared: str) -> None:
    assert detector.detect(ENGLISH, declared).language == "en"


def test_the_stage_reads_the_declaration_of_the_record(detector: Detector) -> None:
    article = Article(id="0", url="https://x.example/", text=NEUTRAL, declared_language="sr-RS")
    assert detect_language(article, detector=detector).language == "sr"


@pytest.mark.parametrize(
    "text", ["slovo " * 200_000, "može " * 200_000, "a" * 1_000_000, "vreme da " * 100_000]
)
def test_a_megabyte_costs_no_more_than_a_page(detector: Detector, text: str) -> None:
    begin = time.process_time()
    detector.detect(text, "sr")
    assert time.process_time() - begin < 0.5


def test_every_line_of_the_tables_is_of_a_language_that_the_detectors_name(detector: Detector) -> None:
    found = (
        {detector_code(one) for _, one in pycld2.LANGUAGES}
        | detector.py3langid.knows
        | detector.langdetect.knows
    )
    profiles = detector.likeness.profiles
    assert {key.split("-")[0] for key in profiles} <= found
    assert set(detector.likeness.relatives) <= {key.split("-")[0] for key in profiles} | {"kn"}
    assert all(0 < one.share < 1 for one in profiles.values() if one.words)


def test_no_frequent_word_of_a_language_is_on_the_list_of_its_relatives(detector: Detector) -> None:
    for key, profile in detector.likeness.profiles.items():
        relatives = detector.likeness.relatives.get(key.split("-")[0])
        assert relatives is None or not profile.words & relatives.words, key


def test_every_language_of_langdetect_is_known_to_the_pair_or_its_script(detector: Detector) -> None:
    by_script = {one for languages in scripts.LANGUAGES_BY_SCRIPT.values() for one in languages}
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
