"""Reads of the console, with hard examples: the member with the longest history, names that many share, rare states."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from base.settings import Settings
from channels.faults import open_faults
from loyalty.appeals.views import list_appeals
from loyalty.cases.views import list_cases
from loyalty.entries import entries
from loyalty.numbers.alerts import alerts, find_spikes, reconciliations
from loyalty.numbers.cells import LARGEST, members_in
from loyalty.numbers.comparing import compare, ranked_campaigns
from loyalty.numbers.habits import busy_hours, liked_rewards, member_habits
from loyalty.numbers.liability import costs
from loyalty.numbers.odds import odds_tables
from loyalty.numbers.overview import overview
from loyalty.numbers.reports import DIMENSIONS, by_dimension
from loyalty.programme.rules import RuleSet
from operators.access.people import list_operators
from operators.approvals.rows import list_approvals
from operators.counter.taken import taken_by
from operators.operation_log.pages import After, Filters, list_operations
from operators.sessions import list_sessions
from operators.views.finding import find
from operators.views.members import friends_of, identities_of, list_members, lots_of, member_line, tiers_of
from operators.views.notices import counts_since, list_notices
from operators.views.stock import list_stock
from operators.views.vouchers import list_vouchers
from operators.views.webhooks import list_deliveries, list_webhooks
from tasks.backlog import backlog

Kind = Literal["list", "search", "member", "overview", "report"]
BARS_MS: Final[dict[Kind, float]] = {
    "list": 300,
    "search": 300,
    "member": 300,
    "overview": 1000,
    "report": 1000,
}
EXAMPLES: Final = {
    "busiest": "SELECT member_id FROM account ORDER BY seq DESC LIMIT 1",
    "inviter": "SELECT inviter_id FROM referral GROUP BY inviter_id ORDER BY count(*) DESC LIMIT 1",
    "order": "SELECT order_no FROM order_key LIMIT 1",
    "voucher": "SELECT code FROM voucher_code LIMIT 1",
    "referral": "SELECT code FROM referral_code LIMIT 1",
    "openid": "SELECT subject FROM identity LIMIT 1",
    "nickname": "SELECT nickname FROM member WHERE nickname IS NOT NULL ORDER BY member_id DESC LIMIT 1",
    "oldest": "SELECT min(created_at) + interval '20 days' FROM redemption",
}


class Read(NamedTuple):
    """A read: its name, its kind, and what carries it out."""

    name: str
    kind: Kind
    run: Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Office:
    """Arguments of the reads, and examples that exist in the data."""

    pool: asyncpg.Pool
    settings: Settings
    rules: RuleSet
    zone: ZoneInfo
    now: datetime
    examples: dict[str, Any]

    @property
    def today(self) -> date:
        """The business day."""
        return self.now.astimezone(self.zone).date()


async def office_of(pool: asyncpg.Pool, settings: Settings, rules: RuleSet, now: datetime) -> Office:
    """An office over filled tables."""
    examples = {name: await pool.fetchval(question) for name, question in EXAMPLES.items()}
    return Office(pool, settings, rules, settings.timezone, now, examples)


def reads(office: Office) -> Iterator[Read]:
    """Every list with its filters, every search, the parts of a member's page, the overview, and every report."""
    yield from _lists(office)
    yield from _lists_of_messages(office)
    yield from _searches(office)
    yield from _member_page(office)
    yield Read("overview", "overview", lambda: _overview(office))
    yield from _reports(office)


def _lists(office: Office) -> Iterator[Read]:
    pool, long_ago = office.pool, office.examples["oldest"].isoformat()
    filtered: dict[str, dict[str, Any]] = {
        "members": {}, "members, deep": {"after": "1000"}, "members, frozen": {"status": "frozen"},
        "members, gold": {"tier": "gold"},
        "members, gold and closed": {"tier": "gold", "status": "closed"},
        "members, silver and name": {"tier": "silver", "name": "小明"},
        "members, name of many": {"name": "微信"}, "members, rare name": {"name": office.examples["nickname"]},
        "members, no such name": {"name": "不存在的"}, "members, one letter": {"name": "a"},
    }  # fmt: skip
    for name, given in filtered.items():
        yield Read(name, "list", partial(list_members, pool, **given))
    filtered = {
        "vouchers": {}, "vouchers, deep": {"after": f"{long_ago}|1|1|0"}, "vouchers, cancelled": {"state": "cancelled"},
        "vouchers, no such state": {"state": "moved"}, "vouchers, common reward": {"item": "reward:r0"},
        "vouchers, rare reward": {"item": "reward:r19"}, "vouchers, no such reward": {"item": "reward:gone"},
        "vouchers, store": {"store": "s01"}, "vouchers, rare store": {"store": "s38"}, "vouchers, no such store": {"store": "gone"},
        "vouchers, code": {"code": office.examples["voucher"]}, "vouchers, no such code": {"code": "GONE"},
    }  # fmt: skip
    for name, given in filtered.items():
        yield Read(name, "list", partial(list_vouchers, pool, **given))
    deep = After(office.examples["oldest"], 0, "")
    conditions: dict[str, tuple[Filters, After | None]] = {
        "operations": (Filters(), None),
        "operations, deep": (Filters(), deep),
        "operations, of one": (Filters(operator="客服3"), None),
        "operations, of nobody": (Filters(operator="谁"), None),
        "operations, publications": (Filters(action="publish_rules"), None),
        "operations, never done": (Filters(action="merge"), None),
        "operations, of one and rare": (Filters(operator="老板", action="merge"), None),
    }
    for name, (filters, after) in conditions.items():
        yield Read(name, "list", partial(list_operations, pool, filters, after, limit=51))
    yield Read("approvals", "list", lambda: list_approvals(pool, office.now))
    yield Read("appeals", "list", lambda: list_appeals(pool))
    yield Read("appeals, open", "list", lambda: list_appeals(pool, "open"))
    yield Read("cases", "list", lambda: list_cases(pool))
    yield Read("stock", "list", lambda: list_stock(pool, office.rules))
    yield Read("operators", "list", lambda: list_operators(pool))
    yield Read("operators' sessions", "list", lambda: list_sessions(pool, office.now))
    yield Read("taken by a clerk", "list", lambda: taken_by(pool, "客服3", office.now - timedelta(days=1)))


