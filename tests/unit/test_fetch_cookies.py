"""Cookies of one fetch: who gets which, by RFC 6265 and its revision."""

import time

import pytest

from tasks.fetch.cookie_dates import seconds_of
from tasks.fetch.cookies import CookieJar

NOW = 1_800_000_000.0
URL = "https://www.news.example/a/b?c"


def header(line: str, to: str = URL, *, by: str = URL) -> str:
    """Return the Cookie header of a request to a URL after another one has set a cookie."""
    jar = CookieJar(lambda: NOW)
    jar.take(by, [line])
    return jar.header(to)


@pytest.mark.parametrize(
    ("line", "sent"),
    [
        ("a=b", "a=b"),
        (" a = b ; Path=/", "a=b"),
        ("a=b=c", "a=b=c"),
        ('a="b c"', 'a="b c"'),
        ("a=", "a="),
        ("=b", "b"),
        ("b", "b"),
        ("a=\u00e4", "a=\u00e4"),
        ("a=b;;;=;httponly; SameSite=Strict; Priority=High", "a=b"),
        ("", ""),
        ("=", ""),
        ("; Path=/", ""),
        ("a=b\x01", ""),
        ("a=b; Path=/\x7f", ""),
        ("a=" + "b" * 4095, "a=" + "b" * 4095),
        ("a=" + "b" * 4096, ""),
    ],
)
def test_what_is_a_cookie(line: str, sent: str) -> None:
    assert header(line) == sent


@pytest.mark.parametrize(
    ("domain", "to", "is_sent"),
    [
        (None, "www.news.example", True),
        (None, "a.www.news.example", False),
        (None, "news.example", False),
        ("", "a.www.news.example", False),
        ("news.example", "news.example", True),
        (".News.Example", "other.news.example", True),
        ("www.news.example", "a.www.news.example", True),
        ("news.example", "evilnews.example", False),
        ("news.example", "news.example.evil.example", False),
        ("other.news.example", "other.news.example", False),
        ("evil.example", "evil.example", False),
        ("ws.example", "www.news.example", False),
        ("example", "www.news.example", False),
        ("example", "evil.example", False),
    ],
)
def test_a_cookie_goes_to_its_site_only(domain: str | None, to: str, is_sent: bool) -> None:
    line = "a=b; Path=/" + ("" if domain is None else f"; Domain={domain}")
    assert header(line, f"https://{to}/") == ("a=b" if is_sent else "")


@pytest.mark.parametrize(
    ("host", "domain", "to", "is_sent"),
    [
        ("www.paper.co.uk", "co.uk", "other.co.uk", False),
        ("www.paper.co.uk", "paper.co.uk", "m.paper.co.uk", True),
        ("me.github.io", "github.io", "you.github.io", False),
        ("github.io", "github.io", "github.io", True),
        ("github.io", "github.io", "you.github.io", False),
        ("a.b.kawasaki.jp", "b.kawasaki.jp", "c.b.kawasaki.jp", False),
        ("a.city.kawasaki.jp", "city.kawasaki.jp", "b.city.kawasaki.jp", True),
        ("a.xn--55qx5d.cn", "xn--55qx5d.cn", "b.xn--55qx5d.cn", False),
        ("a.test", "test", "b.test", False),
        ("127.0.0.2", "127.0.0.2", "127.0.0.2", True),
        ("127.0.0.2", "0.0.2", "127.0.0.2", False),
        ("127.0.0.2", "0.0.2", "1.0.0.2", False),
        ("[2001:db8::1]", "[2001:db8::1]", "[2001:db8::2]", False),
    ],
)
def test_a_cookie_of_a_public_suffix_is_none(host: str, domain: str, to: str, is_sent: bool) -> None:
    line = f"a=b; Domain={domain}"
    assert header(line, f"https://{to}/", by=f"https://{host}/") == ("a=b" if is_sent else "")


@pytest.mark.parametrize(
    ("path", "to", "is_sent"),
    [
        ("", "/a/b", True),
        ("", "/a/", True),
        ("", "/a", True),
        ("", "/ab", False),
        ("", "/", False),
        ("; Path=x", "/a/c", True),
        ("; Path=/", "/", True),
        ("; Path=/a/", "/a", False),
        ("; Path=/a/", "/a/?x", True),
        ("; Path=/x", "/x/y", True),
        ("; Path=/x", "/xy", False),
        ("; Path=/; Path=/x", "/", False),
    ],
)
def test_a_cookie_goes_to_its_path_only(path: str, to: str, is_sent: bool) -> None:
    assert header(f"a=b{path}", f"https://www.news.example{to}") == ("a=b" if is_sent else "")


