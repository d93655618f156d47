"""Tenders as OCDS releases, judged by the standard's own checker."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.service.disclosure.conftest import SITE, Stream
from tests.service.disclosure.test_consuming import TENDER, life
from tests.unit.disclosure.events import BODY, tender

WANTED = "libcoveocds is not installed"
cove = pytest.importorskip("libcoveocds.api", reason=WANTED)
cove_config = pytest.importorskip("libcoveocds.config", reason=WANTED)
STANDARD = Path("data/ocds/ocds_standard_1__1__5.zip")


def judged(package: Any, shared: Path, folder: Path) -> Any:
    """What libcoveocds says of a package, without network."""
    zipped = shared / STANDARD
    if not zipped.exists():
        pytest.skip(f"no {STANDARD} in the shared data")
    config = cove_config.LibCoveOCDSConfig({"standard_zip": zipped.as_uri(), "context": "api"})
    copy = json.loads(json.dumps(package))
    return cove.ocds_json_output(str(folder), json_data=copy, lib_cove_ocds_config=config)


@pytest.mark.parametrize("address", ["/ocds/releases.json", "/ocds/tenders/T-2026-001.json"])
async def test_the_standards_checker_finds_no_fault(
    stream: Stream, public: httpx.AsyncClient, shared: Path, tmp_path: Path, address: str
) -> None:
    await stream.send(*life(), tender(subject="tender/T-2"))
    found = judged((await public.get(address)).json(), shared, tmp_path)
    assert found["validation_errors"] == []
    assert found["additional_fields"] == []
    assert found["additional_closed_codelist_values"] == {}


async def test_the_checker_does_find_a_fault(
    stream: Stream, public: httpx.AsyncClient, shared: Path, tmp_path: Path
) -> None:
    await stream.send(tender())
    package = (await public.get("/ocds/releases.json")).json()
    del package["releases"][0]["ocid"]
    assert judged(package, shared, tmp_path)["validation_errors"] != []


async def test_one_tender_has_a_release_for_each_step_under_one_ocid(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(*life())
    releases = (await public.get("/ocds/tenders/T-2026-001.json")).json()["releases"]
    tags = [release["tag"] for release in releases]
    assert tags == [["contract"], ["award"], ["tenderAmendment"], ["tender"]]
    assert {release["ocid"] for release in releases} == {"ocds-213czf-990100-T-2026-001"}


async def test_an_award_says_winner_and_price_in_yuan(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(*life())
    releases = (await public.get("/ocds/tenders/T-2026-001.json")).json()["releases"]
    (award,) = releases[1]["awards"]
    assert award["value"] == {"amount": 5.0, "currency": "CNY"}
    assert award["suppliers"] == [{"id": BODY}]


async def test_a_tender_without_a_record_is_not_found(public: httpx.AsyncClient) -> None:
    assert (await public.get(f"/ocds/tenders/{TENDER.partition('/')[2]}.json")).status_code == 404


async def test_the_list_goes_on_page_by_page(stream: Stream, public: httpx.AsyncClient) -> None:
    await stream.send(*(tender(subject=f"tender/T-{number}") for number in range(3)))
    first = await public.get("/ocds/releases.json?limit=2")
    rest = await public.get(first.links["next"]["url"])
    seen = [item["id"] for page in (first, rest) for item in page.json()["releases"]]
    assert (len(seen), len(set(seen))) == (3, 3)
    assert first.json()["uri"] == f"{SITE}/ocds/releases.json"


async def test_a_lot_has_a_package_of_its_own_under_the_address_of_its_tender(
    stream: Stream, public: httpx.AsyncClient
) -> None:
    await stream.send(tender(), tender(subject="tender/T-2026-001/L1"))
    answer = await public.get("/ocds/tenders/T-2026-001~L1.json")
    assert answer.status_code == 200
    (release,) = answer.json()["releases"]
    assert release["tender"]["id"] == "T-2026-001/L1"


@pytest.mark.parametrize("number", ["%00", "T%00-1"])
async def test_a_number_that_none_can_be_is_not_found(
    public: httpx.AsyncClient, number: str
) -> None:
    assert (await public.get(f"/ocds/tenders/{number}.json")).status_code == 404
