"""The engine's statements: `load` reads what a batch of commands needs, `save` writes what came of it. Plain SQL, set-based.

Every statement takes a whole batch as arrays sorted by member. Accounts are written first, under the version they were loaded with;
whoever lost that race is left out of everything after. Shared stock comes last.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from jifen.loyalty.calendar import business_day
from jifen.loyalty.commands import Cancel, Command, Draw, Redeem
from jifen.loyalty.follow_ups import LEASE
from jifen.loyalty.live import LiveRules, NoRulesPublished, known_rules, parse_rules
from jifen.loyalty.needs import Need
from jifen.loyalty.outcomes import Outcome, Result
from jifen.loyalty.rules import RuleSet
from jifen.loyalty.stock import Round, Stock, prize_item, reward_item
from jifen.loyalty.wallet import (
    Account,
    CheckInFact,
    Lot,
    LotKey,
    Memories,
    RedemptionFact,
    ReferralFact,
    Wallet,
)


class StockShort(Exception):
    """The stock is not what the batch was decided on: pieces are gone, or their taker lost its race; decide all again."""


class StoredReceipt(NamedTuple):
    """A receipt that answers or stands in the way of a command."""

    request_hash: bytes
    code: str
    facts: str
    same_request: bool


class RuleBook(NamedTuple):
    """The rule versions a batch may speak of, newest first, as (effective_from, rules)."""

    versions: tuple[tuple[datetime, LiveRules], ...]

    def at(self, instant: datetime) -> LiveRules:
        """The version in force at `instant`, or the oldest at hand for an instant before all of them."""
        for effective_from, live in self.versions:
            if effective_from <= instant:
                return live
        return self.versions[-1][1]


class Loaded(NamedTuple):
    """What a batch starts from; members without an account are missing from `accounts`."""

    accounts: dict[int, Account]
    receipts: dict[int, StoredReceipt]
    lots: dict[int, list[Lot]]
    memories: dict[int, Memories]
    rules: RuleBook
    stock: Stock


class Asked(NamedTuple):
    """A command with the instant it takes effect and the fact it names."""

    command: Command
    at: datetime
    scope: str
    ref: str


class Decided(NamedTuple):
    """A command's outcome with the wallet that holds its writes."""

    command: Command
    outcome: Outcome
    wallet: Wallet
    effective_at: datetime


SELECT_RULES = """
SELECT id, digest, effective_from FROM rule_version
WHERE effective_from <= $2 AND effective_from >= coalesce(
    (SELECT max(effective_from) FROM rule_version WHERE effective_from <= $1), '-infinity')
ORDER BY effective_from DESC, id DESC
"""


async def load_rules(
    connection: asyncpg.Connection, oldest: datetime, now: datetime, zone: ZoneInfo
) -> RuleBook:
    """The rules in force at any instant from `oldest` to `now`. Raises NoRulesPublished."""
    rows = await connection.fetch(SELECT_RULES, oldest, now)
    if not rows:
        raise NoRulesPublished("没有生效的积分规则")
    versions = []
    for row in rows:
        rules = known_rules(row["digest"]) or await _read_rules(connection, row["id"], row["digest"])
        versions.append((row["effective_from"], LiveRules(row["id"], rules, zone)))
    return RuleBook(tuple(versions))


async def _read_rules(connection: asyncpg.Connection, version: int, digest: str) -> RuleSet:
    body: str = await connection.fetchval("SELECT body::text FROM rule_version WHERE id = $1", version)
    return parse_rules(digest, body)


async def load(
    connection: asyncpg.Connection, asked: Sequence[Asked], rules: RuleBook, zone: ZoneInfo
) -> Loaded:
    """Accounts first, everything else of the members after them; one command a member, sorted by member."""
    members = [one.command.member_id for one in asked]
    accounts = {row["member_id"]: Account(**row) for row in await connection.fetch(SELECT_ACCOUNTS, members)}
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

LOT_COLUMNS = """member_id, expires_on, opens_on, terms, opened, granted, remaining, held, spent, expired, reversed,
       offset_debt, forfeited"""

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
    key = LotKey(row["expires_on"], row["opens_on"], row["terms"])
    return Lot(
        key, row["opened"], row["granted"], row["remaining"], row["held"], row["spent"], row["expired"],
        row["reversed"], row["offset_debt"], row["forfeited"],
    )  # fmt: skip


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
SELECT_LAST_SEEN = "SELECT member_id, last_seen_on FROM member WHERE member_id = ANY($1::bigint[])"
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
        "SELECT wheel, id, server_seed FROM wheel_round WHERE wheel = ANY($1::text[]) AND closed_at IS NULL",
        sorted(wheels),
    )
    left = {row["item"]: row["left"] for row in rows}
    return Stock(left, {row["wheel"]: Round(row["id"], row["server_seed"]) for row in rounds})


