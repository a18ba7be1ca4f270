"""Polls, described to the engine."""

from pathlib import Path
from typing import Final

from loyalty.engine.feature import Feature, Publication
from loyalty.engine.handler import Handler
from loyalty.engine.kept import Kept
from loyalty.polls.audit import CHECKS
from loyalty.polls.carry import CARRY
from loyalty.polls.commands import Vote
from loyalty.polls.decide import decide
from loyalty.polls.outcomes import AlreadyVoted, PollClosed, UnknownOption, UnknownPoll, Voted
from loyalty.polls.rows import VOTE, VOTES
from loyalty.polls.words import SENTENCES, rule_texts
from loyalty.programme.declaring.windows import over

KEPT: Final = Kept(
    table="poll_vote", title="投票", why="统计结果；每人只能投一次", key=("poll",),
    columns={"poll": "投票", "option": "选了", "points": "积分"},
)  # fmt: skip

FEATURE: Final = Feature(
    "polls",
    handlers=(Handler(Vote, decide, gives=Voted, reads=(VOTE,), explains_repeats=True),),
    rule=lambda rules: rules.polls_by_id,
    outcomes=(Voted, AlreadyVoted, PollClosed, UnknownPoll, UnknownOption),
    tables=(VOTES,),
    carry=CARRY,
    publication=Publication(over=lambda polls, before, since: over(polls, before, since, "投票")),
    checks=CHECKS,
    words=SENTENCES,
    texts=lambda rules, _: rule_texts(rules.polls),
    schema=Path(__file__).with_name("schema.yaml"),
    kept=(KEPT,),
)
