import gzip
import http.client
import re
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from seeds.demo import Demo, demo_urls, expected, serve
from seeds.demo.__main__ import main
from seeds.demo.answers import pdf_document
from tasks.errors import Reason

#: Pages that are no whole page at once: they have tests of their own.
STREAMS = {Reason.TOO_LARGE, Reason.TOO_SLOW, Reason.BAD_RESPONSE}
#: What a server says to a first request, where that is not 200; by host, else by reason.
STATUS_BY_HOST = {"islander.test": 503, "nightowl.test": 429, "signpost.test": 302}
STATUS = {
    Reason.FORBIDDEN: 403,
    Reason.BAD_STATUS: 418,
    Reason.RATE_LIMITED: 429,
    Reason.SERVER_ERROR: 503,
}


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with serve(port=0) as running:
        yield running


@pytest.fixture
def connection(demo: Demo) -> Iterator[http.client.HTTPConnection]:
    with closing(http.client.HTTPConnection("127.0.0.1", demo.port, timeout=10)) as opened:
        yield opened


def get(connection: http.client.HTTPConnection, host: str, path: str) -> http.client.HTTPResponse:
    connection.request("GET", path, headers={"Host": f"{host}:{connection.port}"})
    return connection.getresponse()


def served() -> list[tuple[str, str, Reason | None]]:
    """Host, path and reason of what the demo's server answers whole and at once."""
    endings = expected(8088)
    pages = []
    for url in demo_urls(8088):
        host, port, path = re.fullmatch(r"http://([^:/]+)(:8088)?(/.*)", url).groups()  # type: ignore[union-attr]
        if port and endings[url].reason not in STREAMS:
            pages.append((host, path, endings[url].reason))
    return pages


def test_every_url_is_answered_with_the_status_that_is_meant() -> None:
    gone = {"/news/2016/ferry-timetable-summer": 404}
    answered, meant = {}, {}
    with serve(port=0) as fresh, closing(http.client.HTTPConnection("127.0.0.1", fresh.port)) as connection:
        for host, path, reason in served():
            response = get(connection, host, path)
            response.read()
            answered[host + path] = response.status
            meant[host + path] = (
                STATUS_BY_HOST.get(host) or gone.get(path) or STATUS.get(reason or Reason.ERROR, 200)
            )
    assert answered == meant


def test_hosts_are_told_apart_by_the_host_header(connection: http.client.HTTPConnection) -> None:
    statuses = {}
    for host in ("harbourpost.test", "landbote.test", "nowhere.test"):
        response = get(connection, host, "/politics/2025/03/bus-station-casting-vote")
        statuses[host] = response.status
        response.read()
    assert statuses == {"harbourpost.test": 200, "landbote.test": 404, "nowhere.test": 404}


def test_a_connection_serves_several_requests(connection: http.client.HTTPConnection) -> None:
    get(connection, "harbourpost.test", "/robots.txt").read()
    first_socket = connection.sock
    get(connection, "harbourpost.test", "/robots.txt").read()
    assert connection.sock is first_socket


def test_the_old_site_sends_no_charset(connection: http.client.HTTPConnection) -> None:
    response = get(connection, "landbote.test", "/sport/2025/handballerinnen-pokal.html")
    assert response.getheader("Content-Type") == "text/html"
    assert "Siebenmeter ab, den letzten mit dem Fuß" in response.read().decode("windows-1252")


@pytest.mark.parametrize(
    ("host", "rule"),
    [
        ("harbourpost.test", "Disallow: /members/"),
        ("landbote.test", "Disallow:"),
        ("crowded.test", "Disallow:"),
    ],
)
def test_every_host_has_its_robots_txt(connection: http.client.HTTPConnection, host: str, rule: str) -> None:
    response = get(connection, host, "/robots.txt")
    assert response.getheader("Content-Type") == "text/plain"
    lines = response.read().decode().splitlines()
    assert lines[:2] == ["User-agent: *", rule]


def test_one_host_never_tells_what_its_robots_txt_says(connection: http.client.HTTPConnection) -> None:
    for _ in range(3):
        response = get(connection, "nokeeper.test", "/robots.txt")
        response.read()
        assert response.status == 500


@pytest.mark.parametrize(
    ("host", "path", "first", "retry_after"),
    [
        ("islander.test", "/life/2024/09/abbey-bakery-silence", 503, None),
        ("nightowl.test", "/travel/2025/03/night-train-returns", 429, "1"),
    ],
)
def test_a_busy_host_gives_its_story_away_when_asked_again(
    host: str, path: str, first: int, retry_after: str | None
) -> None:
    with serve(port=0) as fresh, closing(http.client.HTTPConnection("127.0.0.1", fresh.port)) as connection:
        refused = get(connection, host, path)
        refused.read()
        assert (refused.status, refused.getheader("Retry-After")) == (first, retry_after)
        again = get(connection, host, path)
        assert (again.status, b"NewsArticle" in again.read()) == (200, True)
        assert fresh.hits[host + path] == 2


