"""What only members of certain tiers may have."""

from collections.abc import Collection
from typing import Any

from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet
from loyalty.tiers.ladder import Ladder
from loyalty.tiers.outcomes import TierRequired
from loyalty.tiers.rows import member_tier


def tier_refusal(wallet: Wallet, scene: Scene[Any], allowed: Collection[str]) -> TierRequired | None:
    """The refusal of a member whose tier at the instant of the command is not among `allowed`; nothing allowed means everybody.

    The command's handler must name TIER among its Reads; otherwise this raises KeyError.
    """
    if not allowed or member_tier(wallet, scene).id in allowed:
        return None
    return TierRequired(tier_names(scene.live.rules.ladder, allowed))


def tier_names(ladder: Ladder, allowed: Collection[str]) -> tuple[str, ...]:
    """The names of the tiers with these ids, lowest first."""
    return tuple(tier.name for tier in ladder.tiers if tier.id in allowed)


def required_text(names: Collection[str]) -> str:
    """`需要金卡会员或钻石会员`."""
    return f"需要{'或'.join(names)}"
