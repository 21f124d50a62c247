"""Whose wall is behind a status of refusal."""

import pytest

from tasks.walls.answers import challenge_in, refusal_of
from tasks.walls.marks import vendors

PLAIN = b"<html><head><title>403 Forbidden</title></head><body><h1>403 Forbidden</h1><hr>nginx</body></html>"
APACHE = (
    b"<html><head><title>403 Forbidden</title></head><body><h1>Forbidden</h1><p>You don't have permission to access "
    b"/a on this server.</p><hr><address>Apache/2.4 Server at a.test Port 443</address></body></html>"
)


@pytest.mark.parametrize(
    ("headers", "body", "vendor"),
    [
        ({"cf-mitigated": "challenge", "server": "cloudflare"}, b"", "Cloudflare"),
        ({"x-amzn-waf-action": "captcha"}, b"", "AWS WAF"),
        ({"x-vercel-mitigated": "challenge"}, b"", "Vercel"),
        ({"x-sucuri-block": "BLK005"}, b"", "Sucuri"),
        ({}, b"<script src='https://ct.captcha-delivery.com/c.js'></script>", "DataDome"),
        ({}, b"<script src='/149e9513/2d206a39/ips.js?tkrm=1'></script>", "Kasada"),
        (
            {},
            b"<title>Access Denied</title>Reference&#32;&#35;18&#46;c5 https://errors.edgesuite.net/18.c5",
            "Akamai",
        ),
        ({}, b"<p>Powered by Qrator</p>", "Qrator"),
        (
            {"server": "AkamaiGHost"},
            b"<h1>Access Denied</h1><p>Your request was blocked. Request ID 1. Contact the site owner.</p>",
            "Akamai",
        ),
        ({}, b"<h1>Access</h1><p>Please verify that you are a human.</p>", "an unknown vendor"),
        ({}, b"<title>Not available in your region</title>", "an unknown vendor"),
    ],
)
def test_a_wall_is_named(headers: dict[str, str], body: bytes, vendor: str) -> None:
    found = refusal_of(headers, body)
    assert found is not None
    assert found.detail.startswith(vendor)
    assert not found.is_limit


@pytest.mark.parametrize("body", [PLAIN, APACHE, b"", b"\xff\xfe\x00", b"<p>Members only.</p>"])
@pytest.mark.parametrize("server", ["nginx", "cloudflare", "AkamaiGHost"])
def test_a_server_that_refuses_a_page_is_no_wall(body: bytes, server: str) -> None:
    assert refusal_of({"server": server}, body) is None


def test_a_page_about_too_many_requests_says_that_waiting_helps() -> None:
    body = b"<title>Access denied</title><p>You are being rate limited.</p><p>Cloudflare Ray ID: 1</p>"
    found = refusal_of({"server": "cloudflare"}, body)
    assert found is not None
    assert found.is_limit


def test_a_header_that_only_a_challenge_has_names_it_whatever_the_status() -> None:
    assert challenge_in({"cf-mitigated": "challenge"}) == "Cloudflare (cf-mitigated: challenge)"
    assert challenge_in({"server": "cloudflare", "cf-ray": "1"}) is None


def test_names_of_headers_are_in_lower_case_and_texts_folded() -> None:
    for vendor in vendors():
        for name, value in (*vendor.headers, *vendor.server):
            assert name == name.lower()
            assert value == value.lower()
        assert all(text == text.lower() for text in vendor.text)
        assert all(len(mark) >= 6 for mark in vendor.markup)
