"""The new member's gift."""

import pytest
from pydantic import ValidationError

from loyalty.audit import audit
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NothingDue
from loyalty.games.commands import Draw
from loyalty.games.outcomes import Drawn
from loyalty.welcome import Welcome, Welcomed, rule_texts
from tests.ledger import KEYS, Ledger, rules_with
from tests.loyalty.purse import MEMBER, TODAY, decided, noon, wallet_of


@pytest.mark.parametrize(("points", "expected"), [(100, Welcomed(100, 100)), (0, NothingDue())])
def test_welcome(points: int, expected: Outcome) -> None:
    wallet = wallet_of()
    command = Welcome(member_id=MEMBER, request_key="k", at=noon(TODAY))
    assert decided(command, wallet, rules_with(welcome={"points": points})) == expected
    assert wallet.available == points


async def test_a_newcomer_gets_one_free_draw(ledger: Ledger) -> None:
    """G17, E14: one free draw per new member, also when the gift is asked for again; it pays for one draw."""
    await ledger.publish(rules_with(welcome={"points": 0, "ticket": "lucky"}))
    member = await ledger.member()
    assert (await ledger.run(Welcome, member)).outcome.code == "already_done"
    first, second = [(await ledger.run(Draw, member, wheel="lucky")).outcome for _ in range(2)]
    assert isinstance(first, Drawn)
    assert (first.cost_points, first.tickets) == (0, 1)
    assert not isinstance(second, Drawn) or second.cost_points == 20
    assert not (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations
    [topic] = rule_texts(rules_with(welcome={"points": 5, "ticket": "lucky"}).welcome, {"lucky": "转盘"})
    assert topic.sentences == ("新会员加入即送 5 积分和 1 次「转盘」免费抽奖，每人一次。",)
    with pytest.raises(ValidationError, match="转盘 luckey 不在这里"):
        rules_with(welcome={"points": 5, "ticket": "luckey"})
