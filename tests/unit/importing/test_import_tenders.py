"""Records of tenders read as histories, one per tender or lot; the unusable listed with place."""

import gzip
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.resource_trading.history.errors import TooManyRecords, UnknownMapping
from services.resource_trading.history.told import History, Read
from sunlight.importing.file import FileRefusedError
from sunlight.importing.tenders import TenderReading, mapping_for, read_records, usual_mapping

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


def release(**fields: Any) -> dict[str, Any]:
    """A release of a tender whose bids close on 10 June 2025."""
    return {
        "ocid": "ocds-x-1",
        "id": "1",
        "date": "2025-05-01T10:00:00+08:00",
        "tag": ["tender"],
        "tender": {
            "id": "T-1",
            "mainProcurementCategory": "works",
            "tenderPeriod": {
                "startDate": "2025-05-02T09:00:00+08:00",
                "endDate": "2025-06-10T09:00:00+08:00",
            },
        },
        **fields,
    }


def lots(*names: str) -> dict[str, Any]:
    """A tender of several lots."""
    return {**release()["tender"], "lots": [{"id": name} for name in names]}


def award(number: str, *related: str, **fields: Any) -> dict[str, Any]:
    """An award of 1,000 yuan for some lots."""
    value = {"amount": 1000, "currency": "CNY"}
    told = {"id": number, "date": "2025-07-01T00:00:00+08:00", "value": value, **fields}
    return {**told, "relatedLots": list(related)} if related else told


def read(*releases: dict[str, Any]) -> Read:
    return read_records("tenders-ocds", releases, NOW)


def short(history: History) -> list[str]:
    """The types that are told of, without what all have in common."""
    kinds = (told.type.split("trading.")[1].removesuffix(".v1") for told in history.told)
    return sorted(kinds)


def test_a_release_becomes_the_events_of_its_tender() -> None:
    (history,) = read(release(awards=[award("a-1")])).histories
    assert (history.number, history.lot) == ("ocds-x-1", None)
    assert short(history) == ["award.decided", "tender.clarified", "tender.published"]
    decided = next(told for told in history.told if "decided" in told.type)
    assert decided.time == datetime(2025, 6, 30, 16, tzinfo=UTC)
    assert decided.data == {"award_no": "a-1", "award_price": 100_000}


def test_a_price_in_another_currency_is_no_price() -> None:
    foreign = award("a-1", value={"amount": 1000, "currency": "UAH"})
    (history,) = read(release(awards=[foreign])).histories
    decided = next(told for told in history.told if "decided" in told.type)
    assert decided.data == {"award_no": "a-1"}


def test_each_lot_becomes_a_history_with_its_own_awards() -> None:
    contracts = [{"id": "c-2", "awardID": "a-2", "dateSigned": "2025-07-09T00:00:00+08:00"}]
    found = read(
        release(
            tender=lots("L1", "L2"),
            awards=[award("a-1", "L1"), award("a-2", "L2")],
            contracts=contracts,
        )
    )
    told = {
        history.lot: [
            one.data.get("award_no") or one.data.get("contract_no") for one in history.told
        ]
        for history in found.histories
    }
    assert {lot: [name for name in names if name] for lot, names in told.items()} == {
        "L1": ["a-1"],
        "L2": ["a-2", "c-2"],
    }


def test_lots_stay_one_tender_where_an_award_does_not_say_to_which_it_belongs() -> None:
    found = read(release(tender=lots("L1", "L2"), awards=[award("a-1", "L1"), award("a-2")]))
    assert [history.lot for history in found.histories] == [None]


def test_a_later_release_need_not_name_the_lots_again() -> None:
    later = release(id="2", tag=["award"], tender={"id": "T-1"}, awards=[award("a-1", "L2")])
    found = read(release(tender=lots("L1", "L2")), later)
    decided = {
        history.lot: any("decided" in told.type for told in history.told)
        for history in found.histories
    }
    assert decided == {"L1": False, "L2": True}


def test_a_long_id_of_a_lot_is_made_short_and_stays_the_same() -> None:
    long = "8e9da76d4cf5409a8ee5f4ee6a5f5f0e"
    names = [
        [history.lot for history in read(release(tender=lots(long, "L2"))).histories]
        for _ in range(2)
    ]
    assert names[0] == names[1]
    assert all(name and len(name) <= 20 for name in names[0])


def test_one_record_twice_is_a_duplicate() -> None:
    found = read(release(), release())
    assert (found.read, found.duplicates, len(found.histories)) == (2, 1, 1)


def test_one_id_with_other_content_is_rejected_with_its_place() -> None:
    found = read(release(), release(tag=["planning"]))
    (reject,) = found.rejects
    assert (reject.position, reject.code, reject.field) == ("2", "conflict", "id")
    assert "ocds-x-1" in reject.excerpt


