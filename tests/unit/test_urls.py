"""The URL that is asked for: what was given, parsed and serialised as the WHATWG URL standard says, and nothing more."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks import urls
from tasks.urls import LONGEST_URL, host_of, request_url, server_of

HOSTS = st.lists(st.text("az09-", min_size=1, max_size=5) | st.just("xn--4ca"), min_size=1, max_size=3).map(
    ".".join
)
SEGMENTS = st.text("azA9._~!$&'()*+,;=:@|-%", max_size=5) | st.sampled_from(
    [".", "..", "%2e%2E", "%7e", "ü", "", "a b", " ", "\tx", "\u00a0", "\u200c"]
)
URLS = st.builds(
    "{}://{}{}{}{}{}".format,
    st.sampled_from(["http", "https", "HTTP"]),
    HOSTS | HOSTS.map(str.upper),
    st.sampled_from(["", "", "", ".", ":80", ":443", ":8080", ".:80", ":"]),
    st.lists(SEGMENTS, max_size=4).map(lambda some: "".join(f"/{one}" for one in some)),
    st.sampled_from(["", "?"]) | st.text("az09=&%'\"<[{ü ?/", max_size=9).map("?{}".format),
    st.sampled_from(["", "", "#top", "#"]),
)
SIMPLE = st.from_regex(
    r"https?://(?:[a-z0-9-]{1,8}\.){1,3}[a-z]{2,8}/[!-~]{0,12}(?:\?[a-c]=[!-~]{0,8}){0,1}", fullmatch=True
)


def as_table(name: str) -> list[dict[str, Any]]:
    """Return the cases of a file of the standard's own tests; none without NEWSMILL_DATA."""
    file = Path(os.environ.get("NEWSMILL_DATA", "/nowhere"), "standards", name)
    if not file.is_file():
        return []
    return [case for case in json.loads(file.read_text("utf-8")) if isinstance(case, dict)]


def is_of_the_web(case: dict[str, Any]) -> bool:
    """Return whether a case of urltestdata.json is an http(s) URL, or a failure."""
    return bool(case.get("failure")) or case["href"].startswith(("http:", "https:"))


def request_or_none(url: str, base: str | None = None) -> str | None:
    try:
        return request_url(url, base)
    except ValueError:
        return None


@pytest.mark.skipif(not as_table("urltestdata.json"), reason="needs NEWSMILL_DATA")
def test_each_url_of_the_standards_own_table_is_asked_for_as_the_table_says() -> None:
    wrong, tried = [], 0
    for case in filter(is_of_the_web, as_table("urltestdata.json")):
        want = None if case.get("failure") else case["href"].partition("#")[0]
        if want and (case["username"] or case["password"]):  # they are not sent
            want = re.sub("//[^/]*@", "//", want)
        got = request_or_none(case["input"], case.get("base") or None)
        tried += 1
        if got != want:
            wrong.append((case["input"], case.get("base"), got, want))
    assert tried > 400
    assert wrong == []


@pytest.mark.skipif(not as_table("toascii.json"), reason="needs NEWSMILL_DATA")
@pytest.mark.parametrize("table", ["toascii.json", "IdnaTestV2.json"])
def test_each_name_of_the_standards_tables_of_hosts_is_as_they_say(table: str) -> None:
    wrong = []
    for case in as_table(table):
        if not case["input"]:
            continue  # "https:///x" has another host, x
        got, want = (
            request_or_none(f"https://{case['input']}/x"),
            case["output"] and f"https://{case['output']}/x",
        )
        if got != want and not is_too_long_for_the_dns(case["output"]):
            wrong.append((case["input"], got, want))
    assert wrong == []


def is_too_long_for_the_dns(host: str | None) -> bool:
    return host is not None and (len(host) > 253 or any(len(label) > 63 for label in host.split(".")))


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example.org/2025/04/16/a-story.html",
        "https://example.com/x?b=1&a=2",
        "https://example.com/x?u=/a/b,c:d",
        "https://example.com/x.dll?GetLogon?formdir=9",
        "https://example.com/x?story",
        "https://example.com/x?",
        "https://example.com/x?a=1;b=2&&c",
        "https://example.com/x?q=a%20b+c",
        "https://example.com/x?a[]=1",
        "https://example.com/index.php?/topic/356004-cast-iron/",
        "https://example.com/x?utm_source=self&fbclid=1",
        "https://example.com/%7euser/%e4/a%2fb",
        "https://example.com/a//b;c=1",
        "https://example.com./",
        "https://example.com:8443/",
        "http://[2001:db8::1]/",
    ],
)
def test_what_was_given_is_what_is_asked_for(url: str) -> None:
    assert request_url(url) == url


