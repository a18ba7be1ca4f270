"""Search over everything: whatever an operator has in hand (a name, a phone number, a code, an order) leads to a page.

Nothing here scans: each reading is one look-up by an index, and a nickname is found by how it begins.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import asyncpg

from base.settings import Settings
from loyalty.members.finding import Apps, members_of, readings
from loyalty.vouchers.counter import code_meant
from operators.views.members import span_of

HitKind: TypeAlias = Literal["member", "order", "voucher"]

MOST: Final = 20
LONGEST: Final = 100
BY_NAME: Final = """
SELECT member_id, nickname FROM member WHERE lower(nickname) ~>=~ $1 AND lower(nickname) ~<~ $2
ORDER BY lower(nickname) USING ~<~, member_id LIMIT $3
"""
NAMES: Final = "SELECT member_id, nickname FROM member WHERE member_id = ANY($1::bigint[]) ORDER BY member_id"
BY_ORDER: Final = (
    "SELECT member_id, store, order_no FROM order_key WHERE order_no = $1 ORDER BY store LIMIT $2"
)
BY_VOUCHER: Final = "SELECT member_id, code FROM voucher_code WHERE code = $1"
BY_REFERRAL: Final = "SELECT member_id, code FROM referral_code WHERE code = $1"


@dataclass(frozen=True)
class Hit:
    """Something found: what it is, whose, and the words by which it was found."""

    kind: HitKind
    member_id: int
    nickname: str | None
    words: str


async def find(pool: asyncpg.Pool, settings: Settings, text: str) -> list[Hit]:
    """What the text may mean, exact finds first; at most MOST of each kind. Raises KeyMissing for a phone number."""
    wanted = _clean(text)
    if not wanted:
        return []
    found = await _by_what_they_have(pool, settings, wanted)
    by_name = await pool.fetch(BY_NAME, *span_of(wanted), MOST)
    found += [("member", row["member_id"], "昵称") for row in by_name]
    rows = await pool.fetch(NAMES, sorted({member_id for _, member_id, _ in found}))
    names = {row["member_id"]: row["nickname"] for row in rows}
    hits = (Hit(kind, member_id, names.get(member_id), words) for kind, member_id, words in found)
    return list(_once(hits))


async def members_named(pool: asyncpg.Pool, settings: Settings, text: str) -> list[int]:
    """The members to whom the text leads by anything but a nickname. Raises KeyMissing for a phone number."""
    wanted = _clean(text)
    found = await _by_what_they_have(pool, settings, wanted) if wanted else []
    return list(dict.fromkeys(member_id for _, member_id, _ in found))


def _clean(text: str) -> str:
    return text.strip().replace("\0", "")[:LONGEST]


async def _by_what_they_have(
    pool: asyncpg.Pool, settings: Settings, wanted: str
) -> list[tuple[HitKind, int, str]]:
    """By an id, phone number, code or order."""
    code = await code_meant(pool, wanted)
    apps = Apps(settings.oa_app_id or "", settings.miniapp_app_id or "")
    members = await members_of(pool, settings.keyring, apps, readings(wanted))
    return [
        *[("member", member_id, WORDS[ref.kind]) for ref, member_id in members.items()],
        *[("voucher", row["member_id"], f"券码 {row['code']}") for row in await pool.fetch(BY_VOUCHER, code)],
        *_orders(await pool.fetch(BY_ORDER, wanted, MOST)),
        *[
            ("member", row["member_id"], f"邀请码 {row['code']}")
            for row in await pool.fetch(BY_REFERRAL, wanted.lower())
        ],
    ]


WORDS: Final = {
    "member_id": "会员号", "phone": "手机号", "oa_openid": "公众号 OpenID", "miniapp_openid": "小程序 OpenID", "unionid": "UnionID",
    "member_code": "会员码",
}  # fmt: skip


def _orders(rows: Sequence[asyncpg.Record]) -> Iterator[tuple[HitKind, int, str]]:
    """The orders of this number; one of a store is kept by its number alone as well, and is told once."""
    in_stores = {row["member_id"] for row in rows if row["store"]}
    for row in rows:
        if row["store"] or row["member_id"] not in in_stores:
            yield "order", row["member_id"], _order(row)


def _order(row: asyncpg.Record) -> str:
    return f"订单 {row['order_no']}" + (f"（门店 {row['store']}）" if row["store"] else "")


def _once(found: Iterable[Hit]) -> Iterator[Hit]:
    seen: set[tuple[HitKind, int, str]] = set()
    for hit in found:
        key = hit.kind, hit.member_id, hit.words if hit.kind != "member" else ""
        if key not in seen:
            seen.add(key)
            yield hit