@pytest.mark.parametrize(
    ("broken", "code", "field"),
    [
        ({"ocid": None}, "subject", "ocid"),
        ({"date": "yesterday"}, "time", "date"),
        ({"date": "2036-01-01T00:00:00Z"}, "implausible", "date"),
    ],
)
def test_a_record_that_says_nothing_usable_is_rejected(
    broken: dict[str, Any], code: str, field: str
) -> None:
    found = read(release(**broken), release(ocid="ocds-x-2"))
    assert [(one.position, one.code, one.field) for one in found.rejects] == [("1", code, field)]
    assert len(found.histories) == 1


def test_a_package_in_a_request_holds_many_releases() -> None:
    package = {"releases": [release(), release(ocid="ocds-x-2")]}
    assert len(read(package).histories) == 2


def test_an_unknown_mapping_is_refused() -> None:
    for name in ("ocds", "../tenders-ocds", "tenders-none"):
        with pytest.raises(UnknownMapping):
            read_records(name, [release()], NOW)


def test_the_mapping_follows_the_name_of_the_file() -> None:
    assert usual_mapping(Path("a.json.gz")) == "tenders-ocds"
    assert usual_mapping(Path("a.jsonl")) == "tenders-notices"
    with pytest.raises(FileRefusedError, match="--mapping"):
        mapping_for(None, [Path("a.json"), Path("b.jsonl")])


def test_a_mapping_that_reads_something_else_is_refused() -> None:
    with pytest.raises(FileRefusedError):
        mapping_for("receipt", [Path("a.xes")])


def test_a_file_that_breaks_off_is_one_record_more_with_its_place(tmp_path: Path) -> None:
    whole = json.dumps({"releases": [release(), release(ocid="ocds-x-2")]})
    path = tmp_path / "a.json"
    path.write_text(whole[: len(whole) - 40], encoding="utf-8")
    reading = TenderReading(mapping_for(None, [path]), NOW)
    reading.read_file(path, lambda *_: None)
    found = reading.histories()
    assert (found.read, len(found.histories)) == (2, 1)
    assert [(one.file, one.code) for one in found.rejects] == [("a.json", "json")]


def test_names_of_bidders_never_enter(shared: Path) -> None:
    path = shared / "data/tenders/yichang_candidates_2025.jsonl.gz"
    reading = TenderReading(mapping_for(None, [path]), NOW)
    reading.read_file(path, lambda *_: None)
    kept = str([told.data for one in reading.histories().histories for told in one.told])
    with gzip.open(path, "rt", encoding="utf-8") as file:
        first = json.loads(file.readline())
    names = [bidder["bidder"] for bidder in first["bidders_and_prices"]]
    assert len(names) == 3
    assert [name for name in names if name in kept] == []


def test_notices_of_a_city_become_one_history_a_lot(shared: Path) -> None:
    files = [
        shared / f"data/tenders/yichang_{kind}_2025.jsonl.gz" for kind in ("candidates", "awards")
    ]
    names = set()
    for path, field in zip(files, ("project_name", "标段(包)名称"), strict=True):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            names |= {json.loads(line)[field] for line in file}
    reading = TenderReading(mapping_for(None, files), NOW)
    for path in files:
        reading.read_file(path, lambda *_: None)
    found = reading.histories()
    # The README of the data: 1,078 notices of candidates and 1,181 of awards.
    assert (found.read, found.rejects) == (1078 + 1181, [])
    assert {history.number for history in found.histories} == names


def test_a_release_of_many_lots_is_read_in_time_that_grows_with_it() -> None:
    """Bids that say their lot go to that lot alone: 1,000 of each are no million."""
    names = [str(number) for number in range(1_000)]
    bids = {"details": [{"id": name, "relatedLots": [name]} for name in names]}
    awards = [award(name, name) for name in names]
    begun = time.perf_counter()
    found = read(release(tender=lots(*names), bids=bids, awards=awards))
    assert (len(found.histories), found.rejects) == (1_000, [])
    assert time.perf_counter() - begun < 10


@pytest.mark.parametrize(
    "many",
    [
        {"tender": lots(*(str(number) for number in range(2_001)))},
        {
            "tender": lots(*(str(number) for number in range(101))),
            "bids": {"details": [{"id": str(number)} for number in range(100)]},
        },
    ],
    ids=["lots", "bids of every lot"],
)
def test_a_release_that_would_become_too_many_records_is_rejected(many: dict[str, Any]) -> None:
    found = read(release(**many))
    assert [(one.code, one.field) for one in found.rejects] == [("too-many", "tender/lots")]
    assert found.histories == []


@pytest.mark.parametrize("odd", [[], {}, None, 1.5])
def test_an_award_whose_id_is_none_is_no_award_of_any_contract(odd: Any) -> None:
    contracts = [{"id": "c", "awardID": odd, "dateSigned": "2025-07-09T00:00:00+08:00"}]
    awards = [award(odd, "L1"), award("a-2", "L2")]
    found = read(release(tender=lots("L1", "L2"), awards=awards, contracts=contracts))
    assert not [kind for one in found.histories for kind in short(one) if "contract" in kind]


def test_a_request_of_packages_counts_their_releases() -> None:
    package = {"releases": [release(id=str(number)) for number in range(501)]}
    with pytest.raises(TooManyRecords):
        read_records("tenders-ocds", [package, package], NOW)
