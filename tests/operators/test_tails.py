"""Members are found by the last four digits of their phone number: masked, limited, traced, and only with the key."""

import asyncio

import pytest

from base.sealing import Keyring
from loyalty.members.drawers import DRAWERS, drawers_of
from loyalty.members.phones import bind_phone, seal_phones_again
from loyalty.members.tails import file_tails, is_tail, owners_of_tail
from loyalty.merging.run import merge
from operators.members import tails
from operators.members.erasing import erase_member
from operators.members.tails import TooManySearches, find_by_tail
from operators.operation_log.pages import Filters, list_operations
from operators.roles import NotAllowed
from tests.ledger import KEYS, Ledger
from tests.operators.desks import desk_for, owner_desk

TOMORROW = Keyring("the key of tomorrow", "test-secret-key-of-the-house")


async def phones(ledger: Ledger, *numbers: str) -> list[int]:
    """A member for each number."""
    members = [await ledger.member() for _ in numbers]
    for member, number in zip(members, numbers, strict=True):
        await bind_phone(ledger.engine, member, number, ledger.clock.now())
    return members


def neighbour(tail: str) -> str:
    """Another tail that lies in the same drawer."""
    drawer = drawers_of(KEYS, tail)
    others = (f"{number:04}" for number in range(10_000))
    return next(one for one in others if one != tail and drawers_of(KEYS, one) == drawer)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("8000", True), ("０００８", False), ("800", False), ("80000", False), ("8o00", False)],
)
def test_four_digits_are_a_tail(text: str, expected: bool) -> None:
    assert is_tail(text) is expected


def test_a_drawer_holds_several_tails_and_another_key_has_others() -> None:
    drawers = {drawers_of(KEYS, f"{tail:04}")[0] for tail in range(10_000)}
    assert len(drawers) > DRAWERS * 0.98
    assert max(drawers) < DRAWERS
    elsewhere = Keyring("another")
    same = sum(
        drawers_of(KEYS, f"{tail:04}") == drawers_of(elsewhere, f"{tail:04}") for tail in range(10_000)
    )
    assert same < 50


async def test_members_are_found_by_the_tail_and_no_others_of_the_drawer(ledger: Ledger) -> None:
    one, _, other = await phones(ledger, "+8613800138000", f"+861380013{neighbour('8000')}", "+85291238000")
    page = await find_by_tail(owner_desk(ledger), "8000")
    assert [(hit.member_id, hit.phone) for hit in page.hits] == [(one, "138****8000"), (other, "+85****8000")]
    assert page.after is None
    (traced,) = await list_operations(ledger.pool, Filters(action="look_members"))
    assert traced.after == {"does": "find_by_tail", "found": 2}


async def test_pages_follow_each_other_and_name_who_a_member_is_now(ledger: Ledger) -> None:
    members = await phones(ledger, *(f"+86138000{number}8000" for number in range(10, 15)))
    await merge(ledger.engine, (members[0], members[4]), actor="operator", reason="x")
    desk, found, after = owner_desk(ledger), [], 0
    while True:
        page = await find_by_tail(desk, "8000", after, limit=2)
        found += [hit.member_id for hit in page.hits]
        if page.after is None:
            break
        after = page.after
    assert found == [*members[:4], members[0]]


async def test_an_operator_looks_so_often_an_hour(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tails, "MOST_AN_HOUR", 2)
    desk, another = owner_desk(ledger), await desk_for(ledger, "xiaoli", "operations")
    for _ in range(2):
        await find_by_tail(desk, "8000")
    with pytest.raises(TooManySearches, match="最多按手机尾号找 2 次"):
        await find_by_tail(desk, "8000")
    await find_by_tail(another, "8000")
    ledger.clock.advance(3601)
    await find_by_tail(desk, "8000")


async def test_searches_at_once_are_limited_as_those_after_each_other(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tails, "MOST_AN_HOUR", 2)
    desk = owner_desk(ledger)
    answers = await asyncio.gather(*(find_by_tail(desk, "8000") for _ in range(8)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in answers) == ["TailPage"] * 2 + ["TooManySearches"] * 6
    assert await ledger.count("operation", action="look_members") == 2


async def test_a_clerk_does_not_look_for_members(ledger: Ledger) -> None:
    desk = await desk_for(ledger, "clerk-1", "clerk", "sh-01")
    with pytest.raises(NotAllowed):
        await find_by_tail(desk, "8000")
    assert await ledger.count("operation", action="look_members") == 0


async def test_numbers_from_before_are_filed_page_by_page(ledger: Ledger) -> None:
    """A run that was ended goes on where it stopped; a number under a lost key stays outside and stops nobody."""
    members = await phones(ledger, *(f"+86138000{number}8000" for number in range(10, 15)))
    await ledger.pool.execute("UPDATE phone SET tail = NULL")
    await ledger.pool.execute("UPDATE phone SET key_id = 'lost' WHERE member_id = $1", members[1])
    assert await owners_of_tail(ledger.pool, KEYS, "8000", limit=9) == []
    after = await ledger.engine.transact(lambda one: file_tails(one, KEYS, 0, 2))
    assert after == members[1]
    assert [one.member_id for one in await owners_of_tail(ledger.pool, KEYS, "8000", limit=9)] == [members[0]]
    while after is not None:
        above = after
        after = await ledger.engine.transact(lambda one, above=above: file_tails(one, KEYS, above, 2))  # type: ignore[misc]
    found = [one.member_id for one in await owners_of_tail(ledger.pool, KEYS, "8000", limit=9)]
    assert found == [members[0], *members[2:]]


async def test_tails_are_found_while_the_key_is_replaced_and_after(ledger: Ledger) -> None:
    members = await phones(ledger, "+8613800018000", "+8613800028000")
    for _ in range(3):
        found = await owners_of_tail(ledger.pool, TOMORROW, "8000", limit=9)
        assert [one.member_id for one in found] == members
        await ledger.engine.transact(lambda one: seal_phones_again(one, TOMORROW, 1))
    alone = Keyring("the key of tomorrow")
    assert [one.member_id for one in await owners_of_tail(ledger.pool, alone, "8000", limit=9)] == members


async def test_who_was_erased_is_not_found(ledger: Ledger) -> None:
    (member,) = await phones(ledger, "+8613800138000")
    desk = owner_desk(ledger)
    await erase_member(desk, member, "本人要求", forfeit=True)
    assert (await find_by_tail(desk, "8000")).hits == []
