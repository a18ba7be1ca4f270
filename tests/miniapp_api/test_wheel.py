"""The wheel through the mini-program: published odds, draws, records, proofs, winners."""

import asyncio
import base64
import hashlib
import json
from typing import Any

from loyalty.audit import audit
from loyalty.games import fairness
from loyalty.games.views import WINNERS_AFTER, winners
from loyalty.programme.publishing.publication import put_in_force
from tests.ledger import DAY_S, KEYS
from tests.miniapp_api.client import Mini, mini, without_request_id
from web.paging import write_cursor


async def rich(ming: Mini, points: int = 300) -> None:
    """Let the member sign in until there is enough to play with."""
    await ming.house.ledger.give(ming.member_id, points)


async def test_the_published_wheel(ming: Mini) -> None:
    listed = (await ming.get("/wheels")).json
    assert listed["next_cursor"] is None
    (wheel,) = listed["items"]
    assert (await ming.get("/wheels/lucky")).json == wheel
    assert {key: wheel[key] for key in ("id", "name", "cost_points", "free_left", "draws_left")} == {
        "id": "lucky",
        "name": "幸运大转盘",
        "cost_points": 20,
        "free_left": 0,
        "draws_left": 20,
    }
    assert sum(prize["odds_ppm"] for prize in wheel["prizes"]) == 1_000_000
    assert [prize["slot"] for prize in wheel["prizes"]] == list(range(8))
    assert wheel["prizes"][0]["stock_left"] == 5
    assert wheel["prizes"][5]["stock_left"] is None
    assert bytes.fromhex(wheel["commitment"])
    assert len(wheel["commitment"]) == 64
    assert "每次 20 积分" in wheel["rule"]
    assert "季度畅饮卡 0.1%" in wheel["rule"]


async def test_one_draw(ming: Mini) -> None:
    answer = await ming.once("/wheels/lucky/draws", {"count": 1})
    assert answer.status == 201
    (draw,) = answer.json["draws"]
    assert set(draw) == {"id", "nonce", "prize", "slot", "proof"}
    assert draw["nonce"] == 1
    assert answer.json["balance"] == 80 + draw["prize"]["points"]
    wheel = (await ming.get("/wheels/lucky")).json
    assert wheel["draws_left"] == 19
    (published,) = [prize for prize in wheel["prizes"] if prize["id"] == draw["prize"]["id"]]
    assert published["slot"] == draw["slot"]


async def test_odds_other_than_those_shown_are_refused(ming: Mini) -> None:
    """Nothing is spent, and the member hears the version in force, with which the same draw is then made."""
    shown = (await ming.get("/wheels/lucky")).json["odds_version"]
    rules = (await ming.house.ledger.live()).rules
    dearer = rules.wheels[0].model_copy(update={"cost_points": 21})
    await ming.house.ledger.publish(rules.model_copy(update={"wheels": (dearer,)}))
    before = await ming.house.ledger.traces(ming.member_id)
    body = {"count": 1, "odds_version": shown}
    answer = await ming.post("/wheels/lucky/draws", body, key="as-shown")
    assert (answer.status, answer.code) == (409, "odds_changed")
    assert answer.json["odds_version"] == dearer.odds_version != shown
    after = await ming.house.ledger.traces(ming.member_id)
    assert {table for table in after if after[table] != before[table]} == {"account", "receipt"}
    assert (await ming.get("/me")).json["balance"] == 100
    again = await ming.post("/wheels/lucky/draws", body, key="as-shown")
    assert (again.code, again.replayed) == ("odds_changed", True)
    fresh = await ming.once("/wheels/lucky/draws", body | {"odds_version": answer.json["odds_version"]})
    assert (fresh.status, fresh.json["cost_points"]) == (201, 21)


