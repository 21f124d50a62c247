"""The canonical link in a Link header."""

import pytest

from tasks.fetch.link_header import canonical_of

URL = "https://courier.example/files/levees.txt"


@pytest.mark.parametrize(
    "header",
    [
        '<https://courier.example/levees>; rel="canonical"',
        "</levees>;rel=canonical",
        "<../levees> ; type=text/html ; REL = Canonical",
        '</style.css>; rel=preload; as=style, </levees>; rel="nofollow canonical"',
        '</a,b;c>; rel="next", </levees>; rel="canonical"; title="a, b"',
    ],
)
def test_it_is_found_among_others(header: str) -> None:
    assert canonical_of([header], URL) == "https://courier.example/levees"
    assert canonical_of(["</x>; rel=next", header], URL) == "https://courier.example/levees"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "canonical",
        "</levees>; rel=canonicals",
        '</levees>; title="rel=canonical"',
        "<>; rel=canonical",
        "<javascript:alert(1)>; rel=canonical",
        "<http://[::1/x>; rel=canonical",
        f"<https://courier.example/{'x' * 3000}>; rel=canonical",
        "<" * 60_000,
        "</a>;" * 10_000,
    ],
)
def test_what_is_none_is_left_out(header: str) -> None:
    assert canonical_of([header], URL) is None


def test_an_address_outside_of_ascii_is_utf_8() -> None:
    header = "</déluge>; rel=canonical".encode().decode("latin-1")
    assert canonical_of([header], URL) == "https://courier.example/d%C3%A9luge"
