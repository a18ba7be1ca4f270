"""Every column of every table, edited by the database's owner: the audit names it, or this list says why it cannot matter."""

from typing import Any, Final

import asyncpg
import pytest

from loyalty.audit import audit
from tests.ledger import KEYS, Ledger
from tests.loyalty.worlds import busy_world

COLUMNS: Final = """
SELECT table_name, column_name, udt_name FROM information_schema.columns
WHERE table_schema = 'public' AND table_name <> 'tortoise_migrations' AND is_generated = 'NEVER'
ORDER BY table_name, ordinal_position
"""
TABLES: Final = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
EDITS: Final = {
    "int4": "coalesce({0}, 0) + 1",
    "int8": "coalesce({0}, 0) + 1",
    "text": "coalesce({0}, '') || 'x'",
    "bool": "NOT {0}",
    "date": "coalesce({0}, '2026-03-02') + 1",
    "timestamptz": "coalesce({0}, now()) + interval '3 hours'",
    "bytea": "sha256(coalesce({0}, 'x'))",
    "jsonb": "{0} || '{{\"edited\": 1}}'",
}
UNPROVEN: Final[dict[str, str]] = {
    # What WeChat or a member told once, and nothing repeats.
    "identity.provider": "who a person is stands only here; that every member has an identity is checked",
    "identity.subject": "as identity.provider",
    "identity.owner_id": "as identity.provider: whom an identity goes back to when a merge is undone",
    "identity.silent": "whether the person has only followed so far; what it leads to, the gift, is given once and decided again",
    "identity.linked_at": "no decision reads it",
    "identity.ask_after": "when a job asks WeChat for a unionid; asking once more or later changes nothing",
    "contact": "whether somebody follows now is WeChat's to say, and comes anew with the next event",
    "consent": "permissions to send; a wrong number costs a message, and WeChat counts itself",
    "session": "tokens of the API, by their hash; they end within days and hold no points",
    "member.nickname": "a text that the member may change at any time",
    "member.nickname_checked": "as member.nickname; a name is checked again when it is false",
    "member.birthday": "what the member says; the day that a decision went by is in the trace of its receipt",
    "member.birthday_from": "as member.birthday",
    "phone": "what WeChat told of a phone number; a wrong one finds nobody, and holds no points",
    "phone_key": "as phone",
    "partner_key": "an operator makes and revokes keys; a wrong one lets nobody in",
    "operation.before": "what was there before an operation; the entries and receipts before it tell the same",
    "operator": "a person who may log in; an owner changes it, and each change has its row in the log",
    "operator_session": "tokens of operators, by their hash; they end within half a day",
    "approval": "what one operator asks another; what it comes to is a receipt with its row in the log",
    "data_copy": "how often a member had their data, for a limit per day",
    "erasure_request": "what a member asks; carrying it out is a receipt, which is checked",
    "appeal": "the words of a member; the answer is in its receipt, and what it came to is checked there",
    "rule_draft_section": "what operators have written and not published; a version is checked when it is published",
    "suggestion": "the words of a member, which may be erased; what they earned is in the event's receipt",
    "hold_key.turn": "how many members have held points for an order, one after the other; holds and orders are checked themselves",
    "operator_job": "long work of operators; what an import books is in the receipts",
    "login_guard": "failed log-ins in a row; they are forgotten after a day",
    "webhook": "where a partner wants to be told; it holds no points",
    "webhook_delivery": "as webhook",
    "segment": "what an operator says; the segments that a decision went by are in the trace of its receipt",
    "member.title_shown": "a wish that the member may change at any time",
    "consent_withdrawal": "what WeChat told of withdrawn consents; what followed from it was cleared at once",
    "member.notices_opted_out": "a wish that the member may change at any time",
    "shown": "what the chat showed last; what a command went by is in the trace of its receipt",
    # States of work, which the next run of a job changes.
    "account.last_seen_on": "the day of the latest visit, which every visit writes; what a wake-up went by is in its trace",
    "member.last_seen_floor": "a place in the job over silent members",
    "follow_up.due_at": "when a job runs it; its request key lets nothing happen twice",
    "follow_up.attempts": "as follow_up.due_at",
    "follow_up.done_at": "as follow_up.due_at; one that is never done is named after a day",
    "notice.reason": "a sent notice's delivery; one without a result, or without a reason where it needs one, is named",
    "notice.channel": "as notice.reason",
    "notice.message_id": "as notice.reason",
    "notice.due_at": "as notice.reason",
    "notice.sent_at": "as notice.reason",
    "notice.attempts": "as notice.reason",
    "job_run": "when jobs ran last, for an alert",
    "wheel_round.ends_at": "no more than a week after the opening, which is checked; the round is revealed all the same",
    "wheel_round.revealed_at": "an instant after the closing, which is checked; by then the seed is there for everybody",
    "wheel_round.opened_in": "compared with the database at every turn of rounds; a wrong one ends the round",
    "notice.fault": "as notice.reason",
    "wechat_fault": "faults of the set-up at WeChat, which the next message finds anew",
    "late_reply": "chat messages that are answered late; they hold no points, and are gone after minutes",
    "installation": "settings at every start are compared with it, not rows of members",
    # Sums that `jifen stats rebuild` computes anew from receipts; those of points are compared with the entries.
    "number_feed": "how far the daily facts have been read; facts that were read twice or not at all are named by their sums",
    "daily_fact.edition": "facts of no edition are read by nobody, and those that are missing are named by their sums",
    "daily_fact.day": "the day of the deed, by which reports group; the sums are compared with the ledger",
    "daily_fact.booked_on": "as daily_fact.day",
    "daily_fact.store": "as daily_fact.day",
    "daily_fact.region": "as daily_fact.day",
    "daily_fact.channel": "as daily_fact.day",
    "daily_fact.tier": "as daily_fact.day",
    "daily_fact.rule": "as daily_fact.day",
    "daily_fact.campaign": "as daily_fact.day",
    "daily_fact.version": "as daily_fact.day",
    "minute_fact.day": "as daily_fact.day",
    "minute_fact.minute": "as daily_fact.day",
    "member_day.member_id": "as daily_fact.day",
    "member_day.day": "as daily_fact.day",
    "member_day.first_minute": "as daily_fact.day",
    "member_day.person": "as daily_fact.day",
    "number_snapshot": "what a page said last night, which the next one computes anew",
    "number_alert": "what stood out is found again in the daily facts",
    "reconciliation": "a result of the audit, which the next one finds again",
    "member_day.is_new": "as daily_fact.day",
    # The words of an operator.
    "rule_version.published_by": "a text without a second record",
    "rule_version.reason": "a text without a second record",
    "rule_withdrawal.withdrawn_by": "a text without a second record",
    "rule_withdrawal.withdrawn_at": "an instant between publication and effect, which is checked; nothing else depends on it",
    "rule_withdrawal.reason": "a text without a second record",
}
"""Tables and columns of which nothing else in the database tells, each with the reason why this may be so."""


