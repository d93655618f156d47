"""Which of the shipped rules make a public overdue fact."""

from pathlib import Path

from services.disclosure.law import public_deadlines

RULES = Path(__file__).parents[3] / "rules"


def test_a_public_limit_counts_under_the_service_whose_event_starts_it() -> None:
    found = public_deadlines(RULES)
    assert found["APV-010"] == "approval"
    assert found["TDR-020"] == "trading"


def test_leads_and_minimum_periods_are_no_overdue_facts() -> None:
    # EMO-020 is a lead, TDR-021 the least publicity period.
    assert not {"EMO-020", "EMO-027", "TDR-021"} & set(public_deadlines(RULES))
