"""Wake-up notices to members who have not visited for long: one notice per silence, none if the member came back meanwhile."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from pydantic import Field
from typing_extensions import override

from loyalty.engine.command import Command
from loyalty.engine.feature import Feature
from loyalty.engine.handler import Handler
from loyalty.engine.outcomes import Outcome, Result
from loyalty.engine.refusals import NothingDue
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import NoticeRow
from loyalty.members.visits import LAST_SEEN
from loyalty.programme.declaring.sections import Rule, Template
from loyalty.programme.declaring.templates import without_date


class WakeUpNotice(Rule):
    """Wake-up notices after `silent_days` without a visit, by subscribe message, or by a template of the official account."""

    silent_days: Annotated[int, Field(ge=1, le=3660)] = Field(
        default=30, title="多久没来", description="会员多少天没有来访后问候一次。"
    )
    subscribe: Annotated[Template, without_date()] | None = Field(
        default=None, title="订阅消息", description="小程序的订阅消息，会员同意过才能发；不写就不用。"
    )
    template: Annotated[Template, without_date()] | None = Field(
        default=None, title="模板消息", description="公众号的模板消息；不写就不用。"
    )


@dataclass(frozen=True, kw_only=True)
class WakeUp(Command):
    """Write a wake-up notice to a member whose last visit was on `silent_since`; once per silence."""

    name = "wake_up"

    silent_since: date

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "wake_up", self.silent_since.isoformat()


@dataclass(frozen=True)
class WokenUp(Result):
    """A wake-up notice was written."""

    code = "woken_up"
    moves_points = False
    silent_since: date
    balance: int


def decide(wallet: Wallet, command: WakeUp, scene: Scene[WakeUpNotice]) -> Outcome:
    """Write the notice from the `silent_days`-th day after the last visit on. The fact is the silence, so it is written once."""
    seen = scene.recall(LAST_SEEN)
    if seen != command.silent_since or (wallet.today - seen).days < scene.rule.silent_days:
        return NothingDue()
    key = command.silent_since.isoformat()
    due_at = scene.live.unprompted_at(wallet.member_id, wallet.posted_at, seen_on=seen)
    wallet.writes.notices.append(NoticeRow("wake_up", key, {"points": wallet.available}, due_at))
    return WokenUp(command.silent_since, wallet.available)


FEATURE: Final = Feature(
    "wake_up",
    handlers=(Handler(WakeUp, decide, gives=WokenUp, reads=(LAST_SEEN,)),),
    rule=lambda rules: rules.notices.wake_up,
    outcomes=(WokenUp,),
)
