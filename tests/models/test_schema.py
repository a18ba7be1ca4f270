"""The database against the models and the catalogue: what the code believes is there, and the walls stand."""

from typing import Any

import asyncpg
import pytest

from loyalty.schema import SCHEMA
from models.schema import definitions, schema_problems
from tests.ledger import Ledger
from tests.models.classes import model_classes

COLUMNS = """
SELECT table_name, column_name, udt_name, is_nullable = 'YES' AS nullable FROM information_schema.columns
WHERE table_schema = 'public' AND table_name <> 'tortoise_migrations'
"""
MIGRATIONS_OWN = "tortoise_migrations"
"""The table Tortoise keeps its migrations in; no wall of ours."""

SQL_TYPES = {
    "BigIntField": {"int8"}, "IntField": {"int4"}, "TextField": {"text"}, "CharField": {"text"}, "BooleanField": {"bool"},
    "DateField": {"date"}, "DatetimeField": {"timestamptz"}, "BinaryField": {"bytea"}, "JSONField": {"jsonb"},
}  # fmt: skip


async def test_every_table_has_its_model_column_by_column(ledger: Ledger) -> None:
    catalogue = {
        (row["table_name"], row["column_name"]): (row["udt_name"], row["nullable"])
        for row in await ledger.pool.fetch(COLUMNS)
    }
    believed: dict[tuple[str, str], tuple[str, bool]] = {}
    for model in model_classes():
        for field in model._meta.fields_map.values():
            name = str(field.source_field or field.model_field_name)
            (sql_type,) = SQL_TYPES[type(field).__name__]
            believed[model._meta.db_table, name] = (sql_type, field.null)
    assert believed == catalogue


async def test_what_is_expected_is_all_there_and_all_that_is_there_is_expected(ledger: Ledger) -> None:
    assert await schema_problems(ledger.pool, SCHEMA) == []
    found = await definitions(ledger.pool)
    ours = {name: text for name, text in found.items() if MIGRATIONS_OWN not in text}
    assert ours == SCHEMA, "models/schema.yaml is to say what is found here"


NOT_VALIDATED = """
ALTER TABLE stock DROP CONSTRAINT stock_taken_check;
ALTER TABLE stock ADD CONSTRAINT stock_taken_check CHECK (taken >= 0) NOT VALID
"""
WEAKENED = """
ALTER TABLE entry DROP CONSTRAINT entry_amount_check;
ALTER TABLE entry ADD CONSTRAINT entry_amount_check CHECK (amount > -1)
"""
ON_ANOTHER_TABLE = """
ALTER TABLE stock DROP CONSTRAINT stock_taken_check;
CREATE TABLE decoy (taken bigint, stocked bigint, CONSTRAINT stock_taken_check CHECK (taken >= 0 AND taken <= stocked))
"""
DROPS = [
    (WEAKENED, "entry_amount_check"),
    (ON_ANOTHER_TABLE, "stock_taken_check"),
    ("DROP INDEX lot_lapse_idx; CREATE INDEX lot_lapse_idx ON lot (expires_on)", "lot_lapse_idx"),
    (
        "DROP INDEX receipt_fact_key; CREATE UNIQUE INDEX receipt_fact_key ON receipt (member_id, scope, ref) WHERE NOT accepted",
        "receipt_fact_key",
    ),
    ("ALTER TABLE lot DROP CONSTRAINT lot_equation_check", "lot_equation_check"),
    ("ALTER TABLE account DROP CONSTRAINT account_pkey", "account_pkey"),
    ("DROP INDEX receipt_fact_key", "receipt_fact_key"),
    ("DROP INDEX wheel_round_open_key", "wheel_round_open_key"),
    (NOT_VALIDATED, "stock_taken_check"),
    (
        "DROP INDEX receipt_request_key; CREATE INDEX receipt_request_key ON receipt (member_id)",
        "receipt_request_key",
    ),
]


@pytest.mark.parametrize(("damage", "missing"), DROPS)
async def test_what_was_dropped_or_changed_is_named(ledger: Ledger, damage: str, missing: str) -> None:
    async with ledger.pool.acquire() as connection:
        await connection.execute("BEGIN")
        try:
            await connection.execute(damage)
            assert await schema_problems(connection, SCHEMA) == [missing]
        finally:
            await connection.execute("ROLLBACK")


