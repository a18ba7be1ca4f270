"""Pages over all members are kept as they were computed at night, and read back the same."""

from datetime import timedelta

from loyalty.numbers.cohorts import cohorts, funnel
from loyalty.numbers.members import matrix
from loyalty.numbers.snapshots import SNAPSHOTS, snapshot_of, take_snapshots
from loyalty.numbers.stale import stale
from tests.ledger import Ledger, demo_rules
from tests.loyalty.numbers.counting import count_all
from tests.loyalty.test_flows import FIRST, spent_a_day


async def test_what_was_computed_is_read_back(ledger: Ledger) -> None:
    assert await snapshot_of(ledger.pool, "stale") is None
    await spent_a_day(ledger)
    await count_all(ledger)
    day, rules = FIRST + timedelta(days=200), demo_rules()
    for at in (ledger.clock.now(), ledger.clock.now() + timedelta(days=1)):
        await take_snapshots(ledger.pool, day, rules, at)
    assert await ledger.count("number_snapshot") == len(SNAPSHOTS)
    found = {name: await snapshot_of(ledger.pool, name) for name in SNAPSHOTS}
    content = {name: one.content for name, one in found.items() if one is not None and one.day == day}
    cheapest = min(one.price_points for one in rules.rewards)
    assert content["stale"] == await stale(ledger.pool, day, rules.figures, cheapest)
    assert content["cohorts"] == await cohorts(ledger.pool, FIRST, day)
    assert content["funnel"] == await funnel(ledger.pool, FIRST, day)
    assert {(one.tier, one.segment): one.members for one in content["segments"]} == await matrix(
        ledger.pool, day, rules
    )
    assert content["members"].members == 1
