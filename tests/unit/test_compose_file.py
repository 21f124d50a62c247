"""The Docker stack as it is written down: what runs, what is published, and that no secret stands in it."""

import re
import runpy
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from seeds.demo import demo_urls
from workers.local.demo import DEMO
from workers.settings import PREFIX, Settings, load_settings

ROOT = Path(__file__).parents[2]
FILES = ("docker-compose.yml", "docker-compose.demo.yml")


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / name).read_text("utf-8"))
    return found


STACK, DEMO_STACK = map(_read, FILES)
SERVICES: dict[str, dict[str, Any]] = {**STACK["services"], "demo-site": DEMO_STACK["services"]["demo-site"]}
OURS = ("scheduler", "fetch", "enrich", "producer", "flower", "password", "demo-site")


def _default(text: str) -> str:
    """Return the text with the defaults of its variables."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def _example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    return dict(line.removeprefix("#").split("=", 1) for line in lines if re.match(r"#[A-Z_]+=", line))


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_is_built_here_or_has_a_pinned_tag(name: str) -> None:
    service = SERVICES[name]
    assert "build" in service or re.fullmatch(
        r"[a-z/-]+:v?\d+\.\d+\.\d+(-\w+)?|postgres:\d+\.\d+-\w+", service["image"]
    )


def test_the_dockerfile_starts_from_a_pinned_python() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    assert re.search(r"^ARG PYTHON=3\.\d+\.\d+-slim-\w+$", text, re.MULTILINE)
    stages = {"build", "base"}
    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) == {"python:${PYTHON}", *stages}


def test_only_hashed_packages_are_installed_from_an_index() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    installs = re.findall(r"pip .*?(?:install|wheel) [^&\n]*", text)
    assert len(installs) == 6
    assert [one for one in installs if "--require-hashes" not in one and "--no-index" not in one] == []


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_published_on_loopback_only(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert _default(port).startswith("127.0.0.1:")


def test_without_profiles_grafana_prometheus_and_the_demo_are_published_and_nothing_else() -> None:
    published = {
        name: [_default(port).split(":")[1] for port in service["ports"]]
        for name, service in SERVICES.items()
        if "ports" in service and "profiles" not in service
    }
    assert published == {"grafana": ["3000"], "prometheus": ["9090"], "demo-site": ["8088"]}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_bounded_and_cannot_gain_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["mem_limit"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}


@pytest.mark.parametrize("name", [one for one in SERVICES if SERVICES[one].get("restart") != "no"])
def test_what_runs_for_long_comes_back_and_says_whether_it_is_well(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    assert service["cpus"]
    image_has_a_check = service["image"] == "newsmill"
    assert image_has_a_check or service["healthcheck"]["test"]


def test_the_start_waits_for_redis_postgresql_and_its_password() -> None:
    for name in ("scheduler", "fetch", "enrich", "producer"):
        needed = {one: how["condition"] for one, how in SERVICES[name]["depends_on"].items()}
        assert needed == {"redis": "service_healthy", "postgres": "service_healthy"}
    assert SERVICES["postgres"]["depends_on"] == {"password": {"condition": "service_completed_successfully"}}


def test_redis_keeps_what_it_is_given() -> None:
    command = _default(" ".join(SERVICES["redis"]["command"]))
    for option in ("--appendonly yes", "--maxmemory-policy noeviction", "--maxmemory 512mb"):
        assert option in command
    assert "--hash-max-listpack-entries 512" in command


def test_only_what_has_to_is_on_a_network_with_a_way_out() -> None:
    assert STACK["networks"]["backend"] == {"internal": True}
    outside = {
        name: set(service.get("networks", [])) - {"backend"}
        for name, service in STACK["services"].items()
        if "profiles" not in service and set(service.get("networks", [])) - {"backend"}
    }
    assert outside == {"fetch": {"internet"}, "prometheus": {"dashboards"}, "grafana": {"dashboards"}}


def test_workers_have_longer_to_end_than_their_tasks() -> None:
    drain = Settings.model_fields["drain_seconds"].default
    for name in ("scheduler", "fetch", "enrich"):
        assert float(SERVICES[name]["stop_grace_period"].removesuffix("s")) > drain


def test_no_password_stands_in_the_repository() -> None:
    assert _example()["POSTGRES_PASSWORD"] == ""
    assert SERVICES["password"]["environment"] == {"POSTGRES_PASSWORD": "${POSTGRES_PASSWORD:-}"}
    for name, service in SERVICES.items():
        for variable, value in (service.get("environment") or {}).items():
            secret = re.search("PASSWORD|SECRET|TOKEN", variable) and not variable.endswith("_FILE")
            assert name == "password" or not secret, variable
            assert not re.search(r"://[^/@]*:[^/@]+@", str(value)), variable


def test_settings_in_the_stack_exist_and_can_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "postgres-password").write_text("x")
    demo = {name: _default(value) for name, value in DEMO_STACK["x-demo"]["environment"].items()}
    environment = {**SERVICES["fetch"]["environment"], **demo}
    environment[PREFIX + "DATABASE_PASSWORD_FILE"] = str(tmp_path / "postgres-password")
    assert {name.removeprefix(PREFIX).lower() for name in environment} <= Settings.model_fields.keys()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert (
        load_settings().database_url.get_secret_value()
        == "postgresql://newsmill:x@postgres/newsmill?sslmode=disable"
    )


def test_the_demo_waits_as_long_as_on_one_machine() -> None:
    settings = DEMO_STACK["x-demo"]["environment"]
    waits = {name: value for name, value in DEMO.items() if isinstance(value, int | float)}
    found = {name: float(settings[PREFIX + name.upper()]) for name in waits}
    assert found == waits


def test_the_demo_s_address_is_the_only_private_one_that_may_be_fetched_from() -> None:
    demo = DEMO_STACK["x-demo"]["environment"]
    site = _default(DEMO_STACK["services"]["demo-site"]["networks"]["demo"]["ipv4_address"])
    assert _default(demo["NEWSMILL_ALLOW_NETWORKS"]) == f"{site}/32"
    assert _default(demo["NEWSMILL_RESOLVE"]) == f'{{"test": "{site}"}}'
    subnet = DEMO_STACK["networks"]["demo"]["ipam"]["config"][0]["subnet"]
    assert ip_address(site) in ip_network(_default(subnet))
    assert demo["NEWSMILL_ALLOW_PORTS"] == "80,443,8088"
    assert [url for url in demo_urls(8088) if ".test:8088/" not in url] == ["http://no-such-host.invalid/"]


def test_the_example_file_lists_every_setting_and_says_what_it_is_for() -> None:
    text = (ROOT / ".env.example").read_text("utf-8")
    listed = re.findall(rf"^# (.+)\n#{PREFIX}(\w+)=", text, re.MULTILINE)
    assert listed == [(field.description, name.upper()) for name, field in Settings.model_fields.items()]


def test_the_example_file_s_values_are_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    given = [f"{name}={value}\n" for name, value in _example().items() if PREFIX in name and value]
    (tmp_path / ".env").write_text("".join(given))
    assert load_settings() == Settings(_env_file=None)  # type: ignore[call-arg] # pydantic-settings' own


def test_variables_of_the_compose_files_stand_in_the_example_file_with_their_defaults() -> None:
    used = set()
    for name in FILES:
        used |= set(re.findall(r"(?<!\$)\$\{(\w+):-([^}]*)\}", (ROOT / name).read_text("utf-8")))
    example = _example()
    assert used == {(name, example.get(name)) for name, _ in used}


@pytest.fixture
def trouble() -> Callable[[str, float], str | None]:
    """What docker/health.py finds wrong."""
    found: Callable[[str, float], str | None] = runpy.run_path(str(ROOT / "docker" / "health.py"))["trouble"]
    return found


@pytest.mark.parametrize(
    ("metrics", "age"),
    [
        ("newsmill_articles_total 5\n", None),
        ("# HELP x\nnewsmill_scheduler_loop_timestamp_seconds 1.75e+09\n", 0),
        ("newsmill_scheduler_loop_timestamp_seconds 1.75e+09\nnewsmill_redis_up 1\n", 60),
    ],
)
def test_a_process_that_answers_is_well_and_a_scheduler_that_goes_round(
    trouble: Callable[[str, float], str | None], metrics: str, age: float | None
) -> None:
    assert trouble(metrics, 1.75e9 + (age or 0)) is None


def test_a_scheduler_whose_loop_stands_still_is_not_well(trouble: Callable[[str, float], str | None]) -> None:
    metrics = "newsmill_scheduler_loop_timestamp_seconds 1.75e+09\n"
    assert trouble(metrics, 1.75e9 + 61) == "the scheduler's last round ended 61 s ago"
