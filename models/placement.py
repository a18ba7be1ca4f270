"""Where each table is placed when Citus distributes the database over several nodes (docs/scale.md, section 7).

Citus keeps a unique key only within one shard, so a table is distributed by a column that all its unique keys contain. Tables
distributed by `member_id` are co-located: all rows of one member are on one node, and what a command writes for one member
commits there as a whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import asyncpg

Kind = Literal["distributed", "reference", "local"]


@dataclass(frozen=True)
class Placement:
    """Where one table is: distributed over shards by `column`, replicated to every node, or on the coordinator alone."""

    kind: Kind
    column: str | None = None

    def __str__(self) -> str:
        names = {
            "distributed": f"按 {self.column} 分布",
            "reference": "复制到每个节点",
            "local": "只在协调节点上",
        }
        return names[self.kind]


BY_MEMBER: Final = Placement("distributed", "member_id")
REFERENCE: Final = Placement("reference")
LOCAL: Final = Placement("local")

NOT_BY_MEMBER: Final[Mapping[str, Placement]] = {
    # Look-up tables from a key to its member: they are read by that key, before the member is known.
    "identity": Placement("distributed", "subject"),
    "session": Placement("distributed", "token_hash"),
    "referral_code": Placement("distributed", "code"),
    "phone_key": Placement("distributed", "phone_hash"),
    "voucher_code": Placement("distributed", "code"),
    "event_key": Placement("distributed", "event"),
    "order_key": Placement("distributed", "order_no"),
    "hold_key": Placement("distributed", "order_no"),
    # A few rows that reads join, and that are hardly ever written.
    "rule_version": REFERENCE,
    "reward_number": REFERENCE,
    "rule_withdrawal": REFERENCE,
    # Rows for which all members contend: as a reference table, each piece taken would lock a row on every node.
    "stock": LOCAL,
    "wheel_round": LOCAL,
    # Chat messages that are answered later: the sender may be no member, so no `member_id` can distribute them.
    "late_reply": LOCAL,
    # Few rows, written and read by the worker alone.
    "webhook": LOCAL,
    "webhook_delivery": LOCAL,
    # Sums over all members, written by the worker alone.
    "number_feed": LOCAL,
    "daily_fact": LOCAL,
    "minute_fact": LOCAL,
    # A few rows of operators, read and written by the console.
    "rule_draft_section": LOCAL,
    "number_alert": LOCAL,
    "number_snapshot": LOCAL,
    "reconciliation": LOCAL,
    # Read once per start, by processes that are all connected to the coordinator.
    "installation": LOCAL,
    # A dozen rows that the worker changes every few seconds.
    "job_run": LOCAL,
    "wechat_fault": LOCAL,
    # A few rows, each read alone by its own id, with every request to the partner API.
    "partner_key": LOCAL,
    # A few dozen people, each row read alone.
    "operator": LOCAL,
    "operator_session": LOCAL,
    "operator_job": LOCAL,
    "login_guard": LOCAL,
    "approval": LOCAL,
    "tortoise_migrations": LOCAL,
}
"""The placement of every table whose rows do not belong to members; all other tables are distributed by `member_id`."""

COLOCATED_WITH: Final = "member"
"""The table that is distributed first; every other table distributed by `member_id` is co-located with it."""
DEFAULT_SHARDS: Final = 8
"""Few, because a statement over many members queries every shard, so that each further shard costs every batch (docs/scale.md)."""

_IN_CATALOGUE: Final = "SELECT to_regclass('pg_dist_partition') IS NOT NULL"
_PRESENT: Final = """
SELECT relname AS name FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
AND (relname = ANY($2::text[]) OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'member_id'))
ORDER BY relname <> $1, relname
"""
"""Our tables: those in NOT_BY_MEMBER, and those with a column `member_id`. Other tables in the database are left alone."""
_PLACEMENTS: Final = """
SELECT c.relname AS name, p.partmethod::text AS method, p.repmodel::text AS model, p.colocationid,
    CASE WHEN p.partmethod = 'h' THEN column_to_column_name(p.logicalrelid, p.partkey) END AS distributed_by
FROM pg_dist_partition p JOIN pg_class c ON c.oid = p.logicalrelid
WHERE c.relnamespace = 'public'::regnamespace
"""
_IS_COORDINATOR: Final = "SELECT groupid = 0 FROM pg_dist_local_group"
_HAS_WORKER: Final = """
SELECT EXISTS (SELECT FROM pg_dist_node WHERE groupid <> 0 AND isactive AND noderole::text = 'primary')
"""
_DISTRIBUTE: Final = (
    "SELECT create_distributed_table($1::text::regclass, $2, colocate_with => 'none', shard_count => $3)"
)
_DISTRIBUTE_WITH: Final = "SELECT create_distributed_table($1::text::regclass, $2, colocate_with => $3)"
_REPLICATE: Final = "SELECT create_reference_table($1::text::regclass)"


class PlacementError(Exception):
    """The tables cannot be placed as `placement_of` says; the message is one Chinese sentence for the operator."""


@dataclass(frozen=True)
class _Placed:
    """A table's present placement, and its co-location group."""

    placement: Placement
    group: int


