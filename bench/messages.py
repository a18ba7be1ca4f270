"""The requests of a load, built before the measurement: whole HTTP requests, each of another member."""

import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from bench.names import openid, scattered, token
from wechat.aes import decode_key, encrypt, sign

FIRST_MESSAGE = 24_000_000_000_000_000
WRITTEN_AHEAD_S = 60
"""Messages are dated ahead, because they are built before the measurement and an old message would count as a WeChat retry."""

ORIGINAL_ID = "gh_be9c00000001"
EVENTS_A_REQUEST: Final = 100
AMOUNT_FEN: Final = 3500


def sign_ins(plan: dict[str, Any]) -> Iterator[bytes]:
    """签到 as WeChat pushes it in safe mode: encrypted, signed, with a MsgId of its own."""
    key, stamp = decode_key(plan["aes_key"]), int(time.time())
    for number in _numbers(plan):
        member_id = scattered(number, plan["members"])
        message = (
            f"<xml><ToUserName><![CDATA[{ORIGINAL_ID}]]></ToUserName>"
            f"<FromUserName><![CDATA[{openid(member_id)}]]></FromUserName><CreateTime>{stamp + WRITTEN_AHEAD_S}</CreateTime>"
            f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[签到]]></Content>"
            f"<MsgId>{FIRST_MESSAGE + plan['salt'] + number}</MsgId></xml>"
        )
        sealed = encrypt(key, plan["app_id"], message, os.urandom(16))
        nonce = str(number)
        query = (
            f"signature={sign(plan['token'], str(stamp), nonce)}&timestamp={stamp}&nonce={nonce}"
            f"&openid={openid(member_id)}&encrypt_type=aes&msg_signature={sign(plan['token'], str(stamp), nonce, sealed)}"
        )
        body = f"<xml><ToUserName><![CDATA[{ORIGINAL_ID}]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        yield _request("POST", f"/wechat?{query}", body, "Content-Type: text/xml\r\n")


def visits(plan: dict[str, Any]) -> Iterator[bytes]:
    """GET /api/v1/me, repeated for a few members' sessions."""
    for number in _numbers(plan):
        yield _request("GET", "/api/v1/me", "", _bearer(plan, number % plan["visitors"]))


def draws(plan: dict[str, Any]) -> Iterator[bytes]:
    """One draw on the hot wheel, each of another member and under a key of its own."""
    for number in _numbers(plan):
        headers = f"Content-Type: application/json\r\nIdempotency-Key: bench-{plan['salt'] + number}\r\n"
        yield _request(
            "POST", f"/api/v1/wheels/{plan['wheel']}/draws", '{"count": 1}', headers + _bearer(plan, number)
        )


def events(plan: dict[str, Any]) -> Iterator[bytes]:
    """A till's report of purchases, each of another member."""
    headers = f"Content-Type: application/json\r\nAuthorization: Bearer {plan['key']}\r\n"
    at = datetime.now(UTC).isoformat()
    for number in _numbers(plan):
        first = number * EVENTS_A_REQUEST
        bought = [_purchase(plan, one, at) for one in range(first, first + EVENTS_A_REQUEST)]
        yield _request("POST", "/partner/v1/events", json.dumps({"events": bought}), headers)


def _purchase(plan: dict[str, Any], number: int, at: str) -> dict[str, Any]:
    named = f"{plan['salt'] + number:032d}"
    return {
        "id": named, "type": "purchase", "member": {"member_id": scattered(number, plan["members"])}, "occurred_at": at,
        "amount_fen": AMOUNT_FEN, "order_id": named, "channel": "pos",
    }  # fmt: skip


def pings(plan: dict[str, Any]) -> Iterator[bytes]:
    """GET /healthz: the cost of HTTP alone."""
    for _ in _numbers(plan):
        yield _request("GET", "/healthz", "", "")


MAKERS: dict[str, Callable[[dict[str, Any]], Iterator[bytes]]] = {
    "sign_ins": sign_ins,
    "visits": visits,
    "draws": draws,
    "events": events,
    "pings": pings,
}


def _numbers(plan: dict[str, Any]) -> range:
    return range(plan["first"], plan["first"] + plan["count"])


def _bearer(plan: dict[str, Any], number: int) -> str:
    return f"Authorization: Bearer {token(scattered(number, plan['members']))}\r\n"


def _request(method: str, target: str, body: str, headers: str) -> bytes:
    content = body.encode()
    length = f"Content-Length: {len(content)}\r\n" if content else ""
    return f"{method} {target} HTTP/1.1\r\nHost: bench\r\n{headers}{length}\r\n".encode() + content
