"""The canonical URL: one page is one article, however its URL is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.article import article_id
from tasks.url_keys import UrlKeys, packaged, packaged_keys
from tasks.urls import request_url

KEYS = packaged_keys()
PAIRS = st.tuples(
    st.sampled_from(["a", "b", "utm_source", "UTM_x", "%75tm_source", "spm", "q[]", "", "ü"]),
    st.text("az09+%._-=/? ", max_size=4),
).map("=".join)
URLS = st.builds(
    "{}://{}{}/{}{}{}".format,
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(["a.test", "A.test", "xn--4ca.test", "[::1]", "1.2.3.4"]),
    st.sampled_from(["", ".", ":8080", ".:80", ".:8080"]),
    st.text("azA9._~!$&'()*+,;=:@|-%/ ü", max_size=9),
    st.lists(PAIRS, max_size=3).map(lambda some: "?" + "&".join(some) if some else ""),
    st.sampled_from(["", "", "#top", "#"]),
)


def canonical_or_none(url: str) -> str | None:
    try:
        return KEYS.canonical_url(url)
    except ValueError:
        return None


@given(URLS)
def test_a_canonical_url_stays_as_it_is(url: str) -> None:
    canonical = canonical_or_none(url)
    assert canonical is None or KEYS.canonical_url(canonical) == canonical


@given(URLS)
def test_tracking_parameters_and_fragments_make_no_other_article(url: str) -> None:
    canonical = canonical_or_none(url)
    if canonical is not None:
        more = canonical + ("&" if "?" in canonical else "?") + "utm_source=x&fbclid=1#top"
        assert KEYS.canonical_url(more) == canonical


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("  HTTP://Example.COM  ", "http://example.com/"),
        ("https://example.com.:443/", "https://example.com/"),
        ("http://example.com.:8080/a", "http://example.com:8080/a"),
        ("https://example.com/?b=2&a=1#top", "https://example.com/?a=1&b=2"),
        ("https://example.com/?utm_source=x&spm=1", "https://example.com/"),
        ("https://example.com/?UTM_Source=x&b&amp;utm_medium=y", "https://example.com/?b"),
        ("https://example.com/?%75tm_source=x", "https://example.com/"),
        ("https://example.com/?", "https://example.com/"),
        ("https://example.com/?&a=1&&", "https://example.com/?a=1"),
        ("https://example.com/%7euser/%e4/a%2fb", "https://example.com/~user/%E4/a%2Fb"),
        ("https://example.com/?q=%41%26b", "https://example.com/?q=A%26b"),
        ("https://exämple.com/ü", "https://xn--exmple-cua.com/%C3%BC"),
    ],
)
def test_a_url_has_one_key(url: str, canonical: str) -> None:
    assert KEYS.canonical_url(url) == canonical


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.test/A", "https://a.test/a"),
        ("https://a.test/?t=S", "https://a.test/?t=s"),
        ("https://a.test/x?story", "https://a.test/x?story="),
        ("https://a.test/a%2Fb", "https://a.test/a/b"),
        ("https://a.test/?a=b%26c", "https://a.test/?a=b&c"),
        ("https://a.test/a", "https://a.test/a/"),
        ("https://a.test/?a=1&a=2", "https://a.test/?a=1"),
        ("http://a.test/", "https://a.test/"),
        *(
            (f"https://a.test/?{name}=1", "https://a.test/")
            for name in ("id", "p", "page", "ref", "source", "cid", "mod")
        ),
    ],
)
def test_pages_that_may_differ_have_two_keys(one: str, other: str) -> None:
    assert KEYS.canonical_url(one) != KEYS.canonical_url(other)


def test_every_name_of_the_list_makes_no_other_article() -> None:
    names = [name.removesuffix("*") + ("x" if name.endswith("*") else "") for name in packaged()]
    assert {KEYS.canonical_url(f"https://a.test/?{name}=1&id=2") for name in names} == {
        "https://a.test/?id=2"
    }


def test_the_id_is_that_of_the_canonical_url() -> None:
    request = request_url("https://Straße.test/?b=1&a=2&fbclid=3")
    assert KEYS.id_of_request(request) == article_id("https://xn--strae-oqa.test/?a=2&b=1")
    assert KEYS.id_of_request("file:///a?b=1&a=2") == article_id("file:///a?b=1&a=2")


def test_a_list_can_be_changed() -> None:
    keys = UrlKeys.changed(["srcref", "MyNews_*", "-spm"])
    assert keys.canonical_url("https://a.test/?srcref=1&mynews_x=2&spm=3&utm_x=4") == "https://a.test/?spm=3"


@pytest.mark.parametrize("change", ["a b", "", "-", "*", "a*b", "a=b", "-notthere", "ä"])
def test_a_change_that_is_none_is_refused_with_a_sentence(change: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        UrlKeys.changed([change])


def test_the_version_is_that_of_the_list() -> None:
    assert UrlKeys.changed().version == KEYS.version
    assert UrlKeys.changed(["spm"]).version == KEYS.version
    assert UrlKeys.changed(["-spm"]).version != KEYS.version
    assert UrlKeys.changed(["-spm", "new"]).version != UrlKeys.changed(["new"]).version
