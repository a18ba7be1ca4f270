"""Exchanging and giving back: points and pieces together, back to the lots they came from."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from loyalty.engine.outcomes import Outcome
from loyalty.engine.pools import Pools
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.ledger.lots import Lot
from loyalty.rewards.commands import Cancel, Redeem
from loyalty.rewards.outcomes import (
    Cancelled,
    NotCancellable,
    OutOfStock,
    Redeemed,
    UnknownRedemption,
    UnknownReward,
)
from loyalty.vouchers.codes import ALPHABET, voucher_code
from loyalty.vouchers.rows import CANCEL_REDEMPTIONS, REDEMPTION, StoredRedemption
from tests.ledger import rules_with
from tests.loyalty.purse import MEMBER, TODAY, decided, key, lot, noon, story, wallet_of

ENTROPY = b"0123456789abcdef"
CUP: dict[str, Any] = {
    "id": "cup",
    "name": "杯子",
    "kind": "voucher",
    "price_points": 30,
    "stock": 10,
    "valid_days": 5,
}
ENDLESS = CUP | {"id": "tea", "name": "茶", "stock": None}
RULES = rules_with(rewards=[CUP, ENDLESS])
MOMENT = timedelta(microseconds=1)
SOON, LATER = TODAY + timedelta(days=10), TODAY + timedelta(days=90)


def bought(reward: str, name: str, quantity: int, points: int, balance: int) -> Redeemed:
    code = voucher_code(ENTROPY, 0)
    return Redeemed(
        1, 0, reward, name, quantity, points, code, "issued", TODAY + timedelta(days=5), balance,
        noon(TODAY) + timedelta(hours=24),
    )  # fmt: skip


REDEEMS: list[tuple[str, int, int, int, Outcome]] = [
    ("cup", 1, 100, 10, bought("cup", "杯子", 1, 30, 70)),
    ("cup", 3, 90, 3, bought("cup", "杯子", 3, 90, 0)),
    ("cup", 1, 29, 10, NotEnoughPoints(30, 29)),
    ("cup", 4, 100, 10, NotEnoughPoints(120, 100)),
    ("cup", 3, 100, 2, OutOfStock("cup", "杯子", 2)),
    ("cup", 1, 0, 0, OutOfStock("cup", "杯子", 0)),
    ("tea", 3, 100, 0, bought("tea", "茶", 3, 90, 10)),
    ("nope", 1, 100, 10, UnknownReward("nope")),
]


@pytest.mark.parametrize(("reward", "quantity", "held", "left", "expected"), REDEEMS)
def test_redeem(reward: str, quantity: int, held: int, left: int, expected: Outcome) -> None:
    wallet = wallet_of(lot(held)) if held else wallet_of()
    command = Redeem(
        member_id=MEMBER, request_key="k", at=noon(TODAY), reward=reward, quantity=quantity, entropy=ENTROPY
    )
    outcome = decided(command, wallet, RULES, pools=Pools({"reward:cup": left}, {}))
    assert outcome == expected
    if isinstance(expected, Redeemed):
        assert story(wallet.writes.entries) == [("available", "spent", expected.points)]
        assert wallet.writes.pools["reward:cup"] == (quantity if reward == "cup" else 0)
    else:
        assert (wallet.available, wallet.writes.entries, wallet.writes.pools) == (held, [], {})
        assert not wallet.writes.rows


def test_what_the_batch_took_before_is_gone() -> None:
    pools = Pools({"reward:cup": 3}, {})
    for held, code in ((60, "redeemed"), (60, "out_of_stock"), (30, "redeemed")):
        wallet = wallet_of(lot(held))
        command = Redeem(member_id=MEMBER, request_key="k", at=noon(TODAY), reward="cup", quantity=held // 30)
        assert decided(command, wallet, RULES, pools=pools).code == code


STANDING = StoredRedemption(
    5, 0, "redeem", "reward:cup", "杯子", 2, True, 60, "issued", TODAY + timedelta(days=1), "", noon(LATER), None, None, None,
    ((key(SOON), 40), (key(LATER), 20)),
)  # fmt: skip
CANCELS: list[tuple[StoredRedemption | None, date, Outcome]] = [
    (STANDING, TODAY, Cancelled(5, 0, "杯子", 60, 0, 60)),
    (STANDING._replace(state="used"), TODAY, NotCancellable("used")),
    (STANDING._replace(state="cancelled"), TODAY, NotCancellable("cancelled")),
    (STANDING, TODAY + timedelta(days=1), NotCancellable("expired")),
    (STANDING._replace(source="draw"), TODAY, NotCancellable("won")),
    (STANDING._replace(cancellable_until=None), TODAY, NotCancellable("never")),
    (STANDING._replace(cancellable_until=noon(TODAY)), TODAY, Cancelled(5, 0, "杯子", 60, 0, 60)),
    (STANDING._replace(cancellable_until=noon(TODAY) - MOMENT), TODAY, NotCancellable("too_late")),
    (STANDING._replace(cancellable_until=None, state="used"), TODAY, NotCancellable("used")),
    (STANDING._replace(expires_on=LATER), SOON - timedelta(days=1), Cancelled(5, 0, "杯子", 60, 0, 60)),
    (STANDING._replace(expires_on=LATER), SOON, Cancelled(5, 0, "杯子", 60, 40, 20)),
    (None, TODAY, UnknownRedemption("5-0")),
]


@pytest.mark.parametrize(("fact", "today", "expected"), CANCELS)
def test_cancel(fact: StoredRedemption | None, today: date, expected: Outcome) -> None:
    lots = [Lot(key(SOON), True, granted=40, spent=40), Lot(key(LATER), True, granted=20, spent=20)]
    wallet = wallet_of(*lots, today=today)
    wallet.account.issued = wallet.account.spent = 60
    before = [replace(one) for one in lots]
    command = Cancel(member_id=MEMBER, request_key="k", at=noon(today), receipt_no=5, line=0)
    assert decided(command, wallet, RULES, {REDEMPTION: fact}) == expected
    if isinstance(expected, Cancelled):
        assert wallet.writes.changes[CANCEL_REDEMPTIONS] == [(5, 0, wallet.posted_at)]
        assert wallet.writes.pools == {"reward:cup": -2}
        assert (lots[0].remaining, lots[0].expired) == ((0, 40) if expected.lapsed else (40, 0))
        assert lots[1].remaining == 20
    else:
        assert (wallet.writes.entries, wallet.writes.changes, wallet.writes.pools) == ([], {}, {})
        assert lots == before


def test_an_endless_reward_gives_no_piece_back() -> None:
    fact = STANDING._replace(took_stock=False, item="reward:tea", paid_from=((key(SOON), 60),))
    wallet = wallet_of(Lot(key(SOON), True, granted=60, spent=60))
    wallet.account.issued = wallet.account.spent = 60
    command = Cancel(member_id=MEMBER, request_key="k", at=noon(TODAY), receipt_no=5, line=0)
    assert decided(command, wallet, RULES, {REDEMPTION: fact}).code == "cancelled"
    assert wallet.writes.pools == {}


def test_voucher_codes_can_be_read_aloud_and_differ() -> None:
    codes = {voucher_code(bytes([seed]) * 16, line) for seed in range(100) for line in range(10)}
    assert len(codes) == 1000
    assert {len(code) for code in codes} == {12}
    assert set("".join(codes)) == set(ALPHABET)
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    assert not set("01IO") & set(ALPHABET)


def test_commands_do_not_show_their_entropy() -> None:
    command = Redeem(member_id=1, request_key="k", at=noon(TODAY), reward="cup")
    assert "entropy" not in repr(command)
    assert len(command.entropy) == 16
    assert command.entropy != Redeem(member_id=1, request_key="k", at=noon(TODAY), reward="cup").entropy
