"""The feed of changes, and the webhooks that get them: signed, tried again, given up, replayed, and only at public addresses."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from standardwebhooks.webhooks import Webhook as Signer
from typing_extensions import override

from base.sealing import Keyring
from channels.webhooks.addresses import AddressRefused, PrivateAddress, PublicResolver, check_address
from channels.webhooks.deliveries import KEPT_FOR, PAUSES, forget, replay
from channels.webhooks.endpoints import (
    BY_OPERATOR,
    MOST_PER_KEY,
    Removed,
    remove_webhook,
    resume_webhook,
    stop_webhook,
)
from channels.webhooks.sending import open_webhook_http
from channels.webhooks.signing import new_secret, rotate_secret, seal_webhooks_again, secrets_of
from loyalty.changes import BEGINNING, SETTLED_AFTER, changes
from loyalty.checkin.commands import CheckIn
from partner_api.keys import key_of
from runtime.listening import listening
from tasks.webhooks import send_webhooks
from tests.house import House, open_house
from tests.partner_api.till import Till, till


@dataclass
class Partner:
    """A partner's server: what it got, and what it answers next (200 when nothing is said)."""

    url: str = ""
    got: list[tuple[dict[str, str], str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.text()))
        return web.Response(
            status=self.answers.pop(0) if self.answers else 200, headers={"Location": self.url}
        )


@pytest.fixture
async def partner() -> AsyncIterator[Partner]:
    one, app = Partner(), web.Application()
    app.router.add_route("*", "/{tail:.*}", one.take)
    async with listening(app, "127.0.0.1", 0) as port:
        one.url = f"http://127.0.0.1:{port}"
        yield one


@pytest.fixture
async def house(
    migrated_url: str, redis_url: str, tmp_path: Path, unused_tcp_port: int
) -> AsyncIterator[House]:
    """A house that may send to this machine."""
    async with open_house(migrated_url, redis_url, tmp_path, unused_tcp_port, webhook_private="allow") as one:
        yield one


async def settle(house: House) -> None:
    """Let time pass until what was posted is in the feed."""
    house.clock.advance(SETTLED_AFTER.total_seconds() + 1)


async def register(shop: Till, url: str) -> tuple[str, str]:
    made = await shop.post("/webhooks", {"url": url})
    assert made.status == 201, made.json
    return made.json["id"], made.json["secret"]


async def check_in(house: House) -> int:
    member = await house.ledger.member()
    await house.ledger.run(CheckIn, member)
    return member


async def send(house: House) -> int:
    return await send_webhooks(house.resources, house.clock.now())


async def test_a_change_arrives_signed_once_it_is_settled(house: House, partner: Partner) -> None:
    """O02, O04: signed by the Standard Webhooks specification, under an id that stays."""
    shop = await till(house)
    _, secret = await register(shop, f"{partner.url}/hook")
    member = await check_in(house)
    assert await send(house) == 0
    await settle(house)
    assert await send(house) == len(partner.got) == 2  # the gift and the sign-in
    for headers, body in partner.got:
        signed = Signer(secret).sign(headers["webhook-id"], house.clock.now(), body)
        assert headers["webhook-signature"] == signed
        assert headers["webhook-id"] == json.loads(body)["id"]
    told = {one["type"]: one for one in (json.loads(body) for _, body in partner.got)}["check_in.created"]
    assert told["data"]["member_id"] == member
    assert told["data"]["movements"][0] == {
        "reason": "check_in",
        "title": "每日签到",
        "delta": 10,
        "balance": 110,
    }
    assert await send(house) == 0


async def test_a_failed_delivery_is_tried_again_and_two_workers_send_it_once(
    house: House, partner: Partner
) -> None:
    await register(await till(house), partner.url)
    await check_in(house)
    await settle(house)
    partner.answers += [500, 500]
    await asyncio.gather(send(house), send(house))
    assert len(partner.got) == 2
    house.clock.advance(PAUSES[0].total_seconds() * 1.2 + 1)
    await asyncio.gather(send(house), send(house))
    assert len(partner.got) == 4
    assert {headers["webhook-id"] for headers, _ in partner.got[:2]} == {
        headers["webhook-id"] for headers, _ in partner.got[2:]
    }


async def test_a_delivery_is_given_up_and_replayed(house: House, partner: Partner) -> None:
    shop = await till(house)
    webhook, _ = await register(shop, partner.url)
    await check_in(house)
    await settle(house)
    partner.answers += [503] * 2 * (len(PAUSES) + 1)
    for pause in (*PAUSES, timedelta(0)):
        await send(house)
        house.clock.advance(pause.total_seconds() * 1.2 + 1)
    listed = (await shop.get(f"/webhooks/{webhook}/deliveries")).json["items"]
    assert [(one["state"], one["attempts"], one["last_status"]) for one in listed] == [("dead", 11, 503)] * 2
    assert await send(house) == 0
    assert (await shop.post(f"/webhooks/{webhook}/replay", {})).json == {"replayed": 2}
    await send(house)
    listed = (await shop.get(f"/webhooks/{webhook}/deliveries")).json["items"]
    assert {one["state"] for one in listed} == {"delivered"}
    again = await shop.post(f"/webhooks/{webhook}/replay", {"changes": [listed[0]["id"]]})
    assert again.json == {"replayed": 1}
    house.clock.advance(KEPT_FOR.total_seconds() + 1)
    await send(house)
    await forget(house.resources.pool, house.clock.now())
    assert (await shop.get(f"/webhooks/{webhook}/deliveries")).json["items"] == []


