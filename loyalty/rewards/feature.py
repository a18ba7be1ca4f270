"""Rewards, described to the engine."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from loyalty.engine.feature import Feature, Publication
from loyalty.engine.handler import Handler
from loyalty.engine.reads import SharedRows
from loyalty.rewards.audit import CHECKS
from loyalty.rewards.commands import Cancel, Redeem, UnlockReward
from loyalty.rewards.decide import decide_cancel, decide_redeem, decide_unlock
from loyalty.rewards.numbers import number_rewards
from loyalty.rewards.old_points import CHANGES, GRANTED_SINCE
from loyalty.rewards.outcomes import (
    Cancelled,
    NotCancellable,
    OutOfStock,
    Redeemed,
    RewardUnlocked,
    UnknownRedemption,
    UnknownReward,
)
from loyalty.rewards.rule import Reward, reward_pool
from loyalty.rewards.words import SENTENCES, rule_texts
from loyalty.shown.rows import LAST_SHOWN
from loyalty.tiers.rows import TIER
from loyalty.vouchers.rows import REDEMPTION, USED_LOTS


def pool_sizes(rewards: Mapping[str, Reward]) -> dict[str, int]:
    """The pool of every limited reward, with the number of pieces that there are."""
    return {reward_pool(reward.id): reward.stock for reward in rewards.values() if reward.stock is not None}


def _pools(command: Redeem, rewards: Mapping[str, Reward], _: date) -> dict[str, int | None]:
    reward = rewards.get(command.reward)
    return {reward_pool(reward.id): None} if reward is not None and reward.stock is not None else {}


def _pool_names(rewards: Mapping[str, Reward]) -> dict[str, str]:
    return {reward_pool(reward.id): f"礼品「{reward.name}」的库存" for reward in rewards.values()}


def _suppose(command: Redeem, _: Mapping[str, Reward], shared: SharedRows) -> tuple[Redeem, SharedRows]:
    """The member is supposed to have agreed to the price, whatever it is."""
    return replace(command, as_shown=False, price_points=None, price_fen=None), shared


FEATURE: Final = Feature(
    "rewards",
    handlers=(
        Handler(
            Redeem,
            decide_redeem,
            gives=Redeemed,
            reads=(LAST_SHOWN, GRANTED_SINCE, TIER),
            shared=(CHANGES,),
            pools=_pools,
            suppose=_suppose,
        ),
        Handler(UnlockReward, decide_unlock, gives=RewardUnlocked, once_per_person=True),
        Handler(
            Cancel, decide_cancel, gives=Cancelled, reads=(REDEMPTION,), lots=USED_LOTS, explains_repeats=True
        ),
    ),
    rule=lambda rules: rules.rewards_by_id,
    outcomes=(
        Redeemed,
        RewardUnlocked,
        Cancelled,
        OutOfStock,
        UnknownReward,
        UnknownRedemption,
        NotCancellable,
    ),
    publication=Publication(pool_sizes, announce=number_rewards, pool_names=_pool_names),
    words=SENTENCES,
    texts=lambda rules, _: rule_texts(rules.rewards_by_id, rules.ladder),
    checks=CHECKS,
    schema=Path(__file__).with_name("schema.yaml"),
)