ROWS: dict[str, dict[str, Any]] = {
    "member": {"referral_code": "'c'", "joined_at": "now()", "last_seen_floor": "current_date"},
    "check_in_repair": {"member_id": 1, "day": "current_date", "through": "current_date", "shift": 1, "price_points": 0,
                        "receipt_no": 1},
    "poll_vote": {"member_id": 1, "poll": "'p'", "option": "'a'", "points": 0, "receipt_no": 1},
    "mission_done": {"member_id": 1, "period": "''", "mission": "'m'", "day": "current_date", "in_a_row": 1, "points": 5,
                     "bonus": 0, "receipt_no": 1},
    "consent_withdrawal": {"member_id": 1, "message_key": "'k'", "event": "'x'", "scope": "''", "at": "now()"},
    "segment": {"member_id": 1, "name": "'s'", "since": "'2026-01-01'", "until": "'2026-02-01'"},
    "suggestion": {"member_id": 1, "request_key": "'k'", "text": "'t'", "said_at": "now()"},
    "merged_half": {"member_id": 1, "other_id": 2, "receipt_no": 5, "via_id": 2},
    "meter": {"member_id": 1, "name": "'m'", "period": "'p'", "value": 1},
    "consent": {"member_id": 1, "template_id": "'t'", "granted": 1, "changed_at": "now()"},
    "account": {"member_id": 9, "chain": "sha256('x')", "posted_at": "now()", "last_seen_on": "current_date"},
    "lot": {"member_id": 1, "expires_on": "'2027-01-01'", "opens_on": "'2026-01-01'", "opened": True, "granted": 0,
            "remaining": 0},
    "entry": {"member_id": 1, "seq": 99, "receipt_no": 1, "reason": "'x'", "detail": "'{}'", "src": "'issued'",
              "dst": "'available'", "amount": 1, "available": 1, "pending": 0, "held": 0, "debt": 0, "posted_at": "now()",
              "chain": "''"},
    "lot_use": {"member_id": 1, "receipt_no": 99, "kind": "'spent'", "expires_on": "current_date", "opens_on": "current_date",
                "terms": 0, "amount": 1},
    "notice": {"member_id": 1, "kind": "'x'", "key": "'x'", "receipt_no": 1, "payload": "'{}'", "created_at": "now()",
               "due_at": "now()"},
    "reward_number": {"number": 99, "reward": "'x'"},
    "stock": {"item": "'x'", "stocked": 5, "taken": 0},
    "rule_withdrawal": {"version": 9, "effective_from": "now() + interval '1 day'", "withdrawn_at": "now()",
                        "withdrawn_by": "'x'", "reason": "'x'"},
    "rule_draft_section": {"section": "'x'", "body": "'{}'", "base": 1, "edition": 1, "changed_by": "'x'", "changed_at": "now()"},
    "wheel_round": {"wheel": "'x'", "odds_version": "'x'", "commitment": "sha256('s')", "server_seed": "'s'",
                    "opened_at": "now()", "closed_at": "now()", "revealed_at": "now()"},
    "check_in": {"member_id": 1, "day": "current_date", "streak": 1, "points": 1, "receipt_no": 1},
    "draw": {"member_id": 1, "round_id": 1, "nonce": 1, "wheel": "'x'", "day": "current_date", "receipt_no": 1, "line": 0,
             "client_seed": "''", "roll": 0, "candidate": "'x'", "prize": "'x'", "prize_name": "'x'", "level": "'x'", "slot": 0,
             "won": False, "took_stock": False, "points": 0, "cost_points": 0, "odds_version": "'x'", "rule_version": 1,
             "drawn_at": "now()"},
    "redemption": {"member_id": 1, "receipt_no": 99, "line": 0, "source": "'redeem'", "item": "'x'", "name": "'x'",
                   "quantity": 1, "took_stock": False, "points": 1, "voucher_code": "'x'", "terms": "''", "rule_version": 1,
                   "created_at": "now()", "expires_on": "current_date"},
    "hold": {"member_id": 1, "receipt_no": 99, "created_at": "now()", "order_no": "'x'", "store": "'x'", "amount_fen": 1,
             "points": 1, "points_per_yuan": 1, "deadline": "now()"},
    "referral": {"member_id": 2, "inviter_id": 1, "bound_at": "now()"},
    "tier_span": {"member_id": 1, "receipt_no": 1, "since": "now()", "tier": "'gold'", "came_from": "'basic'", "why": "'reached'"},
    "installation": {"id": 1, "oa_app_id": "'wxa'", "miniapp_app_id": "'wxb'", "time_zone": "'UTC'", "is_demo": False,
                     "bound_at": "now()", "reason": "''"},
    "job_run": {"job": "'x'", "began_at": "now()"},
    "wechat_fault": {"target": "'x'", "api": "'/x'", "since": "now()", "probe_at": "now()"},
    "partner_key": {"id": "'k'", "name": "'x'", "scopes": "'events'", "per_minute": 1, "secret_hash": "sha256('s')",
                    "created_at": "now()"},
    "operator": {"name": "'x'", "role": "'owner'", "password_hash": "'x'", "once_until": "now()", "created_at": "now()"},
    "operator_session": {"token_hash": "sha256('t')", "operator_id": 1, "sets_up": False, "origin": "'x'",
                         "created_at": "now()", "seen_at": "now()"},
    "operator_job": {"kind": "'x'", "title": "'x'", "subject": "''", "parameters": "'{}'", "folder": "'x'", "operator_id": 1,
                     "operator": "'x'", "origin": "'x'", "begun_at": "now()", "state": "'waiting'", "attempts": 0,
                     "beat_at": "now()", "stop_asked": False, "done": 0, "lines": "'[]'", "files": "'[]'", "follow": "''",
                     "error": "''"},
    "approval": {"id": "'x'", "action": "'adjust'", "member_id": 1, "facts": "'{}'", "reason": "'x'", "asked_by": 1,
                 "asked_name": "'x'", "asked_role": "'operations'", "asked_origin": "'x'", "asked_at": "now()",
                 "expires_at": "now()", "state": "'approved'", "decided_by": 2, "decided_name": "'y'", "decided_at": "now()"},
    "appeal": {"member_id": 1, "id": "'x'", "text": "'x'", "state": "'open'", "opened_at": "now()"},
    "erasure_request": {"member_id": 1, "asked_at": "now()"},
    "data_copy": {"member_id": 1, "day": "'2026-01-01'", "copies": 1, "last_at": "now()"},
    "risk_case": {"member_id": 1, "receipt_no": 1, "source": 1, "cause": "'usual'", "found": 2, "bound": 1, "opened_at": "now()"},
    "login_guard": {"subject": "'x'", "failures": 0, "failed_at": "now()", "wait_until": "now()"},
    "operation": {"id": "'x'", "at": "now()", "operator": "'x'", "role": "'owner'", "origin": "'x'", "action": "'x'",
                  "subject": "''", "before": "'{}'", "after": "'{}'", "reason": "''"},
    "phone": {"member_id": 1, "phone_hash": "sha256('p')", "sealed": "'x'", "key_id": "'k'", "bound_at": "now()"},
    "growth_entry": {"member_id": 1, "receipt_no": 1, "line": 0, "reason": "'x'", "amount": -1},
    "event": {"member_id": 1, "receipt_no": 1, "source": "'x'", "event": "'x'", "kind": "'x'", "day": "current_date",
              "points": 1, "occurred_at": "now()", "rule_version": 1},
    "award": {"member_id": 1, "receipt_no": 1, "rule": "'x'", "day": "current_date", "points": 1},
    "budget_use": {"member_id": 1, "receipt_no": 1, "budget": "'x'", "points": 1},
    "purchase": {"member_id": 1, "store": "''", "order_no": "'x'", "receipt_no": 1, "source": "'x'", "event": "'x'",
                 "kind": "'x'", "day": "current_date", "amount_fen": 5, "terms": "'{}'", "granted": 5, "rule_version": 1,
                 "refunded_fen": 0, "reversed": 0, "refunded_before": 0},
    "order_refund": {"member_id": 1, "receipt_no": 1, "source": "'x'", "event": "'x'", "refund_of": "'x'", "store": "''",
                     "amount_fen": 1, "state": "'waiting'"},
    "webhook": {"id": "'w'", "key_id": "'k'", "url": "'x'", "sealed_secret": "'x'", "seal_key_id": "'k'", "created_at": "now()",
                "sent_at": "now()", "sent_member": 0, "sent_no": 0},
    "webhook_delivery": {"webhook_id": "'w'", "change_id": "'c'", "type": "'x'", "content": "'{}'", "state": "'due'",
                         "attempts": 0, "created_at": "now()", "due_at": "now()"},
    "number_feed": {"edition": 1, "shown": True, "read_at": "now()", "read_member": 0, "read_no": 0},
    "daily_fact": {"edition": 1, "day": "current_date", "booked_on": "current_date", "flow": "'issued'", "store": "''",
                   "region": "''", "channel": "''", "tier": "''", "rule": "''", "campaign": "''", "version": 1, "points": 1,
                   "times": 1, "fen": 0},
    "minute_fact": {"edition": 1, "day": "current_date", "minute": 0, "flow": "'issued'", "points": 1, "times": 1, "fen": 0},
    "number_snapshot": {"name": "'stale'", "day": "current_date", "content": "'{}'", "noted_at": "now()"},
    "number_alert": {"day": "current_date", "kind": "'spike'", "flow": "'redeemed'", "found": 50, "usual": 5, "noted_at": "now()"},
    "reconciliation": {"day": "current_date", "differences": 0, "detail": "''", "noted_at": "now()"},
    "member_day": {"member_id": 1, "edition": 1, "day": "current_date", "acts": 1, "issued": 0, "used": 0, "redeemed": 0,
                   "orders": 0, "sold_fen": 0, "is_new": False},
    "late_reply": {"message_key": "'x'", "push": "'{}'", "received_at": "now()", "due_at": "now()"},
}  # fmt: skip