class Table(NamedTuple):
    """An insert of many rows at once: column names with their types."""

    name: str
    columns: dict[str, str]

    @property
    def insert(self) -> str:
        """`INSERT … SELECT … FROM unnest`, one array a column; JSON travels as text."""
        arrays = ", ".join(
            f"${place}::{'text' if kind == 'jsonb' else kind}[]"
            for place, kind in enumerate(self.columns.values(), 1)
        )
        chosen = ", ".join(
            f"u.{name}::jsonb" if kind == "jsonb" else f"u.{name}" for name, kind in self.columns.items()
        )
        names = ", ".join(self.columns)
        return f"INSERT INTO {self.name} ({names}) SELECT {chosen} FROM unnest({arrays}) AS u({names})"  # noqa: S608  # constants


RECEIPT = Table("receipt", {
    "member_id": "bigint", "no": "bigint", "command": "text", "scope": "text", "ref": "text", "request_key": "text",
    "request_hash": "bytea", "accepted": "boolean", "code": "text", "facts": "jsonb", "rule_version": "int", "actor": "text",
    "effective_at": "timestamptz", "posted_at": "timestamptz",
})  # fmt: skip
ENTRY = Table("entry", {
    "member_id": "bigint", "seq": "bigint", "receipt_no": "bigint", "reason": "text", "detail": "jsonb", "src": "text",
    "dst": "text", "amount": "bigint", "available": "bigint", "pending": "bigint", "held": "bigint", "debt": "bigint",
    "expires_on": "date", "posted_at": "timestamptz", "chain": "bytea",
})  # fmt: skip
LOT = Table("lot", {
    "member_id": "bigint", "expires_on": "date", "opens_on": "date", "terms": "int", "opened": "boolean", "granted": "bigint",
    "remaining": "bigint", "held": "bigint", "spent": "bigint", "expired": "bigint", "reversed": "bigint",
    "offset_debt": "bigint", "forfeited": "bigint",
})  # fmt: skip
LOT_USE = Table("lot_use", {
    "member_id": "bigint", "receipt_no": "bigint", "kind": "text", "expires_on": "date", "opens_on": "date", "terms": "int",
    "amount": "bigint",
})  # fmt: skip
CHECK_IN = Table("check_in", {
    "member_id": "bigint", "receipt_no": "bigint", "day": "date", "streak": "int", "points": "bigint",
})  # fmt: skip
DRAW = Table("draw", {
    "member_id": "bigint", "receipt_no": "bigint", "rule_version": "int", "drawn_at": "timestamptz", "round_id": "int",
    "nonce": "bigint", "wheel": "text", "day": "date", "line": "int", "client_seed": "text", "roll": "int", "candidate": "text",
    "prize": "text", "prize_name": "text", "level": "text", "slot": "int", "won": "boolean", "took_stock": "boolean",
    "points": "bigint", "cost_points": "bigint", "odds_version": "text",
})  # fmt: skip
REDEMPTION = Table("redemption", {
    "member_id": "bigint", "receipt_no": "bigint", "rule_version": "int", "created_at": "timestamptz", "line": "int",
    "source": "text", "item": "text", "name": "text", "quantity": "int", "took_stock": "boolean", "points": "bigint",
    "voucher_code": "text", "terms": "text", "expires_on": "date",
})  # fmt: skip
VOUCHER_CODE = Table("voucher_code", {
    "member_id": "bigint", "receipt_no": "bigint", "code": "text", "line": "int",
})  # fmt: skip
REFERRAL = Table("referral", {"member_id": "bigint", "inviter_id": "bigint", "bound_at": "timestamptz"})
FOLLOW_UP = Table("follow_up", {
    "member_id": "bigint", "request_key": "text", "command": "text", "payload": "jsonb", "effective_at": "timestamptz",
    "due_at": "timestamptz",
})  # fmt: skip
NOTICE = Table("notice", {
    "member_id": "bigint", "receipt_no": "bigint", "created_at": "timestamptz", "due_at": "timestamptz", "kind": "text",
    "key": "text", "payload": "jsonb",
})  # fmt: skip

