"""健康: each thing that was looked at, and the sentence of what to do where it is not well."""

from datetime import timedelta

import pytest

from operators.views.health import JOB_TITLES, Sign, signs
from runtime import readiness
from tasks.schedule import schedule
from tests.house import House

FOLLOW_UP = """
INSERT INTO follow_up (member_id, request_key, command, payload, effective_at, due_at) VALUES ($1, 'x', 'x', '{}', $2, $2)
"""


async def found(house: House) -> dict[str, Sign]:
    return {one.name: one for one in await signs(house.resources, house.clock.now())}


async def test_what_is_not_well_says_what_to_do(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = house.resources.pool
    assert "jifen worker" in (await found(house))["后台任务"].told, "no job ever ran"
    for job in schedule():
        await pool.execute("INSERT INTO job_run (job, began_at) VALUES ($1, now())", job.name)
    well = await found(house)
    assert {one.state for one in well.values()} == {"good"}, well
    assert well["规则"].told == "第 1 版生效中。"

    await pool.execute(
        "UPDATE job_run SET began_at = now() - interval '20 minutes' WHERE job = 'expire_points'"
    )
    await pool.execute("DELETE FROM job_run WHERE job = 'warn_tiers'")
    member = await house.ledger.member()
    await pool.execute(FOLLOW_UP, member, house.clock.now() - timedelta(minutes=10))
    ill = await found(house)
    assert "20 分钟没有运行" in ill["后台任务 · 积分到期"].told
    assert "还没有运行过" in ill["后台任务 · 等级提醒"].told
    assert (ill["积压 · 后续记账"].state, "10 分钟" in ill["积压 · 后续记账"].told) == ("warn", True)

    async def absent(_: object) -> bool:
        raise ConnectionError

    monkeypatch.setitem(readiness.CHECKS, "database", absent)
    away = await found(house)
    assert away["数据库"].state == "bad"
    assert "规则" not in away


def test_every_job_has_its_words() -> None:
    assert {job.name for job in schedule()} == set(JOB_TITLES)
