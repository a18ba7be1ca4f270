"""兑换 and 我的兑换: the numbered list of rewards, a redemption by number, and the member's vouchers."""

from collections import Counter
from collections.abc import Sequence

from bot.answers import Answer, not_enough_text, points_left, refusal_text
from bot.chat import Chat
from bot.lists import Listed, listed
from bot.mission import finished_text
from bot.reward_names import lead_to_reward
from bot.words import list_number
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.ledger.balance import balance
from loyalty.ledger.words import last_day_text, number
from loyalty.rewards.commands import Redeem
from loyalty.rewards.numbers import reward_numbered
from loyalty.rewards.outcomes import Redeemed, UnknownReward
from loyalty.rewards.rule import shown_subject
from loyalty.rewards.views import RedemptionView, RewardView, count_redemptions, redemptions, rewards
from loyalty.rewards.words import cancel_text
from loyalty.shown.outcomes import PriceChanged

VOUCHERS_SHOWN = 5
NO_REWARDS = "现在没有可以兑换的礼品，积分先攒着，上新了再来。"
STATES = {"issued": "待使用", "used": "已使用", "cancelled": "已取消", "expired": "已过期"}


async def redeem(chat: Chat) -> Answer:
    """Show the list, or redeem the reward with the given number at the price that the member was last shown."""
    if not chat.argument:
        return await _list(chat)
    number_of = list_number(chat.argument)
    reward = await reward_numbered(number_of) if number_of is not None else None
    if reward is None and number_of is None and (lead := await lead_to_reward(chat, chat.argument)):
        return lead
    if reward is None:
        return Answer(unknown_number_text(chat.argument, len(chat.live.rules.rewards)))
    command = Redeem(
        member_id=chat.member_id, request_key=chat.request_key, at=chat.at, reward=reward, as_shown=True
    )
    decision = await chat.decide(command)
    outcome = decision.outcome
    match outcome:  # the price that the reply tells is the one that the next word agrees to
        case PriceChanged(price_points=price) | NotEnoughPoints(needed=price):
            await chat.note_shown({command.subject: str(price)})
    offered = chat.live.rules.reward(reward)
    text = redeem_text(outcome, offered.name if offered else "")
    return Answer(f"{text}{finished_text(decision.consequences)}")


async def vouchers(chat: Chat) -> Answer:
    """The member's latest vouchers, redeemed or won."""
    rows = await redemptions(chat.member_id, chat.live, chat.now, limit=VOUCHERS_SHOWN)
    older = len(rows) == VOUCHERS_SHOWN
    beyond = await count_redemptions(chat.member_id) - len(rows) if older else 0
    return Answer(vouchers_text(rows, beyond))


async def _list(chat: Chat) -> Answer:
    offered = await rewards(chat.member_id, chat.live, chat.now)
    points = await balance(chat.member_id, chat.live.day(chat.now))
    found = offer_list(offered, points.spendable)
    await chat.note_shown(
        {shown_subject(reward.id): str(reward.price_points) for reward in offered[: found.shown]}
    )
    return Answer(found.text)


def list_text(offered: Sequence[RewardView], points: int) -> str:
    """The text of `offer_list`."""
    return offer_list(offered, points).text


def offer_list(offered: Sequence[RewardView], points: int) -> Listed:
    """The rewards with their numbers and prices, and why the member cannot redeem one now."""
    if not offered:
        return Listed(NO_REWARDS, 0)
    example = offered[0].number
    usual = Counter(reward.cancel_hours for reward in offered).most_common(1)[0][0]
    return listed(
        f"你有 {number(points)} 积分，礼品如下：",
        [_offer(reward, usual) for reward in offered],
        lambda count: f"……还有 {number(count)} 种，在小程序的「积分兑换」里看全部，也可以按编号兑换。",
        foot=f"{_cancelling(offered, usual)}\n发「兑换 编号」就能换，例如「兑换 {example}」。",
    )


def _cancelling(offered: Sequence[RewardView], usual: int) -> str:
    """How long most of the rewards can be cancelled; the others say so on their own lines."""
    apart = "，另外写明的除外" if any(reward.cancel_hours != usual for reward in offered) else ""
    return f"兑换后{cancel_text(usual)}{apart}。"


def _offer(reward: RewardView, usual: int) -> str:
    about = [f"{reward.number}. {reward.name}  {number(reward.price_points)} 分"]
    if reward.old_price_until is not None and reward.new_price_points is not None:
        about.append(
            f"老积分价，到 {last_day_text(reward.old_price_until)}；新积分 {number(reward.new_price_points)} 分"
        )
    if reward.stock_left:
        about.append(f"剩 {number(reward.stock_left)} 份")
    if reward.reason is not None:
        about.append(reward.reason)
    if reward.cancel_hours != usual:
        about.append(f"换后{cancel_text(reward.cancel_hours)}")
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
            return not_enough_text(f"「{name}」", outcome)
        case PriceChanged():
            return (
                f"「{outcome.name}」现在要 {number(outcome.price_points)} 分，积分没有变化。\n"
                "要换的话，请再发一次。"
            )
        case UnknownReward():
            return "这件礼品已经下架了，积分没有变化。\n发「兑换」看看现在的列表。"
    return refusal_text(outcome)


def unknown_number_text(argument: str, offered: int) -> str:
    """The reply to an argument that is no number, or one that no reward ever had."""
    if not offered:
        return NO_REWARDS
    shown = argument if len(argument) <= 12 else f"{argument[:12]}…"
    if not argument.isdigit():
        return f"没有找到「{shown}」，请用列表里的编号来兑换，例如「兑换 1」。\n发「兑换」看列表。"
    return f"没有 {shown} 号礼品。\n发「兑换」看列表。"


def vouchers_text(rows: Sequence[RedemptionView], beyond: int = 0) -> str:
    """The latest vouchers with code and state; there are `beyond` older ones."""
    if not rows:
        return "还没有兑换过。\n发「兑换」看看能换什么。"
    more = "……还有 {} 张，在小程序的「我的券」里看全部。"
    return listed(
        f"你的券（最近 {len(rows)} 张）：" if beyond else f"你的券（{len(rows)} 张）：",
        [_voucher(row) for row in rows],
        lambda count: more.format(number(count)),
        beyond=beyond,
    ).text


def _voucher(row: RedemptionView) -> str:
    about = f"{row.name}{_times(row.quantity)}（{STATES[row.state]}）"
    if row.state != "issued":
        return about
    return f"{about}\n  券码 {row.voucher}，可用到 {last_day_text(row.expires_on)}"


def _times(quantity: int) -> str:
    return f" ×{number(quantity)}" if quantity > 1 else ""