@pytest.mark.parametrize(
    ("host", "path"), [("crowded.test", "/queue"), ("overloaded.test", "/election-night")]
)
def test_a_host_in_trouble_stays_in_trouble(
    connection: http.client.HTTPConnection, host: str, path: str
) -> None:
    statuses = set()
    for _ in range(4):
        response = get(connection, host, path)
        response.read()
        statuses.add(response.status)
        assert response.getheader("Retry-After") == "1"
    assert statuses <= {429, 503}
    assert len(statuses) == 1


def follow(connection: http.client.HTTPConnection, path: str, most: int = 10) -> list[str]:
    """The Location headers from signpost.test/`path` on, while they lead to another page of that host."""
    trail: list[str] = []
    while len(trail) < most:
        response = get(connection, "signpost.test", path)
        response.read()
        location = response.getheader("Location")
        if location is None:
            break
        trail.append(location)
        if not location.startswith("/"):
            break
        path = location
    return trail


def test_three_hops_lead_to_a_story(connection: http.client.HTTPConnection, demo: Demo) -> None:
    trail = follow(connection, "/s/7fk2q")
    assert len(trail) == 3
    assert trail[-1] == f"http://meridianwire.test:{demo.port}/en/2025/04/hearing-aid-open-design"
    response = get(connection, "meridianwire.test", "/en/2025/04/hearing-aid-open-design")
    assert (response.status, b"Cricket" in response.read()) == (200, True)


def test_the_roundabout_leads_back_to_where_it_began(connection: http.client.HTTPConnection) -> None:
    assert follow(connection, "/s/roundabout", most=3)[-1] == "/s/roundabout"


def test_the_long_way_takes_more_than_five_hops_and_never_the_same(
    connection: http.client.HTTPConnection,
) -> None:
    trail = follow(connection, "/s/long-way/0")
    assert 5 < len(trail) == len(set(trail)) < 10


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/s/archive", "ftp://ftp.harbourpost.test/archive/1998.zip"),
        ("/s/mailroom", "http://harbourpost.test:25/"),
        ("/s/metadata", "http://169.254.169.254/latest/"),
    ],
)
def test_some_signs_point_where_nobody_should_go(
    connection: http.client.HTTPConnection, path: str, target: str
) -> None:
    assert follow(connection, path) == [target]


def test_the_bomb_is_small_on_the_wire_and_far_over_the_limit_unpacked(
    connection: http.client.HTTPConnection,
) -> None:
    response = get(connection, "encore.test", "/setlist")
    assert response.getheader("Content-Encoding") == "gzip"
    wire = response.read()
    assert len(wire) < 200_000
    assert len(gzip.decompress(wire)) > 10 * 3_000_000


def test_the_drip_sends_a_byte_at_once_and_does_not_keep_the_server_from_stopping() -> None:
    with serve(port=0) as fresh, closing(http.client.HTTPConnection("127.0.0.1", fresh.port)) as connection:
        response = get(connection, "tidegauge.test", "/live")
        assert response.getheader("Content-Length") is None
        assert response.read(1) == b"<"
    response.close()


def test_one_body_breaks_off(connection: http.client.HTTPConnection) -> None:
    response = get(connection, "lockkeepers.test", "/vote")
    with pytest.raises(http.client.IncompleteRead):
        response.read()


def test_a_client_that_hangs_up_leaves_the_server_running(
    connection: http.client.HTTPConnection, demo: Demo
) -> None:
    with socket.create_connection(("127.0.0.1", demo.port)) as raw:
        raw.sendall(b"GET /setlist HTTP/1.1\r\nHost: encore.test\r\n\r\n")
        raw.recv(1)
    assert get(connection, "harbourpost.test", "/robots.txt").read().startswith(b"User-agent")


def test_a_page_that_hurts_stays_under_the_size_limit(connection: http.client.HTTPConnection) -> None:
    assert 1_000_000 < len(get(connection, "longlist.test", "/ballots").read()) < 3_000_000


def test_the_pdf_is_one_and_its_table_points_at_its_objects() -> None:
    document = pdf_document("Council papers")
    assert document.startswith(b"%PDF-1.4")
    assert document.endswith(b"%%EOF\n")
    table_at = int(document.rsplit(b"startxref\n", 1)[1].split()[0])
    assert document[table_at:].startswith(b"xref\n")
    offsets = [int(row) for row in re.findall(rb"(\d{10}) 00000 n", document)]
    assert len(offsets) >= 5
    for number, offset in enumerate(offsets, start=1):
        assert document[offset:].startswith(b"%d 0 obj" % number)


@pytest.mark.parametrize("option", ["--port=99999", "--bind=no-such-host.invalid"])
def test_an_address_that_cannot_be_had_is_one_line_and_exit_code_2(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", option]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_port_in_use_is_one_line_that_names_it_and_exit_code_2(
    demo: Demo, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--port", str(demo.port)]) == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert f"127.0.0.1:{demo.port}" in message
    assert "--port" in message


def test_the_command_prints_the_urls(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["urls", "--port", "9999"]) == 0
    assert capsys.readouterr().out.splitlines() == demo_urls(9999)