def _lists_of_messages(office: Office) -> Iterator[Read]:
    pool, long_ago = office.pool, office.examples["oldest"].isoformat()
    filtered: dict[str, dict[str, Any]] = {
        "notices": {}, "notices, deep": {"after": f"{long_ago}|1|1"}, "notices, failed": {"state": "failed"},
        "notices, due": {"state": "due"}, "notices, sending": {"state": "sending"}, "notices, expiry": {"kind": "expiry"},
        "notices, no such kind": {"kind": "wake_up"}, "notices, kind and state": {"kind": "expiry", "state": "due"},
    }  # fmt: skip
    for name, given in filtered.items():
        yield Read(name, "list", partial(list_notices, pool, **given))
    yield Read("notices by state", "list", lambda: counts_since(pool, office.now - timedelta(days=7)))
    yield Read("faults", "list", lambda: open_faults(pool))
    yield Read("queues", "list", lambda: backlog(pool, office.now))
    yield Read("webhooks", "list", lambda: list_webhooks(pool))
    filtered = {
        "deliveries": {}, "deliveries, deep": {"after": f"{long_ago}|x"}, "deliveries, dead": {"state": "dead"},
        "deliveries, due": {"state": "due"},
    }  # fmt: skip
    for name, given in filtered.items():
        yield Read(name, "list", partial(list_deliveries, pool, "hook1", **given))


def _searches(office: Office) -> Iterator[Read]:
    for name, text in {
        "member id": "4711", "phone": "13800138000", "order": office.examples["order"], "voucher": office.examples["voucher"],
        "referral code": office.examples["referral"], "openid": office.examples["openid"], "nickname of many": "微信用户",
        "nickname": office.examples["nickname"], "one letter": "A", "nothing": "没有这样的东西",
    }.items():  # fmt: skip
        yield Read(f"search: {name}", "search", partial(find, office.pool, office.settings, text))


def _member_page(office: Office) -> Iterator[Read]:
    pool, busiest, inviter = office.pool, office.examples["busiest"], office.examples["inviter"]
    for name, run in {
        "line": lambda: member_line(pool, busiest), "entries": lambda: entries(busiest, limit=51),
        "entries, deep": lambda: entries(busiest, before=200, limit=51), "lots": lambda: lots_of(pool, busiest),
        "vouchers": lambda: list_vouchers(pool, member_id=busiest), "tiers": lambda: tiers_of(pool, busiest),
        "friends": lambda: friends_of(pool, inviter), "notices": lambda: list_notices(pool, member_id=busiest),
        "habits": lambda: member_habits(pool, busiest, office.today, office.rules, office.zone),
        "identities": lambda: identities_of(pool, busiest), "operations": lambda: list_operations(pool, Filters(member_id=busiest)),
        "appeals": lambda: list_appeals(pool, member_id=busiest),
    }.items():  # fmt: skip
        yield Read(f"member: {name}", "member", run)


async def _overview(office: Office) -> None:
    """Reads of the page, in its order."""
    await open_faults(office.pool)
    await alerts(office.pool, office.today - timedelta(days=7), office.today)
    await overview(office.pool, office.now, office.zone)
    await by_dimension(office.pool, office.today - timedelta(days=30), office.today, "day", office.rules)


def _reports(office: Office) -> Iterator[Read]:
    pool, today, rules = office.pool, office.today, office.rules
    month, year = today - timedelta(days=29), today - timedelta(days=364)
    for dimension in DIMENSIONS:
        for span, first in (("month", month), ("year", year)):
            yield Read(
                f"report by {dimension}, a {span}",
                "report",
                partial(by_dimension, pool, first, today, dimension, rules),
            )
    for name, run in {
        "rewards, a year": lambda: liked_rewards(pool, year, today, rules), "hours, a year": lambda: busy_hours(pool, year, today),
        "costs, a year": lambda: costs(pool, year, today),
        "campaigns, a year": lambda: ranked_campaigns(pool, year, today, rules),
        "comparison, a year": lambda: compare(pool, "campaign", ("wheel:hot", "mission:buyer"), year, today, rules),
        "spikes": lambda: find_spikes(pool, today), "odds": lambda: odds_tables(pool, rules),
        "audits": lambda: reconciliations(pool, month, today),
        "members of a cell": lambda: members_in(pool, today, rules, "gold", "valuable", LARGEST, 50),
        "members of a rare cell": lambda: members_in(pool, today, rules, "gold", "at_risk", LARGEST, 50),
    }.items():  # fmt: skip
        yield Read(name, "report", run)
