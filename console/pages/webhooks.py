"""系统 · 推送: the webhooks that changes are pushed to, what became of each delivery, and sending again."""

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup
from nicegui import ui

from console.acting import perform
from console.dialogs import Ask, ask
from console.facts import draw_facts
from console.frame import draw_title
from console.listing import Column, Filter, Listing, draw_listing
from console.markup import Tone, badge, join, link, moment, points, quiet
from console.outcomes import Refused
from console.page import Page, Visit
from operators.roles import Action
from operators.views.webhooks import TYPE_TITLES, DeliveryLine, WebhookLine, list_deliveries, list_webhooks
from operators.webhooks import replay
from partner_api.keys import list_keys

STATES: Final[Mapping[str, tuple[str, Tone]]] = {
    "due": ("待送达", "warn"),
    "delivered": ("已送达", "good"),
    "dead": ("多次失败，不再送", "bad"),
}


async def draw_webhooks(visit: Visit, query: Mapping[str, str]) -> None:
    """The webhooks that partners have registered."""
    names = {key.id: key.name for key in await list_keys(visit.pool)}
    listing = Listing[WebhookLine](
        path="/system/webhooks",
        caption="推送",
        columns=(
            Column("网址", lambda row: link(row.url, f"/system/webhooks/{row.id}")),
            Column(
                "谁登记的", lambda row: link(names.get(row.key_id, row.key_id), f"/system/keys/{row.key_id}")
            ),
            Column("门店", lambda row: row.store or quiet("全部")),
            Column("状态", _webhook_state),
            Column("待送达", lambda row: points(row.waiting), "number"),
            Column("没送到", lambda row: points(row.dead), "number"),
            Column("登记", lambda row: moment(row.created_at, visit.zone)),
        ),
        empty="还没有推送。合作方的系统用带「登记推送」权限的密钥，调用 POST /partner/v1/webhooks 登记自己的网址。",
    )
    draw_listing(listing, await list_webhooks(visit.pool), query, None)


def _webhook_state(row: WebhookLine) -> Markup:
    if row.stopped_at is None:
        return badge("推送中", "good")
    return join([badge("已停下", "bad"), " ", quiet(row.stopped_because or "")])


async def draw_webhook(visit: Visit, query: Mapping[str, str]) -> None:
    """One webhook and its deliveries."""
    found = await list_webhooks(visit.pool)
    row = next((one for one in found if one.id == query["webhook_id"]), None)
    if row is None:
        ui.html(
            '<p class="empty">没有这个推送，可能已经被去掉。<a href="/system/webhooks">回到推送</a></p>',
            sanitize=False,
        )
        return
    draw_title("推送")
    draw_facts(
        [
            ("网址", Markup("<code>{}</code>").format(row.url)),
            ("状态", _webhook_state(row)),
            ("待送达", points(row.waiting)),
            ("没送到", points(row.dead)),
        ]
    )
    with ui.row():
        if row.dead:
            ui.button(f"重送没送到的 {row.dead:,} 条", on_click=lambda: _replay_dead(visit, row.id)).props(
                "unelevated no-caps data-testid=replay"
            ).classes("act")
        ui.button("按编号重送一条", on_click=lambda: _replay_one(visit, row.id)).props(
            "outline no-caps data-testid=replay-one"
        ).classes("act")
    await _draw_deliveries(visit, row, query)


async def _draw_deliveries(visit: Visit, row: WebhookLine, query: Mapping[str, str]) -> None:
    listing = Listing[DeliveryLine](
        path=f"/system/webhooks/{row.id}",
        caption="推送的记录",
        columns=(
            Column("时间", lambda one: moment(one.created_at, visit.zone)),
            Column(
                "内容",
                lambda one: Markup("{} <code>{}</code>").format(
                    TYPE_TITLES.get(one.type, one.type), one.change_id
                ),
            ),
            Column("状态", lambda one: badge(*STATES[one.state])),
            Column("试过几次", lambda one: one.attempts, "number"),
            Column("对方的回答", lambda one: one.last_status or "–"),
            Column("原因", lambda one: one.last_error or "–"),
            Column("下一次", lambda one: moment(one.due_at, visit.zone) if one.state == "due" else "–"),
        ),
        empty="还没有推送过。有积分变动以后，会在这里列出来。",
        filters=(Filter("state", "状态", {code: words for code, (words, _) in STATES.items()}),),
    )
    state = query.get("state", "")
    found = await list_deliveries(visit.pool, row.id, after=query.get("after", ""), state=state)
    draw_listing(listing, found.rows, query, found.after)


REPLAYED: Final = "后台任务会马上再送一遍；对方按编号去重，同一条收到两次也不会重复处理。"


async def _replay_dead(visit: Visit, webhook_id: str) -> None:
    if await ask("重送没送到的", REPLAYED, [], "重送") is not None:
        await _replay(visit, webhook_id, None)


async def _replay_one(visit: Visit, webhook_id: str) -> None:
    given = await ask("重送一条", REPLAYED, [Ask("change", "编号", hint="「内容」一列里的编号")], "重送")
    if given:
        await _replay(visit, webhook_id, given["change"])


async def _replay(visit: Visit, webhook_id: str, change_id: str | None) -> None:
    async def again() -> str:
        count = await replay(visit.desk, webhook_id, change_id)
        if not count:
            raise Refused("没有这样的记录可以重送：可能还在送，或者编号不对。")
        return f"{count:,} 条马上重送。"

    if await perform(again):
        ui.navigate.to(f"/system/webhooks/{webhook_id}")


PAGES: Final = (
    Page("/system/webhooks", "推送", "system", Action.KEYS, draw_webhooks),
    Page("/system/webhooks/{webhook_id}", "推送", "system", Action.KEYS, draw_webhook, in_menu=False),
)
