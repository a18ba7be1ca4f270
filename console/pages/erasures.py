"""注销申请: members who asked that their personal data be deleted, whoever waits longest first."""

from collections.abc import Mapping
from typing import Final

from console.facts import draw_notice
from console.listing import Column, Listing, draw_listing
from console.markup import link, moment
from console.page import Page, Visit
from loyalty.erasing.requests import After, Request, list_requests
from operators.roles import Action
from operators.views.paging import instant_in, number_in

SIZE: Final = 50


async def draw_erasures(visit: Visit, query: Mapping[str, str]) -> None:
    """All who wait."""
    draw_notice(
        "请在 15 个工作日内办理：打开会员的页面，点「删除个人信息」。会员反悔时自己会取消，这里就没有了。"
    )
    rows = await list_requests(visit.pool, _place(query.get("after", "")), limit=SIZE + 1)
    listing = Listing[Request](
        path="/erasures",
        caption="注销申请",
        columns=(
            Column("申请时间", lambda row: moment(row.asked_at, visit.zone)),
            Column("会员", lambda row: link(f"会员 {row.member_id}", f"/members/{row.member_id}")),
        ),
        empty="没有注销申请。会员在公众号里发「注销 确认」，就会出现在这里。",
    )
    last = rows[SIZE - 1] if len(rows) > SIZE else None
    draw_listing(
        listing, rows[:SIZE], query, f"{last.asked_at.isoformat()}|{last.member_id}" if last else None
    )


def _place(after: str) -> After | None:
    parts = after.split("|", 1)
    if len(parts) != 2:
        return None
    asked_at, member_id = instant_in(parts[0]), number_in(parts[1])
    return None if asked_at is None or member_id is None else After(asked_at, member_id)


PAGES: Final = (Page("/erasures", "注销申请", "members", Action.LOOK_MEMBERS, draw_erasures),)