async def test_a_free_draw_that_was_used_up_meanwhile_is_not_paid_for(ming: Mini) -> None:
    """A client sends the price that it showed; the chat, or another phone, may have used the free draw since."""
    rules = (await ming.house.ledger.live()).rules
    free = rules.wheels[0].model_copy(update={"free_per_day": 1})
    await ming.house.ledger.publish(rules.model_copy(update={"wheels": (free,)}))
    as_shown = {"count": 1, "price_points": 0}
    assert (await ming.once("/wheels/lucky/draws", as_shown)).json["cost_points"] == 0
    before = await ming.house.ledger.traces(ming.member_id)
    late = await ming.post("/wheels/lucky/draws", as_shown, key="late")
    assert (late.status, late.code, late.json["price_points"]) == (409, "price_changed", 20)
    assert late.json["detail"].startswith(f"{free.name}抽 1 次现在要 20 积分")
    again = await ming.post("/wheels/lucky/draws", as_shown, key="late")
    assert (again.code, again.replayed) == ("price_changed", True)
    after = await ming.house.ledger.traces(ming.member_id)
    assert {table for table in after if after[table] != before[table]} == {"account", "receipt"}
    answers = await asyncio.gather(
        *(ming.once("/wheels/lucky/draws", as_shown | {"price_points": 20}) for _ in range(2))
    )
    assert [one.json["cost_points"] for one in answers] == [20, 20]
    house = ming.house
    assert (await audit(house.resources.pool, house.clock.now(), KEYS)).violations == []


async def test_a_repeat_of_a_draw_finds_its_receipt_after_the_odds_changed(ming: Mini) -> None:
    shown = (await ming.get("/wheels/lucky")).json["odds_version"]
    body = {"count": 1, "odds_version": shown}
    first = await ming.post("/wheels/lucky/draws", body, key="once")
    rules = (await ming.house.ledger.live()).rules
    dearer = rules.wheels[0].model_copy(update={"cost_points": 21})
    await ming.house.ledger.publish(rules.model_copy(update={"wheels": (dearer,)}))
    again = await ming.post("/wheels/lucky/draws", body, key="once")
    assert (again.status, again.raw, again.replayed) == (201, first.raw, True)
    assert await ming.house.ledger.count("draw") == 1


async def test_ten_draws_and_their_repeat(ming: Mini) -> None:
    await rich(ming)
    before = (await ming.get("/me")).json["balance"]
    body = {"count": 10, "client_seed": "my-own-luck"}
    answer = await ming.post("/wheels/lucky/draws", body, key="ten")
    again = await ming.post("/wheels/lucky/draws", body, key="ten")
    assert answer.status == 201
    assert [draw["nonce"] for draw in answer.json["draws"]] == list(range(1, 11))
    won = sum(draw["prize"]["points"] for draw in answer.json["draws"])
    assert answer.json["balance"] == before - 200 + won
    assert again.replayed
    assert (again.status, again.raw) == (201, answer.raw)
    assert await ming.house.ledger.count("draw") == 10


async def test_too_few_points_and_the_late_duplicate(ming: Mini) -> None:
    """The refusal is remembered under its key, even when the points are there later."""
    answer = await ming.post("/wheels/lucky/draws", {"count": 10}, key="poor")
    assert (answer.status, answer.code) == (409, "not_enough_points")
    assert (answer.json["needed"], answer.json["available"]) == (200, 100)
    assert not answer.replayed
    await rich(ming, 300)
    again = await ming.post("/wheels/lucky/draws", {"count": 10}, key="poor")
    assert (again.status, again.code) == (409, "not_enough_points")
    assert again.replayed
    assert (again.json["needed"], again.json["available"]) == (200, 100)
    assert await ming.house.ledger.count("draw") == 0


async def test_the_days_limit(ming: Mini) -> None:
    await rich(ming, 450)
    for _ in range(2):
        assert (await ming.once("/wheels/lucky/draws", {"count": 10})).status == 201
    answer = await ming.once("/wheels/lucky/draws", {"count": 1})
    assert (answer.status, answer.code) == (409, "draw_limit_reached")
    assert (answer.json["limit"], answer.json["left"]) == (20, 0)
    assert (await ming.get("/wheels/lucky")).json["draws_left"] == 0
    ming.house.clock.advance(DAY_S)
    assert (await ming.get("/wheels/lucky")).json["draws_left"] == 20