def test_secure_cookies_go_over_tls_only() -> None:
    plain, tls = "http://news.example/", "https://news.example/"
    assert header("a=b; Secure", tls, by=tls) == "a=b"
    assert header("a=b; Secure", plain, by=tls) == ""
    assert header("a=b; Secure", tls, by=plain) == ""
    assert header("a=b", plain, by=tls) == "a=b"
    jar = CookieJar()
    jar.take(tls, ["a=true; Secure; Path=/"])
    jar.take(plain, ["a=forged; Path=/", "a=forged; Path=/; Domain=news.example", "b=c"])
    assert jar.header(tls) == "a=true; b=c"


@pytest.mark.parametrize(
    ("line", "is_taken"),
    [
        ("__Secure-a=b; Secure", True),
        ("__secure-a=b", False),
        ("__Host-a=b; Secure; Path=/", True),
        ("__Host-a=b; Path=/", False),
        ("__Host-a=b; Secure", False),
        ("__HOST-a=b; Secure; Path=/; Domain=www.news.example", False),
        ("=__Host-a=b; Secure; Path=/", False),
        ("__Secure-", False),
    ],
)
def test_names_with_a_prefix_keep_their_promise(line: str, is_taken: bool) -> None:
    assert bool(header(line)) is is_taken


@pytest.mark.parametrize(
    ("attributes", "is_sent"),
    [
        ("Max-Age=1", True),
        ("Max-Age=0", False),
        ("Max-Age=-1", False),
        ("Max-Age=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT", False),
        ("Max-Age=99; Expires=Thu, 01 Jan 1970 00:00:00 GMT", True),
        ("Max-Age=" + "9" * 900, True),
        ("Max-Age=-" + "9" * 900, False),
        ("Expires=Thu, 01-Jan-70 00:00:01 GMT", False),
        ("Expires=Fri, 31 Dec 2100 23:59:59 GMT", True),
        ("Expires=never", True),
        ("Expires", True),
        ("Expires=" + "Thu, 01 Jan 1970 00:00:00 GMT".rjust(2000), True),
    ],
)
def test_a_cookie_that_has_expired_is_not_sent(attributes: str, is_sent: bool) -> None:
    assert header(f"a=b; {attributes}") == ("a=b" if is_sent else "")


def test_a_cookie_is_replaced_and_taken_away() -> None:
    now = [NOW]
    jar = CookieJar(lambda: now[0])
    jar.take(URL, ["a=1", "b=2; Max-Age=5", "a=3"])
    assert jar.header(URL) == "a=3; b=2"
    jar.take(URL, ["a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"])
    assert jar.header(URL) == "b=2"
    now[0] += 5
    assert (jar.header(URL), jar.names(URL)) == ("", [])


def test_longer_paths_come_first_then_older_cookies() -> None:
    jar = CookieJar()
    jar.take(URL, ["a=1; Path=/", "b=2; Path=/a", "c=3; Path=/", "a=4; Path=/a/b"])
    assert jar.header(URL) == "a=4; b=2; a=1; c=3"
    assert jar.names(URL) == ["a", "b", "a", "c"]


def test_a_jar_keeps_what_a_server_takes_the_latest_of_it() -> None:
    jar = CookieJar()
    began = time.process_time()
    jar.take(URL, [f"n{number}={number}" for number in range(5_000)])
    assert jar.names(URL) == [f"n{number}" for number in range(4_950, 5_000)]
    jar.take(URL, [f"m{number}=" + "x" * 3_000 for number in range(5)])
    assert jar.names(URL)[-2:] == ["m3", "m4"]
    assert len(jar.header(URL)) < 8_000
    jar.take(URL, [";".join(["a=b"] + ["x=" + "y" * 1000] * 1000)])
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "6-november-1994 8:49:37",
        "08:49:37 1994 6th Nov",
        "06 Nov 94 08:49:37xyz",
    ],
)
def test_dates_are_read_as_they_are_written(text: str) -> None:
    assert seconds_of(text) == 784_111_777


@pytest.mark.parametrize(
    "text",
    [
        "",
        "never",
        "Sun, 06 Nov 1994",
        "31 Feb 2024 00:00:00",
        "06 Nov 1600 08:49:37",
        "06 Nov 1994 24:00:00",
        "06 Nov 1994 08:49",
        "1:2:3 " * 20_000,
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert seconds_of(text) is None