async def test_redirects_are_not_followed_and_410_stops(house: House, partner: Partner) -> None:
    shop = await till(house)
    await register(shop, partner.url)
    await check_in(house)
    await settle(house)
    partner.answers += [302, 410]
    await send(house)
    assert len(partner.got) == 2
    assert (await shop.get("/webhooks")).json["items"][0]["stopped_because"] == "gone"
    house.clock.advance(3600)
    assert await send(house) == 0


async def test_polling_reads_every_change_once_and_a_store_its_own(house: House) -> None:
    """O04: the feed in pages, in order; a key of a store sees its store's changes alone."""
    shop, store = await till(house), await till(house, store="sh-01", name="静安")
    for _ in range(3):
        await check_in(house)
    await settle(house)
    seen: list[str] = []
    after = ""
    while True:
        answer = (await shop.get(f"/changes?limit=2{after}")).json
        if not answer["items"]:
            break
        seen += [one["id"] for one in answer["items"]]
        after = f"&after={answer['after']}"
    assert len(seen) == len(set(seen)) == 6
    await check_in(house)
    await settle(house)
    assert len((await shop.get(f"/changes?limit=100{after}")).json["items"]) == 2
    assert (await store.get("/changes")).json["items"] == []
    assert (await shop.get("/changes?after=nonsense")).status == 422


async def test_what_is_not_committed_yet_is_not_skipped(house: House) -> None:
    """A transaction that was posted earlier and commits later is still found behind the position."""
    await check_in(house)
    position = (await changes(house.resources.pool, BEGINNING, house.clock.now(), limit=9))[-1:]
    assert position == []
    await settle(house)
    assert len(await changes(house.resources.pool, BEGINNING, house.clock.now(), limit=9)) == 2


async def test_webhooks_belong_to_their_key(house: House, partner: Partner) -> None:
    shop, other = await till(house), await till(house, name="另一家")
    webhook, _ = await register(shop, partner.url)
    for path in (f"/webhooks/{webhook}/deliveries",):
        assert (await other.get(path)).json["code"] == "unknown_webhook"
    assert (await other.post(f"/webhooks/{webhook}/replay", {})).status == 404
    assert (await other.send("DELETE", f"/webhooks/{webhook}", body={})).status == 404
    assert (await till(house, ["changes"], name="只读")).key.scopes == ("changes",)
    narrow = await till(house, ["changes"], name="只读")
    assert (await narrow.get("/webhooks")).json["code"] == "scope_missing"
    assert (await shop.send("DELETE", f"/webhooks/{webhook}", body={})).status == 200
    await check_in(house)
    await settle(house)
    assert await send(house) == 0
    for _ in range(MOST_PER_KEY):
        await register(shop, partner.url)
    assert (await shop.post("/webhooks", {"url": partner.url})).json["code"] == "too_many_webhooks"


REFUSED = [
    "ftp://shop.example/x", "http://shop.example/x", "https://", "https://user:pass@shop.example/", "https://shop.example/#x",
    "https://127.0.0.1/", "https://10.0.0.8/", "https://192.168.1.1/", "https://169.254.169.254/latest/meta-data", "https://[::1]/",
    "https://[fd00::1]/", "https://[::ffff:127.0.0.1]/", "https://0.0.0.0/", "https://localhost/", "https://a.localhost/",
    "https://shop example/", "https://shop.example/\n", "https://[bad", "https://shop.example:99999/", "x" * 501,
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED)
def test_addresses_that_are_not_public_are_refused(url: str) -> None:
    """S14: no address within the server's own network."""
    with pytest.raises(AddressRefused):
        check_address(url, private_allowed=False)


class Lying(AbstractResolver):
    """A resolver whose names lead into the server's own network."""

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in ("93.184.216.34", "10.0.0.8")
        ]

    @override
    async def close(self) -> None:
        return None


async def test_a_name_that_leads_inside_is_refused_when_it_is_resolved() -> None:
    """S14: the name is resolved at the send, and what was resolved is what is connected to."""
    with pytest.raises(PrivateAddress):
        await PublicResolver(Lying()).resolve("shop.example", 443)
    async with open_webhook_http(private_allowed=False) as http:
        with pytest.raises(OSError, match="private"):
            await http.post("https://localhost:1/")


