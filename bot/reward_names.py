"""Rewards by their names: a member who says 拿铁 is led to the number and the price, and nothing is spent yet."""

from collections.abc import Sequence
from typing import Final

from bot.answers import Answer
from bot.chat import Chat
from bot.understanding import simplified
from bot.words import list_number
from loyalty.ledger.words import number
from loyalty.rewards.rule import shown_subject
from loyalty.rewards.views import RewardView, rewards

SHORTEST: Final = 2
"""Characters of a name that must be said before a reward is recognised by a part of its name."""


async def lead_to_reward(chat: Chat, said: str) -> Answer | None:
    """The word that redeems the reward that was named, and its price, which counts as shown; None if that cannot be told."""
    if not said:
        return None
    named = reward_named(await rewards(chat.member_id, chat.live, chat.now), said)
    if named is None:
        return None
    await chat.note_shown({shown_subject(named.id): str(named.price_points)})
    return Answer(lead_text(named))


def reward_named(offered: Sequence[RewardView], said: str) -> RewardView | None:
    """The only reward that has this number or name, or whose name has these characters; None for none or several."""
    asked = list_number(said)
    if asked is not None:
        return next((reward for reward in offered if reward.number == asked), None)
    plain = _plain(said)
    if len(plain) < SHORTEST:
        return None
    exact = [reward for reward in offered if _plain(reward.name) == plain]
    found = exact or [reward for reward in offered if plain in _plain(reward.name)]
    return found[0] if len(found) == 1 else None


def lead_text(reward: RewardView) -> str:
    """`想兑换「拿铁一杯」吗？要 200 积分，发「兑换 3」就换。`"""
    return (
        f"想兑换「{reward.name}」吗？要 {number(reward.price_points)} 积分，发「兑换 {reward.number}」就换。"
    )


def _plain(name: str) -> str:
    return simplified(name).lower().replace(" ", "")