@pytest.mark.parametrize(
    ("url", "request_"),
    [
        ("  HTTP://Example.COM  ", "http://example.com/"),
        ("http://example.com:80/a/./b/../c/%2e%2E/d", "http://example.com/a/d"),
        ("https://example.com/?b=2&a=1#top", "https://example.com/?b=2&a=1"),
        ("https://exämple.com/ü?q=ä", "https://xn--exmple-cua.com/%C3%BC?q=%C3%A4"),
        ("https://straße.de/", "https://xn--strae-oqa.de/"),
        ("http://新华网.test:8080/x", "http://xn--xkrr14bows.test:8080/x"),
        ("http://i❤.test/", "http://xn--i-7iq.test/"),
        ("http://example.com/a story.html", "http://example.com/a%20story.html"),
        ("http://example.com/?q=a b", "http://example.com/?q=a%20b"),
        ("http://example.com/?q='a'", "http://example.com/?q=%27a%27"),
        ("http://example.com/a\u00a0b", "http://example.com/a%C2%A0b"),
        (
            "https://news.example.ir/\u0645\u06cc\u200c\u062e\u0648",
            "https://news.example.ir/%D9%85%DB%8C%E2%80%8C%D8%AE%D9%88",
        ),
        (
            "https://news.example.in/\u0915\u094d\u200d\u0937",
            "https://news.example.in/%E0%A4%95%E0%A5%8D%E2%80%8D%E0%A4%B7",
        ),
        ("http://example.com/a\x1bb\x7f", "http://example.com/a%1Bb%7F"),
        ("http://example.com/\udce4", "http://example.com/%EF%BF%BD"),
        ("ht\ntp://exam\r\nple.com/a\tb", "http://example.com/ab"),
        ("http:\\\\example.com\\a", "http://example.com/a"),
        ("http:///example.com/", "http://example.com/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://example.com", "http://example.com/"),
        ("http://user:word@example.com/a", "http://example.com/a"),
        ("http://news.example:80@example.com/a", "http://example.com/a"),
    ],
)
def test_what_browsers_change_is_changed(url: str, request_: str) -> None:
    assert request_url(url) == request_


@pytest.mark.parametrize(
    ("location", "request_"),
    [
        ("/n?q=a b", "https://a.test/n?q=a%20b"),
        ("?b", "https://a.test/x/y?b"),
        ("///b.test/n", "https://b.test/n"),
        ("\\\\b.test\\n", "https://b.test/n"),
        ("http:///b.test/n", "http://b.test/n"),
        ("https:n", "https://a.test/x/n"),
        ("  /n  ", "https://a.test/n"),
        ("", "https://a.test/x/y?z"),
    ],
)
def test_a_relative_url_is_resolved_as_browsers_resolve_it(location: str, request_: str) -> None:
    assert request_url(location, "https://a.test/x/y?z") == request_


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://example.com/a", "^is not an http or https URL$"),
        ("example.com/a", "^is not an http or https URL$"),
        ("file:///etc/passwd", "^is not an http or https URL$"),
        ("javascript:alert(1)", "^is not an http or https URL$"),
        ("", "^is not an http or https URL$"),
        ("http://", "^has no host$"),
        ("http://:80/", "^has no host$"),
        ("http://exam ple.com/", "^has an invalid host name$"),
        ("http://exam\u00a0ple.com/", "^has an invalid host name$"),
        ("http://a<b/", "^has an invalid host name$"),
        ("http://ho%00st/", "^has an invalid host name$"),
        ("http://256.0.0.1/", "^has an invalid host name$"),
        ("http://[::1/x", "^has an invalid host name$"),
        ("http://[::1]:x/", "^has an invalid port$"),
        ("http://example.com:99999/", "^has an invalid port$"),
        ("http://example.com:x/", "^has an invalid port$"),
        ("http://example.com:٣/", "^has an invalid port$"),
        ("http://" + "a" * 64 + ".test/", "^has a host name that is too long$"),
        ("http://" + "a." * 130 + "test/", "^has a host name that is too long$"),
        ("http://example.com/" + "a" * LONGEST_URL, "^is longer than 8192 characters$"),
        ("http://example.com/" + "ü" * 2000, "^is longer than 8192 characters$"),
    ],
)
def test_what_is_not_an_http_url_is_refused_with_a_sentence(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        request_url(url)


@given(URLS | SIMPLE | st.text(max_size=20).map("http://".__add__))
def test_a_request_url_stays_as_it_is(url: str) -> None:
    request = request_or_none(url)
    assert request is None or request_url(request) == request


@given(URLS | SIMPLE)
def test_the_short_way_leads_where_the_parser_does(url: str) -> None:
    plain = urls._PLAIN.fullmatch(url)
    if plain:
        parsed = request_or_none(url, "https://base.test/")
        assert parsed is None or parsed == plain[1]
        assert parsed == request_or_none(url)


def test_most_urls_go_the_short_way() -> None:
    for url in (
        "https://news.example.org/2025/04/16/a-story.html",
        "https://example.com/story?id=42&page=2#top",
    ):
        assert urls._PLAIN.fullmatch(url)


@pytest.mark.parametrize(
    ("url", "host", "server"),
    [
        ("https://example.com/a", "example.com", "https://example.com"),
        ("http://example.com/a", "example.com", "example.com"),
        ("https://example.com./a", "example.com", "https://example.com"),
        ("https://example.com.:8443?a", "example.com:8443", "https://example.com:8443"),
        ("http://[2001:db8::1]:81/a", "[2001:db8::1]:81", "[2001:db8::1]:81"),
        ("file:///a/b.html", "", ""),
    ],
)
def test_the_budget_of_a_host_is_by_its_name_and_odd_port(url: str, host: str, server: str) -> None:
    assert (host_of(url), server_of(url)) == (host, server)