async def test_unknown_wheels(ming: Mini) -> None:
    for path in ["/wheels/nope", "/wheels/nope/winners", "/wheels/%00", "/wheels/lucky%2F..%2Fx"]:
        answer = await ming.get(path)
        assert answer.status == 404, path
        assert answer.code in {"unknown_wheel", "not_found"}, path


async def test_drawing_on_an_unknown_wheel(ming: Mini) -> None:
    for wheel in ("nope", "NOPE", "%00", "x" * 33, "a.b"):
        answer = await ming.once(f"/wheels/{wheel}/draws", {"count": 1})
        assert (answer.status, answer.code) == (404, "unknown_wheel"), wheel


async def test_a_repeat_after_the_wheel_was_retired(ming: Mini) -> None:
    """The key's receipt answers, not the rules of the day; and the key stays with its path."""
    first = await ming.post("/wheels/lucky/draws", {"count": 1}, key="once")
    unknown = await ming.post("/wheels/later/draws", {"count": 1}, key="early")
    rules = (await ming.house.ledger.live()).rules
    (lucky,) = rules.wheels
    later = lucky.model_copy(update={"id": "later"})
    await ming.house.ledger.publish(rules.model_copy(update={"wheels": (later,)}))
    again = await ming.post("/wheels/lucky/draws", {"count": 1}, key="once")
    assert (again.status, again.raw, again.replayed) == (201, first.raw, True)
    for wheel in ("later", "nope"):
        other = await ming.post(f"/wheels/{wheel}/draws", {"count": 1}, key="once")
        assert (other.status, other.code) == (422, "idempotency_key_reused"), wheel
    fresh = await ming.once("/wheels/lucky/draws", {"count": 1})
    assert (fresh.status, fresh.code) == (404, "unknown_wheel")
    kept = await ming.post("/wheels/later/draws", {"count": 1}, key="early")
    assert (kept.status, kept.replayed, without_request_id(kept)) == (404, True, without_request_id(unknown))
    assert await ming.house.ledger.count("draw") == 1


BODIES_REFUSED: list[Any] = [
    {},
    {"count": 2},
    {"count": 0},
    {"count": -1},
    {"count": "1"},
    {"count": True},
    {"count": 1.0},
    {"count": None},
    {"count": 2**53},
    {"count": 2**64},
    {"count": [1]},
    {"count": 1, "client_seed": "a b"},
    {"count": 1, "client_seed": "签"},
    {"count": 1, "client_seed": "x" * 65},
    {"count": 1, "client_seed": None},
    {"count": 1, "client_seed": "\u0000"},
    {"count": 1, "odds": 1},
    {"count": 1, "odds_version": 2},
    {"count": 1, "price_points": -1},
    {"count": 1, "price_points": "20"},
    {"count": 1, "price_points": 2**53},
    {"count": 1, "odds_version": ""},
    {"count": 1, "odds_version": "2-abc\n"},
    {"count": 1, "odds_version": "a" * 65},
    {"count": 1, "member_id": 1},
    [],
    "count",
    1,
]


async def test_draws_that_are_none(ming: Mini) -> None:
    for body in BODIES_REFUSED:
        answer = await ming.post("/wheels/lucky/draws", body, key="strict")
        assert (answer.status, answer.code) == (422, "invalid"), body
    assert await ming.house.ledger.count("draw") == 0


async def test_records_by_pages(ming: Mini) -> None:
    await rich(ming)
    drawn = (await ming.once("/wheels/lucky/draws", {"count": 10})).json["draws"]
    ids = [draw["id"] for draw in reversed(drawn)]
    first = (await ming.get("/draws", limit="6")).json
    second = (await ming.get("/draws", limit="6", cursor=first["next_cursor"])).json
    assert [draw["id"] for draw in first["items"] + second["items"]] == ids
    assert second["next_cursor"] is None
    newest = first["items"][0]
    assert newest["prize"] == {key: drawn[-1]["prize"][key] for key in ("id", "name", "level")}
    assert newest["proof"] == drawn[-1]["proof"] == f"/api/v1/draws/{ids[0]}/proof"
    assert newest["odds_version"] == (await ming.get("/wheels/lucky")).json["odds_version"]


