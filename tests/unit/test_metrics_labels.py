"""No label grows with what the web has: hosts, languages, topics, reasons."""

from pathlib import Path

import pytest
from langdetect.detector_factory import PROFILES_DIRECTORY
from prometheus_client import CollectorRegistry

from monitoring.labels import KNOWN_LANGUAGES, OTHER, Few, language_label, status_label
from monitoring.metrics import REASONS, STAGES, TOPICS, Meter
from tasks.errors import Reason
from tasks.language.detectors import UNDETERMINED
from tasks.language.scripts import LANGUAGES_BY_SCRIPT
from tasks.pipeline import STAGES as PIPELINE
from tasks.topics.taggers import load_tagger

MANY = 10_000


def values_of(registry: CollectorRegistry, label: str) -> set[str]:
    samples = (sample for metric in registry.collect() for sample in metric.samples)
    return {sample.labels[label] for sample in samples if label in sample.labels}


@pytest.fixture(scope="module")
def fed() -> Meter:
    """A meter that was shown 10,000 values of each label."""
    meter = Meter()
    for number in range(MANY):
        meter.settled("rejected", f"reason-{number}", age=1)
        meter.deferred("retry", f"cause-{number}")
        meter.enriched(f"language-{number}", f"topic-{number}")
        meter.stage(f"stage-{number}", 1)
        meter.attempt(f"stage-{number}")
        meter.waited(f"queue-{number}", 1)
        meter.answered(number)
    return meter


@pytest.mark.parametrize(
    ("label", "most"),
    [
        ("reason", REASONS),
        ("topic", TOPICS),
        ("stage", STAGES),
        ("queue", STAGES),
        ("language", 1),
        ("status", 5),
    ],
)
def test_ten_thousand_values_make_a_bounded_number_of_series(fed: Meter, label: str, most: int) -> None:
    assert 1 <= len(values_of(fed.registry, label) - {OTHER}) <= most or label == "language"
    assert len(values_of(fed.registry, label)) <= most + 1


def test_what_is_beyond_the_bound_is_counted_as_other(fed: Meter) -> None:
    topics = fed.registry.get_sample_value("newsmill_topics_total", {"topic": OTHER})
    languages = fed.registry.get_sample_value("newsmill_languages_total", {"language": OTHER})
    assert (topics, languages) == (MANY - TOPICS, MANY)


def test_no_metric_of_a_worker_has_a_label_for_hosts_or_urls(fed: Meter) -> None:
    labels = {label for metric in fed.registry.collect() for one in metric.samples for label in one.labels}
    assert labels == {"outcome", "reason", "kind", "language", "topic", "stage", "queue", "status", "le"}


def test_every_language_that_the_detector_gives_has_a_label_of_its_own() -> None:
    profiles = {path.name for path in Path(PROFILES_DIRECTORY).iterdir() if "." not in path.name}
    assert "de" in profiles
    assert (
        profiles - {"__pycache__"}
        | {code for codes in LANGUAGES_BY_SCRIPT.values() for code in codes}
        | {UNDETERMINED}
        <= KNOWN_LANGUAGES
    )


def test_every_reason_stage_and_topic_of_newsmill_has_a_label_of_its_own() -> None:
    system = {"", "body_lost", "redis_down", "store_down", "interrupted", "newer_version"}
    assert len(set(Reason) | system) <= REASONS
    assert len(PIPELINE) <= STAGES
    concepts = load_tagger().gazetteer.concepts.values()
    assert len([concept for concept in concepts if concept.level == 1]) <= TOPICS


def test_a_process_that_takes_over_knows_what_was_seen_before_it() -> None:
    few = Few(2, {"a", "b"})
    assert [few("c"), few("a"), few("b")] == [OTHER, "a", "b"]


@pytest.mark.parametrize(
    ("status", "label"),
    [
        (200, "2xx"),
        (299, "2xx"),
        (301, "3xx"),
        (404, "4xx"),
        (503, "5xx"),
        (None, "none"),
        (999, "none"),
        (100, "none"),
    ],
)
def test_a_status_is_shown_by_its_class(status: int | None, label: str) -> None:
    assert status_label(status) == label


@pytest.mark.parametrize(
    ("language", "label"), [("en", "en"), ("zh-tw", "zh-tw"), ("und", "und"), ("tlh", OTHER), (None, OTHER)]
)
def test_a_language_is_shown_by_its_code_if_it_is_one(language: str | None, label: str) -> None:
    assert language_label(language) == label


def test_outcomes_that_are_expected_count_0_until_they_occur_so_that_their_first_one_is_a_rise() -> None:
    meter = Meter()
    meter.expect([("rejected", "robots"), ("failed", "timeout")])
    meter.settled("failed", "timeout", age=1)
    by_reason = {("rejected", "robots"): 0, ("failed", "timeout"): 1}
    for (outcome, reason), count in by_reason.items():
        labels = {"outcome": outcome, "reason": reason}
        assert meter.registry.get_sample_value("newsmill_articles_total", labels) == count


def test_topics_that_are_expected_count_0_until_they_occur() -> None:
    meter = Meter()
    meter.expect_topics(["sport", "weather"])
    meter.enriched("en", "sport")
    by_topic = {"sport": 1, "weather": 0, "none": 0}
    for topic, count in by_topic.items():
        assert meter.registry.get_sample_value("newsmill_topics_total", {"topic": topic}) == count
