"""The engine's first step: read what a batch of commands needs. Plain SQL, set-based, each statement for the whole batch.

The accounts' versions are read first and everything else of the members after them, so that a version that still holds when the
outcome is saved proves that nothing read was older.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from loyalty.calendar import business_day
from loyalty.commands import Cancel, Command, Draw, Redeem
from loyalty.facts import CheckInFact, Memories, RedemptionFact, ReferralFact
from loyalty.live import RuleBook
from loyalty.lots import QUANTITIES, Lot, LotKey
from loyalty.needs import Need
from loyalty.stock import Round, Stock, prize_item, reward_item
from loyalty.wallet import Account


class StoredReceipt(NamedTuple):
    """A receipt that answers or stands in the way of a command."""

    request_hash: bytes
    code: str
    facts: str
    same_request: bool


class Loaded(NamedTuple):
    """What a batch starts from; members without an account are missing from `accounts`."""

    accounts: dict[int, Account]
    receipts: dict[int, StoredReceipt]
    lots: dict[int, list[Lot]]
    memories: dict[int, Memories]
    rules: RuleBook
    stock: Stock


class Asked(NamedTuple):
    """A command with the instant it takes effect, that instant's business day, and the fact it names."""

    command: Command
    at: datetime
    day: date
    scope: str
    ref: str


async def load_batch(
    connection: asyncpg.Connection, asked: Sequence[Asked], rules: RuleBook, zone: ZoneInfo
) -> Loaded:
    """Accounts first, everything else of the members after them; one command a member."""
    members = [one.command.member_id for one in asked]
    accounts = {row[0]: Account(*row) for row in await connection.fetch(SELECT_ACCOUNTS, members)}
    receipts = await _load_receipts(connection, asked)
    lots: dict[int, list[Lot]] = defaultdict(list)
    oldest = min(one.at for one in asked)  # what lapsed since then may still be granted into
    for row in await connection.fetch(SELECT_LOTS, members, business_day(oldest, zone)):
        lots[row["member_id"]].append(_lot(row))
    memories: dict[int, Memories] = defaultdict(Memories)
    needs = frozenset().union(*(one.command.needs for one in asked))
    await _load_memories(connection, asked, needs, memories, lots, zone)
    stock = await _load_stock(connection, asked, rules) if Need.STOCK in needs else Stock({}, {})
    return Loaded(accounts, receipts, lots, memories, rules, stock)


SELECT_ACCOUNTS = """
SELECT member_id, version, seq, chain, status, available, pending, held, debt, issued, spent, expired, reversed, adjusted,
       forfeited, growth, posted_at
FROM account WHERE member_id = ANY($1::bigint[])
"""

SELECT_RECEIPTS = """
WITH asked AS (SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS a(member_id, request_key, scope, ref))
SELECT r.member_id, r.request_hash, r.code, r.facts::text AS facts, true AS same_request
FROM asked a JOIN receipt r ON r.member_id = a.member_id AND r.request_key = a.request_key
UNION ALL
SELECT r.member_id, r.request_hash, r.code, r.facts::text, false
FROM asked a JOIN receipt r ON r.member_id = a.member_id AND r.scope = a.scope AND r.ref = a.ref AND r.accepted
"""

LOT_COLUMNS = ", ".join(("member_id", *LotKey._fields, *QUANTITIES))

SELECT_LOTS = f"""
SELECT {LOT_COLUMNS} FROM lot
WHERE member_id = ANY($1::bigint[]) AND (expires_on > $2 OR remaining > 0 OR NOT opened)
"""  # noqa: S608  # no values in the text

SELECT_USED_LOTS = f"""
SELECT {LOT_COLUMNS} FROM lot l
WHERE EXISTS (
    SELECT FROM unnest($1::bigint[], $2::bigint[]) AS a(member_id, receipt_no)
    JOIN lot_use u ON u.member_id = a.member_id AND u.receipt_no = a.receipt_no AND u.kind = 'spent'
    WHERE u.member_id = l.member_id AND u.expires_on = l.expires_on AND u.opens_on = l.opens_on AND u.terms = l.terms
) AND member_id = ANY($1::bigint[])
"""  # noqa: S608  # no values in the text


def _lot(row: asyncpg.Record) -> Lot:
    _, expires_on, opens_on, terms, *quantities = row  # in the order of LOT_COLUMNS
    return Lot(LotKey(expires_on, opens_on, terms), *quantities)


