"""Waking the silent: once per silence, on the thirtieth day, and not if they came back."""

import asyncio
from datetime import date, timedelta

import pytest

from loyalty.engine.command import Command
from loyalty.engine.outcomes import Decision
from tasks import sweeps
from tasks.wakeup import wake_silent
from tests.house import House
from tests.tasks.scenes import OnePage, adopt, go_to, notices

SEEN = date(2026, 3, 2)


async def wake(house: House) -> None:
    await wake_silent(house.resources, house.clock.now())


async def keys(house: House, member_id: int) -> list[str]:
    return [row["key"] for row in await notices(house, member_id, "wake_up")]


@pytest.mark.parametrize(
    ("silent_days", "expected"), [(1, []), (29, []), (30, ["2026-03-02"]), (400, ["2026-03-02"])]
)
async def test_from_which_day_a_member_is_silent(house: House, silent_days: int, expected: list[str]) -> None:
    member_id = await house.ledger.member()
    await go_to(house, SEEN + timedelta(days=silent_days))
    await wake(house)
    assert await keys(house, member_id) == expected


async def test_once_per_silence(house: House) -> None:
    member_id = await house.ledger.member()
    for days in range(25, 120):
        await go_to(house, SEEN + timedelta(days=days))
        await wake(house)
    assert await keys(house, member_id) == ["2026-03-02"]
    await house.resources.directory.note_visit(member_id, house.clock.now(), skip_if_known_today=False)
    back = SEEN + timedelta(days=119)
    for days in range(40):
        await go_to(house, back + timedelta(days=days))
        await wake(house)
    assert await keys(house, member_id) == ["2026-03-02", back.isoformat()]


async def test_a_visit_starts_the_silence_anew(house: House) -> None:
    member_id = await house.ledger.member()
    await go_to(house, SEEN + timedelta(days=29))
    await house.resources.directory.note_visit(member_id, house.clock.now(), skip_if_known_today=False)
    await go_to(house, SEEN + timedelta(days=30))
    await wake(house)
    assert await keys(house, member_id) == []


async def test_who_was_back_is_met_where_their_new_silence_began(house: House) -> None:
    """What the sweep walks by is not written with every visit: it catches up, and goes on to the end in one walk."""
    away, back, here = [await house.ledger.member() for _ in range(3)]
    directory = house.resources.directory
    for member_id, days in ((back, 5), (back, 12), (here, 44)):
        await go_to(house, SEEN + timedelta(days=days))
        await directory.note_visit(member_id, house.clock.now(), skip_if_known_today=False)
    assert await floors(house) == [SEEN] * 3
    await go_to(house, SEEN + timedelta(days=45))
    await asyncio.gather(*(wake(house) for _ in range(2)))
    last = SEEN + timedelta(days=12)
    assert await floors(house) == [SEEN, last, SEEN + timedelta(days=44)]
    assert [await keys(house, one) for one in (away, back, here)] == [["2026-03-02"], [last.isoformat()], []]


async def floors(house: House) -> list[date]:
    rows = await house.resources.pool.fetch("SELECT last_seen_floor FROM member ORDER BY member_id")
    return [row[0] for row in rows]


async def test_workers_at_once_wake_once(house: House) -> None:
    for _ in range(20):
        await house.ledger.member()
    await go_to(house, SEEN + timedelta(days=31))
    await asyncio.gather(*(wake(house) for _ in range(4)))
    assert await house.ledger.count("notice", kind="wake_up") == 20


async def test_the_rules_say_how_long(house: House) -> None:
    member_id = await house.ledger.member()
    await adopt(house, wake_up={"silent_days": 7, "subscribe": None, "template": None})
    await go_to(house, SEEN + timedelta(days=7))
    await wake(house)
    assert await keys(house, member_id) == ["2026-03-02"]


async def test_a_page_looks_at_so_many_whoever_was_woken(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Among millions who were woken before, one statement must not look for the next who was not."""
    _, second, *_, last = [await house.ledger.member() for _ in range(5)]
    await go_to(house, SEEN + timedelta(days=30))
    await wake(house)
    await house.ledger.pool.execute("DELETE FROM notice WHERE member_id = $1", last)
    monkeypatch.setattr(sweeps, "PAGE_SIZE", 2)
    monkeypatch.setattr(sweeps, "Budget", OnePage)
    engine = house.resources.engine
    asked: list[int] = []
    run_all = engine.run_all

    async def noted(commands: list[Command]) -> list[Decision]:
        asked.extend(command.member_id for command in commands)
        return await run_all(commands)

    monkeypatch.setattr(engine, "run_all", noted)
    assert await wake_silent(house.resources, house.clock.now()) == (SEEN, second)
    assert await wake_silent(house.resources, house.clock.now(), (SEEN, second)) == (SEEN, last - 1)
    assert await wake_silent(house.resources, house.clock.now(), (SEEN, last - 1)) is None
    assert asked == [last]