async def test_a_proof_before_and_after_the_seed_is_revealed(ming: Mini) -> None:
    commitment = (await ming.get("/wheels/lucky")).json["commitment"]
    answer = await ming.once("/wheels/lucky/draws", {"count": 1, "client_seed": "luck"})
    (draw,) = answer.json["draws"]
    proof = (await ming.get(draw["proof"].removeprefix("/api/v1"))).json
    assert proof["server_seed"] is None
    assert proof["commitment"] == commitment
    assert (proof["client_seed"], proof["nonce"], proof["slot"]) == ("luck", 1, draw["slot"])
    assert sum(row["odds_ppm"] for row in proof["table"]) == 1_000_000
    covered = hashlib.sha256(proof["covered"].encode()).hexdigest()
    assert (
        proof["odds_version"] == (await ming.get("/wheels/lucky")).json["odds_version"] == f"2-{covered[:32]}"
    )
    ming.house.clock.advance(DAY_S)
    await put_in_force(ming.house.resources.engine)
    revealed = (await ming.get(draw["proof"].removeprefix("/api/v1"))).json
    seed = bytes.fromhex(revealed["server_seed"])
    assert hashlib.sha256(seed).hexdigest() == commitment
    roll = fairness.roll(seed, revealed["round_id"], revealed["member_id"], "luck", revealed["nonce"])
    assert revealed["roll"] == roll
    assert _prize_at(revealed["table"], roll) == revealed["candidate"]


def _prize_at(table: list[Any], roll: int) -> str:
    edge = 0
    for row in table:
        edge += row["odds_ppm"]
        if roll < edge:
            return str(row["prize"])
    raise AssertionError(roll)


DRAWS_UNKNOWN = ["1-99", "x", "1", "1-", "-1-1", "1-1-1", "01-1", "99999999999-1", "1-１", "1-" + "9" * 40]


async def test_proofs_of_no_draw(ming: Mini) -> None:
    for draw in DRAWS_UNKNOWN:
        answer = await ming.get(f"/draws/{draw}/proof")
        assert (answer.status, answer.code) == (404, "unknown_draw"), draw


async def test_winners_under_masked_names(ming: Mini) -> None:
    await rich(ming)
    await ming.put("/me/profile", {"nickname": "欧阳小明"})
    drawn = (await ming.once("/wheels/lucky/draws", {"count": 10})).json["draws"]
    wins = [draw for draw in drawn if draw["prize"]["id"] != "thanks"]
    hong = await mini(ming.house, "小红")
    first = (await hong.get("/wheels/lucky/winners", limit="1")).json
    items, cursor = first["items"], first["next_cursor"]
    while cursor is not None:
        page = (await hong.get("/wheels/lucky/winners", limit="1", cursor=cursor)).json
        items, cursor = items + page["items"], page["next_cursor"]
    assert [item["prize"]["name"] for item in items] == [win["prize"]["name"] for win in reversed(wins)]
    assert {item["name"] for item in items} == {"欧**"}
    assert "欧阳小明" not in str(items)


WINS = """
INSERT INTO draw (member_id, round_id, nonce, wheel, day, receipt_no, line, client_seed, roll, candidate, prize, prize_name, level,
    slot, won, took_stock, points, cost_points, odds_version, rule_version, drawn_at)
SELECT n % 50 + 1, 1, n, 'lucky', '2026-03-02', 1, 0, '', 0, 'latte', 'latte', '拿铁一杯', '二等奖', 2, true, false, 0, 0, 'x', 1,
    timestamptz '2026-03-01 00:00+08' + interval '1 second' * (n / 7) FROM generate_series(1, 20000) n
"""


