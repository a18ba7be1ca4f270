"""Polls in Chinese: their entry and their rules."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from loyalty.engine.feature import RuleText
from loyalty.ledger.words import Sentence, number
from loyalty.polls.rule import Poll
from loyalty.programme.declaring.windows import window_text

SENTENCES: Final[Mapping[str, Sentence]] = {
    "poll": Sentence(lambda _: "投票", lambda facts: f"参加投票「{facts['title']}」。"),
}


def rule_texts(polls: Iterable[Poll]) -> Iterator[RuleText]:
    """All polls under one title, a sentence each."""
    yield RuleText("polls", "投票", tuple(_sentence(one) for one in polls))


def _sentence(poll: Poll) -> str:
    window = window_text(poll)
    when = f"（{window}）" if window else ""
    points = f"，投票得 {number(poll.points)} 积分，选哪一项都一样" if poll.points else ""
    return f"{poll.title}{when}：每人一票，投了不能改，结果公开{points}。"
