"""F14: a row edited, a row deleted, a tail cut by SQL, in a database that lived through all this: `jifen audit` names each."""

import json

import asyncpg
import pytest

from tests.faults.crowd import open_crowd
from tests.faults.installation import Installation

pytestmark = pytest.mark.asyncio(loop_scope="session")

EDIT = "UPDATE entry SET amount = amount + 1 WHERE member_id = $1 AND seq = 2"
DELETE = "DELETE FROM entry WHERE member_id = $1 AND seq = 2"
CUT = "DELETE FROM entry WHERE member_id = $1 AND seq = (SELECT max(seq) FROM entry WHERE member_id = $1)"
FORGET = "DELETE FROM receipt WHERE member_id = $1 AND no = 2"
TAMPERING = [(EDIT, "I4"), (DELETE, "I5"), (CUT, "I14"), (FORGET, "I6")]
TABLES = ("entry", "receipt")


async def audited(installation: Installation) -> tuple[int, dict[str, object]]:
    """Exit code and report of `jifen audit --json`."""
    code, printed = await installation.jifen("audit", "--json")
    report = json.loads(printed)
    assert isinstance(report, dict)
    return code, report


async def test_the_audit_names_what_was_tampered_with(installation: Installation) -> None:
    async with open_crowd(installation, len(TAMPERING)) as crowd, installation.pool() as pool:
        for member in crowd.members:
            assert (await member.redeem("cookie")).verdict == "done"
            assert (await member.check_in()).verdict == "done"
        code, report = await audited(installation)
        assert (code, report["violations"]) == (0, [])
        expected = set()
        async with pool.acquire() as connection:
            ids = [member.member_id for member in crowd.members]
            await keep(connection, ids)
            for member, (statement, invariant) in zip(crowd.members, TAMPERING, strict=True):
                assert (await connection.execute(statement, member.member_id)).endswith(" 1")
                expected.add((invariant, member.member_id))
            code, report = await audited(installation)
            await put_back(connection, ids)
        found = {(one["invariant"], one["member_id"]) for one in violations(report)}
        assert code == 1
        assert expected <= found
        assert {member_id for _, member_id in found} == set(ids), "and nobody else is suspected"
        await crowd.check()


def violations(report: dict[str, object]) -> list[dict[str, object]]:
    """What a report found."""
    found = report["violations"]
    assert isinstance(found, list)
    return found


async def keep(connection: asyncpg.Connection, ids: list[int]) -> None:
    """A copy of the members' rows."""
    for table in TABLES:
        await connection.execute(f"CREATE TEMP TABLE kept_{table} (LIKE {table})")
        copy = f"INSERT INTO kept_{table} SELECT * FROM {table} WHERE member_id = ANY($1)"  # noqa: S608  # our own names
        await connection.execute(copy, ids)


async def put_back(connection: asyncpg.Connection, ids: list[int]) -> None:
    """The rows as they were."""
    for table in TABLES:
        await connection.execute(f"DELETE FROM {table} WHERE member_id = ANY($1)", ids)  # noqa: S608  # our own names
        await connection.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}; DROP TABLE kept_{table}")  # noqa: S608  # our own names
