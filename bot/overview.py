"""积分 (余额) and 等级: the member at a glance."""

from bot.answers import Answer, points_left
from bot.chat import Chat
from bot.tier import kept_text, title_text
from loyalty.ledger.words import day_text, last_day_text, number
from loyalty.overview import Overview
from loyalty.tiers.views import standing

SOONEST_SHOWN = 3


async def balance(chat: Chat) -> Answer:
    """The member's spendable and pending points, and those that lapse soon."""
    return Answer(balance_text(await chat.overview()))


async def tier(chat: Chat) -> Answer:
    """The member's tier, its benefits, what is missing for the next one, and what keeps it."""
    seen, ladder = await chat.overview(), chat.live.rules.ladder
    if not ladder.is_kept:
        return Answer(tier_text(seen))
    stands = await standing(chat.resources.pool, chat.member_id, chat.live, chat.now)
    return Answer(kept_text(ladder, stands, seen))


def balance_text(seen: Overview) -> str:
    """The member's points in a few lines."""
    lines = [points_left(seen.balance)]
    if seen.pending:
        lines.append(_pending(seen))
    if seen.debt:
        lines.append(f"先前退款还欠 {number(seen.debt)} 分，新到账的积分会先补上。")
    lines += [
        f"{number(lot.points)} 分可用到 {last_day_text(lot.expires_on)}，别忘了用。"
        for lot in seen.expiring[:SOONEST_SHOWN]
    ]
    lines.append(_signed(seen))
    lines.append("发「明细」看每一笔，发「兑换」看能换什么。")
    return "\n".join(lines)


def _pending(seen: Overview) -> str:
    """`另有 120 分待到账：100 分2026年12月5日起可用，其余再晚一些。`"""
    told = f"另有 {number(seen.pending)} 分待到账"
    if not seen.opening:
        return f"{told}。"
    first, *later = seen.opening
    rest = "，其余再晚一些" if later else ""
    which = f"{number(first.points)} 分" if later else ""
    return f"{told}：{which}{day_text(first.opens_on)}起可用{rest}。"


def _signed(seen: Overview) -> str:
    if seen.checked_in_today:
        return f"今天签过啦，已连续 {number(seen.streak)} 天。"
    kept = f"（已连续 {number(seen.streak)} 天，别断了）" if seen.streak else ""
    return f"今天还没有签到{kept}，发「签到」领积分。"


def tier_text(seen: Overview) -> str:
    """The member's tier in a few lines."""
    lines = [f"你现在是「{seen.tier.name}」{title_text(seen.tier)}，成长值 {number(seen.growth)}。"]
    if seen.tier.benefits:
        lines.append(f"享有：{'、'.join(seen.tier.benefits)}。")
    if seen.next_tier is not None and seen.points_to_next_tier is not None:
        lines.append(f"再攒 {number(seen.points_to_next_tier)} 成长值，就升为「{seen.next_tier.name}」。")
        if seen.next_tier.benefits:
            lines.append(f"升级后：{'、'.join(seen.next_tier.benefits)}。")
    else:
        lines.append("这已经是最高的等级了。")
    lines.append("赚积分就涨成长值，花积分不会减。")
    return "\n".join(lines)
