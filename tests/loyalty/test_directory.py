"""Many visitors at once: each is answered for themselves, by what is in the database when they ask."""

import asyncio

import asyncpg
import pytest

from jifen.loyalty.directory import Directory
from jifen.loyalty.live import NoRulesPublished
from tests.ledger import DAY_S, Ledger, rules_with


@pytest.fixture
def directory(ledger: Ledger) -> Directory:
    return Directory(ledger.pool, ledger.zone)


async def test_each_hears_who_they_are(ledger: Ledger, directory: Directory) -> None:
    members = [await ledger.member(wx=f"o{number}") for number in range(30)]
    found = await asyncio.gather(*(directory.member_of("wx", f"o{number}") for number in range(31)))
    assert found == [*members, None]


async def test_an_identity_no_row_can_hold_costs_only_its_own_answer(
    ledger: Ledger, directory: Directory
) -> None:
    member = await ledger.member(wx="o1")
    answers = await asyncio.gather(
        directory.member_of("wx", "o1"),
        directory.member_of("wx", "nul\x00byte"),
        directory.member_of("wx", "o1"),
        return_exceptions=True,
    )
    assert answers[0] == answers[2] == member
    assert isinstance(answers[1], asyncpg.DataError)


async def test_rules_are_asked_anew_each_time_and_by_each_ones_instant(
    ledger: Ledger, directory: Directory
) -> None:
    before = ledger.clock.now()
    assert (await directory.rules(before)).version == 1
    ledger.clock.advance(60)
    await ledger.publish(rules_with(welcome={"points": 7}))
    versions = await asyncio.gather(*(directory.rules(now) for now in (ledger.clock.now(), before) * 5))
    assert [live.version for live in versions] == [2, 1] * 5


async def test_without_rules_everybody_hears_so(ledger: Ledger, directory: Directory) -> None:
    await ledger.pool.execute("TRUNCATE rule_version")
    heard = await asyncio.gather(
        *(directory.rules(ledger.clock.now()) for _ in range(3)), return_exceptions=True
    )
    assert [type(error) for error in heard] == [NoRulesPublished] * 3
    await ledger.publish_anew()
    assert (await directory.rules(ledger.clock.now())).version == 1, "an error is not remembered"


async def test_a_visit_is_remembered_and_never_taken_back(ledger: Ledger, directory: Directory) -> None:
    members = [await ledger.member() for _ in range(20)]
    earlier = ledger.clock.now()
    ledger.clock.advance(DAY_S)
    now = ledger.clock.now()
    await asyncio.gather(*(directory.touch(member, at) for at in (now, earlier) for member in members[:10]))
    seen = [
        row[0].isoformat()
        for row in await ledger.pool.fetch("SELECT last_seen_on FROM member ORDER BY member_id")
    ]
    assert seen == ["2026-03-03"] * 10 + ["2026-03-02"] * 10
    assert await ledger.version(members[0]) == 1, "a visit is no business of the ledger's"


async def test_a_caller_that_goes_away_spoils_nothing(ledger: Ledger, directory: Directory) -> None:
    member = await ledger.member(wx="o1")
    asking = [asyncio.create_task(directory.member_of("wx", "o1")) for _ in range(10)]
    await asyncio.sleep(0)
    for task in asking[::2]:
        task.cancel()
    answers = await asyncio.gather(*asking, return_exceptions=True)
    assert answers[1::2] == [member] * 5
    assert all(isinstance(answer, asyncio.CancelledError) for answer in answers[::2])
    assert await directory.member_of("wx", "o1") == member
