"""The Docker stack as it is written down: what runs, what is published, and that no secret stands in it."""

import os
import re
import runpy
import subprocess
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import AuthenticationError, ConnectionError  # noqa: A004 - redis's own name
from redis.retry import Retry

from seeds.demo import demo_urls
from workers.local.demo import DEMO
from workers.local.redis_server import redis_server
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


def test_the_start_waits_for_redis_postgresql_and_their_passwords() -> None:
    for name in ("scheduler", "fetch", "enrich", "producer"):
        needed = {one: how["condition"] for one, how in SERVICES[name]["depends_on"].items()}
        assert needed == {"redis": "service_healthy", "postgres": "service_healthy"}
    for server in ("redis", "postgres"):
        assert SERVICES[server]["depends_on"] == {"password": {"condition": "service_completed_successfully"}}


def test_redis_keeps_what_it_is_given() -> None:
    command = _default(" ".join(SERVICES["redis"]["command"]))
    assert "--dir /data" in command
    assert SERVICES["redis"]["volumes"][0] == "redis:/data"
    for option in ("--appendonly yes", "--maxmemory-policy noeviction", "--maxmemory 512mb"):
        assert option in command
    assert "--hash-max-listpack-entries 512" in command


#: Who is on each network: a server and those that need it. The internal ones have no way in or out.
NETWORKS = {
    "ledger": {"redis", "scheduler", "fetch", "enrich", "producer", "flower"},
    "store": {"postgres", "scheduler", "fetch", "enrich", "producer"},
    "metrics": {"prometheus", "scheduler", "fetch", "enrich"},
    "internet": {"fetch"},
    "dashboards": {"prometheus", "grafana"},
    "flower": {"flower"},
}


def test_a_network_has_a_server_and_those_that_need_it() -> None:
    members = {
        network: {name for name, one in STACK["services"].items() if network in one.get("networks", ())}
        for network in STACK["networks"]
    }
    assert members == NETWORKS
    internal = {name for name, one in STACK["networks"].items() if one.get("internal")}
    assert internal == {"ledger", "store", "metrics"}
    assert SERVICES["password"]["network_mode"] == "none"


#: Who can read which password.
READERS = {
    "secrets": {"postgres", "scheduler", "fetch", "enrich", "producer"},
    "redis-secret": {"redis", "scheduler", "fetch", "enrich", "producer", "flower"},
    "flower-secret": {"flower"},
}


@pytest.mark.parametrize("volume", READERS)
def test_a_password_can_be_read_by_those_that_need_it(volume: str) -> None:
    mounts = {
        name: [one for one in service.get("volumes", ()) if one.startswith(f"{volume}:")]
        for name, service in STACK["services"].items()
    }
    assert {name for name, found in mounts.items() if found} == {*READERS[volume], "password"}
    for name, found in mounts.items():
        assert all(one.endswith(":ro") for one in found) or name == "password"


def test_a_first_start_makes_passwords_and_a_second_one_keeps_them(tmp_path: Path) -> None:
    script = (ROOT / "docker" / "password.sh").read_text().replace("/run", str(tmp_path))
    files = ("newsmill/postgres-password", "newsmill-redis/password", "newsmill-flower/password")
    for file in files:
        (tmp_path / file).parent.mkdir()

    def run(**given: str) -> list[str]:
        subprocess.run(["sh", "-c", script], env={**os.environ, **given}, check=True, timeout=60)
        return [(tmp_path / file).read_text() for file in files]

    made = run(FLOWER_PASSWORD="my own")
    assert all(re.fullmatch("[A-Za-z0-9]{32}", password) for password in made[:2])
    assert made[2] == "my own"
    assert len(set(made)) == len(made)
    assert run(REDIS_PASSWORD="another") == made