async def test_the_secret_is_sealed_and_sealed_again(house: House, partner: Partner) -> None:
    webhook, secret = await register(await till(house), partner.url)
    pool = house.resources.pool
    stored = await pool.fetchrow("SELECT sealed_secret, url FROM webhook")
    assert secret.encode() not in bytes(stored["sealed_secret"])
    before = house.resources.settings.keyring
    now = house.clock.now()
    old = await secrets_of(pool, before, webhook, now)
    both = Keyring("another-secret-key-of-the-house", "test-secret-key-of-the-house")
    async with pool.acquire() as connection:
        assert await seal_webhooks_again(connection, both, 10) == 1
        assert await seal_webhooks_again(connection, both, 10) == 0
    assert await secrets_of(pool, Keyring("another-secret-key-of-the-house"), webhook, now) == old


async def test_both_secrets_sign_until_the_grace_ends(house: House, partner: Partner) -> None:
    """O02: after a change of the secret a receiver that knows either accepts; sealing again keeps both."""
    webhook, _ = await register(await till(house), partner.url)
    pool, keyring, now = house.resources.pool, house.resources.settings.keyring, house.clock.now()
    (old,) = await secrets_of(pool, keyring, webhook, now)
    new = new_secret()
    assert await rotate_secret(pool, keyring, webhook, new, now, grace=timedelta(days=1))
    await check_in(house)
    await settle(house)
    await send(house)
    for headers, body in partner.got:
        for secret in (old, new):
            at = house.clock.now()
            assert (
                Signer(secret).sign(headers["webhook-id"], at, body) in headers["webhook-signature"].split()
            )
    both = Keyring("another-secret-key-of-the-house", "test-secret-key-of-the-house")
    async with pool.acquire() as connection:
        assert await seal_webhooks_again(connection, both, 10) == 1
        assert await seal_webhooks_again(connection, both, 10) == 0
    alone = Keyring("another-secret-key-of-the-house")
    assert await secrets_of(pool, alone, webhook, house.clock.now()) == [new, old]
    assert await secrets_of(pool, alone, webhook, now + timedelta(days=1)) == [new]
    assert not await rotate_secret(pool, keyring, "wh_none", new, now, grace=timedelta(0))


async def test_what_waits_when_a_webhook_is_removed_is_named_and_kept(house: House, partner: Partner) -> None:
    shop = await till(house)
    webhook, _ = await register(shop, partner.url)
    partner.answers += [500, 500]
    await check_in(house)
    await settle(house)
    await send(house)
    pool, now = house.resources.pool, house.clock.now()

    async def remove(key_id: str | None = None) -> Removed | None:
        return await house.resources.engine.transact(
            lambda connection: remove_webhook(connection, webhook, now, key_id)
        )

    assert await remove("another1") is None
    removed = await remove()
    assert removed is not None
    assert (removed.waiting, len(removed.named)) == (2, 2)
    assert await remove() is None
    house.clock.advance(3600)
    assert await send(house) == 0
    assert await replay(pool, webhook, None, now) == 0, "nothing is sent to what is removed"
    kept = await pool.fetch("SELECT state, last_error FROM webhook_delivery")
    assert [tuple(row) for row in kept] == [("dead", "removed")] * 2


async def test_a_stopped_webhook_goes_on_where_it_was_stopped(house: House, partner: Partner) -> None:
    webhook, _ = await register(await till(house), partner.url)
    pool = house.resources.pool
    assert await stop_webhook(pool, webhook, BY_OPERATOR, house.clock.now())
    assert not await stop_webhook(pool, webhook, BY_OPERATOR, house.clock.now())
    await check_in(house)
    await settle(house)
    assert await send(house) == 0
    assert await resume_webhook(pool, webhook)
    assert not await resume_webhook(pool, webhook)
    assert await send(house) == len(partner.got) == 2


async def test_the_last_use_of_a_key_is_noted_at_most_once_a_minute(house: House) -> None:
    shop = await till(house)
    pool = house.resources.pool

    async def used() -> object:
        assert (await shop.get("/changes")).status == 200
        key = await key_of(pool, shop.key.id)
        return key.used_at if key else None

    assert (await key_of(pool, shop.key.id) or shop.key).used_at is None
    first = house.clock.now()
    assert await used() == first
    house.clock.advance(30)
    assert await used() == first
    house.clock.advance(40)
    assert await used() == house.clock.now()


async def test_what_still_waits_is_not_sent_for_a_revoked_key(house: House, partner: Partner) -> None:
    shop = await till(house)
    await register(shop, partner.url)
    partner.answers += [500, 500]
    await check_in(house)
    await settle(house)
    await send(house)
    await house.resources.pool.execute(
        "UPDATE partner_key SET revoked_at = created_at WHERE id = $1", shop.key.id
    )
    house.clock.advance(3600)
    assert await send(house) == 0
    assert len(partner.got) == 2


async def test_a_webhook_of_a_revoked_key_gets_nothing(house: House, partner: Partner) -> None:
    shop = await till(house)
    await register(shop, partner.url)
    pool: asyncpg.Pool = house.resources.pool
    await pool.execute("UPDATE partner_key SET revoked_at = created_at WHERE id = $1", shop.key.id)
    await check_in(house)
    await settle(house)
    assert await send(house) == 0
