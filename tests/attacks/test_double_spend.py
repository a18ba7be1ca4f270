"""S8: one purse, many hands at once, each with a key of its own: what is paid is what is got, by every command, at both doors."""

import asyncio
from collections import Counter
from typing import Any

from loyalty.audit import audit
from tests.attacks.matrix import COOKIE
from tests.bot.line import Line
from tests.bot.told import REDEEMED, SIGNED_IN
from tests.house import House
from tests.ledger import KEYS, rules_with
from tests.miniapp_api.client import Answered, Mini, mini

AT_ONCE = 64


def codes(answers: list[Answered]) -> Counter[str]:
    return Counter(str(answer.code or answer.status) for answer in answers)


async def at_once(ming: Mini, path: str, body: Any, times: int = AT_ONCE) -> list[Answered]:
    return list(await asyncio.gather(*(ming.once(path, body) for _ in range(times))))


async def clean(house: House) -> None:
    assert (await audit(house.resources.pool, house.clock.now(), KEYS)).violations == []


async def test_s8_points_for_one_voucher_buy_one(ming: Mini) -> None:
    answers = await at_once(ming, "/redemptions", COOKIE)
    assert codes(answers) == {"201": 1, "not_enough_points": AT_ONCE - 1}
    assert await ming.house.ledger.balance(ming.member_id) == 40
    assert await ming.house.ledger.count("redemption") == await ming.house.ledger.count("voucher_code") == 1
    await clean(ming.house)


async def test_s8_points_for_five_draws_pay_for_five(house: House) -> None:
    """On a wheel whose only prize is nothing, so that winnings pay for no more."""
    await house.ledger.publish(rules_with(wheels=[BLANK_WHEEL]))
    ming = await mini(house)
    answers = await at_once(ming, "/wheels/blank/draws", {"count": 1})
    assert codes(answers) == {"201": 5, "not_enough_points": AT_ONCE - 5}
    nonces = sorted(
        draw["nonce"] for answer in answers if answer.status == 201 for draw in answer.json["draws"]
    )
    assert nonces == [1, 2, 3, 4, 5]
    assert await house.ledger.balance(ming.member_id) == 0
    await clean(house)


async def test_s8_the_days_draws_are_not_exceeded_together(house: House) -> None:
    await house.ledger.publish(
        rules_with(wheels=[BLANK_WHEEL | {"draws_per_day": 7}], welcome={"points": 10_000})
    )
    ming = await mini(house)
    answers = await at_once(ming, "/wheels/blank/draws", {"count": 1})
    assert codes(answers) == {"201": 7, "draw_limit_reached": AT_ONCE - 7}
    assert await house.ledger.balance(ming.member_id) == 10_000 - 7 * 20


async def test_s8_one_voucher_is_given_back_once(ming: Mini) -> None:
    bought = (await ming.once("/redemptions", COOKIE)).json["id"]
    answers = await at_once(ming, f"/redemptions/{bought}/cancel", {})
    assert codes(answers) == {"200": 1, "not_cancellable": AT_ONCE - 1}
    assert await ming.house.ledger.balance(ming.member_id) == 100
    assert (await ming.get("/rewards/cookie")).json["stock_left"] == 300
    await clean(ming.house)


async def test_s8_the_last_piece_is_got_back_before_it_is_got_again(house: House) -> None:
    """Buying and giving back the last piece in turns, all at once: never two of it, never a point more."""
    await house.ledger.publish(rules_with(rewards=[ONE_CUP]))
    ming, hong = await mini(house), await mini(house, "小红")
    bought = (await ming.once("/redemptions", CUP)).json["id"]
    answers = await asyncio.gather(
        *(hong.once("/redemptions", CUP) for _ in range(32)),
        *(ming.once(f"/redemptions/{bought}/cancel", {}) for _ in range(32)),
    )
    sold = codes(list(answers[:32]))["201"]
    assert codes(list(answers[32:]))["200"] == 1
    assert sold <= 1
    left = (await ming.get("/rewards/cup")).json["stock_left"]
    assert left == 1 - sold
    assert await house.ledger.balance(ming.member_id) == 100
    assert await house.ledger.balance(hong.member_id) == 100 - 60 * sold
    await clean(house)


