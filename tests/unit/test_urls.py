"""The canonical URL: one page is one article, however its URL is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.urls import LONGEST_URL, _canonicalize, _plain, canonical_url, host_of

HOSTS = st.lists(st.text("az09-", min_size=1, max_size=5) | st.just("xn--4ca"), min_size=1, max_size=3).map(
    ".".join
)
SEGMENTS = st.text("azA9._~!$&'()*+,;=:@|-%", max_size=5) | st.sampled_from(
    [".", "..", "%2e%2E", "%7e", "ü", "", "a b", " ", "\tx", "\u00a0"]
)
PAIRS = st.tuples(
    st.sampled_from(["a", "b", "utm_source", "UTM_x", "%75tm_source", "spm", "q[]", "", "ü"]),
    st.text("az09+%._-&=/? ", max_size=4),
).map("=".join)
PLAIN_PAIRS = st.tuples(
    st.sampled_from(["a", "a1", "B", "aa", "utm_source", "A_", "_"]), st.text("aB1_.-", max_size=3)
).map("=".join)
URLS = st.builds(
    "{}://{}{}{}{}{}".format,
    st.sampled_from(["http", "https", "HTTP"]),
    HOSTS | HOSTS.map(str.upper),
    st.sampled_from(["", "", "", ".", "..", ":80", ":443", ":8080", ".:80", "..:8080", ":"]),
    st.lists(SEGMENTS, max_size=4).map(lambda some: "".join(f"/{one}" for one in some)),
    st.lists(PAIRS, max_size=3).map(lambda some: "?" + "&".join(some) if some else ""),
    st.sampled_from(["", "", "#top", "#"]),
)


def canonical_or_none(url: str) -> str | None:
    try:
        return canonical_url(url)
    except ValueError:
        return None


@given(URLS)
def test_a_canonical_url_stays_as_it_is(url: str) -> None:
    canonical = canonical_or_none(url)
    assert canonical is None or canonical_url(canonical) == canonical


@given(URLS)
def test_a_canonical_url_stays_as_it_is_the_long_way_too(url: str) -> None:
    canonical = canonical_or_none(url)
    assert canonical is None or _canonicalize(canonical) == canonical


@given(
    URLS
    | st.from_regex(
        r"https?://(?:[a-z0-9-]{1,8}\.){1,3}[a-z]{2,8}/[!-~]{0,12}(?:\?[a-c]=[!-~]{0,3}){0,1}", fullmatch=True
    )
    | st.lists(PLAIN_PAIRS, min_size=1, max_size=5).map(lambda some: "http://example.com/a?" + "&".join(some))
)
def test_the_short_way_leads_where_the_long_way_does(url: str) -> None:
    assert _plain(url) in {None, canonical_or_none(url) and _canonicalize(url)}


@given(URLS)
def test_tracking_parameters_and_fragments_make_no_other_article(url: str) -> None:
    canonical = canonical_or_none(url)
    if canonical is not None:
        assert (
            canonical_url(canonical + ("&" if "?" in canonical else "?") + "utm_source=x&fbclid=1#top")
            == canonical
        )


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example.org/2025/04/16/a-story.html",
        "http://example.com/",
        "http://example.com/a//b",
        "https://example.com/story?id=42&page=2",
    ],
)
def test_what_most_lists_hold_goes_the_short_way(url: str) -> None:
    assert _plain(url) == url


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("  HTTP://Example.COM  ", "http://example.com/"),
        ("http://example.com:80/a/./b/../c", "http://example.com/a/c"),
        ("https://example.com.:443/", "https://example.com/"),
        ("http://example.com.:8080/", "http://example.com:8080/"),
        ("https://example.com/?b=2&a=1#top", "https://example.com/?a=1&b=2"),
        ("https://example.com/?utm_source=x&spm=1", "https://example.com/"),
        ("https://example.com/%7euser/%e4", "https://example.com/~user/%E4"),
        ("https://exämple.com/ü", "https://xn--exmple-cua.com/%C3%BC"),
        ("http://[2001:DB8::0:1]:80/", "http://[2001:db8::1]/"),
        ("http://example.com/a story.html", "http://example.com/a%20story.html"),
        ("http://example.com/a%20story.html", "http://example.com/a%20story.html"),
        ("http://example.com/?q=a b", "http://example.com/?q=a+b"),
        ("http://example.com/a\u00a0b", "http://example.com/a%C2%A0b"),
        ("http://example.com/#a b", "http://example.com/"),
        ("\x00\x1f http://example.com/\u3000", "http://example.com/"),
        ("ht\ntp://exam\r\nple.com/a\tb", "http://example.com/ab"),
    ],
)
def test_a_url_is_written_in_one_way(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://example.com/a", "^is not an http or https URL$"),
        ("example.com/a", "^is not an http or https URL$"),
        ("file:///etc/passwd", "^is not an http or https URL$"),
        ("javascript:alert(1)", "^is not an http or https URL$"),
        ("http://", "has no host"),
        ("http://:80/", "has no host"),
        ("http://user:word@example.com/", "user information"),
        ("http://exam ple.com/", "^has an invalid host name$"),
        ("http://example.com :80/", "^has an invalid host name$"),
        ("http://exam\u00a0ple.com/", "^has an invalid host name"),
        ("http://example.com/\udce4", "^contains control characters$"),
        ("http://example.com/a\x1bb", "^contains control characters$"),
        ("http://example.com:99999/", "^has an invalid port$"),
        ("http://example.com:x/", "^has an invalid port$"),
        ("http://[::1/", "^is not a valid URL$"),
        ("http://\uff11../", "^has an invalid host name"),
        ("http://\u00b8/", "^has an invalid host name"),
        ("http://example.com/" + "a" * LONGEST_URL, "^is longer than 8192 characters$"),
    ],
)
def test_what_is_not_an_http_url_is_refused_with_a_sentence(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        canonical_url(url)


def test_the_budget_of_a_host_is_by_its_name_and_odd_port() -> None:
    assert host_of("https://example.com/a") == "example.com"
    assert host_of("https://example.com:8443/a") == "example.com:8443"
    assert host_of("file:///a/b.html") == ""
