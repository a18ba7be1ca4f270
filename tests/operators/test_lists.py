"""Lists page by page: pages meet at the seams, a key that no page made is the first page, and names are found as they begin."""

from datetime import timedelta

import pytest

from console.listings.members import STATUSES as TITLES
from loyalty.rewards.commands import Redeem
from loyalty.visits import note_visits
from operators.views.members import STATUSES, list_members
from operators.views.paging import instant_in, number_in
from operators.views.vouchers import VoucherLine, list_vouchers
from tests.ledger import Ledger

NAMES = ("50%折扣", "50分", "a_b", "aab", "A_Bc", "反\\斜", "'; DROP TABLE member; --")


async def test_pages_of_members_meet_at_the_seams(ledger: Ledger) -> None:
    members = [await ledger.member() for _ in range(7)]
    found, after = [], ""
    for size in (3, 3, 1):
        page = await list_members(ledger.pool, after=after, limit=3)
        assert len(page.rows) == size
        found += [line.member_id for line in page.rows]
        after = page.after or ""
    assert (found, after) == (members[::-1], "")
    for malformed in ("x", "-1", "9" * 5000, "9" * 19, " ", "٣x"):
        assert (await list_members(ledger.pool, after=malformed, limit=3)).rows[0].member_id == members[-1]


async def test_a_member_is_listed_with_the_day_of_the_latest_visit(ledger: Ledger) -> None:
    """Not with the floor by which the nightly jobs search, which may be weeks behind it."""
    await ledger.member()
    later = ledger.clock.now() + timedelta(days=3)
    (line,) = (await list_members(ledger.pool)).rows
    await note_visits(ledger.pool, ledger.zone, [(line.member_id, later, 0)])
    (seen,) = (await list_members(ledger.pool)).rows
    assert seen.last_seen_on == line.last_seen_on + timedelta(days=3)


async def test_members_are_listed_by_every_status_that_there_is(ledger: Ledger) -> None:
    assert set(STATUSES) == set(TITLES)
    for status in STATUSES[:3]:
        member_id = await ledger.member()
        await ledger.pool.execute("UPDATE account SET status = $2 WHERE member_id = $1", member_id, status)
        assert [one.member_id for one in (await list_members(ledger.pool, status=status)).rows] == [member_id]
    assert (await list_members(ledger.pool, status="none")).rows == []


async def test_pages_of_vouchers_meet_at_the_seams_of_one_instant(ledger: Ledger) -> None:
    members = [await ledger.member() for _ in range(2)]
    for member_id in members:
        await ledger.give(member_id, 700)
    for member_id in members * 3:
        await ledger.run(Redeem, member_id, reward="cookie")
    whole = (await list_vouchers(ledger.pool)).rows
    assert len(whole) == 6
    assert len({line.created_at for line in whole}) == 1
    found: list[VoucherLine] = []
    after = ""
    for _ in range(3):
        page = await list_vouchers(ledger.pool, after=after, limit=2)
        found += page.rows
        after = page.after or ""
    assert found == whole
    assert after == ""
    own = await list_vouchers(ledger.pool, member_id=members[0], state="issued")
    assert {line.member_id for line in own.rows} == {members[0]}
    (line,) = (await list_vouchers(ledger.pool, code=whole[2].voucher_code)).rows
    assert line == whole[2]
    for malformed in (
        "x",
        "|||",
        f"{line.key}|1",
        line.key.replace("+00:00", ""),
        f"{line.created_at}|1|1|{2**31}",
    ):
        assert (await list_vouchers(ledger.pool, after=malformed)).rows == whole


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("50%", ["50%折扣"]), ("50", ["50分", "50%折扣"]), ("a_", ["A_Bc", "a_b"]), ("A_B", ["A_Bc", "a_b"]), ("%", []), ("_", []),
        ("反\\", ["反\\斜"]), ("'; DROP", ["'; DROP TABLE member; --"]), ("折扣", []), ("a\0_", ["A_Bc", "a_b"]),
    ],
)  # fmt: skip
async def test_a_nickname_is_found_by_how_it_begins(ledger: Ledger, typed: str, found: list[str]) -> None:
    for name in NAMES:
        member_id = await ledger.member()
        await ledger.pool.execute("UPDATE member SET nickname = $2 WHERE member_id = $1", member_id, name)
    assert [line.nickname for line in (await list_members(ledger.pool, name=typed)).rows] == found


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("12", 12),
        (str(2**63 - 1), 2**63 - 1),
        (str(2**63), None),
        ("-1", None),
        ("1.0", None),
        ("", None),
    ],
)
def test_a_number_of_an_address(text: str, number: int | None) -> None:
    assert number_in(text) == number


def test_an_instant_of_an_address_has_a_zone_and_lies_among_ours() -> None:
    assert instant_in("2026-03-02T00:00:00+08:00") is not None
    for text in (
        "2026-03-02T00:00:00",
        "2026-13-01",
        "",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ):
        assert instant_in(text) is None
