"""The outcomes of a vote."""

from dataclasses import dataclass

from loyalty.engine.outcomes import Refusal, Result


@dataclass(frozen=True)
class Voted(Result):
    """The vote counts. It paid `points`, whatever the choice."""

    code = "voted"
    moves_points = False  # a poll may pay nothing
    poll: str
    option: str
    name: str
    points: int
    balance: int


@dataclass(frozen=True)
class AlreadyVoted(Refusal):
    """The member has voted in this poll: for the option called `name`."""

    code = "already_voted"
    title = "已经投过票了"
    public_fields = ("option",)
    option: str
    name: str

    @property
    def sentence(self) -> str:
        """The choice that counts."""
        return f"你已经投给「{self.name}」了，每人一票，投了不能改。"


@dataclass(frozen=True)
class PollClosed(Refusal):
    """The poll has not begun, or is over."""

    code = "poll_closed"
    title = "现在不能投票"

    sentence = "这个投票还没有开始，或者已经结束了。"


@dataclass(frozen=True)
class UnknownPoll(Refusal):
    """No such poll in the live rules."""

    code = "unknown_poll"
    title = "没有这个投票"
    category = "not_found"
    poll: str

    sentence = "这个投票不存在，或者已经下线。"


@dataclass(frozen=True)
class UnknownOption(Refusal):
    """The poll has no such option."""

    code = "unknown_option"
    title = "没有这个选项"
    category = "unprocessable"
    option: str

    sentence = "这个投票没有这个选项，请选一个列出的选项。"