@pytest.mark.parametrize("password", ["simple", "a b", "q\"uo'te", "back\\slash $HOME `id` #"])
def test_redis_asks_for_the_password_whatever_characters_it_has(password: str, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(password)
    script = (ROOT / "docker" / "redis.sh").read_text().replace("/run/newsmill-redis", str(tmp_path))
    # The name of Redis 6.2, which later ones know as well.
    options = [_default(one).replace("listpack", "ziplist") for one in SERVICES["redis"]["command"]]
    options[options.index("/data")] = str(tmp_path)
    place = tmp_path / "r.sock"
    path = f"{Path(redis_server()).parent}:{os.environ['PATH']}"
    command = ["sh", "-c", script, "redis.sh", *options, "--port", "0", "--unixsocket", str(place)]
    with subprocess.Popen(command, env={**os.environ, "PATH": path}, stdout=subprocess.DEVNULL) as server:
        try:
            patient = Retry(ConstantBackoff(0.05), 400)
            errors = [ConnectionError, FileNotFoundError]
            with Redis(
                unix_socket_path=str(place), password=password, retry=patient, retry_on_error=errors
            ) as known:
                assert known.ping()
                assert known.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
            with Redis(unix_socket_path=str(place)) as unknown, pytest.raises(AuthenticationError):
                unknown.ping()
            assert password not in Path(f"/proc/{server.pid}/cmdline").read_text()
        finally:
            server.terminate()


def test_redis_cli_in_the_container_knows_the_password(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("a b$c")
    fake = tmp_path / "redis-cli"
    fake.write_text('#!/bin/sh\necho "$REDISCLI_AUTH: $*"\n')
    fake.chmod(0o755)
    script = (ROOT / "docker" / "redis-cli.sh").read_text().replace("/run/newsmill-redis", str(tmp_path))
    path = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = ["sh", "-c", script, "cli.sh", "config", "get", "dir"]
    done = subprocess.run(command, env=path, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "a b$c: config get dir\n"
    targets = {one["source"]: one["target"] for one in SERVICES["redis"]["configs"]}
    assert targets == {"redis.sh": "/redis.sh", "redis-cli.sh": "/cli.sh"}


def test_flower_asks_for_its_password_and_does_not_start_without_its_options() -> None:
    text = (ROOT / "docker" / "flower.py").read_text()
    assert """basic_auth = ["newsmill:" + Path("/run/newsmill-flower/password")""" in text
    assert "--conf=/options.py" in SERVICES["flower"]["command"], (
        "Flower ends if a file of another name is missing"
    )
    assert SERVICES["flower"]["configs"] == [{"source": "flower.py", "target": "/options.py"}]


@pytest.mark.parametrize("name", OURS)
def test_a_password_of_the_settings_file_is_in_no_container_s_environment(name: str) -> None:
    service = SERVICES[name]
    if "env_file" in service:
        for variable in ("POSTGRES_PASSWORD", "REDIS_PASSWORD", "FLOWER_PASSWORD"):
            assert service["environment"][variable] == ""


def test_workers_have_longer_to_end_than_their_tasks() -> None:
    drain = Settings.model_fields["drain_seconds"].default
    for name in ("scheduler", "fetch", "enrich"):
        assert float(SERVICES[name]["stop_grace_period"].removesuffix("s")) > drain


def test_no_password_stands_in_the_repository() -> None:
    for name in ("POSTGRES_PASSWORD", "REDIS_PASSWORD", "FLOWER_PASSWORD"):
        assert _example()[name] == ""
        assert SERVICES["password"]["environment"][name] == f"${{{name}:-}}"
    for name, service in SERVICES.items():
        for variable, value in (service.get("environment") or {}).items():
            secret = re.search("PASSWORD|SECRET|TOKEN", variable) and not variable.endswith("_FILE")
            assert name == "password" or not secret or value == "", variable
            assert not re.search(r"://[^/@]*:[^/@]+@", str(value)), variable


def test_settings_in_the_stack_exist_and_can_be_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "postgres-password").write_text("x")
    (tmp_path / "redis-password").write_text("a@b")
    demo = {name: _default(value) for name, value in DEMO_STACK["x-demo"]["environment"].items()}
    environment = {**SERVICES["fetch"]["environment"], **demo}
    environment = {name: value for name, value in environment.items() if name.startswith(PREFIX)}
    environment[PREFIX + "DATABASE_PASSWORD_FILE"] = str(tmp_path / "postgres-password")
    environment[PREFIX + "REDIS_PASSWORD_FILE"] = str(tmp_path / "redis-password")
    assert {name.removeprefix(PREFIX).lower() for name in environment} <= Settings.model_fields.keys()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert load_settings().redis_url.get_secret_value() == "redis://:a%40b@redis:6379/0"
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
