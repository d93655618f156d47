"""From the trading centre's desk to a lead: bids over HTTP, their events, the monitor's worker."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from libs.common.bus import subjects as store
from libs.common.db.embedded import EmbeddedPostgres
from libs.common.identity.actor import loopback_only
from libs.common.identity.scope import Scope
from libs.common.law.fold import Fold
from libs.common.law.installed import installed_law
from services.e_monitor import addresses
from services.e_monitor.finding import reading
from services.e_monitor.finding.leads import leads_of
from services.e_monitor.finding.reading import Finding
from services.e_monitor.finding.sight import Sight
from services.resource_trading.app import create_app
from services.resource_trading.settings import Settings
from tests.databases import fresh_database
from tests.service.city import move_to
from tests.service.desk import as_owner, calling, events_of
from tests.service.e_monitor.scene import application
from tests.service.resource_trading.conftest import STAFF
from tests.service.resource_trading.test_bids import KEY, Desk
from tests.service.resource_trading.test_tender_life import OPENING
from tests.standing import Delivery

REF, SUBJECT = "T-2026-1~L1", "tender/T-2026-1/L1"
FIRMS = ["91330100MA2AAAAA0A", "91330101MA2AAAAA1A", "91330102MA2AAAAA2A"]
ACCOUNT = "6222021001001234"


class Centre:
    """A trading desk whose events a monitor takes in, each once."""

    def __init__(self, desk: Desk, dsn: str, monitor: Delivery) -> None:
        self.desk = desk
        self.dsn = dsn
        self.monitor = monitor
        self.sent = 0

    async def relay(self, *, backwards: bool = False) -> None:
        """Hand over what is new in the outbox, whole or one by one from the last."""
        async with as_owner(self.dsn, "trading") as owner:
            events = (await events_of(owner, SUBJECT))[self.sent :]
        self.sent += len(events)
        if not backwards:
            await self.monitor.deliver(events, "trading")
            return
        for event in reversed(events):
            await self.monitor.deliver([event], "trading")

    async def opened(self, bids: int = 3) -> None:
        """A lot of works, published and opened."""
        await self.desk.publish(REF)
        await move_to(self.dsn, OPENING)
        await self.desk.done(REF, "open", bids=bids)

    async def bid(self, number: int, account: str, path: str = "bids", **body: Any) -> None:
        """Record, or correct, the bid of the `number`-th firm with marks of its own but one."""
        own = [{"value": f"own-{number}-0001"}]
        told: dict[str, Any] = {
            "bidder": FIRMS[number],
            "amount": 10_000_000_00 + number,
            "creation_ids": own,
            "certificates": own,
            "accounts": own,
            "bond_form": "transfer",
            "bond_accounts": [{"value": account}],
            **body,
        }
        if path == "bids":
            told["bid_no"] = f"B-0{number}"
        answer = await self.desk.send(REF, path, **told)
        assert answer.is_success, answer.text

    async def leads(self) -> list[Finding]:
        """What stands on the tender."""
        async with store.acquired(self.monitor.pool) as connection:
            return await leads_of(
                connection,
                Sight(Scope.of("990100"), leads=True),
                self.monitor.handler.fold,
                SUBJECT,
            )


@pytest.fixture
def trading_dsn(postgres: EmbeddedPostgres, migrated: Callable[[str], str]) -> Iterator[str]:
    """A city whose trading service is at work."""
    with fresh_database(postgres, migrated("trading")) as copy:
        yield copy


@pytest.fixture
async def centre(trading_dsn: str, database: str, law: Fold) -> AsyncIterator[Centre]:
    """The centre, and a monitor over a database of its own."""
    app = create_app(
        Settings(dsn=trading_dsn, pool_size=2),
        law=installed_law("Asia/Shanghai"),
        identify=loopback_only(STAFF, "127.0.0.1"),
    )
    app.state.marker = KEY
    monitor = await Delivery.opened(database, law)
    async with calling(app, "http://city.test/api/trading/v1") as client:
        yield Centre(Desk(client), trading_dsn, monitor)
    await monitor.close()


async def test_before_the_opening_the_monitor_hears_of_no_bid(centre: Centre) -> None:
    await centre.desk.publish(REF)
    refused = await centre.desk.send(REF, "bids", bid_no="B-01", bidder=FIRMS[0])
    await centre.relay()
    assert refused.status_code == 409
    assert (await centre.leads(), centre.sent) == ([], 1)


async def test_two_bonds_from_one_account_become_one_lead_that_is_not_public(
    centre: Centre, database: str
) -> None:
    await centre.opened()
    for number, account in enumerate([ACCOUNT, "6217001122334455", ACCOUNT]):
        await centre.bid(number, account)
    await centre.relay()
    (lead,) = await centre.leads()
    seen = lead.evidence["seen"]
    assert (lead.rule, lead.severity, lead.status) == ("CN40-6a", "lead", "open")
    assert (lead.evidence["law"], seen["tier"]) == ("招标投标法实施条例 40(6)", "A")
    assert (seen["bidders"], seen["bids"]) == ([FIRMS[0], FIRMS[2]], ["B-00", "B-02"])
    assert (seen["lot"], seen["shown"]) == ("L1", "…1234")
    async with as_owner(database, "monitor") as owner:
        (told,) = await events_of(owner, f"finding/{lead.id}")
    assert (told.data["public"], told.data["severity"]) == (False, "lead")
    assert ACCOUNT not in str(told.data)


async def test_clean_bids_leave_nothing(centre: Centre) -> None:
    await centre.opened()
    for number in range(3):
        await centre.bid(number, f"622202100100{number}{number}{number}1")
    await centre.relay()
    assert await centre.leads() == []


async def test_events_that_come_backwards_leave_the_same_lead(centre: Centre) -> None:
    await centre.opened(2)
    for number in (0, 1):
        await centre.bid(number, ACCOUNT)
    await centre.relay(backwards=True)
    (lead,) = await centre.leads()
    assert lead.evidence["seen"]["bids"] == ["B-00", "B-01"]


async def test_a_third_bond_is_the_same_finding_with_more_evidence(centre: Centre) -> None:
    await centre.opened()
    for number in (0, 1):
        await centre.bid(number, ACCOUNT)
    await centre.relay()
    (before,) = await centre.leads()
    await centre.bid(2, ACCOUNT)
    await centre.relay()
    (after,) = await centre.leads()
    assert after.id == before.id
    assert after.version == before.version + 1
    assert after.evidence["seen"]["bidders"] == FIRMS


@pytest.mark.parametrize("how", ["withdraw", "correct"])
async def test_a_bid_withdrawn_or_corrected_rescinds_the_lead(centre: Centre, how: str) -> None:
    await centre.opened(2)
    for number in (0, 1):
        await centre.bid(number, ACCOUNT)
    await centre.relay()
    (lead,) = await centre.leads()
    if how == "correct":
        await centre.bid(1, "6217001122334455", "bids/B-01/correct")
    else:
        await centre.desk.send(REF, "bids/B-01/withdraw", ground="before_deadline")
    await centre.relay()
    async with store.acquired(centre.monitor.pool) as connection:
        kept = await reading.find(connection, Sight(Scope.of("990100"), leads=True), lead.id)
    assert await centre.leads() == []
    assert kept is not None
    assert (kept.status, kept.reason) == ("rescinded", "no_longer_holds")


async def test_the_tenderers_documents_are_not_held_against_the_bidders(centre: Centre) -> None:
    await centre.opened(2)
    copied = [{"value": "{3F2504E0-4F89-41D3-9A0C-0305E82C3301}"}]
    for number in (0, 1):
        await centre.bid(number, f"62220210010012{number}4", creation_ids=copied)
    await centre.relay()
    (lead,) = await centre.leads()
    await centre.desk.send(REF, "mark-documents", creation_ids=copied)
    await centre.relay()
    assert (lead.rule, await centre.leads()) == ("CN40-1a", [])


async def test_a_lead_and_its_page_can_be_read_by_supervisors(
    centre: Centre, database: str, law: Fold
) -> None:
    await centre.opened(2)
    for number in (0, 1):
        await centre.bid(number, ACCOUNT)
    await centre.relay()
    await centre.monitor.move_to(OPENING)
    (lead,) = await centre.leads()
    async with calling(application(database, law), "http://city.test") as client:
        page = await client.get(f"/monitor/findings/{lead.id}?lang=zh")
        why = await client.get(addresses.why(SUBJECT, lead.rule, lead.occurrence))
    assert (page.status_code, why.status_code) == (200, 200)
    assert FIRMS[0] in page.text
    assert "投标保证金从同一账户转出" in why.text
    assert ACCOUNT not in page.text + why.text
