"""Exporting: what each kind of table holds, read in pages of one read-only snapshot."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import asyncpg
import orjson

from base.sealing import Keyring
from loyalty.engine.transactions import snapshot
from loyalty.entries import TAKEN_BY, Taken, entry_title, explanation, movement
from loyalty.ledger.calendar import AT_ONCE, NEVER
from loyalty.ledger.moved import Share
from loyalty.members.identities import UNIONID
from loyalty.members.phones import masked_phone, phones_of
from loyalty.programme.comparing.differences import rule_lines
from loyalty.programme.in_force.live import rules_of
from moving.persons import EXTERNAL
from moving.tables import Table, Value

PAGE: Final = 2_000

MEMBERS_PAGE: Final = """
SELECT m.member_id, m.nickname, m.joined_at, a.status, a.available, a.pending, a.debt, a.growth, a.merged_into
FROM member m JOIN account a ON a.member_id = m.member_id WHERE m.member_id > $1 ORDER BY m.member_id LIMIT $2
"""
IDENTITIES: Final = "SELECT member_id, provider, subject FROM identity WHERE member_id = ANY($1::bigint[])"
LOTS: Final = """
SELECT member_id, remaining, expires_on, opens_on, opened FROM lot WHERE member_id = ANY($1::bigint[]) AND remaining > 0
ORDER BY member_id, expires_on, opens_on, terms
"""
ENTRIES: Final = """
SELECT e.member_id, e.seq, e.posted_at, e.reason, e.detail::text AS detail, e.src, e.dst, e.amount, e.available, e.expires_on,
    e.receipt_no, r.scope, r.ref, r.actor, r.rule_version
FROM entry e JOIN receipt r ON r.member_id = e.member_id AND r.no = e.receipt_no
WHERE (e.member_id, e.seq) > ($1, $2) ORDER BY e.member_id, e.seq LIMIT $3
"""
LOTS_TAKEN: Final = """
SELECT l.member_id, l.receipt_no, l.kind, l.expires_on, l.amount
FROM (SELECT DISTINCT * FROM unnest($1::bigint[], $2::bigint[]) AS u(member_id, receipt_no)) u
JOIN lot_use l ON l.member_id = u.member_id AND l.receipt_no = u.receipt_no AND l.kind = ANY($3::text[])
ORDER BY l.member_id, l.receipt_no, l.expires_on, l.opens_on, l.terms
"""
VERSIONS: Final = "SELECT id, effective_from, published_by, reason FROM rule_version ORDER BY id"
STATUS: Final = {
    "open": "正常",
    "limited": "暂停花积分",
    "frozen": "冻结",
    "merged": "已合并",
    "closed": "已停用",
}


class Source(NamedTuple):
    """Where an export reads, and how: `apps` are the app ids of official account and mini-program; `whole_phones`: not masked."""

    connection: asyncpg.Connection
    zone: ZoneInfo
    keyring: Keyring
    apps: tuple[str | None, str | None]
    whole_phones: bool = False


Rows = AsyncIterator[Sequence[Value]]


@dataclass(frozen=True)
class Export:
    """One kind of table: its header, and its rows."""

    name: str
    header: tuple[str, ...]
    rows: Callable[[Source], Rows]


async def export(
    pool: asyncpg.Pool,
    what: Export,
    table: Table,
    source: Callable[[asyncpg.Connection], Source],
    tell: Callable[[int], None],
) -> int:
    """Write a table; how many rows it has without the header. `tell` hears how many are written."""
    written = 0
    table.write(what.header)
    async with snapshot(pool) as connection:
        async for row in what.rows(source(connection)):
            table.write(row)
            written += 1
            if written % PAGE == 0:
                tell(written)
    return written


IDS: Final = ("本系统会员号", "手机号", "unionid", "公众号openid", "小程序openid", "原系统会员号")


async def _member_pages(source: Source) -> AsyncIterator[list[asyncpg.Record]]:
    after = 0
    while rows := await source.connection.fetch(MEMBERS_PAGE, after, PAGE):
        yield rows
        after = rows[-1]["member_id"]


async def _ids(source: Source, members: Sequence[int]) -> Mapping[int, tuple[Value, ...]]:
    """The columns IDS of each member."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for member_id, provider, subject in await source.connection.fetch(IDENTITIES, members):
        found[member_id]["external" if provider.startswith(EXTERNAL) else provider] = subject
    phones = await phones_of(source.connection, source.keyring, members)
    shown = {one: number if source.whole_phones else masked_phone(number) for one, number in phones.items()}
    oa, mini = source.apps
    return {
        member_id: (
            member_id, shown.get(member_id), found[member_id].get(UNIONID), found[member_id].get(oa or ""),
            found[member_id].get(mini or ""), found[member_id].get("external"),
        )
        for member_id in members
    }  # fmt: skip


async def _members(source: Source) -> Rows:
    async for page in _member_pages(source):
        ids = await _ids(source, [row["member_id"] for row in page])
        for row in page:
            joined_on = row["joined_at"].astimezone(source.zone).date()
            sums = (row["available"], row["pending"], row["debt"], row["growth"])
            status = STATUS.get(row["status"], row["status"])
            yield (*ids[row["member_id"]], row["nickname"], joined_on, *sums, status, row["merged_into"])


async def _balances(source: Source) -> Rows:
    """A row per lot; the growth value stands in the member's first one, or in a row without points."""
    async for page in _member_pages(source):
        members = [row["member_id"] for row in page]
        ids = await _ids(source, members)
        growth = {row["member_id"]: row["growth"] for row in page}
        for row in await source.connection.fetch(LOTS, members):
            opens_on = None if row["opened"] or row["opens_on"] == AT_ONCE else row["opens_on"]
            first = growth.pop(row["member_id"], None)
            yield (*ids[row["member_id"]], row["remaining"], last_day(row["expires_on"]), first, opens_on)
        for member_id, left in growth.items():
            if left:
                yield (*ids[member_id], 0, None, left, None)


