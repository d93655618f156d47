"""The deployment files, judged by others' tools: Compose's schema, Kubernetes' own, promtool."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from libs.common.db.engine import SERVICES
from sunlight.api import PAGES
from tests.needs import ROOT, program

COMPOSE: Final = ROOT / "docker-compose.yml"
BASE: Final = ROOT / "deploy" / "k8s" / "base"
WATCH: Final = BASE / "watch"
OUR_METRIC: Final = re.compile(r"sunlight_[a-z_]+")


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """What a tool printed; fails with it where the tool did."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def manifests(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The base as kustomize makes it."""
    made = tmp_path_factory.mktemp("k8s") / "base.yaml"
    tool = program("kubectl", "kustomize")
    verb = "kustomize" if tool.name == "kubectl" else "build"
    made.write_text(run(tool, verb, BASE), encoding="utf-8")
    return made


def objects(manifests: Path) -> list[dict[str, Any]]:
    """The objects of the base."""
    return list(yaml.safe_load_all(manifests.read_text(encoding="utf-8")))


def named(manifests: Path, kind: str) -> dict[str, dict[str, Any]]:
    """The objects of a kind, by name."""
    return {one["metadata"]["name"]: one for one in objects(manifests) if one["kind"] == kind}


def test_compose_file_keeps_the_compose_specification() -> None:
    run(ROOT / ".venv/bin/check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)


def test_compose_runs_an_api_and_a_worker_of_every_service_without_rights() -> None:
    services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    for service in SERVICES:
        for part in ("api", "worker"):
            one = services[f"{part}-{service}"]
            assert one["command"][:2] == [part, service]
            assert one["read_only"]
            assert one["cap_drop"] == ["ALL"]


def test_compose_mounts_only_what_is_there() -> None:
    services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    mounted = [
        volume.partition(":")[0]
        for one in services.values()
        for volume in one.get("volumes", ())
        if volume.startswith("./")
    ]
    assert mounted
    assert [path for path in mounted if not (ROOT / path).exists()] == []


def test_compose_holds_no_secret() -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    given = re.findall(r"^\s+\w*(?:PASSWORD|SECRET|KEY)\w*: (.+)$", text, re.MULTILINE)
    assert given
    assert [value for value in given if not value.startswith("${")] == []


def test_manifests_keep_kubernetes_own_schemas(manifests: Path) -> None:
    told = run(ROOT / ".venv/bin/kubernetes-validate", "--strict", manifests)
    assert told.count("passed for resource") == len(objects(manifests))


def test_every_service_has_its_api_and_worker_in_the_cluster(manifests: Path) -> None:
    deployments = named(manifests, "Deployment")
    for service in SERVICES:
        for part in ("api", "worker"):
            spec = deployments[f"{part}-{service}"]["spec"]["template"]["spec"]
            assert spec["containers"][0]["args"][:2] == [part, service]


def test_no_container_may_become_root_or_take_what_it_was_not_given(manifests: Path) -> None:
    workloads = [one for one in objects(manifests) if "template" in one.get("spec", {})]
    assert len(workloads) >= 2 * len(SERVICES)
    for one in workloads:
        pod = one["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True, one["metadata"]
        for container in pod["containers"]:
            held = container["securityContext"]
            assert held["allowPrivilegeEscalation"] is False
            assert held["capabilities"] == {"drop": ["ALL"]}
            assert "memory" in container["resources"]["limits"]


def test_services_select_pods_that_exist(manifests: Path) -> None:
    labels = [
        one["spec"]["template"]["metadata"]["labels"]
        for one in objects(manifests)
        if "template" in one.get("spec", {})
    ]
    for name, service in named(manifests, "Service").items():
        wanted = service["spec"]["selector"].items()
        assert sum(wanted <= held.items() for held in labels) == 1, name


def test_what_configurations_name_exists_in_compose_and_in_the_cluster(manifests: Path) -> None:
    compose = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    aliases = {
        alias
        for one in compose.values()
        if isinstance(one.get("networks"), dict)
        for alias in one["networks"]["inside"].get("aliases", ())
    }
    scraped = yaml.safe_load((WATCH / "prometheus.yml").read_text(encoding="utf-8"))
    names = {
        name
        for job in scraped["scrape_configs"]
        for found in job["dns_sd_configs"]
        for name in found["names"]
    }
    gateway = (BASE / "gateway" / "nginx.conf").read_text(encoding="utf-8")
    names |= set(re.findall(r"server ([a-z-]+):8000", gateway))
    assert names <= compose.keys() | aliases
    assert names <= named(manifests, "Service").keys()


def test_gateway_leads_every_page_to_its_service() -> None:
    conf = (BASE / "gateway" / "nginx.conf").read_text(encoding="utf-8")
    led = dict(re.findall(r"location (/[a-z]+) { proxy_pass http://([a-z]+); }", conf))
    staff = {prefix: service for prefix, service in PAGES.items() if service in SERVICES}
    assert staff.items() <= led.items()
    assert "/auth" in led
    assert "/issuer" not in led, "the built-in issuer is for one machine"


def test_alarms_ring_when_they_should_and_only_then() -> None:
    promtool = program("promtool")
    run(promtool, "check", "config", "prometheus.yml", cwd=WATCH)
    run(promtool, "test", "rules", "alerts.test.yml", cwd=WATCH)


def test_alarms_and_dashboard_ask_for_metrics_that_we_have() -> None:
    declared = set()
    for path in [
        *ROOT.glob("libs/**/*.py"),
        *ROOT.glob("services/**/*.py"),
        *ROOT.glob("sunlight/**/*.py"),
    ]:
        declared |= set(re.findall(r'"(sunlight_[a-z_]+)"', path.read_text(encoding="utf-8")))
    asked = set()
    for path in (WATCH / "alerts.yml", WATCH / "grafana" / "sunlight.json"):
        asked |= set(OUR_METRIC.findall(path.read_text(encoding="utf-8")))
    assert asked
    bare = {re.sub(r"_(bucket|count|sum)$", "", name) for name in asked}
    assert bare - declared == set()


def test_every_alarm_names_a_runbook_that_is_there() -> None:
    rules = yaml.safe_load((WATCH / "alerts.yml").read_text(encoding="utf-8"))
    for group in rules["groups"]:
        for rule in group["rules"]:
            assert (ROOT / rule["annotations"]["runbook"]).is_file(), rule["alert"]


def test_dashboard_reads_the_provisioned_source() -> None:
    dashboard = json.loads((WATCH / "grafana" / "sunlight.json").read_text(encoding="utf-8"))
    sources = yaml.safe_load((WATCH / "grafana" / "datasources.yaml").read_text(encoding="utf-8"))
    known = {source["uid"] for source in sources["datasources"]}
    assert {panel["datasource"]["uid"] for panel in dashboard["panels"]} == known
