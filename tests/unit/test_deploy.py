"""The Kubernetes manifests: valid, complete, and in step with the settings and metrics that they name."""

import json
import re
import shutil
import subprocess
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from monitoring import catalogue
from tasks.fetch.addresses import GLOBAL_UNICAST, REFUSED
from tasks.pipeline import STAGES
from workers.settings import PREFIX, Settings, load_settings

DEPLOY = Path(__file__).parents[2] / "deploy"
EXAMPLE = DEPLOY / "example"
FILES = sorted(path for path in DEPLOY.rglob("*.yaml") if path.name != "kustomization.yaml")
#: The oldest release whose PodDisruptionBudgets and probes are these, and the newest that the validator knows.
KUBERNETES = ("1.29", "1.37")
KEDA = "keda.sh/v1alpha1"

Manifest = dict[str, Any]


def manifests(*files: Path) -> list[Manifest]:
    return [one for file in files for one in yaml.safe_load_all(file.read_text("utf-8"))]


def kinds(kind: str) -> list[Manifest]:
    return [one for one in manifests(*FILES) if one["kind"] == kind]


def named(kind: str, name: str) -> Manifest:
    (found,) = (one for one in kinds(kind) if one["metadata"]["name"] == name)
    return found


def pod(workload: Manifest) -> Manifest:
    spec: Manifest = workload["spec"]["template"]["spec"]
    return spec


def container(workload: Manifest) -> Manifest:
    (only,) = pod(workload)["containers"]
    assert isinstance(only, dict)
    return only


def environment() -> dict[str, str]:
    lines = (DEPLOY / "base" / "settings.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


DEPLOYMENTS = kinds("Deployment")
PODS = [*DEPLOYMENTS, *kinds("StatefulSet")]
SCALED = kinds("ScaledObject")
QUERIES = [trigger["metadata"]["query"] for one in SCALED for trigger in one["spec"]["triggers"]]


def name_of(manifest: Manifest) -> str:
    return f"{manifest['kind']}-{manifest['metadata']['name']}"


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(DEPLOY)))
def test_every_manifest_keeps_to_the_schema(file: Path, version: str) -> None:
    for one in manifests(file):
        if one["apiVersion"] != KEDA:
            kubernetes_validate.validate(one, version, strict=True)