SELECT_VERSIONS = "SELECT member_id, version FROM account WHERE member_id = ANY($1::bigint[])"
UPDATE_ACCOUNTS = """
UPDATE account a SET
    version = a.version + 1, seq = u.seq, chain = u.chain, available = u.available, pending = u.pending, held = u.held,
    debt = u.debt, issued = u.issued, spent = u.spent, expired = u.expired, reversed = u.reversed, adjusted = u.adjusted,
    forfeited = u.forfeited, growth = u.growth, posted_at = u.posted_at
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
            $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[],
            $16::timestamptz[])
    AS u(member_id, version, seq, chain, available, pending, held, debt, issued, spent, expired, reversed, adjusted,
         forfeited, growth, posted_at)
WHERE a.member_id = u.member_id AND a.version = u.version
RETURNING a.member_id
"""
UPDATE_LOTS = """
UPDATE lot l SET
    opened = u.opened, granted = u.granted, remaining = u.remaining, held = u.held, spent = u.spent, expired = u.expired,
    reversed = u.reversed, offset_debt = u.offset_debt, forfeited = u.forfeited
FROM unnest($1::bigint[], $2::date[], $3::date[], $4::int[], $5::boolean[], $6::bigint[], $7::bigint[], $8::bigint[],
            $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[])
    AS u(member_id, expires_on, opens_on, terms, opened, granted, remaining, held, spent, expired, reversed, offset_debt,
         forfeited)
WHERE l.member_id = u.member_id AND l.expires_on = u.expires_on AND l.opens_on = u.opens_on AND l.terms = u.terms
"""
CANCEL_REDEMPTIONS = """
UPDATE redemption r SET state = 'cancelled', closed_at = u.closed_at
FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::timestamptz[]) AS u(member_id, receipt_no, line, closed_at)
WHERE r.member_id = u.member_id AND r.receipt_no = u.receipt_no AND r.line = u.line
"""
QUALIFY_REFERRALS = """
UPDATE referral r SET qualified_at = u.qualified_at
FROM unnest($1::bigint[], $2::timestamptz[]) AS u(member_id, qualified_at) WHERE r.member_id = u.member_id
"""
TAKE_STOCK = """
UPDATE stock s SET taken = s.taken + u.n FROM unnest($1::text[], $2::bigint[]) AS u(item, n)
WHERE s.item = u.item AND s.taken + u.n <= s.stocked RETURNING s.item
"""


async def stale(connection: asyncpg.Connection, accounts: Sequence[Account]) -> set[int]:
    """The members whose version has moved since they were loaded.

    A refusal that is not stored, and an error, meet no version: they may have been decided on rows of two different moments.
    """
    if not accounts:
        return set()
    rows = await connection.fetch(SELECT_VERSIONS, [account.member_id for account in accounts])
    now_at = {row["member_id"]: row["version"] for row in rows}
    return {one.member_id for one in accounts if now_at.get(one.member_id) != one.version}


async def save(connection: asyncpg.Connection, decided: Sequence[Decided]) -> set[int]:
    """Write the outcomes (results and stored refusals, sorted by member); the members whose version still held.

    Raises StockShort when a stock row ran out meanwhile, or a taker's version is stale: roll back and decide again.
    """
    won = await _save_accounts(connection, decided)
    if any(one.wallet.writes.stock for one in decided if one.command.member_id not in won):
        raise StockShort  # its batch-mates were told of pieces as if the loser had them
    winners = [one for one in decided if one.command.member_id in won]
    accepted = [one.wallet for one in winners if isinstance(one.outcome, Result)]
    await _insert(connection, RECEIPT, [_receipt_row(one) for one in winners])
    await _insert(connection, ENTRY, [_entry_row(entry) for w in accepted for entry in w.writes.entries])
    await _save_lots(connection, accepted)
    await _save_facts(connection, accepted)
    await _save_owed(connection, winners)
    await _take_stock(connection, accepted)
    return won


async def _save_accounts(connection: asyncpg.Connection, decided: Sequence[Decided]) -> set[int]:
    rows = []
    for one in decided:
        accepted = isinstance(one.outcome, Result)
        account = one.wallet.account if accepted else one.wallet.loaded
        rows.append((
            account.member_id, one.wallet.loaded.version, account.seq, account.chain, account.available, account.pending,
            account.held, account.debt, account.issued, account.spent, account.expired, account.reversed, account.adjusted,
            account.forfeited, account.growth, one.wallet.posted_at,
        ))  # fmt: skip
    return {row["member_id"] for row in await connection.fetch(UPDATE_ACCOUNTS, *_columns(rows, 16))}


