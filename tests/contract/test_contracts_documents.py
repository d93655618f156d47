"""The generated documents are fresh, are what they claim to be, and fit the golden bytes."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from libs.common.events import CONTRACTS, TOPICS, owner
from tests import needs
from tests.contract.goldens import CURRENT, raw
from tools import contracts

FOLDER = needs.ROOT / "contracts"
ASYNCAPI = FOLDER / "asyncapi.yaml"
PARSER = needs.ROOT / ".cache" / "asyncapi"
JUDGE = """
const {Parser} = require("@asyncapi/parser");
new Parser().parse(require("fs").readFileSync(0, "utf8")).then(({document, diagnostics}) => {
  const faults = diagnostics.filter(d => d.severity === 0).map(d => d.path.join("/") + d.message);
  const messages = document ? document.messages().all().map(message => message.name()) : [];
  console.log(JSON.stringify({faults, messages}));
});
"""
# the library checks times only with a further package; this is RFC 3339 section 5.6
TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
formats = FormatChecker()
formats.checks("date-time")(lambda text: not isinstance(text, str) or bool(TIME.fullmatch(text)))


def validator(event_type: str) -> Any:
    schema = json.loads((FOLDER / "schemas" / f"{event_type}.json").read_text("utf-8"))
    return Draft202012Validator(schema, format_checker=formats)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A project folder with freshly written contracts."""
    assert contracts.main(["--baseline"], tmp_path) == 0
    return tmp_path


def test_the_committed_documents_are_fresh_and_additive() -> None:
    assert contracts.main(["--check"]) == 0


def test_check_passes_what_was_just_written(copy: Path) -> None:
    assert contracts.main(["--check"], copy) == 0


@pytest.mark.parametrize(
    "name",
    [
        "asyncapi.yaml",
        "schemas/cn.sunlight.approval.case.paused.v1.json",
        "openapi/approval.json",
    ],
)
def test_check_names_a_document_that_was_edited(
    copy: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = copy / "contracts" / name
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")
    assert contracts.main(["--check"], copy) == 1
    assert f"contracts/{name}: stale" in capsys.readouterr().err


def test_check_names_a_document_that_is_missing(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (copy / "contracts" / "asyncapi.yaml").unlink()
    assert contracts.main(["--check"], copy) == 1
    assert "contracts/asyncapi.yaml: missing" in capsys.readouterr().err


def test_check_names_a_schema_of_a_type_that_is_no_more(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (copy / "contracts" / "schemas" / "cn.sunlight.approval.case.lost.v1.json").write_text("{}")
    assert contracts.main(["--check"], copy) == 1
    assert "case.lost.v1.json: no longer generated" in capsys.readouterr().err


def test_check_names_the_document_of_a_service_that_is_no_more(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (copy / "contracts" / "openapi" / "lost.json").write_text("{}")
    assert contracts.main(["--check"], copy) == 1
    assert "openapi/lost.json: no longer generated" in capsys.readouterr().err


def test_check_wants_a_baseline(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copy / "contracts" / "baseline.json").unlink()
    assert contracts.main(["--check"], copy) == 1
    assert "baseline.json: missing" in capsys.readouterr().err


def test_check_tells_a_change_that_is_no_addition(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = copy / "contracts" / "baseline.json"
    baseline = json.loads(path.read_text("utf-8"))
    baseline["types"]["cn.sunlight.approval.case.lost.v1"] = {"type": "object"}
    path.write_text(json.dumps(baseline), "utf-8")
    assert contracts.main(["--check"], copy) == 1
    assert "case.lost.v1: the type was removed" in capsys.readouterr().err


def test_writing_leaves_the_baseline_alone(copy: Path) -> None:
    (copy / "contracts" / "baseline.json").write_text("{}")
    assert contracts.main([], copy) == 0
    assert (copy / "contracts" / "baseline.json").read_text() == "{}"


def test_writing_removes_the_schema_of_a_type_that_is_no_more(copy: Path) -> None:
    lost = copy / "contracts" / "schemas" / "cn.sunlight.approval.case.lost.v1.json"
    lost.write_text("{}")
    contracts.main([], copy)
    assert not lost.exists()


@pytest.mark.parametrize("event_type", CONTRACTS)
def test_schemas_are_valid_json_schema(event_type: str) -> None:
    checked = validator(event_type)
    assert checked.schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(checked.schema)


@pytest.mark.parametrize("event_type", CURRENT)
def test_golden_bytes_fit_their_schema(event_type: str) -> None:
    validator(event_type).validate(json.loads(raw(event_type)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("time", "2025-03-20T06:30:00"),
        ("sequence", "0000000000"),
        ("sequence", 1),
        ("specversion", "0.3"),
        ("type", "cn.sunlight.approval.case.closed.v1"),
        ("subject", ""),
        ("data", {"extension_length": "10", "approver_level": "office_head"}),
        ("data", {"extension_length": 10}),
    ],
)
def test_schemas_refuse_what_the_contract_refuses(name: str, value: Any) -> None:
    event_type = "cn.sunlight.approval.case.extended.v1"
    event = {**json.loads(raw(event_type)), name: value}
    assert not validator(event_type).is_valid(event)


@pytest.mark.parametrize("name", ["id", "subject", "sequence", "recordedtime", "data"])
def test_schemas_require_the_attributes(name: str) -> None:
    event_type = "cn.sunlight.approval.case.extended.v1"
    event = json.loads(raw(event_type))
    del event[name]
    assert not validator(event_type).is_valid(event)


def test_schemas_keep_code_lists_open() -> None:
    event_type = "cn.sunlight.approval.case.paused.v1"
    ground = validator(event_type).schema["properties"]["data"]["properties"]["ground"]
    assert len(ground["x-codes"]) == 8
    event = json.loads(raw(event_type))
    event["data"]["ground"] = "a ground of a later law"
    validator(event_type).validate(event)


def test_each_topic_is_a_channel_with_the_types_it_owns() -> None:
    channels = yaml.safe_load(ASYNCAPI.read_text("utf-8"))["channels"]
    assert list(channels) == list(TOPICS)
    for topic, channel in channels.items():
        assert list(channel["messages"]) == [name for name in CONTRACTS if owner(name) == topic]


def judged(document: str) -> Any:
    node = needs.program("node", "nodejs")
    if not (PARSER / "node_modules" / "@asyncapi" / "parser").is_dir():
        needs.require("needs @asyncapi/parser: npm i --prefix .cache/asyncapi @asyncapi/parser")
    run = subprocess.run(
        [node, "-e", JUDGE], cwd=PARSER, input=document, capture_output=True, text=True, check=True
    )
    return json.loads(run.stdout)


def test_asyncapi_is_valid_to_its_own_parser() -> None:
    told = judged(ASYNCAPI.read_text("utf-8"))
    assert told["faults"] == []
    assert sorted(told["messages"]) == sorted(CONTRACTS)


def test_the_asyncapi_parser_names_a_planted_fault() -> None:
    operation = {"action": "publish", "channel": {"$ref": "#/channels/approval"}}
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "planted", "version": "1"},
        "channels": {"approval": {"address": "approval"}},
        "operations": {"wrong": operation},
    }
    assert "operations/wrong/action" in judged(yaml.safe_dump(document))["faults"][0]
