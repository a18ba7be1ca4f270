"""What a person was shown before their members were merged counts afterwards: no word of theirs agrees to another price."""

import pytest

from loyalty.merging.outcomes import MergedOut
from loyalty.merging.run import merge
from loyalty.rewards.commands import Redeem
from loyalty.rewards.outcomes import Redeemed
from loyalty.rewards.rule import shown_subject
from loyalty.shown.outcomes import PriceChanged
from loyalty.shown.rows import note_shown
from tests.ledger import Ledger


@pytest.mark.parametrize("seen_by_other_before", [False, True])
async def test_a_price_that_the_merged_half_saw_is_the_one_agreed_to(
    ledger: Ledger, seen_by_other_before: bool
) -> None:
    mini, chat = await ledger.member(wx_mini="m1"), await ledger.member(wx_oa="o1")
    reward = (await ledger.live()).rules.rewards[0]
    await ledger.give(mini, 2 * reward.price_points)
    subject, in_force = shown_subject(reward.id), str(reward.price_points)
    if seen_by_other_before:
        await note_shown(ledger.pool, mini, {subject: in_force}, ledger.clock.now())
    ledger.clock.advance(60)
    await note_shown(ledger.pool, chat, {subject: str(reward.price_points - 1)}, ledger.clock.now())
    assert isinstance(
        await merge(ledger.engine, (mini, chat), actor="system", reason="unionid 相同"), MergedOut
    )
    before = await ledger.balance(mini)
    refused = (await ledger.run(Redeem, mini, reward=reward.id, as_shown=True)).outcome
    assert refused == PriceChanged(reward.price_points, reward.name)
    assert await ledger.balance(mini) == before
    await note_shown(ledger.pool, mini, {subject: in_force}, ledger.clock.now())
    assert isinstance((await ledger.run(Redeem, mini, reward=reward.id, as_shown=True)).outcome, Redeemed)
