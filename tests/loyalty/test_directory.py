"""Many visitors at once: each is answered for themselves, by what is in the database when they ask."""

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest

from loyalty.checkin.commands import CheckIn
from loyalty.directory import Directory
from loyalty.engine.transactions import SETTINGS
from loyalty.expiry.commands import Book
from loyalty.overview import BY_MEMBER, glances
from loyalty.programme.in_force.live import NoRulesPublished
from loyalty.visits import NO_LONGER_WAITING, TO_NOTE
from models import together as module
from models.together import Together
from tests.ledger import DAY_S, Ledger, rules_with
from tests.loyalty.waiting import standing_in_the_way


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


async def test_arrivals_hear_who_they_are_and_the_rules_of_that_instant(
    ledger: Ledger, directory: Directory
) -> None:
    members = [await ledger.member(wx=f"o{number}") for number in range(30)]
    before = ledger.clock.now()
    ledger.clock.advance(60)
    await ledger.publish(rules_with(welcome={"points": 7}))
    assert (await directory.arrival("wx", "o0", before)).live == await directory.rules(before)
    now = ledger.clock.now()
    arrived = await asyncio.gather(*(directory.arrival("wx", f"o{number}", now) for number in range(31)))
    assert [one.member_id for one in arrived] == [*members, None]
    assert {one.live.version for one in arrived if one.live} == {2}
    await ledger.pool.execute("TRUNCATE rule_version")
    assert await directory.arrival("wx", "o1", now) == (members[1], None, None, False)
    await ledger.publish_anew()


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
    visits = [(member, at) for at in (now, earlier) for member in members[:10]]
    await asyncio.gather(*(directory.note_visit(*visit, skip_if_known_today=False) for visit in visits))
    seen = [
        row[0].isoformat()
        for row in await ledger.pool.fetch("SELECT last_seen_on FROM account ORDER BY member_id")
    ]
    assert seen == ["2026-03-03"] * 10 + ["2026-03-02"] * 10
    assert await ledger.version(members[0]) == 1, "a visit is no business of the ledger's"


async def test_a_caller_that_goes_away_spoils_nothing(ledger: Ledger, directory: Directory) -> None:
    member = await ledger.member(wx="o1")
    asking = [asyncio.ensure_future(directory.member_of("wx", "o1")) for _ in range(10)]
    await asyncio.sleep(0)
    for task in asking[::2]:
        task.cancel()
    answers = await asyncio.gather(*asking, return_exceptions=True)
    assert answers[1::2] == [member] * 5
    assert all(isinstance(answer, asyncio.CancelledError) for answer in answers[::2])
    assert await directory.member_of("wx", "o1") == member


async def test_whoever_holds_one_members_row_keeps_nobody_else_waiting(
    ledger: Ledger, directory: Directory
) -> None:
    held, free = await ledger.member(), await ledger.member()
    ledger.clock.advance(DAY_S)
    async with standing_in_the_way(
        ledger.database_url, "SELECT FROM account WHERE member_id = $1 FOR UPDATE", held
    ):
        async with asyncio.timeout(15):
            now = ledger.clock.now()
            visits = (directory.note_visit(member, now, skip_if_known_today=False) for member in (held, free))
            await asyncio.gather(*visits)
        seen = await ledger.pool.fetch("SELECT last_seen_on FROM account ORDER BY member_id")
    assert [row[0].isoformat() for row in seen] == ["2026-03-02", "2026-03-03"]


async def test_visitors_on_both_sides_of_midnight_see_their_own_day(
    ledger: Ledger, directory: Directory
) -> None:
    member, stranger = await ledger.member(), 999
    evening = ledger.clock.now()
    await ledger.run(CheckIn, member)
    ledger.clock.advance(DAY_S)
    await ledger.run(CheckIn, member)
    morning = ledger.clock.now()
    who, when = [member, member, stranger, member], [evening, morning, evening, evening]
    before, after, nobody, again = await glances(ledger.pool, BY_MEMBER, who, when, ledger.zone)
    assert nobody is None
    assert before is not None
    assert after is not None
    assert [one.overview.streak for one in (before, after)] == [1, 2]
    assert [one.overview.checked_in_today for one in (before, after)] == [True, True]
    assert before == again


SENT = """
INSERT INTO notice (member_id, kind, key, receipt_no, payload, state, created_at, due_at)
SELECT n, 'wake_up', 'x', 1, '{}', 'sent', now(), now() FROM generate_series(1, 5000) AS n
"""


async def test_a_visit_never_walks_what_waits_of_others(ledger: Ledger) -> None:
    """Planned on a table where hardly anything waits."""
    await ledger.pool.execute(SENT)
    await ledger.pool.execute("ANALYZE notice")
    async with ledger.pool.acquire() as connection, connection.transaction():
        for setting in SETTINGS.split("; "):
            await connection.execute(setting)
        written = await connection.fetch(f"EXPLAIN {NO_LONGER_WAITING}", [1], [ledger.clock.now()], [5])
        looked = await connection.fetch(f"EXPLAIN {TO_NOTE}", [1], [ledger.clock.now().date()])
    for plan in (written, looked):
        text = "\n".join(row[0] for row in plan)
        assert "notice_waiting_idx" not in text
        assert "notice_pkey" in text