async def test_s8_different_purchases_share_one_purse(house: House) -> None:
    """Vouchers and draws at once from points for some of them: the sum never passes what was there."""
    await house.ledger.publish(rules_with(wheels=[BLANK_WHEEL], welcome={"points": 300}))
    ming = await mini(house)
    answers = await asyncio.gather(
        *(ming.once("/redemptions", COOKIE) for _ in range(20)),
        *(ming.once("/wheels/blank/draws", {"count": 1}) for _ in range(20)),
        *(ming.once("/wheels/blank/draws", {"count": 10}) for _ in range(4)),
    )
    paid = sum(
        answer.json.get("points", answer.json.get("cost_points", 0))
        for answer in answers
        if answer.status == 201
    )
    assert set(codes(list(answers))) <= {"201", "not_enough_points", "draw_limit_reached"}
    assert await house.ledger.balance(ming.member_id) == 300 - paid >= 0
    assert 300 - paid < 20, "a draw was refused that could be paid"
    await clean(house)


async def test_s8_two_doors_one_purse(house: House) -> None:
    """The chat and the mini-program of one person, at the same moment."""
    phone, line = await house.follower(), Line(house)
    ming = Mini(house, await house.member_of(phone), await house.session(phone))
    said, sent = await asyncio.gather(
        asyncio.gather(*(line.say(phone, "兑换 1") for _ in range(16))),
        asyncio.gather(*(ming.once("/redemptions", COOKIE) for _ in range(16))),
    )
    bought = sum(text.startswith(REDEEMED) for text in said) + codes(list(sent))["201"]
    assert bought == await house.ledger.count("redemption") == 1
    assert await house.ledger.balance(ming.member_id) == 40
    signed, tapped = await asyncio.gather(
        asyncio.gather(*(line.say(phone, "签到") for _ in range(16))),
        asyncio.gather(*(ming.once("/check-ins", {}) for _ in range(16))),
    )
    assert sum(text.startswith(SIGNED_IN) for text in signed) + codes(list(tapped))["201"] == 1
    assert await house.ledger.balance(ming.member_id) == 50
    await clean(house)


async def test_s8_one_friend_is_bound_once(house: House) -> None:
    """Sixty-four inviters pull at one newcomer: one has them, and each side is rewarded once."""
    inviters = [await mini(house, f"邀请人{number}") for number in range(8)]
    friend = await mini(house, "新人")
    own = [(await inviter.get("/referral")).json["code"] for inviter in inviters]
    answers = await asyncio.gather(*(friend.once("/referral/bind", {"code": code}) for code in own * 8))
    assert codes(list(answers)) == {"200": 1, "already_bound": AT_ONCE - 1}
    await at_once(friend, "/check-ins", {}, 16)
    await house.resources.engine.settle()
    assert await house.ledger.balance(friend.member_id) == 130
    balances = sorted([await house.ledger.balance(inviter.member_id) for inviter in inviters])
    assert balances == [100] * 7 + [150]
    await clean(house)


NOTHING = {"name": "谢谢参与", "level": "参与奖", "kind": "none", "odds_ppm": 500_000}
BLANK_WHEEL: dict[str, Any] = {
    "id": "blank", "name": "空转盘", "cost_points": 20, "draws_per_day": 1000,
    "prizes": [NOTHING | {"id": "thanks", "slot": 0}, NOTHING | {"id": "sorry", "slot": 1}],
}  # fmt: skip
ONE_CUP: dict[str, Any] = {
    "id": "cup", "name": "杯子", "kind": "voucher", "price_points": 60, "stock": 1, "valid_days": 30,
}  # fmt: skip
CUP = {"reward_id": "cup", "quantity": 1}
