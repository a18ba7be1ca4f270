"""/changes: the feed of changes for those who prefer to poll."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from aiohttp import web
from typing_extensions import TypedDict

from loyalty.changes import BEGINNING, Position, change_json, changes
from partner_api.requests import PARTNERS, SCOPE_MISSING, PartnerRequest
from web.answers import json_answer
from web.operations import Parameter
from web.paging import LIMIT_PATTERN, PAGE_PROBLEMS, read_cursor, read_limit, write_cursor

NAME: Final = "changes"
WIDTHS: Final = (64, 64, 64)
EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


class MovementAnswer(TypedDict):
    """One entry of a change."""

    reason: str
    title: str
    delta: int
    balance: int


class ChangeData(TypedDict):
    """What a change tells."""

    member_id: int
    occurred_at: datetime
    ref: str
    store_id: str | None
    order_id: str | None
    movements: list[MovementAnswer]


class ChangeAnswer(TypedDict):
    """One change."""

    id: str
    type: str
    timestamp: datetime
    data: ChangeData


class ChangesAnswer(TypedDict):
    """A page of the feed; `after` is where to read on, also when there is nothing more yet."""

    items: list[ChangeAnswer]
    after: str


async def list_changes(request: PartnerRequest) -> web.Response:
    """The changes after a position; those of the key's store, if it is bound to one."""
    partner, query = request.caller, request.http.query
    cursor = query.get("after")
    after = BEGINNING if cursor is None else _position(read_cursor(NAME, cursor, WIDTHS))
    found = await changes(
        partner.resources.pool, after, request.now, limit=read_limit(request.http), store=partner.key.store
    )
    last = found[-1].position if found else after
    items: list[Any] = [change_json(one) for one in found]
    return json_answer(ChangesAnswer(items=items, after=write_cursor(NAME, _numbers(last))))


def _numbers(position: Position) -> tuple[int, int, int]:
    return (position.posted_at - EPOCH) // MICROSECOND, position.member_id, position.no


def _position(numbers: tuple[int, ...]) -> Position:
    micros, member_id, no = numbers
    return Position(EPOCH + min(micros, 10**17) * MICROSECOND, member_id, no)


OPERATIONS = (
    PARTNERS["changes"].get(
        "/changes",
        list_changes,
        "取变动",
        ChangesAnswer,
        query=(
            Parameter("after", "上一次回答里的 after；不写就从头开始"),
            Parameter("limit", "最多几条，1 到 100，默认 20", pattern=LIMIT_PATTERN),
        ),
        problems=(SCOPE_MISSING, *PAGE_PROBLEMS),
    ),
)