def test_the_validator_sees_a_misspelt_field() -> None:
    wrong = named("Deployment", "fetch")
    container(wrong)["readinesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, KUBERNETES[0], strict=True)


def test_every_file_is_part_of_a_kustomization() -> None:
    listed = set()
    for file in DEPLOY.rglob("kustomization.yaml"):
        (one,) = manifests(file)
        entries = [*one["resources"], *one.get("components", ())]
        listed |= {(file.parent / entry).resolve() for entry in entries}
    assert {*FILES, DEPLOY / "base", DEPLOY / "keda"} == listed


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """A copy of deploy/ with the example's secrets: what is to be applied."""
    copied = tmp_path / "deploy"
    shutil.copytree(DEPLOY, copied, ignore=shutil.ignore_patterns("*.secret.env"))
    make_secrets(copied / "example", DATABASE)
    return copied / "example"


DATABASE = "postgresql://newsmill:a-password@postgresql/newsmill"


def make_secrets(folder: Path, *arguments: str) -> int:
    command = ["sh", str(folder / "secrets.sh"), *arguments]
    return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode


def variables(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def test_the_settings_exist_and_hold_together(monkeypatch: pytest.MonkeyPatch, example: Path) -> None:
    secret = variables(example / "newsmill.secret.env")
    known = {PREFIX + field.upper() for field in Settings.model_fields}
    assert {*environment(), *secret} <= known
    for variable, value in {**environment(), **secret}.items():
        monkeypatch.setenv(variable, value)
    load_settings(_env_file=None)


def test_there_is_a_deployment_for_the_scheduler_and_for_each_queue() -> None:
    commands = {one["metadata"]["name"]: container(one)["args"] for one in DEPLOYMENTS}
    workers = {stage.queue: ["worker", stage.queue] for stage in STAGES}
    assert commands == {"scheduler": ["scheduler"], **workers}


@pytest.mark.parametrize("workload", DEPLOYMENTS, ids=name_of)
def test_scaling_down_leaves_time_to_end_what_is_in_hand(workload: Manifest) -> None:
    stop = container(workload)["lifecycle"]["preStop"]["exec"]["command"]
    assert stop[0] == "sleep"
    drain = float(environment()["NEWSMILL_DRAIN_SECONDS"])
    # 10 s: a margin for what is slow to end when it is told to.
    assert pod(workload)["terminationGracePeriodSeconds"] >= int(stop[1]) + drain + 10


@pytest.mark.parametrize("workload", DEPLOYMENTS, ids=name_of)
def test_probes_ask_for_the_metrics_where_they_are_served(workload: Manifest) -> None:
    ports = {port["name"]: port["containerPort"] for port in container(workload)["ports"]}
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = container(workload)[probe]["httpGet"]
        assert asked["path"] == "/metrics"
        assert ports[asked["port"]] == int(environment()["NEWSMILL_METRICS_PORT"]) == 9464


@pytest.mark.parametrize("workload", PODS, ids=name_of)
def test_a_pod_may_do_no_more_than_it_must(workload: Manifest) -> None:
    assert pod(workload)["automountServiceAccountToken"] is False
    assert pod(workload)["securityContext"]["runAsNonRoot"] is True
    own = container(workload)["securityContext"]
    assert own["readOnlyRootFilesystem"] is True
    assert own["allowPrivilegeEscalation"] is False
    assert own["capabilities"] == {"drop": ["ALL"]}


@pytest.mark.parametrize("workload", PODS, ids=name_of)
def test_a_pod_has_requests_and_a_limit_of_memory(workload: Manifest) -> None:
    resources = container(workload)["resources"]
    assert {"cpu", "memory"} <= resources["requests"].keys()
    assert "memory" in resources["limits"]


@pytest.mark.parametrize("workload", PODS, ids=name_of)
def test_selectors_find_their_own_pods(workload: Manifest) -> None:
    wanted = workload["spec"]["selector"]["matchLabels"]
    assert wanted.items() <= workload["spec"]["template"]["metadata"]["labels"].items()
    name = workload["metadata"]["name"]
    budget = named("PodDisruptionBudget", name)["spec"]["selector"]["matchLabels"]
    service = named("Service", name)["spec"]
    assert budget == wanted == service["selector"]
    assert service["clusterIP"] == "None", "Prometheus wants the address of every pod"


def test_redis_keeps_everything_and_forgets_nothing() -> None:
    arguments = container(named("StatefulSet", "redis"))["args"]
    options = dict(zip(arguments[::2], arguments[1::2], strict=True))
    assert options["--appendonly"] == "yes"
    assert options["--maxmemory-policy"] == "noeviction"
    assert options["--hash-max-listpack-entries"] == "512"
    assert options["--dir"] == container(named("StatefulSet", "redis"))["volumeMounts"][0]["mountPath"]


def test_redis_s_password_is_not_on_its_command_line() -> None:
    own = container(named("StatefulSet", "redis"))
    assert not any("$(PASSWORD)" in word for word in [*own["command"], *own["args"]])
    assert "requirepass $PASSWORD" in own["command"][2]


def test_no_secret_is_in_the_repository_and_the_files_that_have_them_are_ignored() -> None:
    assert kinds("Secret") == []
    assert "*.secret.env" in (DEPLOY.parent / ".gitignore").read_text().splitlines()
    (kustomization,) = manifests(EXAMPLE / "kustomization.yaml")
    files = [file for one in kustomization["secretGenerator"] for file in one["envs"]]
    assert files == ["newsmill.secret.env", "redis.secret.env"]


def test_secrets_are_random_and_for_their_owner_alone(example: Path, tmp_path: Path) -> None:
    password = variables(example / "redis.secret.env")["password"]
    secret = variables(example / "newsmill.secret.env")
    assert re.fullmatch("[A-Za-z0-9]{32}", password)
    assert secret == {
        "NEWSMILL_REDIS_URL": f"redis://:{password}@redis:6379/0",
        "NEWSMILL_DATABASE_URL": DATABASE,
    }
    assert {file.stat().st_mode & 0o777 for file in example.glob("*.secret.env")} == {0o600}
    another = tmp_path / "another"
    another.mkdir()
    shutil.copy(example / "secrets.sh", another)
    assert make_secrets(another) != 0, "there is no database that would be right for everybody"
    assert make_secrets(another, DATABASE) == 0
    assert variables(another / "redis.secret.env")["password"] != password


def test_secrets_that_exist_are_kept(example: Path) -> None:
    before = (example / "redis.secret.env").read_text()
    assert make_secrets(example, DATABASE) == 1
    assert (example / "redis.secret.env").read_text() == before


def test_without_secrets_of_ones_own_nothing_is_applied(tmp_path: Path) -> None:
    if not shutil.which("kubectl"):
        pytest.skip("kubectl is not on PATH")
    shutil.copytree(DEPLOY, tmp_path / "deploy", ignore=shutil.ignore_patterns("*.secret.env"))
    command = ["kubectl", "kustomize", str(tmp_path / "deploy" / "example")]
    built = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert built.returncode != 0
    assert "secret.env" in built.stderr


def test_images_have_tags_and_name_no_registry() -> None:
    (base,) = manifests(DEPLOY / "base" / "kustomization.yaml")
    tags = {one["name"]: one["newTag"] for one in base["images"]}
    for workload in PODS:
        name, _, tag = container(workload)["image"].partition(":")
        assert "/" not in name
        assert tag or tags[name]


def internet() -> list[Manifest]:
    (rule,) = named("NetworkPolicy", "fetch-internet")["spec"]["egress"]
    blocks: list[Manifest] = [to["ipBlock"] for to in rule["to"]]
    return blocks


def reached(address: str) -> bool:
    """Return whether a fetcher's packets to that address leave."""
    ip = ip_address(address)
    return any(
        ip in ip_network(block["cidr"]) and not any(ip in ip_network(one) for one in block["except"])
        for block in internet()
    )


def test_the_network_refuses_fetchers_what_newsmill_itself_refuses() -> None:
    four, six = internet()
    assert (four["cidr"], six["cidr"]) == ("0.0.0.0/0", str(GLOBAL_UNICAST))
    assert [*four["except"], *six["except"]] == [str(network) for network in REFUSED]


@pytest.mark.parametrize(
    "address", ["168.63.129.16", "192.88.99.1", "2001:0:a00:1::1", "3fff::1", "::1", "fc00::1"]
)
def test_fetchers_do_not_reach(address: str) -> None:
    assert not reached(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "172.32.0.1", "223.255.255.254", "2606:4700::1111"])
def test_fetchers_reach(address: str) -> None:
    assert reached(address)


def test_only_fetchers_go_out_and_only_to_the_ports_that_newsmill_allows() -> None:
    policy = named("NetworkPolicy", "fetch-internet")["spec"]
    assert policy["podSelector"]["matchLabels"] == {"app.kubernetes.io/component": "fetch"}
    (rule,) = policy["egress"]
    assert {port["port"] for port in rule["ports"]} == set(load_settings(_env_file=None).allow_ports)
    others = [one["spec"] for one in kinds("NetworkPolicy") if one["spec"] != policy]
    assert "ipBlock" not in json.dumps(others)
    assert all("Egress" in one["policyTypes"] for one in others), "what is not allowed is refused"


@pytest.mark.parametrize("scaled", SCALED, ids=name_of)
def test_a_scaled_object_has_the_shape_of_kedas_crd(scaled: Manifest) -> None:
    spec = scaled["spec"]
    assert scaled["apiVersion"] == KEDA
    fields = {
        "scaleTargetRef",
        "minReplicaCount",
        "maxReplicaCount",
        "pollingInterval",
        "advanced",
        "triggers",
    }
    assert spec.keys() == fields
    assert 1 <= spec["minReplicaCount"] < spec["maxReplicaCount"]
    target = named("Deployment", spec["scaleTargetRef"]["name"])
    assert "replicas" not in target["spec"], "applying the manifest would undo what KEDA did"
    for trigger in spec["triggers"]:
        assert trigger.keys() == {"type", "metricType", "metadata"}
        assert (trigger["type"], trigger["metricType"]) == ("prometheus", "AverageValue")
        assert trigger["metadata"].keys() == {"serverAddress", "query", "threshold", "ignoreNullValues"}
        assert all(isinstance(value, str) for value in trigger["metadata"].values())
        assert float(trigger["metadata"]["threshold"]) > 0


@pytest.mark.parametrize("scaled", SCALED, ids=name_of)
def test_the_autoscalers_behavior_keeps_to_the_schema(scaled: Manifest) -> None:
    spec = scaled["spec"]
    autoscaler = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": scaled["metadata"],
        "spec": {
            "scaleTargetRef": {"kind": "Deployment", **spec["scaleTargetRef"]},
            "maxReplicas": spec["maxReplicaCount"],
            "behavior": spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"],
        },
    }
    kubernetes_validate.validate(autoscaler, KUBERNETES[-1], strict=True)