def _receipt_row(one: Decided) -> tuple[Any, ...]:
    wallet, command = one.wallet, one.command
    return (
        wallet.member_id, wallet.receipt_no, command.name, wallet.scope, wallet.ref, command.request_key,
        command.fingerprint, isinstance(one.outcome, Result), one.outcome.code, one.outcome.to_facts().decode(),
        wallet.rule_version, command.actor, one.effective_at, wallet.posted_at,
    )  # fmt: skip


def _entry_row(entry: Any) -> tuple[Any, ...]:
    facts = entry.facts
    return (
        facts.member_id, facts.seq, facts.receipt_no, facts.reason, _json(facts.detail), facts.src, facts.dst, facts.amount,
        facts.available, facts.pending, facts.held, facts.debt, facts.expires_on, facts.posted_at, entry.link,
    )  # fmt: skip


async def _save_lots(connection: asyncpg.Connection, wallets: Sequence[Wallet]) -> None:
    new: list[tuple[Any, ...]] = []
    old: list[tuple[Any, ...]] = []
    uses: list[tuple[Any, ...]] = []
    for wallet in wallets:
        for lot in wallet.changed_lots():
            row = (
                wallet.member_id, *lot.key, lot.opened, lot.granted, lot.remaining, lot.held, lot.spent, lot.expired,
                lot.reversed, lot.offset_debt, lot.forfeited,
            )  # fmt: skip
            (old if lot.stored else new).append(row)
        for (kind, key), amount in sorted(wallet.writes.lot_uses.items()):
            uses.append((wallet.member_id, wallet.receipt_no, kind, *key, amount))
    await _insert(connection, LOT, new)
    if old:
        await connection.execute(UPDATE_LOTS, *_columns(old, 13))
    await _insert(connection, LOT_USE, uses)


async def _save_facts(connection: asyncpg.Connection, wallets: Sequence[Wallet]) -> None:
    def rows(name: str, *extra: str) -> list[tuple[Any, ...]]:
        return [
            (w.member_id, *(getattr(w, column) for column in extra), *row)
            for w in wallets
            for row in getattr(w.writes, name)
        ]

    await _insert(connection, CHECK_IN, rows("check_ins", "receipt_no"))
    await _insert(connection, DRAW, rows("draws", "receipt_no", "rule_version", "posted_at"))
    await _insert(connection, REDEMPTION, rows("redemptions", "receipt_no", "rule_version", "posted_at"))
    await _insert(connection, VOUCHER_CODE, rows("vouchers", "receipt_no"))
    await _insert(connection, REFERRAL, rows("referrals"))
    if cancelled := rows("cancelled"):
        await connection.execute(CANCEL_REDEMPTIONS, *_columns(cancelled, 4))
    if qualified := [(w.member_id, at) for w in wallets for at in w.writes.qualified]:
        await connection.execute(QUALIFY_REFERRALS, *_columns(qualified, 2))


async def _save_owed(connection: asyncpg.Connection, winners: Sequence[Decided]) -> None:
    follow_ups: list[tuple[Any, ...]] = []
    notices: list[tuple[Any, ...]] = []
    for one in winners:
        if isinstance(one.outcome, Result):
            wallet, now = one.wallet, one.wallet.posted_at
            follow_ups.extend(
                (
                    owed.member_id,
                    owed.request_key,
                    owed.command,
                    _json(owed.payload),
                    one.effective_at,
                    now + LEASE,
                )
                for owed in wallet.writes.follow_ups
            )
            notices.extend(
                (wallet.member_id, wallet.receipt_no, now, now, kind, key, _json(payload))
                for kind, key, payload in wallet.writes.notices
            )
    await _insert(connection, FOLLOW_UP, follow_ups)
    await _insert(connection, NOTICE, notices)


async def _take_stock(connection: asyncpg.Connection, wallets: Sequence[Wallet]) -> None:
    taken: Counter[str] = Counter()
    for wallet in wallets:
        for item, count in wallet.writes.stock.items():
            taken[item] += count
    items = sorted(item for item, count in taken.items() if count)
    if items:
        rows = await connection.fetch(TAKE_STOCK, items, [taken[item] for item in items])
        missing = set(items) - {row["item"] for row in rows}
        if any(taken[item] < 0 for item in missing):
            raise LookupError(f"no stock row to give back to: {sorted(missing)}")
        if missing:
            raise StockShort


async def _insert(connection: asyncpg.Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        await connection.execute(table.insert, *_columns(rows, len(table.columns)))


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    columns = [list(column) for column in zip(*rows, strict=True)]
    if len(columns) != width:
        raise ValueError(f"expected {width} columns, got {len(columns)}")
    return columns


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)
