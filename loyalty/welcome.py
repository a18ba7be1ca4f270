"""The new member's gift, which each member gets once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field
from typing_extensions import override

from loyalty.engine.command import Command
from loyalty.engine.feature import Feature, Publication, RuleText
from loyalty.engine.handler import Handler
from loyalty.engine.outcomes import Outcome, Result
from loyalty.engine.refusals import NothingDue
from loyalty.engine.scene import Scene
from loyalty.ledger.ids import Id
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.words import Sentence, number
from loyalty.ledger.writes import MeterKey
from loyalty.programme.declaring.better import HIGHER_IS_BETTER, UNKNOWN, Better
from loyalty.programme.declaring.sections import Points, Rule
from loyalty.programme.tickets import tickets_of


class WelcomeRule(Rule):
    """The new member's gift."""

    points: Annotated[Points, HIGHER_IS_BETTER] = Field(
        title="积分", description="新会员得多少积分，每人一次；0 表示不送。"
    )
    ticket: Annotated[Id | None, Better("unknown", null="worst")] = Field(
        default=None, title="抽奖券", description="另送一次免费抽奖，写转盘的编号；不写就没有。"
    )
    at: Annotated[Literal["first_act", "follow"], UNKNOWN] = Field(
        default="first_act",
        title="何时送",
        description=(
            "first_act：第一次发消息、签到或登录小程序时送；follow：一关注就送。"
            "注意：微信禁止用积分引诱关注，选 follow 可能让公众号受罚。"
        ),
    )


@dataclass(frozen=True, kw_only=True)
class Welcome(Command):
    """Grant the new member's gift, once per member, even if they unfollow and follow again."""

    name = "welcome"

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "welcome", "gift"


@dataclass(frozen=True)
class Welcomed(Result):
    """The gift was granted. `balance` is the spendable balance after it, `ticket` the wheel of a free draw, if there is one."""

    code = "welcomed"
    moves_points = False  # the gift may be a free draw alone
    points: int
    balance: int
    ticket: str | None = None


def decide(wallet: Wallet, _: Welcome, scene: Scene[WelcomeRule]) -> Outcome:
    """Grant the gift, if the programme has one."""
    points, ticket = scene.rule.points, scene.rule.ticket
    if not points and ticket is None:
        return NothingDue()
    if points:
        wallet.grant(points, "welcome", {}, scene.lapse_day)
    if ticket is not None:
        wallet.count(tickets_of(ticket))
    return Welcomed(points=points, balance=wallet.available, ticket=ticket)


def _meters(_: Welcome, rule: WelcomeRule, __: date) -> Sequence[MeterKey]:
    return () if rule.ticket is None else (tickets_of(rule.ticket),)


FOLLOW_WARNING: Final = (
    "新人礼设为一关注就送（welcome.at: follow）。微信禁止用积分引诱关注，公众号可能因此受罚。"
)


def _warnings(rule: WelcomeRule) -> Iterator[str]:
    """WeChat may punish an account that pays for following."""
    if rule.at == "follow" and rule.points:
        yield FOLLOW_WARNING


def rule_texts(rule: WelcomeRule, wheels: Mapping[str, str]) -> Iterator[RuleText]:
    """The new member's gift, if there is one; `wheels` are the names of wheels by their ids."""
    gifts = [f" {number(rule.points)} 积分"] if rule.points else []
    gifts += [f" 1 次「{wheels.get(rule.ticket, rule.ticket)}」免费抽奖"] if rule.ticket else []
    if gifts:
        when = "加入即送" if rule.at == "follow" else "第一次签到或发消息，送"
        yield RuleText("welcome", "新人礼", (f"新会员{when}{'和'.join(gifts)}，每人一次。",))


FEATURE: Final = Feature(
    "welcome",
    handlers=(Handler(Welcome, decide, gives=Welcomed, rule_meters=_meters, once_per_person=True),),
    rule=lambda rules: rules.welcome,
    outcomes=(Welcomed,),
    publication=Publication(warnings=_warnings),
    for_newcomers=(Welcome,),
    words={"welcome": Sentence(lambda _: "新人礼", lambda _: "欢迎加入，送你一份见面礼。")},
    texts=lambda rules, _: rule_texts(rules.welcome, {one.id: one.name for one in rules.wheels}),
)
