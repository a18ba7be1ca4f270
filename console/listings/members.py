"""How members are named and listed on every page."""

from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

from markupsafe import Markup

from console.listing import Column
from console.markup import Tone, badge, link, moment, points
from loyalty.programme.rules import RuleSet
from operators.views.members import MemberLine

STATUSES: Final[Mapping[str, tuple[str, Tone]]] = {
    "open": ("正常", "good"),
    "limited": ("暂停花积分", "warn"),
    "frozen": ("已冻结", "bad"),
    "closed": ("已注销", "quiet"),
    "merged": ("已并入别的会员", "quiet"),
}


def named(member_id: int, nickname: str | None) -> Markup:
    """A link to a member's page, by nickname if there is one."""
    return link(nickname or f"会员 {member_id}", f"/members/{member_id}")


def tier_of(rules: RuleSet | None, line: MemberLine) -> str:
    """The name of the member's tier."""
    return rules.tiers[rules.ladder.held(line.tier, line.growth)].name if rules else "–"


def member_columns(rules: RuleSet | None, zone: ZoneInfo) -> tuple[Column[MemberLine], ...]:
    """The columns of a list of members."""
    return (
        Column("会员", lambda line: named(line.member_id, line.nickname)),
        Column("会员号", lambda line: line.member_id, "number"),
        Column("状态", lambda line: badge(*STATUSES[line.status])),
        Column("等级", lambda line: tier_of(rules, line)),
        Column("可用积分", lambda line: points(line.available), "number"),
        Column("待到账", lambda line: points(line.pending), "number"),
        Column("成长值", lambda line: points(line.growth), "number"),
        Column("加入", lambda line: moment(line.joined_at, zone)),
        Column("最近来过", lambda line: line.last_seen_on),
    )