BAD: list[tuple[str, dict[str, Any], str]] = [
    ("member", {"birthday": "'2-29'", "birthday_from": "'2026-01-01'"}, "member_birthday_check"),
    ("member", {"birthday": "'02-29'"}, "member_birthday_check"),
    ("suggestion", {"text": "''"}, "suggestion_text_check"),
    ("data_copy", {"copies": 0}, "data_copy_copies_check"),
    ("segment", {"since": "'2026-01-02'", "until": "'2026-01-02'"}, "segment_span_check"),
    ("member", {"nickname": "''"}, "member_nickname_check"),
    ("member", {"nickname": "repeat('光', 33)"}, "member_nickname_check"),
    ("installation", {"id": 0}, "installation_id_check"),
    ("consent", {"granted": -1}, "consent_granted_check"),
    ("partner_key", {"per_minute": 0}, "partner_key_rate_check"),
    ("partner_key", {"secret_hash": "'short'"}, "partner_key_hash_check"),
    ("partner_key", {"previous_hash": "sha256('s')"}, "partner_key_hash_check"),
    ("operator", {"role": "'boss'"}, "operator_role_check"),
    ("operator", {"role": "'clerk'"}, "operator_store_check"),
    ("operator", {"store": "'sh-01'"}, "operator_store_check"),
    ("operator", {"once_until": "NULL"}, "operator_secret_check"),
    ("operator", {"totp_sealed": "'x'"}, "operator_secret_check"),
    ("operator_session", {"token_hash": "'short'"}, "operator_session_hash_check"),
    (
        "approval",
        {"state": "'done'", "decided_by": "NULL", "decided_name": "NULL", "decided_at": "NULL"},
        "approval_state_check",
    ),
    ("approval", {"decided_by": 1}, "approval_second_check"),
    ("approval", {"state": "'asked'"}, "approval_second_check"),
    (
        "approval",
        {"decided_by": "NULL", "decided_name": "NULL", "decided_at": "NULL"},
        "approval_second_check",
    ),
    ("approval", {"state": "'refused'", "outcome": "'x'"}, "approval_outcome_check"),
    ("appeal", {"text": "repeat('光', 501)"}, "appeal_text_check"),
    ("appeal", {"state": "'answered'"}, "appeal_state_check"),
    ("appeal", {"state": "'closed'"}, "appeal_state_check"),
    ("appeal", {"answer": "'x'"}, "appeal_state_check"),
    ("risk_case", {"cause": "'x'"}, "risk_case_cause_check"),
    ("risk_case", {"found": 1}, "risk_case_found_check"),
    ("risk_case", {"state": "'kept'"}, "risk_case_state_check"),
    ("risk_case", {"reason": "'x'"}, "risk_case_state_check"),
    ("login_guard", {"failures": -1}, "login_guard_failures_check"),
    ("operation", {"operator": "''"}, "operation_operator_check"),
    ("phone", {"phone_hash": "'13800138000'"}, "phone_hash_check"),
    ("phone", {"tail": 2048}, "phone_tail_check"),
    ("meter", {"value": -1}, "meter_value_check"),
    ("check_in_repair", {"price_points": -1}, "check_in_repair_price_check"),
    ("check_in_repair", {"shift": 0}, "check_in_repair_span_check"),
    ("check_in_repair", {"through": "current_date - 1"}, "check_in_repair_span_check"),
    ("poll_vote", {"points": -1}, "poll_vote_points_check"),
    ("mission_done", {"in_a_row": 0}, "mission_done_points_check"),
    ("mission_done", {"bonus": -1}, "mission_done_points_check"),
    ("mission_done", {"bonus": 6}, "mission_done_points_check"),
    ("account", {"available": -1, "adjusted": -1}, "account_sums_check"),
    ("account", {"version": -1}, "account_sums_check"),
    ("account", {"growth": -1}, "account_sums_check"),
    ("account", {"spent": -1, "available": 1}, "account_sums_check"),
    ("account", {"available": 1}, "account_equation_check"),
    ("account", {"issued": 1}, "account_equation_check"),
    ("account", {"available": 1, "debt": 1}, "account_debt_check"),
    ("account", {"chain": "'short'"}, "account_chain_check"),
    ("account", {"status": "'rich'"}, "account_status_check"),
    ("account", {"status": "'merged'"}, "account_merged_check"),
    ("account", {"merged_into": 1}, "account_merged_check"),
    ("account", {"status": "'merged'", "merged_into": 9}, "account_merged_check"),
    ("account", {"halves": -1}, "account_merged_check"),
    ("merged_half", {"other_id": 1}, "merged_half_order_check"),
    ("merged_half", {"split_no": 5}, "merged_half_order_check"),
    ("lot", {"remaining": -1, "spent": 1}, "lot_sums_check"),
    ("lot", {"granted": -1, "remaining": -1}, "lot_sums_check"),
    ("lot", {"granted": 1}, "lot_equation_check"),
    ("lot", {"spent": 1}, "lot_equation_check"),
    ("lot", {"opens_on": "'2027-01-01'"}, "lot_span_check"),
    ("entry", {"amount": 0}, "entry_amount_check"),
    ("entry", {"amount": -5}, "entry_amount_check"),
    ("entry", {"dst": "'issued'"}, "entry_buckets_check"),
    ("entry", {"src": "'nowhere'"}, "entry_buckets_check"),
    ("entry", {"dst": "'nowhere'"}, "entry_buckets_check"),
    ("lot_use", {"amount": 0}, "lot_use_amount_check"),
    ("lot_use", {"kind": "'lent'"}, "lot_use_kind_check"),
    ("notice", {"state": "'lost'"}, "notice_state_check"),
    ("stock", {"taken": 6}, "stock_taken_check"),
    ("stock", {"taken": -1}, "stock_taken_check"),
    ("rule_withdrawal", {"withdrawn_at": "now() + interval '1 day'"}, "rule_withdrawal_time_check"),
    ("rule_draft_section", {"edition": 0}, "rule_draft_section_edition_check"),
    ("reward_number", {"number": 0}, "reward_number_check"),
    ("wheel_round", {"commitment": "sha256('t')"}, "wheel_round_commitment_check"),
    ("wheel_round", {"revealed_at": "NULL"}, "wheel_round_reveal_check"),
    ("wheel_round", {"closed_at": "NULL"}, "wheel_round_reveal_check"),
    ("wheel_round", {"server_seed": "NULL", "revealed_at": "NULL"}, "wheel_round_seal_check"),
    ("wheel_round", {"sealed_seed": "'x'", "key_id": "'x'"}, "wheel_round_seal_check"),
    ("wheel_round", {"ends_at": "now() - interval '1 day'"}, "wheel_round_span_check"),
    ("check_in", {"streak": 0}, "check_in_streak_check"),
    ("draw", {"nonce": 0}, "draw_nonce_check"),
    ("draw", {"roll": -1}, "draw_roll_check"),
    ("draw", {"roll": 1_000_000}, "draw_roll_check"),
    ("redemption", {"quantity": 0}, "redemption_quantity_check"),
    ("redemption", {"source": "'gift'"}, "redemption_source_check"),
    ("redemption", {"state": "'lost'", "closed_at": "now()"}, "redemption_state_check"),
    ("redemption", {"state": "'used'", "closed_at": "now()"}, "redemption_closed_check"),
    ("redemption", {"state": "'used'", "used_by": "'x'"}, "redemption_closed_check"),
    ("redemption", {"used_by": "'x'"}, "redemption_closed_check"),
    ("redemption", {"state": "'cancelled'", "closed_at": "now()", "store": "'x'"}, "redemption_closed_check"),
    ("hold", {"points": 0}, "hold_amounts_check"),
    ("hold", {"amount_fen": 0}, "hold_amounts_check"),
    ("hold", {"state": "'lost'", "closed_at": "now()"}, "hold_closed_check"),
    ("hold", {"state": "'captured'", "captured": 1}, "hold_closed_check"),
    ("hold", {"state": "'captured'", "captured": 2, "closed_at": "now()"}, "hold_closed_check"),
    ("hold", {"state": "'cancelled'", "captured": 1, "closed_at": "now()"}, "hold_closed_check"),
    ("referral", {"inviter_id": 2}, "referral_self_check"),
    ("growth_entry", {"amount": 0}, "growth_entry_amount_check"),
    ("event", {"amount_fen": -1}, "event_amount_check"),
    ("event", {"points": -1}, "event_points_check"),
    ("award", {"points": -1}, "award_points_check"),
    ("budget_use", {"points": 0}, "budget_use_points_check"),
    ("purchase", {"refunded_fen": 6}, "purchase_amounts_check"),
    ("purchase", {"reversed": 6}, "purchase_amounts_check"),
    ("purchase", {"amount_fen": -1}, "purchase_amounts_check"),
    ("order_refund", {"amount_fen": 0}, "order_refund_amount_check"),
    ("order_refund", {"state": "'lost'"}, "order_refund_state_check"),
    ("order_refund", {"order_no": "'x'"}, "order_refund_order_check"),
    ("tier_span", {"until": "now() - interval '1 day'"}, "tier_span_until_check"),
    ("tier_span", {"why": "'wished'"}, "tier_span_why_check"),
    ("operator_job", {"state": "'lost'", "ended_at": "now()"}, "operator_job_state_check"),
    ("operator_job", {"runner": "'x'"}, "operator_job_runner_check"),
    ("operator_job", {"state": "'done'"}, "operator_job_ended_check"),
    ("webhook", {"stopped_because": "'x'"}, "webhook_stopped_check"),
    ("webhook", {"previous_sealed": "'x'"}, "webhook_previous_check"),
    ("webhook_delivery", {"state": "'lost'"}, "webhook_delivery_state_check"),
    ("webhook_delivery", {"attempts": -1}, "webhook_delivery_attempts_check"),
    ("late_reply", {"state": "'lost'"}, "late_reply_state_check"),
    ("number_feed", {"edition": 0}, "number_feed_edition_check"),
    ("daily_fact", {"points": -1}, "daily_fact_amounts_check"),
    ("minute_fact", {"minute": 1440}, "minute_fact_amounts_check"),
    ("member_day", {"acts": -1}, "member_day_amounts_check"),
    ("member_day", {"returned": -1}, "member_day_returned_check"),
    ("number_alert", {"kind": "'x'"}, "number_alert_kind_check"),
    ("reconciliation", {"differences": -1}, "reconciliation_differences_check"),
    ("wechat_fault", {"mended_at": "now() - interval '1 day'"}, "wechat_fault_span_check"),
    ("wechat_fault", {"probes": -1}, "wechat_fault_span_check"),
]


def insert(table: str, values: dict[str, Any]) -> str:
    return f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(map(str, values.values()))})"  # noqa: S608  # the tables above


@pytest.mark.parametrize("table", ROWS)
async def test_the_row_itself_is_good(ledger: Ledger, table: str) -> None:
    assert await ledger.pool.execute(insert(table, ROWS[table])) == "INSERT 0 1"


@pytest.mark.parametrize(("table", "wrong", "wall"), BAD)
async def test_the_database_refuses(ledger: Ledger, table: str, wrong: dict[str, Any], wall: str) -> None:
    rows = await ledger.count(table)
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await ledger.pool.execute(insert(table, ROWS[table] | wrong))
    assert refused.value.constraint_name == wall
    assert await ledger.count(table) == rows


def test_every_check_has_a_row_that_it_refuses() -> None:
    checks = {name for name, text in SCHEMA.items() if " CHECK (" in text}
    assert {wall for _, _, wall in BAD} == checks
