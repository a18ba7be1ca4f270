"""The rule of a poll: a question with its choices, and what a vote pays."""

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from loyalty.ledger.ids import Id
from loyalty.programme.declaring.better import HIGHER_IS_BETTER, NEUTRAL
from loyalty.programme.declaring.faults import different, refuse
from loyalty.programme.declaring.sections import Points, Rule, Title
from loyalty.programme.declaring.windows import Windowed


class PollOption(Rule):
    """One choice of a poll."""

    id: Annotated[Id, NEUTRAL] = Field(
        title="编号", description="小写字母开头，可含数字和下划线；发布后不要再改。"
    )
    name: Annotated[Title, NEUTRAL] = Field(title="名称", description="会员看到的选项。")


def options_differ(options: tuple[PollOption, ...]) -> tuple[PollOption, ...]:
    """Options with different ids and names; raises RuleFaults for others."""
    refuse([*different(options, "id"), *different(options, "name")])
    return options


class _PollItems(Rule):
    """The items of a poll, but for its window."""

    id: Annotated[Id, NEUTRAL] = Field(
        title="编号", description="小写字母开头，可含数字和下划线；发布后不要再改。"
    )
    title: Annotated[Title, NEUTRAL] = Field(title="问题", description="会员看到的问题，如 下一季想喝什么。")
    options: Annotated[
        tuple[PollOption, ...], Field(min_length=2, max_length=20), AfterValidator(options_differ), NEUTRAL
    ] = Field(title="选项", description="2 到 20 个选项，每人选一个。")
    points: Annotated[Points, HIGHER_IS_BETTER] = Field(
        default=0, title="积分", description="投一票得多少积分，选哪一项都一样；0 表示没有。"
    )


class Poll(Windowed, _PollItems):
    """A poll or a survey of one question: each member votes once, and the result is public."""

    @property
    def name(self) -> str:
        """The question, which names the poll."""
        return self.title

    @model_validator(mode="after")
    def _window_lasts(self) -> "Poll":
        refuse(self.window_faults())
        return self

    def option(self, option_id: str) -> PollOption | None:
        """The choice of that id, if any."""
        return next((one for one in self.options if one.id == option_id), None)
