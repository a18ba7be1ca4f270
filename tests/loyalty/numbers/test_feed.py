"""The daily facts (L08, N01, N06): each receipt counts once, on its own day; sums are the ledger's; a rebuild gives the same."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from loyalty.audit import audit
from loyalty.changes import SETTLED_AFTER
from loyalty.checkin.commands import CheckIn
from loyalty.earning.commands import RecordEvent
from loyalty.expiry.commands import Book
from loyalty.flows import flows, total
from loyalty.merging.run import merge, split
from loyalty.numbers import feed
from loyalty.numbers.feed import advance, editions
from loyalty.numbers.rebuild import rebuild
from tests.ledger import DAY_S, KEYS, ZONE, Ledger, rules_with
from tests.loyalty.numbers.counting import count_all, facts, flows_counted, points_of
from tests.loyalty.test_flows import FIRST, spent_a_day
from tests.loyalty.worlds import busy_world, today

CONTENT = "SELECT {0}::text FROM {1} t ORDER BY 1"
COLUMNS = {
    "daily_fact": "(day, booked_on, flow, store, region, channel, tier, rule, campaign, version, points, times, fen)",
    "minute_fact": "(day, minute, flow, points, times, fen)",
    "member_day": "(member_id, day, first_minute, acts, issued, used, returned, redeemed, orders, sold_fen, is_new, person)",
}


async def content(ledger: Ledger) -> dict[str, list[str]]:
    """All facts as text, whatever their edition."""
    return {
        table: [row[0] for row in await ledger.pool.fetch(CONTENT.format(columns, table))]
        for table, columns in COLUMNS.items()
    }


async def test_totals_are_the_ledgers(ledger: Ledger) -> None:
    await busy_world(ledger, counted=False)
    assert await count_all(ledger) == await ledger.count("receipt", accepted=True)
    counted = points_of(await flows_counted(ledger))
    assert counted == total((await flows(ledger.pool, FIRST, today(ledger), ZONE)).values())
    report = await audit(ledger.pool, ledger.clock.now(), KEYS)
    assert report.violations == []


async def test_every_dimension_sums_to_the_whole(ledger: Ledger) -> None:
    await busy_world(ledger, counted=False)
    await count_all(ledger)
    whole = await flows_counted(ledger)
    for dimension in (
        "day",
        "booked_on",
        "store",
        "region",
        "channel",
        "tier",
        "rule",
        "campaign",
        "version",
    ):
        statement = f"SELECT flow, sum(points)::bigint AS p FROM daily_fact GROUP BY flow, {dimension}"  # noqa: S608  # our names
        parts: dict[str, int] = {}
        for flow, points in await ledger.pool.fetch(statement):
            parts[flow] = parts.get(flow, 0) + points
        assert parts == {flow: counted[0] for flow, counted in whole.items()}, dimension


async def test_what_a_day_leaves(ledger: Ledger) -> None:
    await spent_a_day(ledger)
    await count_all(ledger)
    found = await flows_counted(ledger)
    assert (found["issued"], found["used"], found["captured"]) == ((598, 3, 0), (120, 2, 0), (30, 1, 0))
    assert (found["redeemed"], found["cancelled"], found["written_off"]) == (
        (120, 2, 0),
        (60, 1, 0),
        (60, 1, 0),
    )
    assert (found["sold"], found["joined"]) == ((0, 1, 8800), (0, 1, 0))
    (sold,) = await facts(ledger, flow="sold")
    assert (sold["store"], sold["channel"]) == ("jingan", "")
    rules = {row["rule"]: row["points"] for row in await facts(ledger, flow="issued")}
    assert rules["check_in"] == 10 and rules["welcome"] == 500  # noqa: PT018
    assert sum(points for rule, points in rules.items() if rule.startswith("earn:")) == 88
    (day,) = await ledger.pool.fetch("SELECT * FROM member_day")
    assert (day["acts"], day["issued"], day["used"], day["redeemed"], day["orders"], day["sold_fen"], day["is_new"]) == (
        day["acts"], 598, 150, 2, 1, 8800, True,
    )  # fmt: skip


async def test_late_and_lapsed_points_belong_to_their_own_day(ledger: Ledger) -> None:
    member = await ledger.member()
    first = today(ledger)
    await ledger.run(CheckIn, member)
    ledger.clock.advance(2 * DAY_S)
    at = ledger.clock.now() - timedelta(days=1)
    event: dict[str, Any] = {
        "source": "till",
        "event": "e1",
        "kind": "purchase",
        "amount_fen": 8800,
        "order": "so-1",
        "store": "jingan",
    }
    await ledger.engine.run(RecordEvent(member_id=member, request_key="event:till|e1", at=at, **event))
    await count_all(ledger)
    (sold,) = await facts(ledger, flow="sold")
    assert (sold["day"], sold["booked_on"]) == (first + timedelta(days=1), first + timedelta(days=2))
    ledger.clock.advance(900 * DAY_S)
    await ledger.run(Book, member)
    await count_all(ledger)
    for row in await facts(ledger, flow="expired"):
        assert row["day"] < row["booked_on"] == today(ledger)
        assert row["day"].day == 1


async def test_a_worker_killed_in_the_middle_counts_nothing_twice(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    await busy_world(ledger, counted=False)
    monkeypatch.setattr(feed, "PAGE", 7)
    now = ledger.clock.now() + SETTLED_AFTER + timedelta(seconds=1)
    (edition,) = await editions(ledger.pool)
    store, deaths = feed._store, iter([True, False] * 1000)

    async def dying(*given: Any) -> None:
        await store(*given)
        if next(deaths):
            raise RuntimeError("killed before the commit")

    monkeypatch.setattr(feed, "_store", dying)
    counted = 0
    while True:
        try:
            step = await advance(ledger.pool, edition, now, ZONE)
        except RuntimeError:
            continue
        counted += step.receipts
        if step.at_end:
            break
    assert counted == await ledger.count("receipt", accepted=True)
    in_pages = await content(ledger)
    monkeypatch.setattr(feed, "_store", store)
    monkeypatch.setattr(feed, "PAGE", 1000)
    rebuilt = await rebuild(ledger.pool, now, ZONE)
    assert rebuilt.different == {"daily_fact": 0, "minute_fact": 0, "member_day": 0}
    assert await content(ledger) == in_pages


async def test_two_workers_at_once_count_once(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    await busy_world(ledger, counted=False)
    monkeypatch.setattr(feed, "PAGE", 5)
    (edition,) = await editions(ledger.pool)
    now = ledger.clock.now() + SETTLED_AFTER + timedelta(seconds=1)
    counted = 0
    at_end = False
    while not at_end:
        steps = await asyncio.gather(*(advance(ledger.pool, edition, now, ZONE) for _ in range(4)))
        counted += sum(step.receipts for step in steps)
        at_end = all(step.at_end for step in steps)
    assert counted == await ledger.count("receipt", accepted=True)
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def test_what_was_booked_just_now_waits(ledger: Ledger) -> None:
    member = await ledger.member()
    (edition,) = await editions(ledger.pool)
    posted = ledger.clock.now()
    assert (await advance(ledger.pool, edition, posted + SETTLED_AFTER, ZONE)).receipts == 0
    assert (
        await advance(ledger.pool, edition, posted + SETTLED_AFTER + timedelta(seconds=1), ZONE)
    ).receipts == 1
    await ledger.run(CheckIn, member)
    assert (await advance(ledger.pool, edition, posted, ZONE)).receipts == 0


async def test_a_rebuild_goes_on_while_pages_read_and_the_worker_counts(ledger: Ledger) -> None:
    await busy_world(ledger, counted=False)
    await count_all(ledger)
    before = await content(ledger)
    await ledger.pool.execute(
        "INSERT INTO number_feed VALUES (2, false, '2000-01-01', 0, 0)"
    )  # one that was interrupted
    await count_all(ledger)
    rebuilt = await rebuild(ledger.pool, ledger.clock.now(), ZONE)
    assert sum(rebuilt.different.values()) == 0
    assert [tuple(row) for row in await ledger.pool.fetch("SELECT edition, shown FROM number_feed")] == [
        (2, True)
    ]
    assert await content(ledger) == before


async def test_a_rebuild_says_what_was_wrong_and_the_audit_too(ledger: Ledger) -> None:
    await busy_world(ledger, counted=False)
    await count_all(ledger)
    await ledger.pool.execute(
        "UPDATE daily_fact SET points = points + 5 WHERE flow = 'issued' AND rule = 'check_in'"
    )
    report = await audit(ledger.pool, ledger.clock.now(), KEYS)
    assert {one.invariant for one in report.violations} == {"I24"}
    assert any("issued: the daily facts say" in one.detail for one in report.violations)
    rebuilt = await rebuild(ledger.pool, ledger.clock.now(), ZONE)
    assert rebuilt.different["daily_fact"] > 0
    assert rebuilt.different["member_day"] == 0
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def persons(ledger: Ledger) -> dict[int, int]:
    return dict(await ledger.pool.fetch("SELECT DISTINCT member_id, person FROM member_day ORDER BY 1"))


async def test_members_who_become_one_issue_nothing_and_are_one_person(ledger: Ledger) -> None:
    await ledger.publish(rules_with(welcome={"points": 30}))
    first, second, third = [await ledger.member() for _ in range(3)]
    await count_all(ledger)
    assert (await flows_counted(ledger))["issued"] == (90, 3, 0)
    assert (await facts(ledger, flow="joined"))[0]["day"] == date(2026, 3, 2)
    ledger.clock.advance(DAY_S)
    await merge(ledger.engine, (second, third), actor="test", reason="x")
    ledger.clock.advance(1)
    await merge(ledger.engine, (first, second), actor="test", reason="x")
    await ledger.engine.settle()
    await count_all(ledger)
    assert (await flows_counted(ledger))["issued"] == (90, 3, 0)
    assert await persons(ledger) == {first: first, second: first, third: first}
    ledger.clock.advance(DAY_S)
    await split(ledger.engine, second, actor="test", reason="x")
    await ledger.engine.settle()
    await count_all(ledger)
    assert await persons(ledger) == {first: first, second: second, third: second}
    assert sum((await rebuild(ledger.pool, ledger.clock.now(), ZONE)).different.values()) == 0
