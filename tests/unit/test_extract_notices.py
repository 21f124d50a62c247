"""JavaScript notices and cookie walls are no articles."""

# ruff: noqa: RUF001 - notices in several scripts

import pytest

from tasks.extract.notices import is_notice

JAVASCRIPT = {
    "en": "JavaScript is disabled in your browser. Please enable JavaScript to continue. Then reload the page.",
    "de": "Bitte aktivieren Sie JavaScript in Ihrem Browser, um diese Seite zu nutzen.",
    "fr": "Veuillez activer JavaScript dans votre navigateur pour continuer.",
    "es": "Por favor, habilite JavaScript en su navegador para ver esta página.",
    "pt": "É necessário ativar o JavaScript no seu navegador.",
    "it": "Per continuare, abilita JavaScript nel tuo browser.",
    "nl": "Schakel JavaScript in om deze website te gebruiken.",
    "sv": "Du måste aktivera JavaScript i din webbläsare.",
    "da": "Slå JavaScript til i din browser for at fortsætte.",
    "pl": "Włącz obsługę JavaScript w swojej przeglądarce.",
    "tr": "Lütfen tarayıcınızda JavaScript'i etkinleştirin.",
    "ru": "Пожалуйста, включите JavaScript в вашем браузере.",
    "zh": "请启用JavaScript以继续浏览。您的浏览器不支持JavaScript。",
    "ja": "JavaScriptを有効にしてください。ブラウザの設定をご確認ください。",
    "ar": "يرجى تفعيل JavaScript في متصفحك للمتابعة.",
}
COOKIES = {
    "en": "We and our partners use cookies to store information on your device. You can change your privacy settings.",
    "de": "Wir und unsere Partner verwenden Cookies, um Werbung zu zeigen. Hier geht es zur Datenschutzerklärung.",
    "fr": "Nous utilisons des cookies pour améliorer votre expérience. Politique de confidentialité.",
    "es": "Usamos cookies propias y de terceros. Más información en la política de privacidad.",
    "pt": "Utilizamos cookies para melhorar a sua experiência. Ao continuar, você aceita o uso de cookies.",
    "it": "Utilizziamo i cookie per offrirti la migliore esperienza. Leggi la nostra privacy policy.",
    "nl": "Wij gebruiken cookies om uw ervaring te verbeteren. Geeft u toestemming aan onze partners?",
    "sv": "Vi använder cookies för att förbättra din upplevelse. Genom att klicka samtycker du.",
    "da": "Vi bruger cookies til at forbedre din oplevelse. Du giver samtykke til vores partnere.",
    "pl": "Używamy plików cookie, aby zapewnić najlepszą jakość. Zobacz politykę prywatności.",
    "tr": "Bu site çerezleri kullanır. Gizlilik politikası.",
    "ru": "Мы используем файлы cookie, чтобы улучшить сайт. Политика конфиденциальности.",
    "zh": "我们使用cookie来改善您的体验。点击接受即表示您同意我们的隐私政策。",
    "ja": "当サイトではクッキーを使用しています。プライバシーポリシーに同意してください。",
    "ar": "نستخدم ملفات تعريف الارتباط لتحسين تجربتك. بالنقر فإنك توافق على سياسة الخصوصية.",
}


@pytest.mark.parametrize("notice", JAVASCRIPT.values(), ids=JAVASCRIPT)
def test_a_javascript_notice_is_a_notice_in_every_language(notice: str) -> None:
    assert is_notice(notice)


@pytest.mark.parametrize("notice", COOKIES.values(), ids=COOKIES)
def test_a_cookie_wall_is_a_notice_in_every_language(notice: str) -> None:
    assert is_notice(notice)


def test_an_article_that_quotes_a_notice_is_an_article() -> None:
    quoted = "“We use cookies”, says the banner that everybody clicks away."
    report = (
        "The regulator fined the shop 2 million euros on Tuesday. It had tracked its visitors for three years. "
        "The shop said it would appeal. A hearing is due in June. Two rivals were fined last year."
    )
    assert not is_notice(f"{quoted} {report}")


def test_girl_scout_cookies_are_no_cookies() -> None:
    assert not is_notice(
        "Child labour in the palm oil industry is tied to Girl Scout cookies, a report says."
    )


def test_a_long_text_is_no_notice() -> None:
    assert not is_notice(COOKIES["en"] * 30)
