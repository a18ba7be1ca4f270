"""兑换 and 我的兑换: the numbered list of rewards, a redemption by number, and the member's vouchers."""

from collections.abc import Sequence

from bot.answers import Answer, not_enough_text, points_left, refusal_text
from bot.chat import Chat
from bot.words import list_number
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.ledger.balance import balance
from loyalty.ledger.words import last_day_text, number
from loyalty.rewards.commands import Redeem
from loyalty.rewards.outcomes import Redeemed, UnknownReward
from loyalty.rewards.rule import Reward
from loyalty.rewards.views import RedemptionView, RewardView, redemptions, rewards

LIST_SHOWN = 20
VOUCHERS_SHOWN = 5
NO_REWARDS = "现在没有可以兑换的礼品，积分先攒着，上新了再来。"
STATES = {"issued": "待使用", "used": "已使用", "cancelled": "已取消", "expired": "已过期"}


async def redeem(chat: Chat) -> Answer:
    """Show the list, or redeem the reward with the given number."""
    if not chat.argument:
        return await _list(chat)
    reward = _numbered(chat)
    if reward is None:
        return Answer(unknown_number_text(chat.argument, len(chat.live.rules.rewards)))
    command = Redeem(member_id=chat.member_id, request_key=chat.request_key, at=chat.at, reward=reward.id)
    return Answer(redeem_text(await chat.run(command), reward.name))


async def vouchers(chat: Chat) -> Answer:
    """The member's latest vouchers, redeemed or won."""
    return Answer(vouchers_text(await redemptions(chat.member_id, chat.live, chat.now, limit=VOUCHERS_SHOWN)))


async def _list(chat: Chat) -> Answer:
    offered = await rewards(chat.member_id, chat.live, chat.now)
    points = await balance(chat.member_id, chat.live.day(chat.now))
    return Answer(list_text(offered, points.spendable))


def _numbered(chat: Chat) -> Reward | None:
    """The reward at that place of the list, counted from 1 as the list shows it."""
    place, offered = list_number(chat.argument), chat.live.rules.rewards
    return offered[place - 1] if place is not None and 1 <= place <= len(offered) else None


def list_text(offered: Sequence[RewardView], points: int) -> str:
    """The rewards with their numbers and prices, and why the member cannot redeem one now."""
    if not offered:
        return NO_REWARDS
    lines = [f"{points_left(points)}可以兑换："]
    lines += [_offer(reward) for reward in offered[:LIST_SHOWN]]
    if len(offered) > LIST_SHOWN:
        lines.append(f"……共 {len(offered)} 种，后面的也可以按编号兑换。")
    lines.append("发「兑换 编号」就能换，例如「兑换 1」。")
    return "\n".join(lines)


def _offer(reward: RewardView) -> str:
    about = [f"{reward.number}. {reward.name}  {number(reward.price_points)} 分"]
    if reward.stock_left:
        about.append(f"剩 {number(reward.stock_left)} 份")
    if reward.reason is not None:
        about.append(reward.reason)
    return " · ".join(about)


def redeem_text(outcome: Outcome, name: str) -> str:
    """The reply to a redemption of the reward called `name`."""
    match outcome:
        case Redeemed():
            return (
                f"兑换成功：{outcome.name}{_times(outcome.quantity)}，用了 {number(outcome.points)} 分。\n"
                f"券码 {outcome.voucher}，可用到 {last_day_text(outcome.expires_on)}。\n"
                f"{points_left(outcome.balance)}发「我的兑换」随时查看。"
            )
        case NotEnoughPoints():
            return not_enough_text(f"“{name}”", outcome)
        case UnknownReward():
            return "这件礼品刚刚下架了，积分没有动。\n发「兑换」看看现在的列表。"
    return refusal_text(outcome)


def unknown_number_text(argument: str, offered: int) -> str:
    """The reply to an argument that is not a number of the list."""
    if not offered:
        return NO_REWARDS
    if not argument.isdigit():
        return "请用列表里的编号来兑换，例如「兑换 1」。\n发「兑换」看列表。"
    shown = argument if len(argument) <= 12 else f"{argument[:12]}…"
    return f"没有编号 {shown}，列表里是 1 到 {offered}。\n发「兑换」看列表。"


def vouchers_text(rows: Sequence[RedemptionView]) -> str:
    """The latest vouchers with code and state."""
    if not rows:
        return "还没有兑换过。\n发「兑换」看看能换什么。"
    return "\n".join([f"最近 {len(rows)} 张券：", *(_voucher(row) for row in rows)])


def _voucher(row: RedemptionView) -> str:
    about = f"{row.name}{_times(row.quantity)}（{STATES[row.state]}）"
    if row.state != "issued":
        return about
    return f"{about}\n  券码 {row.voucher}，可用到 {last_day_text(row.expires_on)}"


def _times(quantity: int) -> str:
    return f" ×{number(quantity)}" if quantity > 1 else ""
