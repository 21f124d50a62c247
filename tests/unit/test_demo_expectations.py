from pathlib import Path
from typing import Any

import pytest

import seeds
from seeds.demo import Expected, demo_urls, differences, expected
from seeds.demo.routes import build_routes
from tasks.article import Outcome
from tasks.errors import Reason
from tasks.urls import request_url

WANTED = expected(8088)
Row = dict[str, Any]


@pytest.fixture
def rows() -> dict[str, Row]:
    """The rows of a run that went as it should; of two copies the second by URL came later."""
    return {url: row_of(url, ending) for url, ending in WANTED.items()}


def row_of(url: str, ending: Expected) -> Row:
    later_copy = ending.same_as is not None and url > ending.same_as
    later_edit = ending.near is not None and url > ending.near
    return {
        "outcome": str(Outcome.DUPLICATE if later_copy else ending.outcome),
        "reason": ending.reason and str(ending.reason),
        "stage": ending.stage,
        "language": ending.language,
        "title": ending.title,
        "duplicate_of": ending.same_as if later_copy else None,
        "near_duplicate_of": ending.near if later_edit else None,
    }


def copies() -> tuple[str, str]:
    first, second = sorted(url for url, ending in WANTED.items() if ending.same_as)
    return first, second


def test_the_committed_list_is_the_demo_on_its_default_port() -> None:
    listed = Path(str(seeds.__file__)).with_name("demo.txt").read_text(encoding="utf-8").splitlines()
    assert listed == demo_urls(8088)


#: A setting rejects on them; the demo has no rules for hosts and no TLS; a page is asked for again; a redirect leads to a
#: host that others keep busy; a database refuses its row; a worker breaks, which no page brings about any more.
WITHOUT_CAUSE = {
    *(Reason.OPTED_OUT, Reason.LANGUAGE, Reason.TLS, Reason.UNCHANGED, Reason.HOST_BUSY),
    *(Reason.HOST_DENIED, Reason.HOST_PAUSED),
    *(Reason.ROW_REFUSED, Reason.ERROR, Reason.TIMEOUT, Reason.CRASHED),
}


def test_every_reason_occurs_that_a_page_alone_brings_about() -> None:
    assert {ending.reason for ending in WANTED.values() if ending.reason} == set(Reason) - WITHOUT_CAUSE


def test_every_outcome_occurs() -> None:
    outcomes = {ending.outcome for ending in WANTED.values()}
    assert outcomes | {Outcome.DUPLICATE} == set(Outcome)
    assert [ending for ending in WANTED.values() if ending.same_as]


@pytest.mark.parametrize("url", demo_urls())
def test_every_url_is_listed_as_it_is_asked_for(url: str) -> None:
    assert request_url(url) == url


def test_every_url_with_the_port_has_a_page_of_its_own() -> None:
    routes = build_routes()
    addresses = [url.removeprefix("http://").replace(":8088", "", 1) for url in WANTED if ":8088" in url]
    assert [address for address in addresses if address not in routes] == []


def test_all_urls_but_the_host_that_does_not_exist_carry_the_port() -> None:
    assert [url for url in demo_urls(9999) if ":9999/" not in url] == ["http://no-such-host.invalid/"]


def test_enriched_urls_have_a_title_and_a_language_rejected_and_failed_ones_a_reason() -> None:
    for ending in WANTED.values():
        settled_well = ending.outcome is Outcome.ENRICHED
        assert bool(ending.title and ending.language) is settled_well
        assert (ending.reason is None) is settled_well
        assert bool(ending.stage) is (ending.outcome is Outcome.FAILED)


def test_copies_and_edited_versions_name_each_other() -> None:
    for url, ending in WANTED.items():
        assert ending.same_as is None or WANTED[ending.same_as].same_as == url
        assert ending.near is None or WANTED[ending.near].near == url


def test_troubles_that_concern_a_whole_host_share_no_host_with_a_story() -> None:
    held_up = {
        Reason.RATE_LIMITED,
        Reason.SERVER_ERROR,
        Reason.ROBOTS_UNREACHABLE,
        Reason.BAD_RESPONSE,
        Reason.TOO_SLOW,
    }
    hosts = {url.split("/")[2] for url, ending in WANTED.items() if ending.reason in held_up}
    assert not hosts & {url.split("/")[2] for url, ending in WANTED.items() if ending.title}


def test_a_run_that_went_as_it_should_has_no_differences(rows: dict[str, Row]) -> None:
    assert differences(rows, 8088) == []


def test_which_of_two_copies_comes_first_makes_no_difference(rows: dict[str, Row]) -> None:
    first, second = copies()
    rows[first] |= {"outcome": "duplicate", "duplicate_of": second}
    rows[second] |= {"outcome": "enriched", "duplicate_of": None}
    assert differences(rows, 8088) == []


@pytest.mark.parametrize("outcome", ["enriched", "duplicate"])
def test_two_copies_that_end_alike_are_one_difference(rows: dict[str, Row], outcome: str) -> None:
    first, second = copies()
    rows[first] |= {"outcome": outcome, "duplicate_of": second}
    rows[second] |= {"outcome": outcome, "duplicate_of": first}
    assert len(differences(rows, 8088)) == 1


def test_a_duplicate_that_names_another_original_is_a_difference(rows: dict[str, Row]) -> None:
    _, second = copies()
    rows[second]["duplicate_of"] = "http://elsewhere.test/"
    assert differences(rows, 8088) == [
        f"{second}: duplicate_of is http://elsewhere.test/, not {WANTED[second].same_as}"
    ]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("outcome", "rejected"),
        ("title", "Untitled"),
        ("language", "xx"),
        ("reason", "robots"),
        ("stage", "extract"),
    ],
)
def test_a_wrong_value_in_a_column_is_a_difference(rows: dict[str, Row], column: str, value: str) -> None:
    wanted: Row = {"reason": Reason.SERVER_ERROR, "stage": "fetch"}
    url = next(
        url
        for url, ending in WANTED.items()
        if (
            getattr(ending, column) == wanted[column]
            if column in wanted
            else ending.title and not ending.same_as
        )
    )
    rows[url][column] = value
    assert differences(rows, 8088) == [f"{url}: {column} is {value}, not {getattr(WANTED[url], column)}"]


def test_a_near_duplicate_that_nobody_noticed_is_a_difference(rows: dict[str, Row]) -> None:
    for row in rows.values():
        row["near_duplicate_of"] = None
    assert len(differences(rows, 8088)) == sum(ending.near is not None for ending in WANTED.values())


def test_a_missing_row_and_a_row_too_many_are_differences(rows: dict[str, Row]) -> None:
    url = demo_urls(8088)[-1]
    rows["http://stranger.test/"] = rows.pop(url)
    assert differences(rows, 8088) == ["http://stranger.test/: not a URL of the demo", f"{url}: has no row"]
