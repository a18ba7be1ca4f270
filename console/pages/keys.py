"""系统 · 接口密钥: who may call the partner API, for what, and how to renew and end a key."""

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
from console.listing import Column, Listing, draw_listing
from console.live_rules import rules_now
from console.markup import badge, link, moment, points, quiet
from console.outcomes import Refused
from console.page import Page, Visit
from operators.partners.keys import change_key, create_key, revoke_key, rotate_key
from operators.roles import Action
from partner_api.keys import Key, NewKey, Scope, list_keys

SCOPES_TOLD: Final[Mapping[Scope, tuple[str, str]]] = {
    "events": ("上报消费等事件", "报来消费、退款等，会员按规则得积分、退积分"),
    "members": ("查会员", "用会员码、手机号或卡号查会员的等级、积分和权益"),
    "deductions": ("积分抵扣", "付款时扣住会员的积分抵现金，付完确认，不付退回"),
    "vouchers": ("核销券", "查券码，把会员换来的券核销掉"),
    "changes": ("读变动", "一页一页读所有会员的积分变动，带会员号，不带手机号"),
    "webhooks": ("登记推送", "登记自己的网址，积分一有变动就送到那里"),
}
"""Each scope: its title, and a sentence of what it allows."""
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
            Column("最近用过", lambda key: moment(key.used_at, zone) if key.used_at else quiet("没有用过")),
            Column("建立", lambda key: moment(key.created_at, zone)),
        ),
        empty="还没有密钥。收银台要上报消费时，点「新建密钥」。",
    )
    draw_listing(listing, await list_keys(visit.pool), query, None)


def _scopes(key: Key) -> str:
    return "、".join(SCOPES_TOLD[one][0] for one in key.scopes)


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
            ("最近用过", moment(key.used_at, visit.zone) if key.used_at else quiet("没有用过")),
            ("建立", moment(key.created_at, visit.zone)),
            ("换过", moment(key.rotated_at, visit.zone)),
            ("作废", moment(key.revoked_at, visit.zone)),
        ]
    )
    if key.revoked_at is None:
        with ui.row():
            ui.button("改权限", on_click=lambda: _change(visit, key)).props(
                "outline no-caps data-testid=change"
            ).classes("act")
            ui.button("换一个密钥", on_click=lambda: _rotate(visit, key)).props(
                "outline no-caps data-testid=rotate"
            ).classes("act")
            ui.button("作废", on_click=lambda: _revoke(visit, key)).props(
                "outline no-caps color=negative data-testid=revoke"
            ).classes("act")


def _use_fields(scopes: str, per_minute: int) -> list[Ask]:
    """The fields of what a key may do, and how often."""
    return [
        Ask(
            "scopes",
            "能做什么",
            "many",
            scopes,
            choices={code: f"{title}：{told}" for code, (title, told) in SCOPES_TOLD.items()},
        ),
        Ask("per_minute", "每分钟最多多少次请求", "number", value=str(per_minute)),
    ]


def _use_given(fields: Mapping[str, str]) -> tuple[list[str], int]:
    """The scopes and the limit that were given. Raises Refused."""
    rate = typed_number(fields["per_minute"], RATE)
    if not isinstance(rate, int):
        raise Refused("每分钟的请求次数要写整数，例如 600。")
    return fields["scopes"].split(","), rate


async def _new(visit: Visit) -> None:
    rules = await rules_now(visit)
    stores = {"": "不限门店"} | {one.id: one.name for one in (rules.stores if rules else ())}
    given = await ask(
        "新建密钥",
        "密钥只显示一次，请马上抄给用它的系统；数据库里只有它的摘要，找不回来。只勾这个系统用得着的权限，以后可以改。",
        [
            Ask("name", "给谁用", hint="例如：一店收银台"),
            Ask("store", "只用于哪家门店", "choice", choices=stores, required=False),
            *_use_fields("", DEFAULT_RATE),
        ],
        "新建",
    )
    made: list[NewKey] = []

    async def create() -> str:
        fields = given or {}
        scopes, rate = _use_given(fields)
        made.append(await create_key(visit.desk, fields["name"], scopes, fields["store"] or None, rate))
        return f"「{fields['name']}」的密钥已建好。"

    if given and await perform(create):
        await _show_once(made[0])
        ui.navigate.to(f"/system/keys/{made[0].key.id}")


async def _change(visit: Visit, key: Key) -> None:
    given = await ask(
        f"改「{key.name}」的权限",
        "从它的下一次请求起生效，密钥本身不变。门店不能改：不同的门店请用不同的密钥。",
        [*_use_fields(",".join(key.scopes), key.per_minute), Ask("reason", "原因")],
        "改",
    )

    async def change() -> str:
        fields = given or {}
        if await change_key(visit.desk, key.id, *_use_given(fields), fields["reason"]) is None:
            raise Refused("这个密钥刚被作废，改不了了。")
        return f"「{key.name}」的权限已改。"

    if given and await perform(change):
        ui.navigate.to(f"/system/keys/{key.id}")


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


PAGES: Final = (
    Page("/system/keys", "接口密钥", "system", Action.KEYS, draw_keys),
    Page("/system/keys/{key_id}", "接口密钥", "system", Action.KEYS, draw_key, in_menu=False),
)
