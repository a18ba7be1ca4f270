"""申诉: why the account is frozen, and 申诉 with words: what the member has to say about it, which an operator answers."""

from typing import Final

from bot.answers import Answer
from bot.chat import Chat
from loyalty.appeals.views import LONGEST, Appeal, Standing, open_appeal
from loyalty.cases.views import standing_with_case

HOW: Final = "有话要说，请发「申诉」加上你的说明，例如「申诉 那一单是我本人买的」。"
NOT_FROZEN: Final = "你的积分账户没有冻结，不用申诉。\n有别的问题，请发「人工」。"
FROZEN: Final = "你的积分账户已冻结，暂时不能得积分、用积分。"
LIMITED: Final = "你的账户暂停花积分，积分一分不少，签到和得积分照常。"
TOO_LONG: Final = f"申诉最多写 {LONGEST} 个字，请写短一些再发。"


async def appeal(chat: Chat) -> Answer:
    """Say how the account stands, or take an appeal."""
    pool, member_id = chat.resources.pool, chat.member_id
    if not chat.argument:
        return Answer(standing_text(await standing_with_case(pool, member_id)))
    if len(chat.argument) > LONGEST:
        return Answer(TOO_LONG)
    appeal_id = chat.push.message_key
    return Answer(
        taken_text(await open_appeal(pool, member_id, appeal_id, chat.argument, chat.now), appeal_id)
    )


def standing_text(standing: Standing) -> str:
    """Why the account is frozen, the latest appeal with its answer, and what the member can do."""
    latest = standing.latest
    if not standing.may_appeal:
        answered = f"\n上次申诉的答复：{latest.answer}" if latest and latest.answer else ""
        return f"{NOT_FROZEN}{answered}"
    reason = f"原因：{standing.reason}\n" if standing.reason else ""
    stands = LIMITED if standing.is_limited else FROZEN
    return f"{stands}\n{reason}{_latest(latest)}"


def taken_text(standing: Standing, appeal_id: str) -> str:
    """Whether the appeal was taken, and why not."""
    latest = standing.latest
    if not standing.may_appeal:
        return NOT_FROZEN
    if latest is not None and latest.id != appeal_id and latest.state == "open":
        return "你上次的申诉还在处理，有答复后可以再申诉。"
    return "申诉已收到，工作人员看过后会答复你。\n发「申诉」可以看进度。"


def _latest(latest: Appeal | None) -> str:
    if latest is None:
        return HOW
    if latest.state == "open":
        return "你的申诉已收到，正在处理。"
    return f"上次申诉的答复：{latest.answer}\n{HOW}"
