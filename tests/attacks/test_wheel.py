"""S11: a seed that leaks before its reveal, one chosen after the outcome, a lost draw dropped, odds changed under a round."""

import asyncio
import base64
import hashlib
import random
from typing import Any

from structlog.testing import capture_logs

from loyalty.audit import audit
from loyalty.games.seeds import open_seed
from loyalty.programme.rules import RuleSet
from tests.attacks.matrix import ROWS, Row
from tests.house import House
from tests.ledger import KEYS, rules_with
from tests.loyalty.waiting import until
from tests.miniapp_api.client import Answered, Mini, mini

LUCKY = rules_with().wheels[0].model_dump(mode="json")
RICH = {"points": 100_000}
READING = {
    route: row for route, row in ROWS.items() if route.startswith("GET") and not route.endswith(".png")
}


def other_odds() -> RuleSet:
    """The demo's wheel with one millionth moved from its first prize to its second."""
    first, second, *others = LUCKY["prizes"]
    moved = [first | {"odds_ppm": first["odds_ppm"] - 1}, second | {"odds_ppm": second["odds_ppm"] + 1}]
    return rules_with(wheels=[LUCKY | {"prizes": [*moved, *others]}], welcome=RICH)


async def everything_shown(ming: Mini, draw: str) -> list[Answered]:
    """Every answer that a member can read."""
    return [
        await ming.get(path_of(route, row, draw))
        for route, row in READING.items()
        if "redemption}" not in route
    ]


def path_of(route: str, row: Row, draw: str) -> str:
    path = route.removeprefix("GET /api/v1")
    for name, value in {**row.public, "draw": draw}.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def faces(seed: bytes) -> list[bytes]:
    """How a seed could be written down."""
    return [
        seed.hex().encode(), seed.hex().upper().encode(), base64.b64encode(seed), base64.urlsafe_b64encode(seed),
        str(int.from_bytes(seed, "big")).encode(), seed,
    ]  # fmt: skip


async def test_s11_no_seed_leaves_the_house_before_its_reveal(house: House) -> None:
    """Not in any answer, notice, log line or Redis value while its round is open; all of it once the round is over."""
    await house.ledger.publish(rules_with(welcome=RICH))
    ming = await mini(house)
    with capture_logs() as logs:
        drawn = (await ming.once("/wheels/lucky/draws", {"count": 10, "client_seed": "luck"})).json["draws"]
        shown = [answer.raw for answer in await everything_shown(ming, drawn[0]["id"])]
    pool, redis = house.resources.pool, house.resources.redis
    told = [str(row["t"]).encode() for row in await pool.fetch("SELECT t::text AS t FROM notice t")]
    kept = [value async for key in redis.scan_iter() if isinstance(value := await redis.dump(key), bytes)]
    seed = open_seed(await pool.fetchrow("SELECT * FROM wheel_round WHERE closed_at IS NULL"), KEYS)
    kept += [row["t"].encode() for row in await pool.fetch("SELECT t::text AS t FROM wheel_round t")]
    for text in [*shown, *told, *kept, repr(logs).encode()]:
        assert not any(face in text for face in faces(seed))
    await house.ledger.publish(other_odds())
    proof = (await ming.get(f"/draws/{drawn[0]['id']}/proof")).json
    assert bytes.fromhex(proof["server_seed"]) == seed
    fresh = open_seed(await pool.fetchrow("SELECT * FROM wheel_round WHERE closed_at IS NULL"), KEYS)
    for answer in await everything_shown(ming, drawn[0]["id"]):
        assert not any(face in answer.raw for face in faces(fresh))


async def test_s11_a_seed_cannot_be_chosen_after_the_outcome(house: House) -> None:
    """The same key with another seed is refused and tells nothing; another key is another number of the round."""
    await house.ledger.publish(rules_with(welcome=RICH))
    ming = await mini(house)
    first = await ming.post("/wheels/lucky/draws", {"count": 1, "client_seed": "a"}, key="k")
    before = await house.ledger.traces(ming.member_id)
    for seed in ("b", "", "A", "a " * 2):
        again = await ming.post("/wheels/lucky/draws", {"count": 1, "client_seed": seed}, key="k")
        assert (again.status, again.code) in {(422, "idempotency_key_reused"), (422, "invalid")}
        assert first.json["draws"][0]["prize"]["name"] not in again.raw.decode()
    assert await house.ledger.traces(ming.member_id) == before
    fresh = await ming.post("/wheels/lucky/draws", {"count": 1, "client_seed": "b"}, key="l")
    assert fresh.json["draws"][0]["nonce"] == first.json["draws"][0]["nonce"] + 1