def placement_of(table: str) -> Placement:
    """Where a table should be placed."""
    return NOT_BY_MEMBER.get(table, BY_MEMBER)


async def placement_problems(database: asyncpg.Connection | asyncpg.Pool) -> list[str]:
    """Names of tables that are not placed as `placement_of` says; empty on a database that is not distributed."""
    found = await _placed(database)
    if not found:
        return []
    return [name for name in await _present(database) if _fault(found, name)]


async def place_tables(connection: asyncpg.Connection, shards: int | None = None) -> None:
    """Place every table that is not placed yet, in one transaction. Safe to repeat.

    Without `shards` a database that is not distributed stays so. With it, the tables are distributed over so many shards; tables of
    members that are added later get the shards of the first ones. Raises PlacementError, also for a table that is placed wrongly.
    """
    found = await _placed(connection)
    if shards is None and not found:
        return
    await _require_citus(connection)
    for name in found:
        if fault := _fault(found, name):
            raise PlacementError(f"表 {name} {fault}：请由数据库管理员先用 undistribute_table 撤销它的分布。")
    present = await _present(connection)
    try:
        async with connection.transaction():
            for name in present:
                if name not in found:
                    await _place(connection, name, placement_of(name), shards or DEFAULT_SHARDS)
    except asyncpg.PostgresError as error:
        raise PlacementError(f"Citus 没有放置这些表，一切如旧：{error}") from error


async def _present(database: asyncpg.Connection | asyncpg.Pool) -> list[str]:
    """Our tables that exist, COLOCATED_WITH first."""
    return [row["name"] for row in await database.fetch(_PRESENT, COLOCATED_WITH, list(NOT_BY_MEMBER))]


async def _require_citus(connection: asyncpg.Connection) -> None:
    if not await connection.fetchval(_IN_CATALOGUE):
        raise PlacementError(
            "这个数据库里没有 Citus 扩展：请由数据库管理员在每个节点的这个数据库里执行 CREATE EXTENSION citus。"
        )
    if not await connection.fetchval(_IS_COORDINATOR):
        raise PlacementError("这里不是 Citus 的协调节点：请用协调节点的地址运行 jifen migrate。")
    if not await connection.fetchval(_HAS_WORKER):
        raise PlacementError("Citus 还没有工作节点：请由数据库管理员在协调节点上用 citus_add_node 登记。")


async def _place(connection: asyncpg.Connection, name: str, wanted: Placement, shards: int) -> None:
    if wanted.kind == "reference":
        await connection.execute(_REPLICATE, name)
    elif wanted == BY_MEMBER and name != COLOCATED_WITH:
        await connection.execute(_DISTRIBUTE_WITH, name, wanted.column, COLOCATED_WITH)
    elif wanted.kind == "distributed":
        await connection.execute(_DISTRIBUTE, name, wanted.column, shards)


async def _placed(database: asyncpg.Connection | asyncpg.Pool) -> dict[str, _Placed]:
    """Our tables that are distributed or replicated by Citus; empty without Citus."""
    if not await database.fetchval(_IN_CATALOGUE):
        return {}
    rows = await database.fetch(_PLACEMENTS)
    ours = await _present(database)
    found = {
        row["name"]: _Placed(_placement(row), row["colocationid"]) for row in rows if row["name"] in ours
    }
    return {name: one for name, one in found.items() if one.placement != LOCAL}


def _placement(row: asyncpg.Record) -> Placement:
    if row["method"] == "n":
        return REFERENCE if row["model"] == "t" else LOCAL  # Citus also keeps a list of local tables
    return Placement("distributed", row["distributed_by"])


def _fault(found: Mapping[str, _Placed], name: str) -> str | None:
    """What is wrong with a table's placement, in Chinese; None if it is as it should be."""
    wanted, known = placement_of(name), found.get(name)
    placement = known.placement if known else LOCAL
    if placement != wanted:
        return f"现在{placement}，应当{wanted}"
    if (
        known
        and wanted == BY_MEMBER
        and COLOCATED_WITH in found
        and known.group != found[COLOCATED_WITH].group
    ):
        return f"没有与 {COLOCATED_WITH} 共用分片"
    return None