async def test_a_command_of_the_members_own_is_a_visit_and_leaves_nothing_to_note(
    ledger: Ledger, directory: Directory
) -> None:
    signed_in, booked = [await ledger.member() for _ in range(2)]
    ledger.clock.advance(400 * DAY_S)
    await ledger.run(CheckIn, signed_in)
    await ledger.run(Book, booked, actor="system")
    assert await ledger.version(booked) == 2
    assert [seen for seen, _ in await rows(ledger)] == ["2027-04-06", "2026-03-02"]
    before = await rows(ledger)
    for member in (signed_in, booked):
        await directory.note_visit(member, ledger.clock.now(), skip_if_known_today=False)
    after = await rows(ledger)
    assert after[0] == before[0], "not even written again"
    assert after[1][0] == "2027-04-06"


async def rows(ledger: Ledger) -> list[tuple[str, str]]:
    """The day each account was last seen on, and the transaction that wrote its row."""
    found = await ledger.pool.fetch("SELECT last_seen_on::text, xmin::text FROM account ORDER BY member_id")
    return [tuple(row) for row in found]


async def test_a_wrong_number_of_answers_is_heard_by_all_who_asked() -> None:
    async def too_few(asked: Sequence[int]) -> list[int]:
        return list(asked[1:])

    together = Together(too_few)
    heard = await asyncio.gather(*(together.ask(number) for number in range(3)), return_exceptions=True)
    assert all(isinstance(error, ValueError) for error in heard)


async def test_a_look_up_that_falls_silent_keeps_nobody_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WITHIN_S", 0.05)
    silent = True

    async def look_up(asked: Sequence[int]) -> list[int]:
        if silent:
            await asyncio.sleep(60)
        return list(asked)

    together = Together(look_up)
    with pytest.raises(TimeoutError):
        await together.ask(1)
    silent = False
    assert await together.ask(2) == 2


async def test_a_known_visit_of_today_is_skipped_only_where_the_caller_asks_for_it(
    ledger: Ledger, directory: Directory
) -> None:
    member = await ledger.member()
    await directory.note_visit(member, ledger.clock.now(), skip_if_known_today=True)
    for skip, due in ((True, "waiting"), (False, "due")):
        await ledger.pool.execute("DELETE FROM notice")
        await ledger.pool.execute(
            "INSERT INTO notice (member_id, kind, key, receipt_no, payload, state, created_at, due_at)"
            " VALUES ($1, 'wake_up', '2026-01-01', 1, '{}', 'waiting', $2, $2)",
            member, ledger.clock.now(),
        )  # fmt: skip
        await directory.note_visit(member, ledger.clock.now(), skip_if_known_today=skip)
        assert await ledger.pool.fetchval("SELECT state FROM notice") == due, skip
    ledger.clock.advance(DAY_S)
    await ledger.pool.execute("UPDATE notice SET state = 'waiting'")
    await directory.note_visit(member, ledger.clock.now(), skip_if_known_today=True)
    assert await ledger.pool.fetchval("SELECT state FROM notice") == "due", "another day"


async def let_wait(
    ledger: Ledger, member: int, count: int, kind: str = "referral_rewarded", days: int = 90
) -> None:
    """Let so many notices wait for a visit of the member; of a kind, the first one's wait ends first."""
    await ledger.pool.execute(
        "INSERT INTO notice (member_id, kind, key, receipt_no, payload, state, reason, created_at, due_at)"
        " SELECT $1, $2, to_char(n, 'FM0000'), 1, '{}', 'waiting', 'window_closed', $3,"
        " $3::timestamptz + make_interval(days => $5, secs => n) FROM generate_series(1, $4) AS n",
        member, kind, ledger.clock.now(), count, days,
    )  # fmt: skip


async def woken(ledger: Ledger, member: int) -> list[str]:
    """The keys of the member's due notices."""
    rows = await ledger.pool.fetch(
        "SELECT key FROM notice WHERE member_id = $1 AND state = 'due' ORDER BY key", member
    )
    return [row["key"] for row in rows]


async def test_a_visit_wakes_what_a_window_can_carry(ledger: Ledger, directory: Directory) -> None:
    many, few = await ledger.member(), await ledger.member()
    await let_wait(ledger, many, 2_000)
    await let_wait(ledger, few, 2)
    now = ledger.clock.now()
    await asyncio.gather(
        *(directory.note_visit(member, now, skip_if_known_today=False) for member in (many, few))
    )
    assert await woken(ledger, many) == ["0001", "0002", "0003", "0004", "0005"]
    assert await woken(ledger, few) == ["0001", "0002"]
    await directory.note_visit(many, now, skip_if_known_today=False)
    assert len(await woken(ledger, many)) == 5, "those will use the window of this message, too"
    await ledger.pool.execute("UPDATE notice SET state = 'sent' WHERE state = 'due'")
    await directory.note_visit(many, now, skip_if_known_today=False, wakes=3)
    assert await woken(ledger, many) == ["0006", "0007", "0008"]


async def test_the_most_urgent_are_woken_first_and_what_is_due_later_takes_no_place(
    ledger: Ledger, directory: Directory
) -> None:
    member, now = await ledger.member(), ledger.clock.now()
    await let_wait(ledger, member, 9)
    await let_wait(ledger, member, 1, "expiry", days=3)
    await let_wait(ledger, member, 1, "wake_up", days=1)
    await ledger.pool.execute("UPDATE notice SET state = 'due' WHERE kind = 'wake_up'")
    await directory.note_visit(member, now, skip_if_known_today=False, wakes=1)
    rows = await ledger.pool.fetch("SELECT kind FROM notice WHERE state = 'due' AND due_at <= $1", now)
    assert [row["kind"] for row in rows] == ["expiry"]