async def test_s11_a_lost_draw_is_not_dropped(house: House) -> None:
    """Whoever hangs up before the answer has drawn all the same: numbered, paid for, and told under the same key."""
    await house.ledger.publish(rules_with(welcome=RICH))
    ming, dice = await mini(house), random.Random(11)  # noqa: S311  # repeatable impatience
    keys = [f"impatient-{number}" for number in range(LUCKY["draws_per_day"])]

    async def hasty(key: str) -> None:
        draw = asyncio.create_task(ming.post("/wheels/lucky/draws", {"count": 1}, key=key))
        await asyncio.sleep(dice.random() * 0.02)
        draw.cancel()
        await asyncio.gather(draw, return_exceptions=True)

    for number, key in enumerate(keys[:5], start=1):
        await unheard(ming, key, number)
    await asyncio.gather(*(hasty(key) for key in keys[5:]))
    answers = [await ming.post("/wheels/lucky/draws", {"count": 1}, key=key) for key in keys]
    assert {answer.status for answer in answers} == {201}
    nonces = [answer.json["draws"][0]["nonce"] for answer in answers]
    assert sorted(nonces) == list(range(1, len(keys) + 1))
    paid = await house.resources.pool.fetchval("SELECT sum(cost_points) FROM draw")
    assert paid == len(keys) * LUCKY["cost_points"]
    assert all(answer.replayed for answer in answers[:5]), "they had drawn before they hung up"
    assert (await audit(house.resources.pool, house.clock.now(), KEYS)).violations == []


async def unheard(ming: Mini, key: str, drawn: int) -> None:
    """Ask for a draw on a bare socket and hang up once there are `drawn` draws, without having read a word."""
    house = ming.house
    _, writer = await asyncio.open_connection("127.0.0.1", int(house.server_url.rsplit(":", 1)[1]))
    head = f"Host: jifen\r\nAuthorization: {ming.headers['Authorization']}\r\nIdempotency-Key: {key}\r\nContent-Length: 12"
    writer.write(f'POST /api/v1/wheels/lucky/draws HTTP/1.1\r\n{head}\r\n\r\n{{"count": 1}}'.encode())

    async def is_drawn() -> bool:
        return await house.ledger.count("draw") == drawn

    await until(is_drawn, within_s=30)
    writer.transport.abort()


async def test_s11_odds_do_not_change_under_an_open_round(house: House) -> None:
    """Other odds are another round with another commitment; what was drawn keeps the table it was drawn by."""
    await house.ledger.publish(rules_with(welcome=RICH))
    ming = await mini(house)
    old = (await ming.get("/wheels/lucky")).json
    draw = (await ming.once("/wheels/lucky/draws", {"count": 1})).json["draws"][0]
    before = (await ming.get(f"/draws/{draw['id']}/proof")).json
    await house.ledger.publish(other_odds())
    new = (await ming.get("/wheels/lucky")).json
    after = (await ming.get(f"/draws/{draw['id']}/proof")).json
    for changed in ("commitment", "odds_version", "round_id"):
        assert new[changed] != old[changed]
    assert hashlib.sha256(bytes.fromhex(after["server_seed"])).hexdigest() == old["commitment"]
    assert {**after, "server_seed": None, "revealed_at": None} == before
    next_draw = (await ming.once("/wheels/lucky/draws", {"count": 1})).json["draws"][0]
    proof: dict[str, Any] = (await ming.get(f"/draws/{next_draw['id']}/proof")).json
    assert (proof["commitment"], proof["odds_version"]) == (new["commitment"], new["odds_version"])
    assert [row["odds_ppm"] for row in proof["table"]] == [prize["odds_ppm"] for prize in new["prizes"]]
