"""`jifen migrate --distribute`, against a stand-in that writes down what Citus is asked for."""

import pytest

from loyalty.schema import SCHEMA as EXPECTED
from models.database import migrate, open_database
from models.placement import BY_MEMBER, COLOCATED_WITH, LOCAL, REFERENCE, PlacementError
from models.schema import schema_problems
from tests.conftest import run_sql
from tests.models.citus import SCHEMA, calls, stand_in
from tests.models.places import PLACEMENTS


def expected(shards: int) -> list[str]:
    """What a first distribution asks for, in the order of PLACEMENTS."""
    asked = []
    for name, placement in PLACEMENTS.items():
        if placement == REFERENCE:
            asked.append(f"{name} everywhere")
        elif placement == BY_MEMBER and name != COLOCATED_WITH:
            asked.append(f"{name} member_id {COLOCATED_WITH}")
        elif placement != LOCAL:
            asked.append(f"{name} {placement.column} none {shards}")
    return asked


@pytest.fixture
async def citus_url(bare_url: str) -> str:
    """A migrated database with the stand-in, not distributed yet."""
    await migrate(bare_url)
    stand_in(bare_url)
    return bare_url


async def problems(url: str) -> list[str]:
    async with open_database(url, pool_size=1) as pool:
        return await schema_problems(pool, EXPECTED)


async def test_every_table_goes_to_its_place_and_stays_there(citus_url: str) -> None:
    await migrate(citus_url)
    assert calls(citus_url) == [], "nobody asked for it"
    await migrate(citus_url, shards=4)
    assert calls(citus_url) == expected(4)
    await migrate(citus_url, shards=16)
    await migrate(citus_url)
    assert calls(citus_url) == expected(4)
    assert await problems(citus_url) == []


async def test_one_run_migrates_and_distributes(bare_url: str) -> None:
    stand_in(bare_url)
    await migrate(bare_url, shards=8)
    assert calls(bare_url) == expected(8)
    assert await problems(bare_url) == []


async def test_a_new_table_is_placed_by_a_plain_migration(citus_url: str) -> None:
    await migrate(citus_url, shards=4)
    for table in ("lot", "rule_version", "session"):
        run_sql(citus_url, f"SELECT {SCHEMA}.forget('{table}')")
    assert await problems(citus_url) == [
        "lot (placement)",
        "rule_version (placement)",
        "session (placement)",
    ]
    await migrate(citus_url)
    assert calls(citus_url)[len(expected(4)) :] == [
        "lot member_id member",
        "rule_version everywhere",
        "session token_hash none 8",
    ]
    assert await problems(citus_url) == []


REFUSED = [
    ("DELETE FROM pg_dist_node WHERE groupid > 0", "还没有工作节点"),
    ("UPDATE pg_dist_node SET isactive = false", "还没有工作节点"),
    ("UPDATE pg_dist_local_group SET groupid = 1", "不是 Citus 的协调节点"),
    ("SELECT create_distributed_table('lot', 'expires_on')", "表 lot 现在按 expires_on 分布，应当按 member_id 分布"),
    ("SELECT create_distributed_table('stock', 'item')", "表 stock 现在按 item 分布，应当只在协调节点上"),
    ("SELECT create_reference_table('account')", "表 account 现在复制到每个节点，应当按 member_id 分布"),
    ("DROP FUNCTION create_reference_table", "一切如旧"),
]  # fmt: skip


@pytest.mark.parametrize(("damage", "sentence"), REFUSED)
async def test_what_cannot_be_is_refused_in_one_sentence(citus_url: str, damage: str, sentence: str) -> None:
    run_sql(citus_url, damage)
    before = calls(citus_url)
    with pytest.raises(PlacementError, match=sentence):
        await migrate(citus_url, shards=4)
    assert calls(citus_url) == before


async def test_a_member_table_with_shards_of_its_own_is_refused(citus_url: str) -> None:
    run_sql(citus_url, "SELECT create_distributed_table('member', 'member_id', colocate_with => 'none')")
    run_sql(citus_url, "SELECT create_distributed_table('lot', 'member_id', colocate_with => 'none')")
    assert "lot (placement)" in await problems(citus_url)
    with pytest.raises(PlacementError, match="表 lot 没有与 member 共用分片"):
        await migrate(citus_url)


async def test_a_database_without_the_extension_is_refused(bare_url: str) -> None:
    with pytest.raises(PlacementError, match="没有 Citus 扩展"):
        await migrate(bare_url, shards=4)
    assert await problems(bare_url) == [], "it is migrated all the same"


async def test_tables_of_others_are_left_alone(citus_url: str) -> None:
    run_sql(citus_url, "CREATE TABLE guestbook (id int PRIMARY KEY)")
    run_sql(citus_url, "SELECT create_distributed_table('guestbook', 'id')")
    await migrate(citus_url)
    assert calls(citus_url) == ["guestbook id default"]


async def test_a_local_table_that_citus_lists_is_local(citus_url: str) -> None:
    await migrate(citus_url, shards=4)
    run_sql(citus_url, "INSERT INTO pg_dist_partition VALUES ('stock', 'n', NULL, 0, 's')")
    assert await problems(citus_url) == []