def test_scaling_follows_what_waits_and_not_the_queue_alone() -> None:
    for scaled in SCALED:
        asked = " ".join(trigger["metadata"]["query"] for trigger in scaled["spec"]["triggers"])
        assert 'newsmill_urls{state="waiting"}' in asked
        assert f'newsmill_queue_length{{queue="{scaled["metadata"]["name"]}"}}' in asked


def test_the_metrics_that_scaling_asks_for_exist() -> None:
    asked = set(re.findall(r"newsmill_\w+", " ".join(QUERIES)))
    assert asked <= {value.name for value in vars(catalogue).values() if hasattr(value, "name")}


def test_what_is_in_flight_keeps_all_fetchers_busy() -> None:
    settings = environment()
    threads = (
        int(settings["NEWSMILL_FETCH_THREADS"]) * named("ScaledObject", "fetch")["spec"]["maxReplicaCount"]
    )
    assert int(settings["NEWSMILL_MAX_IN_FLIGHT"]) >= 2 * threads


#: Waiting URLs and hosts that have some: pages a second that are wanted.
BACKLOGS = [((600_000, 100), 100), ((600_000, 9_000), 1_000), ((0, 0), 0), ((60, 50), 0.1)]


@pytest.mark.parametrize(("backlog", "wanted"), BACKLOGS, ids=str)
def test_prometheus_computes_the_backlog(backlog: tuple[int, int], wanted: float, tmp_path: Path) -> None:
    if not shutil.which("promtool"):
        pytest.skip("promtool is not on PATH")
    waiting, hosts = backlog
    # Two schedulers show the same.
    series = [
        {"series": f'{name}{{state="{state}", instance="{instance}"}}', "values": str(value)}
        for instance in "ab"
        for name, state, value in (
            ("newsmill_urls", "waiting", waiting),
            ("newsmill_hosts", "due", hosts - hosts // 2),
            ("newsmill_hosts", "paced", hosts // 2),
        )
    ]
    check = {"expr": QUERIES[0], "eval_time": "0s", "exp_samples": [{"labels": "{}", "value": wanted}]}
    tests = {"tests": [{"input_series": series, "promql_expr_test": [check]}]}
    file = tmp_path / "test.yaml"
    file.write_text(yaml.safe_dump(tests))
    command = ["promtool", "test", "rules", str(file)]
    found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert found.returncode == 0, found.stdout + found.stderr


def test_kustomize_builds_the_example(example: Path) -> None:
    if not shutil.which("kubectl"):
        pytest.skip("kubectl is not on PATH")
    command = ["kubectl", "kustomize", str(example)]
    built = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    found = list(yaml.safe_load_all(built.stdout))
    assert len(found) == len(manifests(*FILES)) + 3, "and the ConfigMap, and two secrets"
    for one in found:
        if one["apiVersion"] != KEDA:
            kubernetes_validate.validate(one, KUBERNETES[-1], strict=True)
    (settings,) = (one for one in found if one["kind"] == "ConfigMap")
    assert settings["data"] == environment()
    newsmill = [one for one in found if one["kind"] == "Deployment"]
    (secret,) = (
        one for one in found if one["kind"] == "Secret" and one["metadata"]["name"].startswith("newsmill")
    )
    for one in newsmill:
        from_config, from_secret = container(one)["envFrom"]
        assert from_config["configMapRef"]["name"] == settings["metadata"]["name"]
        assert from_secret["secretRef"]["name"] == secret["metadata"]["name"]
