"""Where each table lies when the database is spread over several nodes by Citus (docs/scale.md, section 7).

Citus keeps a unique key only within one shard, so a table is distributed by a column that all its unique keys contain. Tables
distributed by `member_id` share their shards: one member's rows lie on one node, and what a command writes for one member
commits there as a whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import asyncpg

Kind = Literal["distributed", "reference", "local"]


@dataclass(frozen=True)
class Placement:
    """How one table lies: cut into shards by `column`, copied whole to every node, or on the coordinator alone."""

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

OTHERWISE: Final[Mapping[str, Placement]] = {
    # Directories: keyed by what is asked for before anybody knows whose it is. They point to a member.
    "identity": Placement("distributed", "subject"),
    "session": Placement("distributed", "token_hash"),
    "referral_code": Placement("distributed", "code"),
    "voucher_code": Placement("distributed", "code"),
    # A few rows, joined by reads and hardly ever written.
    "rule_version": REFERENCE,
    # Rows that all members contend for: a reference table would lock every node for each piece taken.
    "stock": LOCAL,
    "wheel_round": LOCAL,
    # Pushes that were not understood yet: they may be of nobody known.
    "late_reply": LOCAL,
    "tortoise_migrations": LOCAL,
}
"""Every table that is not one member's rows; all others are distributed by `member_id`."""

FIRST: Final = "member"
"""Its shards are those of every table distributed by `member_id`."""
DEFAULT_SHARDS: Final = 8
"""A statement over many members asks every shard, so each shard more costs every batch (docs/scale.md)."""

_IN_CATALOGUE: Final = "SELECT to_regclass('pg_dist_partition') IS NOT NULL"
_PRESENT: Final = """
SELECT relname AS name FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
AND (relname = ANY($2::text[]) OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'member_id'))
ORDER BY relname <> $1, relname
"""
"""Our tables: those of a member have a `member_id`. Tables that somebody else keeps in the database are left alone."""
_PLACED: Final = """
SELECT c.relname AS name, p.partmethod::text AS method, p.repmodel::text AS model, p.colocationid,
    CASE WHEN p.partmethod = 'h' THEN column_to_column_name(p.logicalrelid, p.partkey) END AS distributed_by
FROM pg_dist_partition p JOIN pg_class c ON c.oid = p.logicalrelid
WHERE c.relnamespace = 'public'::regnamespace
"""
_IS_COORDINATOR: Final = "SELECT groupid = 0 FROM pg_dist_local_group"
_HAS_WORKER: Final = """
SELECT EXISTS (SELECT FROM pg_dist_node WHERE groupid <> 0 AND isactive AND noderole::text = 'primary')
"""
_CUT: Final = (
    "SELECT create_distributed_table($1::text::regclass, $2, colocate_with => 'none', shard_count => $3)"
)
_CUT_LIKE: Final = "SELECT create_distributed_table($1::text::regclass, $2, colocate_with => $3)"
_COPY: Final = "SELECT create_reference_table($1::text::regclass)"


class PlacementError(Exception):
    """The tables cannot be placed as they should be; one Chinese sentence for the operator."""


@dataclass(frozen=True)
class _Found:
    """How a table lies, and the group of tables it shares its shards with."""

    placement: Placement
    group: int


def placement_of(table: str) -> Placement:
    """How a table is to lie."""
    return OTHERWISE.get(table, BY_MEMBER)


async def placement_problems(database: asyncpg.Connection | asyncpg.Pool) -> list[str]:
    """Names of tables that lie otherwise than `placement_of` says; empty on a database that is not distributed."""
    found = await _placed(database)
    if not found:
        return []
    return [name for name in await _present(database) if _fault(found, name)]


async def place_tables(connection: asyncpg.Connection, shards: int | None = None) -> None:
    """Place every table that does not lie as `placement_of` says, in one transaction. Safe to repeat.

    Without `shards` a database that is not distributed stays so. With it the tables are cut into that many shards; those of
    the members are cut once, and tables that come later follow them. Raises PlacementError.
    """
    found = await _placed(connection)
    if shards is None and not found:
        return
    await _refuse_where_it_cannot_be(connection)
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
    """The tables there are, the one whose shards others share first."""
    return [row["name"] for row in await database.fetch(_PRESENT, FIRST, list(OTHERWISE))]


async def _refuse_where_it_cannot_be(connection: asyncpg.Connection) -> None:
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
        await connection.execute(_COPY, name)
    elif wanted == BY_MEMBER and name != FIRST:
        await connection.execute(_CUT_LIKE, name, wanted.column, FIRST)
    elif wanted.kind == "distributed":
        await connection.execute(_CUT, name, wanted.column, shards)


async def _placed(database: asyncpg.Connection | asyncpg.Pool) -> dict[str, _Found]:
    """Our tables that Citus knows of; none where there is no Citus."""
    if not await database.fetchval(_IN_CATALOGUE):
        return {}
    rows = await database.fetch(_PLACED)
    ours = await _present(database)
    found = {row["name"]: _Found(_placement(row), row["colocationid"]) for row in rows if row["name"] in ours}
    return {name: one for name, one in found.items() if one.placement != LOCAL}


def _placement(row: asyncpg.Record) -> Placement:
    if row["method"] == "n":
        return REFERENCE if row["model"] == "t" else LOCAL  # Citus also keeps a list of local tables
    return Placement("distributed", row["distributed_by"])


def _fault(found: Mapping[str, _Found], name: str) -> str | None:
    """How a table lies otherwise than it should, in Chinese."""
    wanted, known = placement_of(name), found.get(name)
    placement = known.placement if known else LOCAL
    if placement != wanted:
        return f"现在{placement}，应当{wanted}"
    if known and wanted == BY_MEMBER and FIRST in found and known.group != found[FIRST].group:
        return f"没有与 {FIRST} 共用分片"
    return None
