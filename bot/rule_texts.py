"""规则: the published rules as the engine executes them, all at once or one topic by its number."""

from collections.abc import Collection, Sequence
from typing import Final

from bot.answers import Answer
from bot.chat import Chat
from bot.lists import listed
from bot.words import list_number
from loyalty.checkin.repair.commands import SUBJECT as REPAIR
from loyalty.engine.feature import RuleText
from loyalty.games.rule import shown_subject as wheel_subject
from loyalty.programme.rules import RuleSet
from loyalty.rewards.rule import shown_subject as reward_subject
from loyalty.rule_texts import rule_texts_now
from wechat.text import MAX_TEXT_BYTES

LISTED_ELSEWHERE: Final = "rewards"


async def rules(chat: Chat) -> Answer:
    """Every topic of the live rules, or the one asked for."""
    topics = await rule_texts_now(chat.live.rules)
    asked = list_number(chat.argument)
    page = chat.resources.settings.odds_url if chat.live.rules.wheels else None
    last = f"概率公示：{page}" if page else ""
    text = topic_text(topics, asked) if chat.argument else rules_text(topics, chat.live.version, last)
    told = [topic.topic for topic in topics if _whole(topic) in text]
    await chat.note_shown(shown_by(told, chat.live.rules))
    return Answer(text)


def shown_by(topics: Collection[str], rules: RuleSet) -> dict[str, str]:
    """The prices and odds that these topics tell, by the subject under which `shown` keeps them."""
    shown: dict[str, str] = {}
    for topic in topics:
        if topic == "rewards":
            shown |= {reward_subject(reward.id): str(reward.price_points) for reward in rules.rewards}
        elif topic == "repair" and rules.repair is not None and rules.repair.price_points is not None:
            shown[REPAIR] = str(rules.repair.price_points)
    shown |= {
        wheel_subject(wheel.id): wheel.odds_version for wheel in rules.wheels if f"wheel:{wheel.id}" in topics
    }
    return shown


def rules_text(topics: Sequence[RuleText], version: int, last: str = "") -> str:
    """The topics one under the other and a `last` line, within one message.

    A topic that does not fit is replaced by the word that shows it: the rewards first, as 兑换 lists them, then the longest.
    """
    parts, tail = [_whole(topic) for topic in topics], [last] if last else []
    longest_last = sorted(
        range(len(parts)), key=lambda place: (topics[place].topic == LISTED_ELSEWHERE, len(parts[place]))
    )
    while (
        (text := _joined([*parts, *tail], version)) and len(text.encode()) > MAX_TEXT_BYTES and longest_last
    ):
        place = longest_last.pop()
        parts[place] = f"【{topics[place].title}】发「规则 {place + 1}」查看。"
    return text


def topic_text(topics: Sequence[RuleText], number: int | None) -> str:
    """One topic in full, by its place in the list, from 1."""
    if number is None or not 1 <= number <= len(topics):
        return f"规则有 1 到 {len(topics)} 条。\n发「规则」看全部。"
    topic = topics[number - 1]
    whole = _whole(topic)
    if len(whole.encode()) <= MAX_TEXT_BYTES:
        return whole
    return listed(
        f"【{topic.title}】",
        topic.sentences,
        lambda count: f"……还有 {count} 句，在小程序的「活动规则」里看全部。",
    ).text


def _whole(topic: RuleText) -> str:
    return f"【{topic.title}】\n{''.join(topic.sentences)}"


def _joined(parts: Sequence[str], version: int) -> str:
    return "\n".join([f"积分规则（第 {version} 版）", *parts])
