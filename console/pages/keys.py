"""系统 · 接口密钥: who may call the partner API and for what, and the webhooks that changes are pushed to."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from markupsafe import Markup
from nicegui import ui

from console.acting import perform
from console.dialogs import Ask, ask, tell
from console.facts import draw_facts
from console.forms.shapes import Number
from console.forms.values import typed_number
from console.frame import draw_title
from console.listing import Column, Filter, Listing, draw_listing
from console.markup import Tone, badge, join, link, moment, points, quiet
from console.outcomes import Refused
from console.page import Page, Visit
from console.pages.members import rules_now
from operators.keys import create_key, revoke_key, rotate_key
from operators.roles import Action
from operators.views.webhooks import TYPE_TITLES, DeliveryLine, WebhookLine, list_deliveries, list_webhooks
from operators.webhooks import replay
from partner_api.keys import SCOPES, Key, NewKey, Scope, list_keys

SCOPE_TITLES: Final[Mapping[Scope, str]] = {
    "events": "上报消费等事件",
    "members": "查会员",
    "deductions": "积分抵扣",
    "vouchers": "核销券",
    "changes": "读变动",
    "webhooks": "登记推送",
}
SETS: Final[Mapping[str, tuple[str, tuple[Scope, ...]]]] = {
    "till": ("收银台：上报消费、查会员、抵扣、核销", ("events", "members", "deductions", "vouchers")),
    "events": ("只上报消费等事件", ("events",)),
    "vouchers": ("只核销券", ("members", "vouchers")),
    "crm": ("CRM 或 ERP：查会员、读变动、登记推送", ("members", "changes", "webhooks")),
    "all": ("全部", SCOPES),
}
"""What keys are commonly for: the words, and the scopes."""
STATES: Final[Mapping[str, tuple[str, Tone]]] = {
    "due": ("待送达", "warn"),
    "delivered": ("已送达", "good"),
    "dead": ("多次失败，不再送", "bad"),
}
RATE: Final = Number("times", None, None)
DEFAULT_RATE: Final = 600
GRACES: Final[Mapping[str, str]] = {"0": "马上失效", "24": "24 小时后失效", "168": "7 天后失效"}


async def draw_keys(visit: Visit, query: Mapping[str, str]) -> None:
    """All keys, and a way to make one."""
    zone = visit.zone
    ui.html(
        '<p class="quiet">收银台、门店系统和 CRM 用密钥调用接口。一个系统一个密钥：出了问题，只停那一个。</p>',
        sanitize=False,
    )
    ui.button("新建密钥", icon="add", on_click=lambda: _new(visit)).props(
        "unelevated no-caps data-testid=new-key"
    ).classes("act")
    listing = Listing[Key](
        path="/system/keys",
        caption="接口密钥",
        columns=(
            Column("给谁用", lambda key: link(key.name, f"/system/keys/{key.id}")),
            Column("开头", lambda key: Markup("<code>{}</code>").format(key.shown)),
            Column("能做什么", _scopes),
            Column("门店", lambda key: key.store or quiet("不限")),
            Column("每分钟最多", lambda key: points(key.per_minute), "number"),
            Column("状态", _state),
            Column("建立", lambda key: moment(key.created_at, zone)),
        ),
        empty="还没有密钥。收银台要上报消费时，点「新建密钥」。",
    )
    draw_listing(listing, await list_keys(visit.pool), query, None)


def _scopes(key: Key) -> str:
    return "、".join(SCOPE_TITLES[one] for one in key.scopes)


def _state(key: Key) -> Markup:
    return badge("已作废", "bad") if key.revoked_at else badge("可用", "good")


async def draw_key(visit: Visit, query: Mapping[str, str]) -> None:
    """One key, and the ways to renew and to end it."""
    key = next((one for one in await list_keys(visit.pool) if one.id == query["key_id"]), None)
    if key is None:
        ui.html('<p class="empty">没有这个密钥。<a href="/system/keys">回到接口密钥</a></p>', sanitize=False)
        return
    draw_title(key.name)
    draw_facts(
        [
            ("状态", _state(key)),
            ("开头", Markup("<code>{}</code>").format(key.shown)),
            ("能做什么", _scopes(key)),
            ("门店", key.store or "不限门店"),
            ("每分钟最多", f"{points(key.per_minute)} 次请求"),
            ("建立", moment(key.created_at, visit.zone)),
            ("换过", moment(key.rotated_at, visit.zone)),
            ("作废", moment(key.revoked_at, visit.zone)),
        ]
    )
    if key.revoked_at is None:
        with ui.row():
            ui.button("换一个密钥", on_click=lambda: _rotate(visit, key)).props(
                "outline no-caps data-testid=rotate"
            ).classes("act")
            ui.button("作废", on_click=lambda: _revoke(visit, key)).props(
                "outline no-caps color=negative data-testid=revoke"
            ).classes("act")


async def _new(visit: Visit) -> None:
    rules = await rules_now(visit)
    stores = {"": "不限门店"} | {one.id: one.name for one in (rules.stores if rules else ())}
    given = await ask(
        "新建密钥",
        "密钥只显示一次，请马上抄给用它的系统；数据库里只有它的摘要，找不回来。",
        [
            Ask("name", "给谁用", hint="例如：一店收银台"),
            Ask("kind", "能做什么", "choice", choices={code: words for code, (words, _) in SETS.items()}),
            Ask("store", "只用于哪家门店", "choice", choices=stores, required=False),
            Ask("per_minute", "每分钟最多多少次请求", "number", value=str(DEFAULT_RATE)),
        ],
        "新建",
    )
    made: list[NewKey] = []

    async def create() -> str:
        fields = given or {}
        rate = typed_number(fields["per_minute"], RATE)
        if not isinstance(rate, int):
            raise Refused("每分钟的请求次数要写整数，例如 600。")
        scopes = [str(one) for one in SETS[fields["kind"]][1]]
        made.append(await create_key(visit.desk, fields["name"], scopes, fields["store"] or None, rate))
        return f"「{fields['name']}」的密钥已建好。"

    if given and await perform(create):
        await _show_once(made[0])
        ui.navigate.to(f"/system/keys/{made[0].key.id}")


async def _rotate(visit: Visit, key: Key) -> None:
    given = await ask(
        f"换「{key.name}」的密钥",
        "会得到一个新的密钥，权限不变。给原来的留一点时间，好让系统换过去；泄露了就选马上失效。",
        [
            Ask("grace", "原来的密钥", "choice", choices=dict(GRACES), value="24"),
            Ask("reason", "原因"),
        ],
        "换",
    )
    made: list[NewKey] = []

    async def rotate() -> str:
        fields = given or {}
        grace = timedelta(hours=int(fields["grace"]))
        new = await rotate_key(visit.desk, key.id, grace=grace, reason=fields["reason"])
        if new is None:
            raise Refused("这个密钥刚被作废，换不了了。")
        made.append(new)
        return f"「{key.name}」的密钥已换。"

    if given and await perform(rotate):
        await _show_once(made[0])
        ui.navigate.to(f"/system/keys/{key.id}")


async def _revoke(visit: Visit, key: Key) -> None:
    lead = "作废以后，用它的系统马上不能再调用接口，它登记的推送也停下；不能恢复，只能新建。"
    given = await ask(f"作废「{key.name}」的密钥", lead, [Ask("reason", "原因")], "作废", danger=True)

    async def revoke() -> str:
        await revoke_key(visit.desk, key.id, (given or {})["reason"])
        return f"「{key.name}」的密钥已作废。"

    if given and await perform(revoke):
        ui.navigate.to(f"/system/keys/{key.id}")


async def _show_once(made: NewKey) -> None:
    told = Markup("它只显示这一次，请现在抄下来。<br><code data-testid='once'>{}</code>").format(made.text)
    await tell(f"「{made.key.name}」的密钥", told)


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
    Page("/system/keys", "接口密钥", "system", Action.KEYS, draw_keys),
    Page("/system/keys/{key_id}", "接口密钥", "system", Action.KEYS, draw_key, in_menu=False),
    Page("/system/webhooks", "推送", "system", Action.KEYS, draw_webhooks),
    Page("/system/webhooks/{webhook_id}", "推送", "system", Action.KEYS, draw_webhook, in_menu=False),
)
