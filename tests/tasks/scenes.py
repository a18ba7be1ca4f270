"""What the jobs' tests have in common: members with notices owed, the rows, and the clock's dates."""

import json
from datetime import date, datetime, time, timedelta
from typing import Any

from channels.notices.kind import Content
from channels.sending import template_data
from loyalty.programme.declaring.sections import Template
from tests.emulator.harness import Phone
from tests.house import House
from tests.ledger import ZONE, demo_rules, rules_with

LAPSE = date(2027, 4, 1)
"""When points earned at the tests' start are gone: twelve months on, to the end of that month."""

TEMPLATE_API = "/cgi-bin/message/template/send"
CUSTOM_API = "/cgi-bin/message/custom/send"
SUBSCRIBE_API = "/cgi-bin/message/subscribe/send"


def morning(day: date) -> datetime:
    """Ten o'clock in Shanghai."""
    return datetime.combine(day, time(10), ZONE)


async def go_to(house: House, day: date) -> datetime:
    """Move the clock to that day's morning; no visit window is open any more."""
    house.clock.move_to(morning(day))
    return house.clock.now()


async def owe(
    house: House, member_id: int, kind: str = "expiry", key: str | None = None, **payload: object
) -> str:
    """Write a notice that is due now, as the engine would; its key."""
    if kind == "expiry":
        payload = {"points": 100, "expires_on": LAPSE.isoformat(), "days_left": 20} | payload
    key = key or {"expiry": f"30-8|{LAPSE}", "wake_up": "2026-03-02"}.get(kind, "1")
    await house.resources.pool.execute(
        "INSERT INTO notice (member_id, kind, key, receipt_no, payload, created_at, due_at)"
        " VALUES ($1, $2, $3, 1, $4, $5, $5)",
        member_id, kind, key, json.dumps(payload), house.clock.now(),
    )  # fmt: skip
    return key


async def notices(house: House, member_id: int, kind: str | None = None) -> list[dict[str, Any]]:
    """The member's notices, oldest first."""
    rows = await house.resources.pool.fetch(
        "SELECT * FROM notice WHERE member_id = $1 AND ($2::text IS NULL OR kind = $2) ORDER BY created_at, key",
        member_id, kind,
    )  # fmt: skip
    return [dict(row) | {"payload": json.loads(row["payload"])} for row in rows]


async def notice(house: House, member_id: int) -> dict[str, Any]:
    """The member's only notice."""
    [only] = await notices(house, member_id)
    return only


async def follower(house: House, name: str = "小明") -> tuple[Phone, int]:
    """A phone that follows, and its member."""
    phone = await house.follower(name)
    await house.emulator.pushes()
    return phone, await house.member_of(phone)


async def miniapp_member(house: House, name: str = "小红") -> tuple[Phone, int]:
    """A phone that only knows the mini-program, and its member."""
    phone = await house.phone(name)
    await house.session(phone)
    return phone, await house.member_of(phone)


async def adopt(house: House, **notices: Any) -> None:
    """Publish the demo's rules with other `notices`."""
    theirs = demo_rules().notices.model_dump(mode="json")
    await house.ledger.publish(rules_with(notices=theirs | notices))


def filled(message: dict[str, Any]) -> list[str]:
    """What stands behind the labels of a template message, in their order; its title is the platform's."""
    return [line.partition("：")[2] for line in message["content"].splitlines()[1:]]


def values(content: Content, template: Template | None) -> list[str]:
    """What such a message is to be filled with."""
    assert template is not None
    return list(template_data(content, template, demo_rules().programme).values())


def days_before(day: date, days: int) -> date:
    """`days` earlier."""
    return day - timedelta(days=days)


class OnePage:
    """A budget of one page, in place of `sweeps.Budget`."""

    def __init__(self) -> None:
        self._pages = 1

    def has_time(self) -> bool:
        """True the first time."""
        self._pages -= 1
        return self._pages >= 0
