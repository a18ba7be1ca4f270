"""系统 · 推送: the webhooks that changes are pushed to, and the page of one: its state, what to do with it, its deliveries."""

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup
from nicegui import ui

from console.facts import draw_facts
from console.frame import draw_title
from console.listing import Column, Filter, Listing, draw_listing
from console.markup import Tone, address, badge, join, link, moment, points, quiet
from console.page import Page, Visit
from console.pages.webhook_actions import draw_actions, draw_replay
from operators.roles import Action
from operators.views.webhooks import (
    TYPE_TITLES,
    DeliveryLine,
    WebhookLine,
    delivery_of,
    list_deliveries,
    list_webhooks,
)
from partner_api.keys import Key, list_keys

STATES: Final[Mapping[str, tuple[str, Tone]]] = {
    "due": ("待送达", "warn"),
    "delivered": ("已送达", "good"),
    "dead": ("没送到，不再送", "bad"),
}
STOPPED: Final[Mapping[str, str]] = {"gone": "对方回答 410，不要了", "operator": "操作员停下的"}


async def draw_webhooks(visit: Visit, query: Mapping[str, str]) -> None:
    """The webhooks that partners have registered, those that are removed last."""
    keys = {key.id: key for key in await list_keys(visit.pool)}
    listing = Listing[WebhookLine](
        path="/system/webhooks",
        caption="推送",
        columns=(
            Column("网址", lambda row: link(row.url, f"/system/webhooks/{row.id}")),
            Column("谁登记的", lambda row: _whose(keys, row)),
            Column("门店", lambda row: row.store or quiet("全部")),
            Column("状态", lambda row: _state(keys, row)),
            Column("待送达", lambda row: points(row.waiting), "number"),
            Column("没送到", lambda row: points(row.dead), "number"),
            Column("登记", lambda row: moment(row.created_at, visit.zone)),
        ),
        empty="还没有推送。合作方的系统用带「登记推送」权限的密钥，调用 POST /partner/v1/webhooks 登记自己的网址。",
    )
    draw_listing(listing, await list_webhooks(visit.pool), query, None)


def _whose(keys: Mapping[str, Key], row: WebhookLine) -> Markup:
    return link(keys[row.key_id].name if row.key_id in keys else row.key_id, f"/system/keys/{row.key_id}")


def _state(keys: Mapping[str, Key], row: WebhookLine) -> Markup:
    if row.removed_at is not None:
        return badge("已去掉", "quiet")
    if row.key_id in keys and keys[row.key_id].revoked_at is not None:
        return join([badge("已停下", "bad"), " ", quiet("密钥作废了")])
    if row.stopped_at is not None:
        because = row.stopped_because or ""
        return join([badge("已停下", "bad"), " ", quiet(STOPPED.get(because, because))])
    return badge("推送中", "good")


async def _webhook(visit: Visit, query: Mapping[str, str]) -> WebhookLine | None:
    """The webhook that the address names; None after saying that there is none."""
    found = await list_webhooks(visit.pool)
    row = next((one for one in found if one.id == query["webhook_id"]), None)
    if row is None:
        ui.html('<p class="empty">没有这个推送。<a href="/system/webhooks">回到推送</a></p>', sanitize=False)
    return row


async def draw_webhook(visit: Visit, query: Mapping[str, str]) -> None:
    """One webhook, what can be done with it, and its deliveries."""
    row = await _webhook(visit, query)
    if row is None:
        return
    keys = {key.id: key for key in await list_keys(visit.pool)}
    draw_title("推送")
    draw_facts(
        [
            ("网址", Markup("<code>{}</code>").format(row.url)),
            ("状态", _state(keys, row)),
            ("谁登记的", _whose(keys, row)),
            ("门店", row.store or "全部"),
            ("待送达", points(row.waiting)),
            ("没送到", points(row.dead)),
            ("登记", moment(row.created_at, visit.zone)),
            ("停下", moment(row.stopped_at, visit.zone)),
            ("去掉", moment(row.removed_at, visit.zone)),
            ("原来的签名密钥用到", moment(row.previous_until, visit.zone)),
        ]
    )
    if row.removed_at is None:
        draw_actions(visit, row)
    await _draw_deliveries(visit, row, query)


async def _draw_deliveries(visit: Visit, row: WebhookLine, query: Mapping[str, str]) -> None:
    listing = Listing[DeliveryLine](
        path=f"/system/webhooks/{row.id}",
        caption="推送的记录",
        columns=(
            Column("时间", lambda one: moment(one.created_at, visit.zone)),
            Column(
                "内容",
                lambda one: link(
                    f"{TYPE_TITLES.get(one.type, one.type)} {one.change_id}",
                    f"/system/webhooks/{row.id}/{one.change_id}",
                ),
            ),
            Column("状态", lambda one: badge(*STATES[one.state])),
            Column("试过几次", lambda one: one.attempts, "number"),
            Column("对方的回答", lambda one: one.last_status or "–"),
            Column("原因", lambda one: one.told or "–"),
            Column("下一次", lambda one: moment(one.due_at, visit.zone) if one.state == "due" else "–"),
        ),
        empty="还没有推送过。有积分变动以后，会在这里列出来。",
        filters=(
            Filter("state", "状态", {code: words for code, (words, _) in STATES.items()}),
            Filter("type", "内容", TYPE_TITLES),
        ),
    )
    found = await list_deliveries(
        visit.pool, row.id, after=query.get("after", ""), state=query.get("state", "").replace("\0", ""),
        kind=query.get("type", "").replace("\0", ""),
    )  # fmt: skip
    draw_listing(listing, found.rows, query, found.after)


async def draw_delivery(visit: Visit, query: Mapping[str, str]) -> None:
    """One delivery: what was sent, what was answered, and a way to send it again."""
    row = await _webhook(visit, query)
    if row is None:
        return
    one = await delivery_of(visit.pool, row.id, query["change_id"])
    place = f"/system/webhooks/{row.id}"
    if one is None:
        told = Markup('<p class="empty">没有这条记录；送到的只留 30 天。<a href="{}">回到这个推送</a></p>')
        ui.html(told.format(place), sanitize=False)
        return
    draw_title(TYPE_TITLES.get(one.type, one.type))
    draw_facts(
        [
            ("推送到", link(row.url, place)),
            ("编号", Markup("<code>{}</code>").format(one.change_id)),
            ("状态", badge(*STATES[one.state])),
            ("试过几次", one.attempts),
            ("对方的回答", one.last_status or "–"),
            ("原因", one.told or "–"),
            ("时间", moment(one.created_at, visit.zone)),
            ("下一次", moment(one.due_at, visit.zone) if one.state == "due" else "–"),
            ("送去的内容", Markup("<code>{}</code>").format(one.content)),
        ]
    )
    if row.removed_at is None and one.state != "due":
        draw_replay(visit, row, one.change_id, address(f"{place}/{one.change_id}"))


PAGES: Final = (
    Page("/system/webhooks", "推送", "system", Action.KEYS, draw_webhooks),
    Page("/system/webhooks/{webhook_id}", "推送", "system", Action.KEYS, draw_webhook, in_menu=False),
    Page(
        "/system/webhooks/{webhook_id}/{change_id}",
        "推送",
        "system",
        Action.KEYS,
        draw_delivery,
        in_menu=False,
    ),
)