async def _load_receipts(connection: asyncpg.Connection, asked: Sequence[Asked]) -> dict[int, StoredReceipt]:
    rows = await connection.fetch(
        SELECT_RECEIPTS,
        [one.command.member_id for one in asked],
        [one.command.request_key for one in asked],
        [one.scope for one in asked],
        [one.ref for one in asked],
    )
    found: dict[int, StoredReceipt] = {}
    for row in rows:
        if row["same_request"] or row["member_id"] not in found:
            found[row["member_id"]] = StoredReceipt(
                row["request_hash"], row["code"], row["facts"], row["same_request"]
            )
    return found


async def _load_memories(
    connection: asyncpg.Connection,
    asked: Sequence[Asked],
    needs: frozenset[Need],
    memories: dict[int, Memories],
    lots: dict[int, list[Lot]],
    zone: ZoneInfo,
) -> None:
    def members(need: Need) -> list[int]:
        return [one.command.member_id for one in asked if need in one.command.needs]

    if Need.CHECK_INS in needs:
        for row in await connection.fetch(SELECT_LAST_CHECK_INS, members(Need.CHECK_INS)):
            memories[row["member_id"]].last_check_in = CheckInFact(row["day"], row["streak"], row["points"])
    if Need.REFERRAL in needs:
        for row in await connection.fetch(SELECT_REFERRALS, members(Need.REFERRAL)):
            memories[row["member_id"]].referral = ReferralFact(row["inviter_id"], row["qualified"])
    if Need.REFERRALS_REWARDED in needs:
        for row in await connection.fetch(SELECT_REWARDED, members(Need.REFERRALS_REWARDED)):
            memories[row["member_id"]].referrals_rewarded = row["rewarded"]
    if Need.NOTICES in needs:
        for row in await connection.fetch(SELECT_NOTICE_KEYS, members(Need.NOTICES)):
            memories[row["member_id"]].notice_keys = frozenset(("expiry", key) for key in row["keys"])
    if Need.PROFILE in needs:
        for row in await connection.fetch(SELECT_LAST_SEEN, members(Need.PROFILE)):
            memories[row["member_id"]].last_seen_on = row["last_seen_on"]
    if Need.DRAWS in needs:
        await _load_draws(connection, asked, memories, zone)
    if Need.REDEMPTION in needs:
        await _load_redemptions(connection, [one.command for one in asked], memories, lots)


SELECT_LAST_CHECK_INS = """
SELECT a.member_id, c.day, c.streak, c.points FROM unnest($1::bigint[]) AS a(member_id)
CROSS JOIN LATERAL (SELECT day, streak, points FROM check_in WHERE member_id = a.member_id ORDER BY day DESC LIMIT 1) c
"""
SELECT_REFERRALS = """
SELECT member_id, inviter_id, qualified_at IS NOT NULL AS qualified FROM referral WHERE member_id = ANY($1::bigint[])
"""
SELECT_REWARDED = """
SELECT member_id, count(*) AS rewarded FROM receipt
WHERE member_id = ANY($1::bigint[]) AND scope = 'referral' AND accepted GROUP BY member_id
"""
SELECT_NOTICE_KEYS = """
SELECT member_id, array_agg(key) AS keys FROM notice
WHERE member_id = ANY($1::bigint[]) AND kind = 'expiry' GROUP BY member_id
"""
SELECT_LAST_SEEN = "SELECT member_id, last_seen_on FROM account WHERE member_id = ANY($1::bigint[])"
SELECT_DRAWS = """
SELECT a.member_id, a.wheel, d.today, n.round_id, n.nonce
FROM unnest($1::bigint[], $2::text[], $3::date[]) AS a(member_id, wheel, day)
CROSS JOIN LATERAL (
    SELECT count(*) AS today FROM draw WHERE member_id = a.member_id AND wheel = a.wheel AND day = a.day
) d
LEFT JOIN LATERAL (
    SELECT w.id AS round_id, (SELECT max(nonce) FROM draw WHERE member_id = a.member_id AND round_id = w.id) AS nonce
    FROM wheel_round w WHERE w.wheel = a.wheel AND w.closed_at IS NULL
) n ON true
"""
SELECT_REDEMPTIONS = """
SELECT r.member_id, r.receipt_no, r.line, r.source, r.item, r.name, r.quantity, r.took_stock, r.points, r.state, r.expires_on
FROM unnest($1::bigint[], $2::bigint[], $3::int[]) AS a(member_id, receipt_no, line)
JOIN redemption r ON r.member_id = a.member_id AND r.receipt_no = a.receipt_no AND r.line = a.line
"""
SELECT_LOT_USES = """
SELECT u.member_id, u.expires_on, u.opens_on, u.terms, u.amount
FROM unnest($1::bigint[], $2::bigint[]) AS a(member_id, receipt_no)
JOIN lot_use u ON u.member_id = a.member_id AND u.receipt_no = a.receipt_no AND u.kind = 'spent'
"""


