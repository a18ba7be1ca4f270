"""Suggestions: the text is kept once and can be erased, receipts hold none of it, and an earning rule pays once a day."""

import asyncio
from typing import Any

import pytest

from loyalty.audit import audit
from loyalty.earning.outcomes import EventRecorded
from loyalty.engine.engine import Engine
from loyalty.engine.outcomes import Decision
from loyalty.engine.refusals import AccountClosed, RequestKeyReused
from loyalty.suggestions import Said, clean_text, erase_suggestions, suggest, suggestions
from tests.ledger import DAY_S, KEYS, START, Ledger, rules_with

TAKEN: dict[str, Any] = {
    "events": [{"id": "suggestion", "name": "建议"}],
    "earning": [
        {"id": "thanks", "name": "提建议", "on": "suggestion", "award": {"points": 5}, "limit": [{"per": "day", "times": 1}]}
    ],
}  # fmt: skip
TEXT = "早上早点开门"


async def say(
    ledger: Ledger, member: int, key: str, text: str = TEXT, engine: Engine | None = None
) -> Decision:
    said = Said(member, key, text, ledger.clock.now())
    decision = await suggest(engine or ledger.engine, ledger.pool, await ledger.live(), said)
    assert decision is not None
    return decision


async def points(ledger: Ledger, member: int, key: str, text: str = TEXT) -> int:
    outcome = (await say(ledger, member, key, text)).outcome
    assert isinstance(outcome, EventRecorded)
    return outcome.points


async def kept(ledger: Ledger) -> list[str]:
    return [one.text for one in await suggestions(ledger.pool, START, 100)]


async def test_a_suggestion_is_kept_and_the_first_of_a_day_is_paid(ledger: Ledger) -> None:
    """C10: members' suggestions reach the shop; one a day counts for points if the rules pay for it."""
    await ledger.publish(rules_with(**TAKEN))
    member = await ledger.member()
    assert [await points(ledger, member, "k1"), await points(ledger, member, "k2", "多放点糖")] == [5, 0]
    assert (await say(ledger, member, "k1")).replayed
    ledger.clock.advance(DAY_S)
    assert await points(ledger, member, "k3", "椅子太硬") == 5
    assert await kept(ledger) == ["椅子太硬", TEXT, "多放点糖"]
    assert await say(ledger, member, "k1", "别的") == Decision(RequestKeyReused())
    assert not (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations


async def test_sixty_four_at_once_are_one(ledger: Ledger) -> None:
    await ledger.publish(rules_with(**TAKEN))
    member = await ledger.member()
    async with ledger.rival() as rival:
        await asyncio.gather(
            *(say(ledger, member, "k", engine=one) for _ in range(32) for one in (ledger.engine, rival))
        )
    assert (await kept(ledger), await ledger.balance(member)) == ([TEXT], 105)


async def test_a_text_is_erased_and_no_receipt_has_it(ledger: Ledger) -> None:
    """What was paid stays; a repeat of the request does not bring the text back."""
    await ledger.publish(rules_with(**TAKEN))
    member, other = await ledger.member(), await ledger.member()
    await say(ledger, member, "k")
    await say(ledger, other, "k", "留着")
    rows = await ledger.pool.fetch(
        "SELECT r::text AS row FROM receipt r UNION ALL SELECT e::text FROM entry e"
    )
    assert not [row for row in rows if TEXT in row["row"]]
    balance = await ledger.balance(member)
    assert await erase_suggestions(ledger.pool, member) == 1
    assert (await say(ledger, member, "k")).replayed
    assert (await kept(ledger), await ledger.balance(member)) == (["留着"], balance)


async def test_who_cannot_suggest_leaves_no_text(ledger: Ledger) -> None:
    member = await ledger.member()
    off = Said(member, "off", TEXT, ledger.clock.now())
    assert await suggest(ledger.engine, ledger.pool, await ledger.live(), off) is None
    await ledger.publish(rules_with(**TAKEN))
    await ledger.pool.execute("UPDATE account SET status = 'frozen'")
    assert isinstance((await say(ledger, member, "frozen")).outcome, AccountClosed)
    assert await kept(ledger) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("，早点", "早点"),
        ("  早点\n开门 \t", "早点 开门"),
        ("a\u200bb\u202e\x00", "ab"),
        ("字" * 500, "字" * 500),
        ("字" * 501, None),
        (" \u200b\n", None),
    ],
)
def test_a_text_is_one_line_of_visible_characters(text: str, line: str | None) -> None:
    if line is None:
        with pytest.raises(ValueError, match="1 到 500 个字"):
            clean_text(text)
    else:
        assert clean_text(text) == line
