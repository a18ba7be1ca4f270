"""The outcomes of answering an appeal."""

from dataclasses import dataclass

from loyalty.engine.outcomes import Refusal, Result


@dataclass(frozen=True)
class AppealAnswered(Result):
    """The appeal is answered. `released`: the account was frozen, and is open again."""

    code = "appeal_answered"
    moves_points = False
    appeal: str
    answer: str
    released: bool
    by: str


@dataclass(frozen=True)
class NoOpenAppeal(Refusal):
    """The member has no open appeal of this id: it was answered before, or there never was one."""

    code = "no_open_appeal"
    title = "申诉已经答复"

    sentence = "这个申诉已经答复过了，或者没有这个申诉。"
