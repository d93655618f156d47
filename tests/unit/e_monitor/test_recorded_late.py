"""Steps recorded later than their source is allowed: working days between the two instants.

September and October 2026 after 国办发明电〔2025〕7号: 25 to 27 September and 1 to 7 October are
off, Sunday 20 September and Saturday 10 October are worked.
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from libs.common.events import Event
from libs.common.law.fold import Fold
from libs.common.law.rule import Deadline, Pattern
from services.e_monitor.check.allowance import ALLOWANCE, allowing
from services.e_monitor.clock.explain import explain
from services.e_monitor.clock.schemas import explained
from services.e_monitor.clock.wording import told
from services.e_monitor.settings import Settings

ZONE = ZoneInfo("Asia/Shanghai")
RULE = "EMO-031-LATE"


@pytest.fixture(scope="module")
def law() -> Fold:
    return Settings(dsn="unused").law()


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def _event(kind: str, number: int, happened: str, recorded: str, subject: str) -> Event:
    return Event(
        id=f"{subject}-{number}",
        type=f"cn.sunlight.approval.case.{kind}.v1",
        source="/test",
        subject=subject,
        time=_at(happened),
        recordedtime=_at(recorded),
        sequence=number,
        data={"item_type": "行政许可", "joint": False, "limit_set_by_law": False}
        if kind == "received"
        else {},
        region="990100",
    )


def _late(law: Fold, happened: str, recorded: str, subject: str = "case/1") -> list[int]:
    """Days late of each finding on one step."""
    dossier = law.fold([_event("accepted", 1, happened, recorded, subject)])
    return [one.evidence["days_late"] for one in dossier.checks if one.rule.startswith(RULE)]


@pytest.mark.parametrize(
    ("happened", "recorded", "days"),
    [
        ("2026-09-14T09:00:00", "2026-09-14T23:59:59", []),
        ("2026-09-14T23:59:00", "2026-09-15T00:01:00", [1]),
        ("2026-09-11T16:00:00", "2026-09-13T10:00:00", []),
        ("2026-09-11T16:00:00", "2026-09-14T08:30:00", [1]),
        ("2026-09-18T16:00:00", "2026-09-20T08:30:00", [1]),
        ("2026-09-30T16:00:00", "2026-10-08T08:30:00", [1]),
        ("2026-09-30T16:00:00", "2026-10-12T08:30:00", [4]),
        ("2026-09-13T16:00:00", "2026-09-14T17:30:00", []),
        ("2026-10-03T16:00:00", "2026-10-09T08:30:00", [1]),
    ],
    ids=[
        "same day",
        "midnight",
        "Friday to Sunday",
        "Friday to Monday",
        "Friday to make-up Sunday",
        "over the holiday",
        "long after the holiday",
        "Sunday to Monday",
        "holiday to the second day after",
    ],
)
def test_our_own_services_record_on_the_working_day_itself(
    law: Fold, happened: str, recorded: str, days: list[int]
) -> None:
    assert _late(law, happened, recorded) == days


def test_a_nightly_batch_of_a_system_with_one_day_is_in_time(law: Fold) -> None:
    granted = allowing(law, {"housing": 1})
    assert _late(granted, "2026-09-14T09:00:00", "2026-09-15T02:00:00", "housing/7") == []


def test_a_system_is_late_by_what_goes_beyond_its_allowance(law: Fold) -> None:
    granted = allowing(law, {"housing": 1})
    assert _late(granted, "2026-09-14T09:00:00", "2026-09-16T02:00:00", "housing/7") == [1]


def test_the_allowance_of_one_system_is_not_anothers(law: Fold) -> None:
    granted = allowing(law, {"housing": 1})
    assert _late(granted, "2026-09-14T09:00:00", "2026-09-15T02:00:00", "land/7") == [1]


def test_a_record_ahead_of_its_event_is_not_late(law: Fold) -> None:
    assert _late(law, "2026-09-15T09:00:00", "2026-09-14T09:00:00") == []


def test_another_allowance_is_another_rulebook(law: Fold) -> None:
    assert allowing(law, {"housing": 1}).book.version != law.book.version


def test_what_the_settings_grant_a_source_is_in_the_rules(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    grant = '{"/990100/housing": {"tokens_sha256": ["%s"], "allowance_working_days": 3}}'
    monkeypatch.setenv("MONITOR_SOURCES", grant % ("a" * 64))
    (rule,) = Settings(dsn="unused").law().book.by_id[RULE]
    assert isinstance(rule, Pattern)
    assert rule.parameters[ALLOWANCE] == {"housing": 3}


def test_every_step_that_starts_or_stops_a_limit_is_looked_at(law: Fold) -> None:
    (rule,) = law.book.by_id[RULE]
    assert isinstance(rule, Pattern)
    ours = {
        kind
        for one in law.book.rules
        if isinstance(one, Deadline)
        for kind in (*one.start, *one.stop)
        if not kind.startswith("cn.sunlight.disclosure.")
    }
    assert ours <= set(rule.on)


def _explained(law: Fold) -> tuple[object, list[str], dict[str, object]]:
    """A case accepted on Friday 4 September, written down on Wednesday 9, at the 15th."""
    subject = "case/1"
    dossier = law.fold(
        [
            _event("received", 1, "2026-09-04T09:00:00", "2026-09-04T09:00:00", subject),
            _event("accepted", 2, "2026-09-04T10:00:00", "2026-09-09T10:00:00", subject),
        ]
    )
    at = _at("2026-09-15T12:00:00")
    (judged,) = [item for item in law.judged(dossier, at) if item.rule.id == "APV-010"]
    found = explain(law, subject, dossier, judged, at)
    shown = explained(found, ZONE).model_dump()
    return found.by_record, told(found, ZONE)["zh"], {"started": found.started, **shown}


def test_the_clock_itself_counts_from_when_it_happened(law: Fold) -> None:
    _, _, shown = _explained(law)
    assert (shown["started"], shown["elapsed"]) == (date(2026, 9, 4), 7)


def test_the_explanation_shows_the_second_reading_too(law: Fold) -> None:
    _, sentences, shown = _explained(law)
    # From 10 September: 2 days that week, 6 with the make-up Sunday, 4 up to the 24th, 3 from the
    # 28th, 8 to 10 October with the make-up Saturday, 12 and 13 October: 20.
    second = shown["by_record"]
    assert isinstance(second, dict)
    assert (second["started"], second["elapsed"]) == (date(2026, 9, 9), 4)
    assert second["late"][0]["recorded"] == _at("2026-09-09T10:00:00")
    assert sentences[-2:] == [
        "受理发生于 2026-09-04 周五 10:00，2026-09-09 周三 10:00 才录入；时限按发生的时间计。",
        "若按录入的时间计：计时中，已计 4 个工作日，到期 2026-10-13 周二。",
    ]


def test_a_clock_whose_steps_were_recorded_in_time_has_one_reading(law: Fold) -> None:
    start = "2026-09-04T10:00:00"
    dossier = law.fold(
        [
            _event("received", 1, start, start, "case/1"),
            _event("accepted", 2, start, start, "case/1"),
        ]
    )
    at = _at("2026-09-15T12:00:00")
    found = [
        explain(law, "case/1", dossier, judged, at).by_record for judged in law.judged(dossier, at)
    ]
    assert found
    assert set(found) == {None}
