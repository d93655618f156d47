"""What is served and what the law's table knows are the same acts."""

from services.resource_trading.award.acts import ACTS as AWARD_ACTS
from services.resource_trading.award.policy import TRANSITIONS as AWARD_TRANSITIONS
from services.resource_trading.tender.acts import ACTS
from services.resource_trading.tender.policy import TRANSITIONS


def test_every_act_on_a_tender_but_its_publication_is_served() -> None:
    assert {act.name for act in ACTS} == {row.action for row in TRANSITIONS} - {"publish"}


def test_every_act_on_an_award_is_served() -> None:
    assert {act.name for act in AWARD_ACTS} == {row.action for row in AWARD_TRANSITIONS}
