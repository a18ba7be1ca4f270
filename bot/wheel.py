"""抽奖: one draw on the first wheel, with the odds in force."""

from datetime import date
from typing import Final

from bot.answers import Answer, not_enough_text, points_left, refusal_text
from bot.chat import Chat
from bot.mission import finished_text
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.games.commands import Draw
from loyalty.games.outcomes import DrawLimitReached, Drawn, DrawnPrize, OddsChanged, UnknownWheel
from loyalty.games.rule import Wheel, shown_subject
from loyalty.games.views import wheel_view
from loyalty.games.words import gone_text
from loyalty.ledger.words import day_text, number, odds_text
from loyalty.programme.in_force.live import rules_of
from loyalty.programme.rules import RuleSet

NO_WHEEL = "现在没有抽奖活动。\n先发「签到」攒积分，活动开始再来试手气。"
SHORT: Final = 10
"""Characters of an odds version that a chat message shows; the mini-program shows as many."""


async def draw(chat: Chat) -> Answer:
    """Spin the default wheel once, if it is still the one that the member was last shown."""
    wheels = chat.live.rules.wheels
    command = Draw(
        member_id=chat.member_id,
        request_key=chat.request_key,
        at=chat.at,
        wheel=wheels[0].id if wheels else "",  # also where there is none: a retry finds what its message did
        sent="抽奖",
        as_shown=True,
    )
    decision = await chat.decide(command)
    outcome = decision.outcome
    if isinstance(outcome, OddsChanged):
        return await _changed(chat, outcome)
    if isinstance(outcome, DrawLimitReached) and chat.live.day(chat.at) < chat.live.day(chat.now):
        return Answer(earlier_day_limit_text(outcome, chat.live.day(chat.at)))
    text = draw_text(outcome, await _rules_of(outcome, chat))
    return Answer(f"{text}{finished_text(decision.consequences)}")


async def _changed(chat: Chat, outcome: OddsChanged) -> Answer:
    """Show the wheel in force, which the next 抽奖 then agrees to.

    The wheel that is shown may be newer than the one that refused the draw.
    """
    wheel = chat.live.rules.wheel(outcome.wheel)
    if wheel is None:
        return Answer(NO_WHEEL)
    live = chat.live
    view = await wheel_view(chat.resources.pool, chat.member_id, wheel, live, chat.now)
    await chat.note_shown({shown_subject(wheel.id): wheel.odds_version})
    return Answer(changed_text(view.rule))


def changed_text(rule: str) -> str:
    """The reply to a draw on a wheel that changed since it was last shown; `rule` is what holds now."""
    return f"抽奖规则变了，这次没有抽，积分没有变化。\n{rule}\n要抽的话，请再发一次「抽奖」。"


async def _rules_of(outcome: Outcome, chat: Chat) -> RuleSet:
    """The rules that decided the draw: a retry of the message may arrive when newer rules are in force."""
    if isinstance(outcome, Drawn) and outcome.rule_version not in (0, chat.live.version):
        return await rules_of(chat.resources.pool, outcome.rule_version)
    return chat.live.rules


def earlier_day_limit_text(outcome: DrawLimitReached, day: date) -> str:
    """The reply to a draw written on an earlier `day`, when that day's draws were used up."""
    return f"{day_text(day)}的抽奖次数用完了（每天 {number(outcome.limit)} 次），今天的请再发一次「抽奖」。"


def draw_text(outcome: Outcome, rules: RuleSet) -> str:
    """The reply to a draw, with the odds of the `rules` that decided it."""
    match outcome:
        case Drawn():
            ticket = "用掉 1 次抽奖机会" if outcome.tickets else "免费"
            paid = (
                f"本次用了 {number(outcome.cost_points)} 分，" if outcome.cost_points else f"本次{ticket}，"
            )
            wheel = _played(outcome, rules)
            won = "\n".join(_prize(drawn, wheel) for drawn in outcome.draws)
            return f"{won}\n{paid}{points_left(outcome.balance)}{_odds(wheel, outcome)}"
        case DrawLimitReached(limit=limit):
            return f"今天的抽奖次数用完了（每天 {number(limit)} 次），明天再来。"
        case NotEnoughPoints():
            return not_enough_text("抽一次", outcome)
        case UnknownWheel():
            return NO_WHEEL
    return refusal_text(outcome)


def odds_in_brief(wheel: Wheel) -> str:
    """The published odds of each level, the rarest first: `一等奖 0.5%、谢谢参与 99.5%`."""
    levels: dict[str, int] = {}
    for prize in wheel.prizes:
        levels[prize.level] = levels.get(prize.level, 0) + prize.odds_ppm
    rarest_first = sorted(levels.items(), key=lambda level: level[1])
    return "、".join(f"{level} {odds_text(odds_ppm)}" for level, odds_ppm in rarest_first)


def _prize(drawn: DrawnPrize, wheel: Wheel | None) -> str:
    odds = f"（概率 {odds_text(drawn.odds_ppm or wheel.prize(drawn.prize).odds_ppm)}）" if wheel else ""
    match drawn.kind:
        case "points":
            return f"抽中{drawn.level}「{drawn.name}」{odds}，{number(drawn.points)} 分已到账。"
        case "repair_card":
            return f"抽中{drawn.level}「{drawn.name}」{odds}，1 张补签卡已到账，发「补签」就能用。"
        case "voucher":
            return f"恭喜抽中{drawn.level}「{drawn.name}」{odds}！\n券码 {drawn.voucher}，发「我的兑换」随时查看。"
    return f"「{drawn.name}」{odds}，这次没有抽中，下次好运。"


def _odds(wheel: Wheel | None, outcome: Drawn) -> str:
    if wheel is None:
        return ""
    gone = gone_text(wheel, outcome.gone)
    lines = [f"公示概率：{odds_in_brief(wheel)}。", *([gone] if gone else [])]
    lines.append(f"概率版本 {wheel.odds_version[:SHORT]}，发「规则」看完整规则。")
    return "".join(f"\n{line}" for line in lines)


def _played(outcome: Drawn, rules: RuleSet) -> Wheel | None:
    """The wheel whose table decided the draw; None when these rules no longer have all the drawn prizes."""
    wheel = rules.wheel(outcome.wheel)
    prizes = {prize.id for prize in wheel.prizes} if wheel else set()
    return wheel if all(drawn.prize in prizes for drawn in outcome.draws) else None
