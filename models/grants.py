"""The rights of the application's database role: it reads and adds rows, and changes or removes them only where our code does so.

Migrations run as the owner of the tables, everything else as a role that owns nothing (`jifen migrate --app-role`). So even a
faulty statement or a stolen connection cannot edit a receipt, an entry or another fact, disable a trigger or drop a constraint.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import asyncpg


@dataclass(frozen=True)
class Grant:
    """Rights beyond reading and adding rows: the columns that may be changed, and whether rows may be deleted."""

    update: tuple[str, ...] = ()
    delete: bool = False


INSERT_ONLY: Final = Grant()

OWN: Final = {
    "member": Grant(
        (
            "nickname", "nickname_checked", "last_seen_floor", "notices_opted_out", "merge_with", "birthday", "birthday_from",
            "title_shown",
        ),
    ),
    "segment": Grant(("until",), delete=True),
    "suggestion": Grant(("text",)),
    "erasure_request": Grant(delete=True),
    "data_copy": Grant(("copies", "last_at"), delete=True),
    "identity": Grant(("member_id", "owner_id", "ask_after", "silent"), delete=True),
    "referral_code": Grant(("member_id",)),
    "session": Grant(("member_id",), delete=True),
    "phone": Grant(("phone_hash", "sealed", "key_id", "bound_at", "tail"), delete=True),
    "phone_key": Grant(delete=True),
    "partner_key": Grant(
        ("scopes", "per_minute", "secret_hash", "previous_hash", "previous_until", "rotated_at", "revoked_at", "used_at"),
    ),
    "operator": Grant(
        (
            "password_hash", "once_until", "totp_sealed", "totp_key_id", "totp_step", "disabled_at",
        ),
    ),
    "operator_session": Grant(("seen_at", "ended_at"), delete=True),
    "operator_job": Grant(
        (
            "state", "attempts", "runner", "beat_at", "stop_asked", "done", "total", "lines", "files", "follow", "error",
            "ended_at",
        ),
        delete=True,
    ),
    "approval": Grant(("state", "decided_by", "decided_name", "decided_at", "answer", "outcome")),
    "login_guard": Grant(("failures", "failed_at", "wait_until"), delete=True),
    "webhook": Grant(
        (
            "sealed_secret", "seal_key_id", "previous_sealed", "previous_key_id", "previous_until", "removed_at", "stopped_at",
            "stopped_because", "sent_at", "sent_member", "sent_no",
        ),
    ),
    "webhook_delivery": Grant(
        ("state", "attempts", "due_at", "last_status", "last_error"),
        delete=True,
    ),
    "number_feed": Grant(("shown", "read_at", "read_member", "read_no"), delete=True),
    "daily_fact": Grant(("points", "times", "fen"), delete=True),
    "minute_fact": Grant(("points", "times", "fen"), delete=True),
    "member_day": Grant(
        ("first_minute", "acts", "issued", "used", "redeemed", "orders", "sold_fen", "is_new", "person", "returned"),
        delete=True,
    ),
    "number_alert": INSERT_ONLY,
    "number_snapshot": Grant(("day", "content", "noted_at")),
    "reconciliation": Grant(("differences", "detail", "noted_at")),
    "contact": Grant(("following", "changed_at"), delete=True),
    "consent_withdrawal": Grant(delete=True),
    "consent": Grant(("granted", "changed_at"), delete=True),
    "account": Grant(
        (
            "version", "seq", "chain", "available", "pending", "held", "debt", "issued", "spent", "expired", "reversed",
            "adjusted", "forfeited", "growth", "posted_at", "last_seen_on", "status", "merged_into", "halves",
        ),
    ),
    "lot": Grant(
        ("opened", "granted", "remaining", "held", "spent", "expired", "reversed", "offset_debt", "forfeited")
    ),
    "receipt": INSERT_ONLY,
    "entry": INSERT_ONLY,
    "lot_use": INSERT_ONLY,
    "meter": Grant(("value",)),
    "follow_up": Grant(("due_at", "attempts", "last_error", "done_at")),
    "notice": Grant(("state", "reason", "channel", "message_id", "due_at", "sent_at", "attempts", "fault")),
    "wechat_fault": Grant(("api", "errcode", "since", "probe_at", "probes", "mended_at")),
    "rule_version": INSERT_ONLY,
    "rule_withdrawal": INSERT_ONLY,
    "rule_draft_section": Grant(("body", "base", "edition", "changed_by", "changed_at"), delete=True),
    "installation": INSERT_ONLY,
    "job_run": Grant(("began_at",)),
    "stock": Grant(("stocked", "taken")),
    "reward_number": INSERT_ONLY,
    "wheel_round": Grant(("closed_at", "revealed_at", "server_seed", "sealed_seed", "key_id")),
    "late_reply": Grant(("push", "due_at", "attempts", "state", "reason")),
}  # fmt: skip
"""The tables that belong to no feature. Those of features follow from their `Table`s (`loyalty/schema.py`)."""

_REWRITABLE: Final = """
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY($1::text[]) AND (
    pg_has_role($2::name, c.relowner, 'MEMBER')
    OR has_table_privilege($2::name, c.oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')
    OR has_any_column_privilege($2::name, c.oid, 'UPDATE')
) ORDER BY c.relname
"""


class GrantsError(Exception):
    """The rights cannot be granted, or the role has more than it should; the message is one Chinese sentence."""


def facts_among(grants: Mapping[str, Grant]) -> tuple[str, ...]:
    """The tables whose rows never change after they are written."""
    return tuple(table for table, grant in grants.items() if grant == INSERT_ONLY)


async def rewritable(
    connection: asyncpg.Connection | asyncpg.Pool, grants: Mapping[str, Grant], role: str | None = None
) -> list[str]:
    """The tables of facts in which `role` (None: the connected role) could change or delete rows; should be empty."""
    who = role or await connection.fetchval("SELECT current_user")
    return [row["relname"] for row in await connection.fetch(_REWRITABLE, facts_among(grants), who)]


async def grant_all(database_url: str, role: str, grants: Mapping[str, Grant]) -> None:
    """Grant `role` exactly the rights in `grants` and revoke all others, in one transaction. Run it as the tables' owner.

    Raises GrantsError when there is no such role, when it owns the tables or is a superuser, when we are not the owner, or when
    the tables are distributed by a Citus that cannot grant rights on columns.
    """
    connection = await asyncpg.connect(database_url)
    try:
        if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
            raise GrantsError(
                f"数据库里没有角色 {role}，请先创建：CREATE ROLE {role} LOGIN PASSWORD '…'（由数据库管理员执行）。"
            )
        name = await connection.fetchval("SELECT quote_ident($1)", role)
        async with connection.transaction():
            for statement in _statements(name, grants):
                await connection.execute(statement)
            if tables := await rewritable(connection, grants, role):
                raise GrantsError(
                    f"角色 {role} 仍能改动 {'、'.join(tables)}：它是这些表的主人、主人角色的成员或超级用户，请换一个角色。"
                )
    except asyncpg.InsufficientPrivilegeError as error:
        raise GrantsError("授权要由表的主人来做：请用创建这些表的角色运行 jifen migrate。") from error
    except asyncpg.FeatureNotSupportedError as error:  # Citus without its pull request 7918
        raise GrantsError("这一版 Citus 还不能把权限授到列，请换用更新的版本。") from error
    finally:
        await connection.close()


def _statements(role: str, grants: Mapping[str, Grant]) -> list[str]:
    found = [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
        f"REVOKE ALL ON SCHEMA public FROM {role}",
        f"GRANT USAGE ON SCHEMA public TO {role}",
    ]
    for table, grant in grants.items():
        rights = ["SELECT", "INSERT"]
        if grant.update:
            rights.append(f"UPDATE ({', '.join(grant.update)})")
        if grant.delete:
            rights.append("DELETE")
        found.append(f"GRANT {', '.join(rights)} ON {table} TO {role}")
    return found