async def restored(connection: asyncpg.Connection, tables: dict[str, str]) -> None:
    for table, columns in tables.items():
        await connection.execute(
            f"TRUNCATE {table}; INSERT INTO {table} ({columns}) SELECT {columns} FROM pg_temp.copy_{table}"  # noqa: S608  # the catalogue's
        )


@pytest.mark.slow
async def test_an_edit_of_any_column_is_named(ledger: Ledger) -> None:
    for row in await ledger.pool.fetch(TABLES):
        await ledger.pool.execute(
            f"VACUUM FULL {row['tablename']}"
        )  # the first row by place is then the first by time
    await busy_world(ledger)
    columns = await ledger.pool.fetch(COLUMNS)
    tables: dict[str, Any] = {}
    for row in columns:
        tables.setdefault(row["table_name"], []).append(row["column_name"])
    tables = {table: ", ".join(names) for table, names in tables.items()}
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []
    silent, empty = [], []
    async with ledger.pool.acquire() as connection:
        await connection.execute("SET session_replication_role = replica")
        for table in tables:
            await connection.execute(f"CREATE TEMP TABLE copy_{table} AS TABLE {table}")
        for table, column, kind in columns:
            if f"{table}.{column}" in UNPROVEN or table in UNPROVEN:
                continue
            value = EDITS[kind].format(column)
            edit = f"UPDATE {table} SET {column} = {value} WHERE ctid = (SELECT min(ctid) FROM {table})"  # noqa: S608  # the catalogue's
            try:
                status = await connection.execute(edit)
            except asyncpg.IntegrityConstraintViolationError:
                continue
            if status.endswith(" 0"):
                empty.append(table)
            elif not (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations:
                silent.append(f"{table}.{column}")
            await restored(connection, {table: tables[table]})
        await connection.execute("; ".join(f"DROP TABLE pg_temp.copy_{table}" for table in tables))
        await connection.execute("RESET session_replication_role")
    assert (sorted(set(empty)), silent) == ([], [])
