"""Which evidence makes a page a wall, and which does not."""

# ruff: noqa: RUF001 - signs as pages have them

import time

import pytest

from tasks.errors import Reason
from tasks.extract.characters import latin_length
from tasks.walls.recognition import Finding, finding_of

DATED = '<meta property="article:published_time" content="2025-06-12T08:30:00Z">'
STORY = (
    "The harbour council voted on Monday to close the old fish market for two years. Traders have until March to move "
    "their stalls to a hall behind the station, which the town rents for 18,000 a month. "
)
GONE = "The page you are looking for could not be found. Check the address, or use the search."


def page(title: str = "", text: str = "", *, heading: str = "", head: str = "", body: str = "") -> str:
    return (
        f"<!doctype html><html><head><title>{title}</title>{head}</head><body>"
        f"<h1>{heading}</h1><p>{text}</p>{body}</body></html>"
    )


def found(html: str, text: str) -> Finding | None:
    return finding_of(html, text, latin_length(text))


def reason(html: str, text: str) -> Reason | None:
    finding = found(html, text)
    return finding and finding.reason


def test_a_heading_and_a_sentence_make_a_soft_404_and_are_its_evidence() -> None:
    text = f"{GONE} You may also like to read what we have on the harbour, on the weather and on the ferries of the bay."
    finding = found(page("Page not found | Courier", text, heading="Oops!"), text)
    assert finding is not None
    assert finding.reason is Reason.SOFT_404
    assert "Page not found | Courier" in finding.detail
    assert "page you … looking for" in finding.detail


@pytest.mark.parametrize(
    "title", ["Page not found", "404", "Error 404", "Oops! 404 - Not Found", "Courier – Page Not Found"]
)
def test_a_heading_alone_is_no_evidence_against_a_text(title: str) -> None:
    assert found(page(title, STORY, heading=title), STORY) is None


@pytest.mark.parametrize(
    "title", ["Page not found", "404", "Error 404", "Oops! 404 - Not Found", "Courier – Page Not Found"]
)
def test_a_heading_alone_names_a_page_without_a_text(title: str) -> None:
    assert reason(page(title), "") is Reason.SOFT_404


def test_what_an_article_quotes_is_no_evidence() -> None:
    quoted = f"Hundreds of readers saw the words “{GONE}” on Monday. {STORY}"
    assert found(page("Page not found", quoted, heading="Page not found"), quoted) is None


def test_a_page_that_is_dated_as_an_article_is_one() -> None:
    text = f"{GONE} {STORY}"
    assert reason(page("Page not found", text), text) is Reason.SOFT_404
    assert found(page("Page not found", text, head=DATED), text) is None


def test_a_soft_404_before_a_list_of_stories_is_one_however_long_the_list_is() -> None:
    text = f"{GONE}\n" + STORY * 12
    assert reason(page("Page not found", text, heading="Page not found"), text) is Reason.SOFT_404
    assert found(page("Harbour council", text, heading="Harbour council"), text) is None


def test_a_long_guide_to_such_pages_in_another_language_is_an_article() -> None:
    text = (
        "Was heißt die Meldung? Sie folgen einem Link, erwarten die gewünschte Seite und lesen eine Zahl auf weißem Grund. "
        + "Die Zahl steht in einem Standard, und die Suche nach ihrem Ursprung führt in ein Forschungszentrum bei Genf. "
        * 20
    )
    assert found(page("Error 404 – Page not found", text, heading="Error 404 – Page not found"), text) is None


def test_a_text_of_such_sentences_needs_no_heading() -> None:
    text = (
        "Sorry, the page you requested could not be found. The article you requested may have been removed from our site. "
        "This content is no longer available to readers of the Courier."
    )
    assert reason(page("Courier", text), text) is Reason.SOFT_404


def test_a_vendor_s_mark_is_enough_and_named() -> None:
    html = page("courier.test", body="<script>window._cf_chl_opt={cType: 'managed'}</script>")
    finding = found(html, "")
    assert finding is not None
    assert finding.reason is Reason.BLOCKED
    assert "Cloudflare" in finding.detail
    assert "_cf_chl_opt" in finding.detail


def test_a_mark_that_an_article_shows_as_text_is_none() -> None:
    text = f"{STORY}The script sets window._cf_chl_opt."
    assert found(page("Reading a challenge page", text), text) is None


def test_scripts_that_vendors_put_into_every_page_are_no_marks() -> None:
    scripts = (
        '<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script><script>window._pxAppId="PX1"</script>'
        '<script src="https://js.datadome.co/tags.js"></script><script src="/149e9513/2d206a39/p.js"></script>'
        '<script src="https://www.google.com/recaptcha/api.js"></script><div class="g-recaptcha"></div>'
    )
    assert found(page("Harbour council", STORY, body=scripts), STORY) is None
    assert found(page("Harbour council", "", body=scripts + f"<p>{STORY}</p>"), "") is None


def test_a_mark_on_a_page_with_much_text_is_none() -> None:
    html = page("Harbour council", STORY * 20, body="<script>window._cf_chl_opt={}</script>")
    assert found(html, STORY * 20) is None