async def test_winners_cursors_tell_nothing(ming: Mini) -> None:
    """Neither member, round nor number of a win; one that was changed, cut or sealed for another wheel is refused."""
    await ming.house.resources.pool.execute(WINS)
    first = (await ming.get("/wheels/lucky/winners", limit="1")).json
    cursor = first["next_cursor"]
    key_id, _, sealed = cursor.partition(".")
    raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
    assert not any(part in raw for part in (b"winners", b"lucky", b"20000"))
    assert (await ming.get("/wheels/lucky/winners", limit="1")).json["next_cursor"] != cursor
    plain = write_cursor("winners:lucky", (1, 1, 1, 1))
    other = write_cursor("winners:other", (1, 1, 1, 1), KEYS)
    for wrong in (sealed, plain, other, cursor[:-2], f"{key_id}.", f"0{cursor}", f"{cursor[:-1]}!", "."):
        answer = await ming.get("/wheels/lucky/winners", cursor=wrong)
        assert (answer.status, answer.code) == (422, "cursor_invalid"), wrong


async def test_a_deep_page_of_winners_costs_what_the_first_does(ming: Mini) -> None:
    """It begins within the index: nothing is read that is not shown."""
    pool = ming.house.resources.pool
    await pool.execute(WINS)
    await pool.execute("ANALYZE draw")
    places = await pool.fetch(
        "SELECT drawn_at, member_id, round_id, nonce FROM draw WHERE won"
        " ORDER BY drawn_at DESC, member_id DESC, round_id DESC, nonce DESC OFFSET 19000 LIMIT 21"
    )
    found = await winners(pool, "lucky", await ming.house.ledger.live(), before=tuple(places[0]), limit=20)
    assert [win.place for win in found] == [tuple(place) for place in places[1:]]
    async with pool.acquire() as connection:
        told = await connection.fetchval(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {WINNERS_AFTER}", "lucky", 20, *places[0]
        )
    (scan,) = json.loads(told)[0]["Plan"]["Plans"]
    assert scan["Index Name"] == "draw_winners_idx"
    assert (scan["Actual Rows"], scan.get("Rows Removed by Filter", 0)) == (20, 0)


async def test_a_cursor_is_good_for_its_own_list(ming: Mini) -> None:
    await rich(ming)
    await ming.once("/wheels/lucky/draws", {"count": 10})
    cursor = (await ming.get("/draws", limit="1")).json["next_cursor"]
    for path in ("/me/entries", "/redemptions", "/wheels/lucky/winners"):
        answer = await ming.get(path, cursor=cursor)
        assert (answer.status, answer.code) == (422, "cursor_invalid")


async def test_a_sold_out_prize_and_its_substitute_have_the_odds_of_now(ming: Mini) -> None:
    """The published table stays as it is, with its version; both tables sum to a million."""
    rules = (await ming.house.ledger.live()).rules
    before = (await ming.get("/wheels/lucky")).json
    assert [prize["odds_now_ppm"] for prize in before["prizes"]] == [
        prize["odds_ppm"] for prize in before["prizes"]
    ]
    assert not any(prize["sold_out"] for prize in before["prizes"])
    await ming.house.resources.pool.execute(
        "UPDATE stock SET taken = stocked WHERE item = 'prize:lucky:latte'"
    )
    after = (await ming.get("/wheels/lucky")).json
    prizes = {prize["id"]: prize for prize in after["prizes"]}
    assert (prizes["latte"]["odds_ppm"], prizes["latte"]["odds_now_ppm"]) == (30_000, 0)
    assert (prizes["points_20"]["odds_ppm"], prizes["points_20"]["odds_now_ppm"]) == (70_000, 100_000)
    assert [prize["id"] for prize in after["prizes"] if prize["sold_out"]] == ["latte"]
    for odds in ("odds_ppm", "odds_now_ppm"):
        assert sum(prize[odds] for prize in after["prizes"]) == 1_000_000
    assert after["odds_version"] == before["odds_version"] == rules.wheels[0].odds_version
    told = "「拿铁一杯」已发完，抽中改送「20 积分」；现在「20 积分」的概率是 10%。"
    assert after["rule"] == before["rule"] + told
    topics = {topic["topic"]: topic["sentences"] for topic in (await ming.get("/rules")).json["topics"]}
    assert topics["wheel:lucky"][-1] == told
