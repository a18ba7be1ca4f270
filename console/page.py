"""What a page is: an address, a title, who may see it, and a function that draws it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

import asyncpg

from loyalty.ledger.calendar import business_day
from operators.desk import Desk
from operators.roles import Action, Role, may
from runtime.resources import Resources

Section = Literal[
    "overview", "members", "rules", "games", "mall", "messages", "shops", "reports", "jobs", "system"
]

SECTIONS: Mapping[Section, tuple[str, str]] = {
    "overview": ("总览", "space_dashboard"),
    "members": ("会员", "group"),
    "rules": ("规则", "tune"),
    "games": ("游戏", "casino"),
    "mall": ("商城", "redeem"),
    "messages": ("消息", "mail"),
    "shops": ("门店与渠道", "storefront"),
    "reports": ("报表", "bar_chart"),
    "jobs": ("任务", "pending_actions"),
    "system": ("系统", "settings"),
}
"""The title and icon of each section of the navigation, in its order."""


@dataclass(frozen=True)
class Visit:
    """An operator's look at one page: their desk, for deeds, and what the page reads from."""

    desk: Desk
    resources: Resources

    @property
    def pool(self) -> asyncpg.Pool:
        """The database."""
        return self.resources.pool

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of business days."""
        return self.resources.zone

    @property
    def today(self) -> date:
        """The business day."""
        return business_day(self.desk.now(), self.zone)

    @property
    def role(self) -> Role:
        """The operator's role."""
        return self.desk.operator.role

    def may(self, action: Action) -> bool:
        """Whether the operator's role may do this; the deed asks again."""
        return may(self.role, action)


Draw: TypeAlias = Callable[[Visit, Mapping[str, str]], Awaitable[None]]
"""Draws a page for a visit. The mapping holds what stands in the address: the path's parts and the query."""


@dataclass(frozen=True)
class Page:
    """A page. With `in_menu` its section lists it; a page of one thing (a member, a version) is reached by links alone."""

    path: str
    title: str
    section: Section
    action: Action
    draw: Draw
    in_menu: bool = True
