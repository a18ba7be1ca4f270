"""The rows that a history puts into each table: columns are the same for all members, or SQL over `m`, the member."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bench.names import MINI_SUBJECT, OA_SUBJECT, REFERRAL_CODE, TOKEN_HASH
from bench.template import Step, Template, row_of
from loyalty.checkin.rows import CHECK_INS
from loyalty.engine.outcomes import Result
from loyalty.engine.registry import facts_of
from loyalty.programme.rules import RuleSet

SESSIONS = 1_000_000
"""At most this many members have a session."""

SPREAD_S = 36_000
"""The members of a day come within ten hours."""

ME = {"member_id": "m"}


@dataclass
class Row:
    """One row per member: columns that are the same for all, and SQL expressions over `m`, the member."""

    same: dict[str, Any]
    each: dict[str, str] = field(default_factory=dict)
    where: str = ""


@dataclass(frozen=True)
class Programme:
    """The programme of the members: app ids of both accounts, rules, time zone."""

    oa_app_id: str
    miniapp_app_id: str
    rules: RuleSet
    zone: ZoneInfo


def tables(programme: Programme, history: Template, *, verified: bool) -> dict[str, list[Row]]:
    """The rows of each table in the order of time, the largest tables first. `verified`: chains are taken from `links`."""
    steps = history.steps
    return {
        "entry": [row for step in steps for row in _entries(step, verified=verified)],
        "receipt": [_receipt(step) for step in steps],
        "lot_use": [row for step in steps for row in _lot_uses(step)],
        "check_in": [row for step in steps for row in _check_ins(step)],
        "lot": [Row(dict(lot.key._asdict()) | _without(row_of(lot), "key"), ME) for lot in history.lots],
        "account": [_account(history, verified=verified)],
    } | _people(programme, history)


def _entries(step: Step, *, verified: bool) -> list[Row]:
    rows = []
    for entry in step.entries:
        facts = _without(entry.facts._asdict(), "member_id", "posted_at", "scope", "ref", "rule_version")
        facts["detail"] = json.dumps(facts["detail"], ensure_ascii=False)
        each = {"posted_at": _later(step.at), "chain": _link(facts["seq"], verified=verified)}
        rows.append(Row(facts, ME | each))
    return rows


def _receipt(step: Step) -> Row:
    wallet, command, outcome = step.wallet, step.command, step.outcome
    same = {
        "no": wallet.receipt_no, "command": command.name, "scope": wallet.scope, "ref": wallet.ref,
        "request_hash": command.fingerprint, "accepted": isinstance(outcome, Result), "code": outcome.code,
        "facts": facts_of(outcome).decode(), "rule_version": wallet.rule_version, "actor": command.actor,
    }  # fmt: skip
    instant = _later(step.at)
    key = _request_key(command.request_key)
    return Row(same, ME | {"posted_at": instant, "effective_at": instant, "request_key": key})


def _lot_uses(step: Step) -> list[Row]:
    no = step.wallet.receipt_no
    return [
        Row({"receipt_no": no, "kind": kind, **lot._asdict(), "amount": amount}, ME)
        for (kind, lot), amount in step.wallet.writes.lot_uses.items()
    ]


def _check_ins(step: Step) -> list[Row]:
    no = step.wallet.receipt_no
    return [Row({"receipt_no": no, **row._asdict()}, ME) for row in step.wallet.writes.of(CHECK_INS)]


def _account(history: Template, *, verified: bool) -> Row:
    same = _without(row_of(history.account), "member_id", "chain", "posted_at") | {
        "last_seen_on": history.last_day
    }
    chain = _link(history.account.seq, verified=verified)
    return Row(same, ME | {"chain": chain, "posted_at": _later(history.account.posted_at)})


def _people(programme: Programme, history: Template) -> dict[str, list[Row]]:
    """The members with their identities and sessions, and an inviter for every tenth one."""
    joined = _later(history.joined_at)
    session = {"token_hash": TOKEN_HASH, "created_at": "now()", "expires_at": "now() + interval '30 days'"}
    invited = {"inviter_id": "m - 1", "bound_at": joined, "qualified_at": _later(history.steps[1].at)}
    subjects = ((programme.oa_app_id, OA_SUBJECT), (programme.miniapp_app_id, MINI_SUBJECT))
    return {
        "identity": [
            Row({"provider": provider}, ME | {"subject": subject, "linked_at": joined})
            for provider, subject in subjects
        ],
        "session": [Row({}, ME | session, f"WHERE m <= {SESSIONS}")],
        "member": [
            Row(
                {"last_seen_floor": history.last_day},
                ME | {"joined_at": joined, "referral_code": REFERRAL_CODE},
            )
        ],
        "referral_code": [Row({}, ME | {"code": REFERRAL_CODE})],
        "contact": [Row({"following": True}, ME | {"changed_at": joined})],
        "referral": [Row({}, ME | invited, "WHERE m % 10 = 0")],
    }


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _later(instant: datetime) -> str:
    return f"timestamptz '{instant.isoformat()}' + m % {SPREAD_S} * interval '1 second'"


def _link(seq: int, *, verified: bool) -> str:
    return f"links[{seq}]" if verified else f"sha256(int8send(m) || int8send({seq}))"


def _request_key(key: str) -> str:
    """A chat message's key has 64 hex digits; the engine's own keys are the same for all."""
    if not key.startswith("oa:"):
        return f"'{key}'"
    return f"'oa:' || md5(m::text || '{key}') || md5('{key}' || m::text)"
