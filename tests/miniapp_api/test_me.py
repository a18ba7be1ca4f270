"""The member at a glance, nicknames, and 积分明细."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from loyalty.checkin.commands import CheckIn
from loyalty.entries import entry_title, entry_why
from loyalty.rewards.commands import Redeem
from tests.ledger import DAY_S, demo_rules
from tests.miniapp_api.client import Mini, send

DATA = Path(__file__).parents[1] / "data" / "field_cases"


async def test_a_newcomer(ming: Mini) -> None:
    answer = await ming.get("/me")
    assert answer.status == 200
    assert answer.json == {
        "member_id": ming.member_id,
        "nickname": None,
        "balance": 100,
        "pending": 0,
        "opening": [],
        "debt": 0,
        "growth": 100,
        "tier": {
            "id": "basic",
            "name": "普通会员",
            "growth": 0,
            "benefits": [],
            "title": None,
            "badge": None,
        },
        "next_tier": {
            "id": "silver",
            "name": "银卡会员",
            "growth": 1001,
            "benefits": list(demo_rules().tiers[1].benefits),
            "title": None,
            "badge": None,
        },
        "points_to_next_tier": 901,
        "expiring": [],
        "check_in": {"today": False, "streak": 0},
    }


async def test_the_streak_stands_until_a_day_is_missed(ming: Mini) -> None:
    await ming.run(CheckIn)
    assert (await ming.get("/me")).json["check_in"] == {"today": True, "streak": 1}
    ming.house.clock.advance(DAY_S)
    assert (await ming.get("/me")).json["check_in"] == {"today": False, "streak": 1}
    ming.house.clock.advance(DAY_S)
    assert (await ming.get("/me")).json["check_in"] == {"today": False, "streak": 0}


async def test_what_lapses_soon_and_what_has_lapsed(ming: Mini) -> None:
    """Earned in March 2026, gone on 1 April 2027; no job books it."""
    clock = ming.house.clock
    clock.move_to(datetime.fromisoformat("2027-01-30T15:59:59+00:00"))
    await _login_again(ming)
    assert (await ming.get("/me")).json["expiring"] == []
    clock.move_to(datetime.fromisoformat("2027-01-30T16:00:00+00:00"))
    assert (await ming.get("/me")).json["expiring"] == [{"points": 100, "expires_on": "2027-04-01"}]
    clock.move_to(datetime.fromisoformat("2027-03-31T15:59:59+00:00"))
    await _login_again(ming)
    assert (await ming.get("/me")).json["balance"] == 100
    clock.move_to(datetime.fromisoformat("2027-03-31T16:00:00+00:00"))
    me = (await ming.get("/me")).json
    assert (me["balance"], me["expiring"]) == (0, [])


async def _login_again(ming: Mini) -> None:
    await ming.house.resources.pool.execute(
        "UPDATE session SET expires_at = $1", datetime.fromisoformat("2028-01-01T00:00:00Z")
    )


NICKNAMES_KEPT = [
    ("小明", "小明"),
    ("  小 明\u3000", "小 明"),
    ("a\u0301", "á"),
    ("一二三四五六七八九十一二三四五六七八九十", "一二三四五六七八九十一二三四五六七八九十"),
    ("小明☕️", "小明☕️"),
    ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
    ("<script>", "<script>"),
    *((name, name) for name in json.loads((DATA / "b07_nicknames.json").read_text("utf-8"))["nicknames"]),
    ("می\u200cخواهم", "می\u200cخواهم"),
    ("王\U000323b0", "王\U000323b0"),
    ("葛\U000e0100城", "葛\U000e0100城"),
    ("小\U0001faea", "小\U0001faea"),
    ("နွှံ့", "နွှံ့"),
]


async def test_nicknames_kept(ming: Mini) -> None:
    for offered, kept in NICKNAMES_KEPT:
        answer = await ming.put("/me/profile", {"nickname": offered})
        assert (answer.status, answer.json["nickname"]) == (200, kept), offered
        assert (await ming.get("/me")).json["nickname"] == kept


NICKNAMES_REFUSED: list[Any] = [
    "",
    "   ",
    "\u3000",
    "一二三四五六七八九十一二三四五六七八九十一",
    "a\u202eb",
    "a\u200bb",
    "a\u200db",
    "\ufeff小明",
    "小\n明\u0000",
    "\u3164",
    "a" + "\u0301" * 40,
    "\ue000",
    "王" + "\ufe0f" * 31,
    "a" + "\u0301" * 30,
    "\ufffc",
    "☕\ufe0f\ufe0f",
    "王\u200c明",
    "می\u200c\u200cخواهم",
    "🏴\U000e0067",
    "🙂\U000e0067\U000e0062\U000e0065\U000e007f",
    "\u0301",
    "a\u034fb",
    1,
    None,
    ["小明"],
]


async def test_a_profile_keeps_what_is_absent(ming: Mini) -> None:
    await ming.put("/me/profile", {"nickname": "小明"})
    kept = await ming.put("/me/profile", {})
    assert (kept.status, kept.json["nickname"]) == (200, "小明")
    assert (await send(ming.house, "PATCH", "/me", ming.headers, body={"nickname": "小红"})).status == 405


async def test_nicknames_refused(ming: Mini) -> None:
    for offered in NICKNAMES_REFUSED:
        answer = await ming.put("/me/profile", {"nickname": offered})
        assert (answer.status, answer.code) == (422, "invalid"), offered
        assert answer.json["errors"][0]["field"] == "nickname"
    assert (await ming.get("/me")).json["nickname"] is None


async def test_entries_tell_the_story_and_add_up(ming: Mini) -> None:
    await ming.run(CheckIn)
    await ming.run(Redeem, reward="cookie")
    items = (await ming.get("/me/entries")).json["items"]
    assert [(item["source"], item["delta"], item["balance_after"]) for item in items] == [
        ("redeem", -60, 50),
        ("check_in", 10, 110),
        ("welcome", 100, 100),
    ]
    signed = {"day": "2026-03-02", "streak": 1}
    bought = {"name": demo_rules().rewards[0].name, "quantity": 1}
    assert [item["title"] for item in items] == [
        entry_title("redeem", bought), entry_title("check_in", signed), entry_title("welcome", {}),
    ]  # fmt: skip
    assert items[1]["ref"] == "2026-03-02"
    assert items[1]["reason"] == f"{entry_why('check_in', signed)[:-1]}；得 10 分可用到2027年3月31日。"
    assert items[1]["expires_on"] == "2027-04-01"
    assert items[0]["expires_on"] is None
    assert datetime.fromisoformat(items[0]["created_at"]) == ming.house.clock.now()


async def test_entries_by_pages_miss_and_repeat_nothing(ming: Mini) -> None:
    for _ in range(6):
        await ming.run(CheckIn)
        ming.house.clock.advance(DAY_S)
    whole = (await ming.get("/me/entries", limit="100")).json
    assert whole["next_cursor"] is None
    seen: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await ming.get("/me/entries", limit="3", **cursor)).json
        assert len(page["items"]) <= 3
        seen += page["items"]
        await ming.run(CheckIn)  # new entries while one reads move nothing
        ming.house.clock.advance(DAY_S)
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == whole["items"]
    balances = [item["balance_after"] for item in reversed(seen)]
    deltas = [item["delta"] for item in reversed(seen)]
    assert balances == [sum(deltas[: place + 1]) for place in range(len(deltas))]


PAGES_REFUSED: list[tuple[dict[str, str], str]] = [
    ({"limit": "0"}, "invalid"),
    ({"limit": "101"}, "invalid"),
    ({"limit": "-1"}, "invalid"),
    ({"limit": "1.0"}, "invalid"),
    ({"limit": "１０"}, "invalid"),
    ({"limit": ""}, "invalid"),
    ({"cursor": ""}, "cursor_invalid"),
    ({"cursor": "5"}, "cursor_invalid"),
    ({"cursor": "W10"}, "cursor_invalid"),
    ({"cursor": "签"}, "cursor_invalid"),
    ({"cursor": "x" * 5000}, "cursor_invalid"),
    ({"cursor": "WyJlbnRyaWVzIiwgMTAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwXQ"}, "cursor_invalid"),
]


async def test_pages_that_are_none(ming: Mini) -> None:
    for query, code in PAGES_REFUSED:
        answer = await ming.get("/me/entries", **query)
        assert (answer.status, answer.code) == (422, code), query


async def test_growth_does_not_fall_by_spending(ming: Mini) -> None:
    before = (await ming.get("/me")).json["growth"]
    await ming.run(Redeem, reward="cookie")
    after = (await ming.get("/me")).json
    assert (after["growth"], after["balance"]) == (before, 40)


@pytest.mark.parametrize(
    ("birthday", "status"), [("02-29", 200), ("2-29", 422), ("02-30", 422), ("13-01", 422), ("", 422)]
)
async def test_a_birthday_is_a_day_of_the_year(ming: Mini, birthday: str, status: int) -> None:
    """E19: the first one counts at once, another one 365 days later; a bad one changes nothing."""
    assert (await ming.put("/me/profile", {"birthday": birthday})).status == status
    row = await ming.house.resources.pool.fetchrow(
        "SELECT birthday, birthday_from FROM member WHERE member_id = $1", ming.member_id
    )
    assert tuple(row) == (("02-29", date(2000, 1, 1)) if status == 200 else (None, None))
