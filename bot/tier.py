"""等级 where tiers are kept: what is mine, what is missing for the next one, what keeps it, and what a review may cost."""

from collections.abc import Iterable, Iterator

from loyalty.engine.outcomes import Outcome
from loyalty.ledger.words import day_text, number
from loyalty.overview import Overview
from loyalty.tiers.ladder import Ladder
from loyalty.tiers.outcomes import TierChanged
from loyalty.tiers.rule import Tier
from loyalty.tiers.views import Standing
from loyalty.tiers.words import goals_text, honour_text, missing_text


def title_text(tier: Tier) -> str:
    """The tier's title and badge in parentheses; empty if it has neither."""
    honour = honour_text(tier)
    return f"（{honour}）" if honour else ""


def kept_text(ladder: Ladder, stands: Standing, seen: Overview) -> str:
    """The member's place on a ladder of tiers that are kept, in a few lines."""
    tier = ladder.tiers[stands.rung]
    lines = [f"你现在是「{tier.name}」{title_text(tier)}，成长值 {number(seen.growth)}。"]
    if tier.benefits:
        lines.append(f"享有：{'、'.join(tier.benefits)}。")
    lines += [*_next(ladder, stands), *_review(ladder, stands), "赚积分就涨成长值，花积分不会减。"]
    return "\n".join(lines)


def risen_text(consequences: Iterable[Outcome]) -> str:
    """A line for a tier that a command has just reached, beginning with a line break; empty if there is none."""
    risen = [one for one in consequences if isinstance(one, TierChanged) and one.rose]
    return f"\n恭喜，你升为「{risen[-1].name}」！发「等级」看权益。" if risen else ""


def _next(ladder: Ladder, stands: Standing) -> Iterator[str]:
    if stands.rung + 1 == len(ladder.tiers):
        yield "这已经是最高的等级了。"
        return
    above, reaching = ladder.tiers[stands.rung + 1], ladder.reaching[stands.rung + 1]
    keeping = ladder.keeping[stands.rung + 1]
    if not reaching.are_met(stands.measured):
        yield f"升为「{above.name}」{missing_text(reaching, stands.measured)}。"
    elif keeping is not None and not keeping.are_met(stands.measured):
        yield f"恢复「{above.name}」{missing_text(keeping, stands.measured)}。"
    gained = [benefit for benefit in above.benefits if benefit not in ladder.tiers[stands.rung].benefits]
    if gained:
        yield f"升级后另有：{'、'.join(gained)}。"


def _review(ladder: Ladder, stands: Standing) -> Iterator[str]:
    keeping = ladder.keeping[stands.rung]
    if keeping is None or stands.review_on is None:
        return
    yield f"{day_text(stands.review_on)}评定，保级条件：{goals_text(keeping, reviewed=True)}。"
    if keeping.are_met(stands.measured):
        yield "按现在的情况已经达到。"
        return
    below = ladder.tiers[ladder.below(stands.rung, stands.measured)]
    lost = [benefit for benefit in ladder.tiers[stands.rung].benefits if benefit not in below.benefits]
    benefits = f"，不再享有：{'、'.join(lost)}" if lost else ""
    yield f"现在{missing_text(keeping, stands.measured)}；没有达到会降为「{below.name}」{benefits}。"
