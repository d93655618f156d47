"""Deliveries at the same time, on a real PostgreSQL: one accepts, numbers have no gaps."""

import asyncio
import random
from collections import Counter

from libs.common.db.engine import Connection
from tests.service.e_monitor.intake.system import System, counts, licence, outbox

SEED = 20260302


async def test_of_the_same_event_at_the_same_time_one_is_accepted_and_one_a_duplicate(
    housing: System, owner: Connection
) -> None:
    for _ in range(20):
        event = licence()
        answers = await asyncio.gather(housing.send(event), housing.send(event))
        found = Counter(answer.json()["status"] for answer in answers)
        assert found == {"accepted": 1, "duplicate": 1}
        assert [answer.json()["sequence"] for answer in answers] == [1, 1]
    assert len(await outbox(owner)) == 20


async def test_of_one_id_with_two_contents_at_the_same_time_one_is_a_conflict(
    housing: System, owner: Connection
) -> None:
    for _ in range(20):
        event = licence()
        other = {**event, "subject": f"{event['subject']}-b"}
        answers = await asyncio.gather(housing.send(event), housing.send(other))
        assert sorted(answer.status_code for answer in answers) == [202, 409]
    assert len(await outbox(owner)) == 20


async def test_twenty_deliveries_at_once_number_each_subject_without_a_gap(
    housing: System, owner: Connection
) -> None:
    chance = random.Random(SEED)
    subjects = [f"housing/shared-{n}" for n in range(4)]

    async def deliver() -> None:
        batch = [licence(subject=chance.choice(subjects)) for _ in range(chance.randint(1, 6))]
        batch.insert(chance.randint(0, len(batch)), licence(data={}))
        if len(batch) == 2:
            await housing.send(batch[0] if batch[0]["data"] else batch[1])
        else:
            await housing.send_batch(batch)

    for _ in range(5):
        await asyncio.gather(*(deliver() for _ in range(20)))
    sent = await outbox(owner)
    for subject in subjects:
        numbers = [int(event["sequence"]) for event in sent if event["subject"] == subject]
        assert numbers == list(range(1, len(numbers) + 1))
    assert (
        len(sent)
        == (await counts(owner))["accepted"]
        == await owner.fetchval("SELECT sum(version) FROM foreign_subject")
    )


async def test_recorded_times_of_a_subject_never_go_back(
    housing: System, owner: Connection
) -> None:
    await asyncio.gather(
        *(housing.send_batch([licence(subject="housing/one")] * 1) for _ in range(20))
    )
    times = [event["recordedtime"] for event in await outbox(owner, "housing/one")]
    assert times == sorted(times)
    assert len(times) == 20


async def test_a_delivery_that_fails_gives_its_numbers_back(
    housing: System, owner: Connection
) -> None:
    await owner.execute(
        "CREATE FUNCTION monitor.refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'disk full' USING ERRCODE = '53100'; END $$"
    )
    await owner.execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION refuse()"
    )
    event = licence()
    assert (await housing.send(event)).status_code == 503
    await owner.execute("DROP TRIGGER refuse ON outbox")
    answer = await housing.send(event)
    assert (answer.status_code, answer.json()["sequence"]) == (202, 1)
    assert await counts(owner) == {"accepted": 1, "duplicates": 0, "conflicts": 0, "rejected": 0}