async def _load_draws(
    connection: asyncpg.Connection, asked: Iterable[Asked], memories: dict[int, Memories], zone: ZoneInfo
) -> None:
    draws = [(one.command, one.at) for one in asked if isinstance(one.command, Draw)]
    rows = await connection.fetch(
        SELECT_DRAWS,
        [command.member_id for command, _ in draws],
        [command.wheel for command, _ in draws],
        [business_day(at, zone) for _, at in draws],
    )
    for row in rows:
        memory = memories[row["member_id"]]
        memory.draws_today[row["wheel"]] = row["today"]
        if row["round_id"] is not None:
            memory.last_nonce[row["round_id"]] = row["nonce"] or 0


async def _load_redemptions(
    connection: asyncpg.Connection,
    commands: Iterable[Command],
    memories: dict[int, Memories],
    lots: dict[int, list[Lot]],
) -> None:
    cancels = [command for command in commands if isinstance(command, Cancel)]
    members = [command.member_id for command in cancels]
    receipts = [command.receipt_no for command in cancels]
    paid: dict[int, list[tuple[LotKey, int]]] = defaultdict(list)
    for row in await connection.fetch(SELECT_LOT_USES, members, receipts):
        key = LotKey(row["expires_on"], row["opens_on"], row["terms"])
        paid[row["member_id"]].append((key, row["amount"]))
    lines = [command.line for command in cancels]
    for row in await connection.fetch(SELECT_REDEMPTIONS, members, receipts, lines):
        fields = dict(row)
        member_id = fields.pop("member_id")
        memories[member_id].redemption = RedemptionFact(**fields, paid_from=tuple(sorted(paid[member_id])))
    for row in await connection.fetch(SELECT_USED_LOTS, members, receipts):
        if _lot(row).key not in {lot.key for lot in lots[row["member_id"]]}:
            lots[row["member_id"]].append(_lot(row))


async def _load_stock(
    connection: asyncpg.Connection,
    asked: Iterable[Asked],
    rules: RuleBook,
) -> Stock:
    """The stock rows and rounds that the commands may touch."""
    items: set[str] = set()
    wheels: set[str] = set()
    for one in asked:
        if isinstance(one.command, Draw):
            wheels.add(one.command.wheel)
            wheel = rules.at(one.at).rules.wheel(one.command.wheel)
            limited = [prize for prize in wheel.prizes if prize.stock is not None] if wheel else []
            items.update(prize_item(one.command.wheel, prize.id) for prize in limited)
        elif isinstance(one.command, Redeem):
            items.add(reward_item(one.command.reward))
    rows = await connection.fetch(
        "SELECT item, stocked - taken AS left FROM stock WHERE item = ANY($1::text[])", sorted(items)
    )
    rounds = await connection.fetch(
        "SELECT wheel, id, server_seed, odds_version FROM wheel_round WHERE wheel = ANY($1::text[]) AND closed_at IS NULL",
        sorted(wheels),
    )
    left = {row["item"]: row["left"] for row in rows}
    return Stock(left, {wheel: Round(*facts) for wheel, *facts in rounds})


SELECT_VERSIONS = "SELECT member_id, version FROM account WHERE member_id = ANY($1::bigint[])"


async def stale(connection: asyncpg.Connection, accounts: Sequence[Account]) -> set[int]:
    """The members whose version has moved since they were loaded.

    A refusal that is not stored, and an error, meet no version: they may have been decided on rows of two different moments.
    """
    if not accounts:
        return set()
    rows = await connection.fetch(SELECT_VERSIONS, [account.member_id for account in accounts])
    now_at = {row["member_id"]: row["version"] for row in rows}
    return {one.member_id for one in accounts if now_at.get(one.member_id) != one.version}
