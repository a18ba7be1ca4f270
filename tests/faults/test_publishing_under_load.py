"""F12: an operator publishes in the middle of a batch, two publish at once: one wins, and each fact names its rules."""

import asyncio

import pytest
import yaml

from tests.faults.crowd import open_crowd
from tests.faults.installation import Installation, generous_rules
from tests.faults.lengths import lengths

pytestmark = pytest.mark.asyncio(loop_scope="session")

WRONG_PRICES = """
SELECT count(*) FROM redemption r JOIN rule_version v ON v.id = r.rule_version
WHERE r.source = 'redeem' AND r.item = 'cookie' AND r.member_id = ANY($1::bigint[])
AND r.points <> (jsonb_path_query_first(v.body, '$.rewards[*] ? (@.id == "cookie").price_points'))::int
"""


@lengths("turns", 1, 100)
async def test_two_operators_publish_at_once_under_load(installation: Installation, turns: int) -> None:
    for number in range(turns):
        async with open_crowd(installation, 5) as crowd, installation.pool() as pool:
            base = await pool.fetchval("SELECT max(id) FROM rule_version")
            async with crowd.busy(seed=number):
                ended = await asyncio.gather(*(publish(installation, base, price) for price in (70, 80)))
            codes = sorted(code for code, _ in ended)
            assert codes == [0, 1], ended
            loser = next(printed for code, printed in ended if code)
            assert "请在" in loser
            assert await pool.fetchval("SELECT max(id) FROM rule_version") == base + 1
            await crowd.check()
            ids = [member.member_id for member in crowd.members]
            assert await pool.fetchval(WRONG_PRICES, ids) == 0
        async with open_crowd(installation, 1) as crowd:
            bought = await crowd.members[0].redeem("cookie")
            assert bought.told["points"] == (70 if ended[0][0] == 0 else 80)
            await crowd.check()
        await installation.publish()


async def publish(installation: Installation, base: int, price: int) -> tuple[int, str]:
    """`jifen rules publish` with the cookie at that price."""
    rules = generous_rules().model_dump(mode="json")
    for reward in rules["rewards"]:
        if reward["id"] == "cookie":
            reward["price_points"] = price
    file = installation.folder / f"rules-{price}.yaml"
    file.write_text(yaml.safe_dump(rules), encoding="utf-8")
    return await installation.jifen(
        "rules", "publish", str(file), "--base", str(base), "--reason", f"cookies for {price}", "--urgent"
    )
