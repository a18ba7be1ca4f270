"""Signing in through the mini-program, and the calendar."""

import asyncio

from loyalty.checkin.commands import CheckIn
from loyalty.checkin.outcomes import AlreadyCheckedIn
from tests.ledger import DAY_S
from tests.miniapp_api.client import Mini, mini, without_request_id

COOKIE = {"reward_id": "cookie", "quantity": 1}


async def test_the_first_of_the_day(ming: Mini) -> None:
    answer = await ming.once("/check-ins", {})
    assert answer.status == 201
    assert answer.json == {
        "day": "2026-03-02",
        "streak": 1,
        "points": 10,
        "balance": 110,
        "bonus": 0,
        "next_bonus": 20,
        "next_bonus_in": 2,
        "referral_points": 0,
        "mission_points": 0,
    }


async def test_again_under_another_key(ming: Mini) -> None:
    first = await ming.once("/check-ins", {})
    answer = await ming.once("/check-ins", {})
    assert (answer.status, answer.code) == (409, "already_checked_in")
    assert not answer.replayed
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    for fact in ("day", "streak", "points", "balance"):
        assert answer.json[fact] == first.json[fact]
    assert answer.json["title"] == AlreadyCheckedIn.title
    assert await ming.house.ledger.balance(ming.member_id) == 110


async def test_again_under_the_same_key(ming: Mini) -> None:
    first = await ming.post("/check-ins", {}, key="k1")
    again = await ming.post("/check-ins", {}, key="k1")
    assert not first.replayed
    assert again.replayed
    assert (again.status, again.json) == (first.status, first.json)


async def test_a_refusal_is_kept_under_its_key(ming: Mini) -> None:
    """The same key hears the same refusal, also the next day; a new key signs in."""
    await ming.once("/check-ins", {})
    first = await ming.post("/check-ins", {}, key="again")
    await ming.once("/redemptions", COOKIE)
    second = await ming.post("/check-ins", {}, key="again")
    ming.house.clock.advance(DAY_S)
    late = await ming.post("/check-ins", {}, key="again")
    assert (first.status, first.code, first.replayed) == (409, "already_checked_in", False)
    for answer in (second, late):
        assert (answer.status, answer.replayed) == (409, True)
        assert without_request_id(answer) == without_request_id(first)
    other = await ming.post("/redemptions", COOKIE, key="again")
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    assert (await ming.post("/check-ins", {}, key="fresh")).status == 201


async def test_an_invited_members_first_sign_in_tells_both(ming: Mini) -> None:
    """The friend's gift is booked right after; the balance includes it, and a repeat hears the same."""
    code = (await ming.get("/referral")).json["code"]
    hong = await mini(ming.house, "小红")
    await hong.post("/referral/bind", {"code": code})
    first = await hong.post("/check-ins", {}, key="first")
    assert (first.json["points"], first.json["referral_points"], first.json["balance"]) == (10, 20, 130)
    assert (await hong.get("/me")).json["balance"] == 130
    await hong.once("/redemptions", COOKIE)
    assert (await hong.post("/check-ins", {}, key="first")).raw == first.raw
    ming.house.clock.advance(3 * DAY_S)
    restarted = await hong.once("/check-ins", {})
    assert (restarted.json["streak"], restarted.json["referral_points"]) == (1, 0)
    assert restarted.json["balance"] == (await hong.get("/me")).json["balance"]


async def test_a_late_repeat_is_not_the_next_days_sign_in(ming: Mini) -> None:
    first = await ming.post("/check-ins", {}, key="k1")
    ming.house.clock.advance(DAY_S)
    again = await ming.post("/check-ins", {}, key="k1")
    assert again.replayed
    assert again.json == first.json
    assert await ming.house.ledger.count("check_in") == 1


async def test_fifty_at_once_credit_once(ming: Mini) -> None:
    answers = await asyncio.gather(*(ming.once("/check-ins", {}) for _ in range(50)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 49
    assert await ming.house.ledger.balance(ming.member_id) == 110


async def test_without_a_body(ming: Mini) -> None:
    answer = await ming.post("/check-ins", None, key="k1")
    assert answer.status == 201


async def test_the_calendar(ming: Mini) -> None:
    for _ in range(3):
        await ming.run(CheckIn)
        ming.house.clock.advance(DAY_S)
    answer = await ming.get("/check-ins", month="2026-03")
    assert answer.json["days"] == ["2026-03-02", "2026-03-03", "2026-03-04"]
    assert answer.json["streak"] == 3
    assert [step["points"] for step in answer.json["ladder"]] == [10, 10, 30, 10, 10, 10, 60]
    assert answer.json["ladder"][2] == {"day": 3, "points": 30, "bonus": 20}
    assert (await ming.get("/check-ins")).json == answer.json
    assert (await ming.get("/check-ins", month="2026-02")).json["days"] == []


MONTHS_REFUSED = [
    "2026-13",
    "2026-00",
    "2026-3",
    "202603",
    "2026-03-01",
    "",
    "0000-01",
    "9999-12",
    "２０２６-03",
    "2026-03\n",
]


async def test_months_that_are_none(ming: Mini) -> None:
    for month in MONTHS_REFUSED:
        answer = await ming.get("/check-ins", month=month)
        assert (answer.status, answer.code) == (422, "invalid"), month
