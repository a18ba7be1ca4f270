"""规则: the published rules as the engine executes them, all at once or one topic by its number."""

from collections.abc import Sequence
from typing import Final

from bot.answers import Answer
from bot.chat import Chat
from bot.lists import listed
from bot.words import list_number
from loyalty.engine.feature import RuleText
from loyalty.rule_texts import rule_texts_now
from wechat.text import MAX_TEXT_BYTES

LISTED_ELSEWHERE: Final = "rewards"


async def rules(chat: Chat) -> Answer:
    """Every topic of the live rules, or the one asked for."""
    topics = await rule_texts_now(chat.live.rules)
    if not chat.argument:
        return Answer(rules_text(topics, chat.live.version))
    return Answer(topic_text(topics, list_number(chat.argument)))


def rules_text(topics: Sequence[RuleText], version: int) -> str:
    """The topics one under the other, within one message.

    A topic that does not fit is replaced by the word that shows it: the rewards first, as 兑换 lists them, then the longest.
    """
    parts = [_whole(topic) for topic in topics]
    longest_last = sorted(
        range(len(parts)), key=lambda place: (topics[place].topic == LISTED_ELSEWHERE, len(parts[place]))
    )
    while (text := _joined(parts, version)) and len(text.encode()) > MAX_TEXT_BYTES and longest_last:
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