@pytest.mark.parametrize(
    "root",
    [
        '<div id="root"></div>',
        "<div id='app'><div><span>Loading...</span></div></div>",
        "<DIV class=x ID=__next></DIV>",
        "<app-root><div>Please wait</div></app-root>",
        '<main data-reactroot=""></main>',
    ],
)
def test_an_empty_application_needs_javascript(root: str) -> None:
    finding = found(page("Courier", body=f"{root}<script src='/main.js'></script>"), "")
    assert finding is not None
    assert finding.reason is Reason.NEEDS_JAVASCRIPT
    assert "1 script" in finding.detail


@pytest.mark.parametrize(
    "body",
    [
        '<div id="root"></div>',
        f'<div id="root"><p>{STORY}</p></div><script src="/main.js"></script>',
        '<div id="gallery"></div><script src="/main.js"></script>',
        f'<div id="root"></div><p>{STORY * 3}</p><script src="/main.js"></script>',
    ],
    ids=["no script", "filled", "no application", "beside a text"],
)
def test_a_page_is_no_empty_application(body: str) -> None:
    assert found(page("Courier", body=body), "") is None


def test_a_form_to_log_in_beside_an_article_is_no_login_page() -> None:
    form = "<h2>Log in</h2><form><input type=password></form><p>Forgot your password? Create an account.</p>"
    assert found(page("Harbour council", STORY, heading="Harbour council", body=form), STORY) is None
    assert found(page("Harbour council", STORY, heading="Log in", body=form), STORY) is None


def test_a_login_page_is_a_soft_404() -> None:
    text = "Please log in to continue reading. Forgot your password? Create a free account to read five stories a month with us."
    assert (
        reason(page("Log in | Courier", text + " " * 30 + STORY[:60]), text + STORY[:60]) is Reason.SOFT_404
    )


@pytest.mark.parametrize(
    "html",
    [
        "<" * 300_000,
        "<!--" * 75_000,
        "<script>" * 40_000,
        "<h1>" * 75_000,
        "<title>" * 40_000,
        '<div id="root">' * 20_000,
        "<div id=" * 40_000,
        "&amp" * 75_000,
        "“" * 300_000,
        '"' * 300_000,
        "the page you " * 25_000,
        "your ip " * 40_000,
        " " * 300_000,
    ],
    ids=lambda html: html[:10],
)
def test_no_page_takes_long(html: str) -> None:
    began = time.process_time()
    found(html, "")
    found(f"<title>404</title>{html}", html)
    found(f"<title>404</title>{html}", html[:1400])
    assert time.process_time() - began < 3


@pytest.mark.parametrize("where", ["{story} {line}", "{line} {story}"])
def test_a_request_to_log_in_above_or_below_a_brief_is_no_login_page(where: str) -> None:
    story = "The council of the harbour town voted on Monday to close the old fish market for two years, as its floor has sunk."
    text = where.format(story=story, line="You must be logged in to post a comment.")
    assert found(page("Fish market closes", text, heading="Fish market closes"), text) is None
    assert found(page("Access denied", text, heading="Access denied"), text) is None


BRIEFS = {
    "ja": "十二日午前、市の予約システムに問題が発生し、窓口が一時混雑した。市は午後一時に復旧したと発表し、予約を取り直す必要はないとしている。原因は調査中だという。",
    "ko": "12일 오전 한 은행에서 전산 오류가 발생했다. 은행은 두 시간 만에 복구했으며 고객의 돈에는 영향이 없다고 밝혔다. 금융당국은 경위를 보고받고 있다고 전했다.",
    "ko-blocked": "정부의 결정에 따라 해당 사이트의 접속이 차단됐다. 시민단체는 법원에 이의를 제기할 계획이라고 밝혔다. 비슷한 조치는 올해 들어 네 번째다.",
    "ru": "В среду утром в работе портала произошла ошибка, из-за которой сто человек получили чужие квитанции. Ведомство уже отправило новые.",
    "fr": "Une erreur est survenue mardi lors du dépouillement dans deux bureaux de la ville. La mairie a fait recompter les bulletins dans la nuit.",
    "tr": "Sınav sisteminde bir hata oluştu ve iki bin öğrencinin puanı yanlış açıklandı. Merkez, yeni sonuçların cuma günü duyurulacağını bildirdi.",
    "de": "Beim Versand der Wahlunterlagen ist ein Fehler aufgetreten, wie die Stadt am Montag mitteilte. Betroffen sind dreihundert Haushalte im Norden.",
    "en": "The two members have been blocked from the committee, the chairman told them on Monday. They will ask the court.",
    "zh": "周三上午，某银行因系统出错暂停转账两小时。银行表示客户资金安全，受影响的交易将在当天补办。监管部门已要求提交说明。市民建议增加人工窗口，以便在系统中断时办理急需的业务。",
}


@pytest.mark.parametrize("text", BRIEFS.values(), ids=BRIEFS)
def test_a_brief_about_an_error_or_a_block_is_an_article(text: str) -> None:
    assert latin_length(text) >= 110
    assert found(page("A brief", text + " " + text[:1], heading="A brief"), text) is None
