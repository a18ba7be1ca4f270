"""The rows of table notice under claims, leases, crashes and late events."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from channels import outbox
from channels.outbox import LEASE, Claimed, LeaseLost, NoticeKey, Verdict
from tests.ledger import START, ZONE, Ledger

KEY = NoticeKey(7, "expiry", "30-8|2027-04-01")
OTHER = NoticeKey(7, "expiry", "7-2|2027-04-01")
LATER = START + timedelta(hours=1)


async def owe(ledger: Ledger, key: NoticeKey = KEY, due_at: datetime = START) -> NoticeKey:
    await ledger.pool.execute(
        "INSERT INTO notice (member_id, kind, key, receipt_no, payload, created_at, due_at)"
        " VALUES ($1, $2, $3, 1, $4, $5, $6)",
        *key, json.dumps({"points": 100}), START, due_at,
    )  # fmt: skip
    return key


async def claimed(ledger: Ledger, at: datetime = START) -> Claimed:
    notice = await outbox.claim(ledger.pool, KEY, at)
    assert notice is not None
    return notice


async def row(ledger: Ledger, key: NoticeKey = KEY) -> dict[str, Any]:
    return dict(
        await ledger.pool.fetchrow(
            "SELECT * FROM notice WHERE member_id = $1 AND kind = $2 AND key = $3", *key
        )
    )


async def test_due_rows_come_longest_due_first_in_pages(ledger: Ledger) -> None:
    await owe(ledger, KEY, START)
    await owe(ledger, OTHER, START - timedelta(days=1))
    await owe(ledger, NoticeKey(8, "wake_up", "2026-01-01"), LATER)
    assert await outbox.due(ledger.pool, START, 10) == [OTHER, KEY]
    assert await outbox.due(ledger.pool, START, 1) == [OTHER]


async def test_a_claim_belongs_to_one(ledger: Ledger) -> None:
    await owe(ledger)
    claims = await asyncio.gather(*(outbox.claim(ledger.pool, KEY, START) for _ in range(20)))
    [notice] = [claim for claim in claims if claim is not None]
    assert notice == Claimed(KEY, {"points": 100}, 1, START + LEASE, START)
    assert await outbox.due(ledger.pool, START, 10) == []


async def test_a_row_that_is_not_yet_due_is_not_claimed(ledger: Ledger) -> None:
    await owe(ledger, due_at=LATER)
    assert await outbox.claim(ledger.pool, KEY, START) is None


async def test_a_crash_before_the_send_is_tried_again(ledger: Ledger) -> None:
    await owe(ledger)
    dead = await claimed(ledger)
    after = START + LEASE
    assert await outbox.due(ledger.pool, after, 10) == [KEY]
    again = await claimed(ledger, after)
    assert again.attempts == 2
    with pytest.raises(LeaseLost):
        await outbox.begin(ledger.pool, dead, "template", after)
    with pytest.raises(LeaseLost):
        await outbox.settle(ledger.pool, dead, Verdict("sent", channel="template"), after)
    assert (await row(ledger))["state"] == "sending"


async def test_a_crash_in_the_send_is_never_tried_again(ledger: Ledger) -> None:
    await owe(ledger)
    await outbox.begin(ledger.pool, await claimed(ledger), "template", START)
    assert not await outbox.give_up_lost(ledger.pool, KEY, START + timedelta(seconds=59))
    after = START + LEASE
    assert await outbox.claim(ledger.pool, KEY, after) is None
    assert await outbox.give_up_lost(ledger.pool, KEY, after)
    stored = await row(ledger)
    assert (stored["state"], stored["reason"], stored["channel"]) == ("unknown", "lease_over", "template")
    assert await outbox.due(ledger.pool, START + timedelta(days=400), 10) == []


async def test_a_slow_sender_knows_better_than_the_lease(ledger: Ledger) -> None:
    await owe(ledger)
    slow = await claimed(ledger)
    await outbox.begin(ledger.pool, slow, "template", START)
    await outbox.give_up_lost(ledger.pool, KEY, LATER)
    await outbox.settle(ledger.pool, slow, Verdict("sent", channel="template", message_id="m1"), LATER)
    stored = await row(ledger)
    assert (stored["state"], stored["reason"], stored["message_id"]) == ("sent", None, "m1")


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (Verdict("sent", channel="template", message_id="m1"), ("sent", "template", "m1", LATER, 1, START)),
        (Verdict("sent", channel="customer_service"), ("sent", "customer_service", None, LATER, 1, START)),
        (Verdict("waiting", "no_consent"), ("waiting", None, None, LATER, 0, None)),
        (Verdict("suppressed", "opted_out"), ("suppressed", None, None, LATER, 1, None)),
        (Verdict("failed", "errcode_47003"), ("failed", None, None, LATER, 1, None)),
        (Verdict("unknown", "OutcomeUnknown", "template"), ("unknown", "template", None, LATER, 1, START)),
        (Verdict("due", "errcode_-1", due_at=LATER + LEASE), ("due", None, None, LATER + LEASE, 1, None)),
        (Verdict("due", "errcode_45009", due_at=LATER, counts=False), ("due", None, None, LATER, 0, None)),
    ],
)  # fmt: skip
async def test_what_a_settled_row_holds(ledger: Ledger, verdict: Verdict, expected: tuple[Any, ...]) -> None:
    await owe(ledger)
    notice = await claimed(ledger)
    await outbox.begin(ledger.pool, notice, "template" if verdict.channel is None else verdict.channel, START)
    await outbox.settle(ledger.pool, notice, verdict, LATER)
    stored = await row(ledger)
    told = ("state", "channel", "message_id", "due_at", "attempts", "sent_at")
    assert tuple(stored[name] for name in told) == expected
    assert stored["reason"] == verdict.reason


async def sent(ledger: Ledger, message_id: str) -> None:
    await owe(ledger)
    notice = await claimed(ledger)
    await outbox.begin(ledger.pool, notice, "template", START)
    await outbox.settle(
        ledger.pool, notice, Verdict("sent", channel="template", message_id=message_id), START
    )


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("success", ("delivered", None)),
        ("failed:user block", ("failed", "failed:user block")),
        ("failed: system failed", ("failed", "failed: system failed")),
    ],
)
async def test_the_last_word_closes_the_row(
    ledger: Ledger, status: str, expected: tuple[str, str | None]
) -> None:
    await sent(ledger, "200228332")
    assert await outbox.close(ledger.pool, "template", "200228332", status, LATER)
    stored = await row(ledger)
    assert (stored["state"], stored["reason"]) == expected
    assert not await outbox.close(ledger.pool, "template", "200228332", "success", LATER), (
        "a repeated event changes nothing"
    )
    assert (await row(ledger))["state"] == expected[0]


async def test_another_channels_number_closes_nothing(ledger: Ledger) -> None:
    """Template and subscribe messages are numbered by different accounts."""
    await sent(ledger, "200228332")
    assert not await outbox.close(ledger.pool, "subscribe", "200228332", "failed", LATER)
    assert (await row(ledger))["state"] == "sent"


async def test_an_unknown_message_id_closes_nothing_and_does_not_wait(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sent(ledger, "200228332")
    monkeypatch.setattr(outbox, "_RACE_PAUSES_S", (3600.0,))
    async with asyncio.timeout(30):
        assert not await outbox.close(ledger.pool, "template", "1", "success", LATER)
    assert (await row(ledger))["state"] == "sent"


async def test_an_answer_that_is_stored_between_two_looks_is_seen(ledger: Ledger) -> None:
    await owe(ledger)
    notice = await claimed(ledger)
    await outbox.begin(ledger.pool, notice, "template", START)

    class SettledMeanwhile:
        """The pool, with the answer to the send stored right after the first look for its message id."""

        looks = 0
        fetchval = ledger.pool.fetchval

        async def fetchrow(self, *asked: Any) -> Any:
            found = await ledger.pool.fetchrow(*asked)
            self.looks += 1
            if self.looks == 1:
                verdict = Verdict("sent", channel="template", message_id="m1")
                await outbox.settle(ledger.pool, notice, verdict, START)
            return found

    pool = SettledMeanwhile()
    assert await outbox.close(pool, "template", "m1", "success", START)
    assert pool.looks == 2
    assert (await row(ledger))["state"] == "delivered"


async def test_an_event_that_overtakes_the_answer_is_not_lost(ledger: Ledger) -> None:
    await owe(ledger)
    notice = await claimed(ledger)
    await outbox.begin(ledger.pool, notice, "template", START)
    closing = asyncio.create_task(outbox.close(ledger.pool, "template", "m1", "success", START))
    await asyncio.sleep(0.05)
    await outbox.settle(ledger.pool, notice, Verdict("sent", channel="template", message_id="m1"), START)
    assert await closing
    assert (await row(ledger))["state"] == "delivered"


@pytest.mark.parametrize(
    ("state", "channel", "sent_at", "expected"),
    [
        ("sent", "template", START, 1),
        ("delivered", "template", START, 1),
        ("unknown", "template", START, 1),
        ("sending", "template", START, 1),
        ("failed", "template", START, 0),
        ("sent", "customer_service", START, 0),
        ("sent", "template", datetime.fromisoformat("2026-03-01T00:00:00+08:00"), 1),
        ("sent", "template", datetime.fromisoformat("2026-02-28T23:59:59+08:00"), 0),
        ("sent", "template", datetime.fromisoformat("2026-03-31T23:59:59+08:00"), 1),
        ("sent", "template", datetime.fromisoformat("2026-04-01T00:00:00+08:00"), 0),
    ],
)
async def test_what_counts_in_a_business_month(
    ledger: Ledger, state: str, channel: str, sent_at: datetime, expected: int
) -> None:
    await owe(ledger)
    await ledger.pool.execute(
        "UPDATE notice SET state = $1, channel = $2, sent_at = $3", state, channel, sent_at
    )
    today = (await ledger.live()).day(START)
    assert await outbox.sent_this_month(ledger.pool, 7, "expiry", "template", today, ZONE) == expected
    assert await outbox.sent_this_month(ledger.pool, 8, "expiry", "template", today, ZONE) == 0