def last_day(expires_on: date) -> Value:
    """The last day of points, as an import reads it."""
    return "长期有效" if expires_on == NEVER else expires_on - timedelta(days=1)


async def _entries(source: Source) -> Rows:
    after = (0, 0)
    while rows := await source.connection.fetch(ENTRIES, *after, PAGE):
        taken = await _taken(source.connection, rows)
        for row in rows:
            yield _entry(row, source.zone, taken.get((row["member_id"], row["receipt_no"]), {}))
        after = (rows[-1]["member_id"], rows[-1]["seq"])


async def _taken(
    connection: asyncpg.Connection, entries: Sequence[asyncpg.Record]
) -> Mapping[tuple[int, int], Taken]:
    """What the receipts of these entries took from the lots, by member and number of the receipt."""
    found: dict[tuple[int, int], dict[str, list[Share]]] = {}
    taking = [row for row in entries if row["src"] == "available" and row["dst"] in TAKEN_BY]
    members, numbers = [row["member_id"] for row in taking], [row["receipt_no"] for row in taking]
    for use in await connection.fetch(LOTS_TAKEN, members, numbers, list(TAKEN_BY.values())):
        of_receipt = found.setdefault((use["member_id"], use["receipt_no"]), defaultdict(list))
        of_receipt[use["kind"]].append(Share(use["expires_on"], use["amount"]))
    return found


def _entry(row: asyncpg.Record, zone: ZoneInfo, taken: Taken) -> Sequence[Value]:
    detail: Any = orjson.loads(row["detail"])
    moved = movement(row["src"], row["dst"], row["amount"], row["expires_on"], taken)
    delta = row["amount"] * ((row["dst"] == "available") - (row["src"] == "available"))
    expires_on = None if row["expires_on"] is None else last_day(row["expires_on"])
    return (
        row["member_id"], row["seq"], moment(row["posted_at"], zone), delta, row["available"],
        entry_title(row["reason"], detail), explanation(row["reason"], detail, moved), row["src"], row["dst"], row["amount"],
        expires_on,
        f"{row['scope']}|{row['ref']}", row["actor"], row["rule_version"],
    )  # fmt: skip


def moment(instant: datetime, zone: ZoneInfo) -> str:
    """An instant in the programme's zone, to the second."""
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M:%S}"


ORDER_ROWS: Final = """
SELECT p.member_id, p.store, p.order_no, p.receipt_no, p.amount_fen, p.day, p.kind, p.granted, p.refunded_fen, p.reversed,
    p.rule_version, e.occurred_at, e.channel
FROM purchase p JOIN account a ON a.member_id = p.member_id AND a.merged_into IS NULL
LEFT JOIN event e ON e.member_id = p.member_id AND e.source = p.source AND e.event = p.event
WHERE (p.member_id, p.store, p.order_no, p.receipt_no) > ($1, $2, $3, $4)
ORDER BY p.member_id, p.store, p.order_no, p.receipt_no LIMIT $5
"""


async def _orders(source: Source) -> Rows:
    """Orders of merged members stand at the member who is left."""
    after: tuple[Any, ...] = (0, "", "", 0)
    while rows := await source.connection.fetch(ORDER_ROWS, *after, PAGE):
        for row in rows:
            at = row["occurred_at"]
            yield (
                row["member_id"], row["order_no"], _yuan(row["amount_fen"]),
                moment(at, source.zone) if at else row["day"].isoformat(), row["store"], row["channel"], row["kind"],
                row["granted"], _yuan(row["refunded_fen"]), row["reversed"], row["rule_version"],
            )  # fmt: skip
        last = rows[-1]
        after = (last["member_id"], last["store"], last["order_no"], last["receipt_no"])


def _yuan(fen: int) -> str:
    """An amount in yuan with two decimals."""
    return f"{fen // 100}.{fen % 100:02d}"


async def _rules(source: Source) -> Rows:
    for row in await source.connection.fetch(VERSIONS):
        begins = moment(row["effective_from"], source.zone)
        for line in rule_lines(await rules_of(source.connection, row["id"])):
            item, _, value = line.partition("：")
            yield (row["id"], begins, row["published_by"], row["reason"], item, value)


MEMBERS: Final = Export(
    "members",
    (*IDS, "昵称", "加入日期", "可用积分", "待到账积分", "欠积分", "成长值", "状态", "并入会员"),
    _members,
)
BALANCES: Final = Export("balances", (*IDS, "积分", "到期日", "成长值", "到账日"), _balances)
ENTRIES_TABLE: Final = Export(
    "entries",
    (
        "本系统会员号",
        "序号",
        "时间",
        "变动",
        "变动后可用",
        "名目",
        "说明",
        "从",
        "到",
        "数量",
        "到期日",
        "单据",
        "经手",
        "规则版本",
    ),
    _entries,
)
RULES: Final = Export("rules", ("版本", "生效时间", "发布人", "原因", "项目", "内容"), _rules)
ORDERS: Final = Export(
    "orders",
    (
        "本系统会员号",
        "订单号",
        "实付金额",
        "时间",
        "门店",
        "渠道",
        "事件",
        "得到积分",
        "已退金额",
        "扣回积分",
        "规则版本",
    ),
    _orders,
)
EXPORTS: Final = {one.name: one for one in (MEMBERS, BALANCES, ENTRIES_TABLE, ORDERS, RULES)}
