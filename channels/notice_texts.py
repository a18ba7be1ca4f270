"""What a notice says: the customer-service text, and the values of a template's keys."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from loyalty.ledger.words import last_day_text, number
from loyalty.programme.rules import Programme
from loyalty.programme.sections import Template


@dataclass(frozen=True)
class NoticeFacts:
    """What holds at the moment of sending. `expires_on` (first day gone) and `days_left` are an expiry notice's."""

    kind: str
    points: int
    expires_on: date | None = None
    days_left: int | None = None


def notice_text(facts: NoticeFacts, programme: Programme) -> str:
    """The notice as a chat message. Raises KeyError for a kind without words."""
    return f"【{programme.brand}】{_TEXTS[facts.kind](facts)}"


def template_data(facts: NoticeFacts, template: Template, programme: Programme) -> dict[str, str]:
    """The template's keys, each with the fact the rule set assigned to it; the API fits them to their types."""
    values = {
        "brand": programme.brand,
        "points": str(facts.points),
        "last_day": last_day_text(facts.expires_on) if facts.expires_on else "长期有效",
        "tip": _tip(facts),
    }
    return {key: values[fact] for key, fact in template.fields.items()}


def _expiry(facts: NoticeFacts) -> str:
    day = last_day_text(facts.expires_on) if facts.expires_on else ""
    if facts.days_left == 1:
        return f"你有 {number(facts.points)} 积分今天就到期，最后可用日是{day}，请在今天用掉。"
    return f"你有 {number(facts.points)} 积分即将到期，最后可用日是{day}，到那天为止都可以正常使用。"


def _wake_up(facts: NoticeFacts) -> str:
    if not facts.points:
        return "好久不见，你的会员身份一直为你保留，随时欢迎回来。"
    return f"好久不见，你的账户里还有 {number(facts.points)} 积分可以使用，随时欢迎回来。"


def _referral_rewarded(facts: NoticeFacts) -> str:
    return f"你邀请的好友已达成邀请条件，奖励你的 {number(facts.points)} 积分已到账。"


_TEXTS: dict[str, Callable[[NoticeFacts], str]] = {
    "expiry": _expiry,
    "wake_up": _wake_up,
    "referral_rewarded": _referral_rewarded,
}


def _tip(facts: NoticeFacts) -> str:
    """At most 20 characters, as the `thing` keys allow."""
    if facts.kind == "expiry":
        return "今天是最后可用日" if facts.days_left == 1 else f"还可使用{facts.days_left}天，到期前都有效"
    return "你的积分仍在账户中，可随时使用" if facts.points else "你的会员身份一直为你保留"
