"""Rules that are over before they begin are refused; those that ended while in force may stay in the file."""

import pytest

from loyalty.programme.publishing.draft import Misleading
from tests.ledger import DAY_S, Ledger, rules_with
from tests.loyalty.earning.test_events import EVENTS, SPEND


async def test_a_rule_that_is_over_when_it_would_begin_is_refused(ledger: Ledger) -> None:
    ends = rules_with(events=EVENTS, earning=[SPEND | {"until": "2026-03-03T00:00"}])
    await ledger.publish(ends)
    ledger.clock.advance(3 * DAY_S)
    version = await ledger.count("rule_version")
    await ledger.publish(ends.model_copy(update={"stacking": ends.stacking.model_copy(update={"cap": 11})}))
    changed = SPEND | {"until": "2026-03-04T18:30"}
    with pytest.raises(Misleading, match=r"规则「消费返积分」（spend）到 2026年3月4日 18:30 就结束了"):
        await ledger.publish(rules_with(events=EVENTS, earning=[changed]))
    assert await ledger.count("rule_version") == version + 1
