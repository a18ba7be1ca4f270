"""What an operator can do with a webhook: try it, stop and resume it, renew its secret, send again, remove it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from markupsafe import Markup
from nicegui import ui

from console.acting import perform
from console.dialogs import Ask, ask, tell
from console.outcomes import Refused
from console.page import Visit
from console.pages.keys import GRACES
from operators.partners import webhooks as deeds
from operators.views.webhooks import WebhookLine, error_told

REPLAYED: Final = "后台任务会马上再送一遍；对方按编号去重，同一条收到两次也不会重复处理。"
OVER: Final = "这个推送刚才有人动过，刷新一下再看。"


def draw_actions(visit: Visit, row: WebhookLine) -> None:
    """The buttons of a webhook that is not removed."""
    again = f"重送没送到的 {row.dead:,} 条"
    with ui.row().classes("act-row"):
        _button("试送一条", "test", lambda: _try_out(visit, row))
        if row.stopped_at is None:
            _button("停下", "stop", lambda: _stop(visit, row))
        else:
            _button("继续推送", "resume", lambda: _resume(visit, row))
        if row.dead:
            _button(again, "replay", lambda: _replay_dead(visit, row))
        _button("换签名密钥", "rotate", lambda: _rotate(visit, row))
        _button("去掉", "remove", lambda: _remove(visit, row), "color=negative")


def draw_replay(visit: Visit, row: WebhookLine, change_id: str, back: str) -> None:
    """The button that sends one delivery again."""
    _button("再送一次", "replay-one", lambda: _replay(visit, row, change_id, back))


def _button(words: str, name: str, do: Callable[[], Awaitable[None]], colour: str = "") -> None:
    ui.button(words, on_click=do).props(f"outline no-caps data-testid={name} {colour}").classes("act")


async def _act(row: WebhookLine, deed: Callable[[], Awaitable[str]]) -> None:
    if await perform(deed):
        ui.navigate.to(f"/system/webhooks/{row.id}")


async def _try_out(visit: Visit, row: WebhookLine) -> None:
    async def go() -> str:
        tried = await deeds.try_out(visit.desk, row.id)
        if tried is None:
            raise Refused(OVER)
        if not tried.good:
            raise Refused(f"没有送到：{error_told(tried.status, tried.error)}。")
        return f"对方收下了，回答 {tried.status}，用了 {tried.took_s:.1f} 秒。"

    await perform(go)


async def _stop(visit: Visit, row: WebhookLine) -> None:
    lead = "停下以后不再送；停下期间的变动都留着，继续推送时从停下的地方接着送。"
    given = await ask("停下推送", lead, [Ask("reason", "原因")], "停下")

    async def go() -> str:
        if not await deeds.stop(visit.desk, row.id, (given or {})["reason"]):
            raise Refused(OVER)
        return "推送已停下。"

    if given:
        await _act(row, go)


async def _resume(visit: Visit, row: WebhookLine) -> None:
    lead = f"停下期间的变动会接着送过去，还有 {row.waiting:,} 条等着的也一起送。"
    if await ask("继续推送", lead, [], "继续推送") is None:
        return

    async def go() -> str:
        if not await deeds.resume(visit.desk, row.id):
            raise Refused(OVER)
        return "继续推送了。"

    await _act(row, go)


async def _rotate(visit: Visit, row: WebhookLine) -> None:
    lead = (
        "会得到一个新的签名密钥。留给对方换的这段时间里，每条推送用新旧两个密钥各签一次，对方认得哪个都行。"
    )
    asked = [
        Ask("grace", "原来的签名密钥", "choice", choices=dict(GRACES), value="24"),
        Ask("reason", "原因"),
    ]
    given = await ask("换签名密钥", lead, asked, "换")
    made: list[str] = []

    async def go() -> str:
        fields = given or {}
        grace = timedelta(hours=int(fields["grace"]))
        text = await deeds.rotate(visit.desk, row.id, grace=grace, reason=fields["reason"])
        if text is None:
            raise Refused(OVER)
        made.append(text)
        return "签名密钥已换。"

    if given and await perform(go):
        told = Markup("它只显示这一次，请现在抄给对方。<br><code data-testid='once'>{}</code>").format(
            made[0]
        )
        await tell("新的签名密钥", told)
        ui.navigate.to(f"/system/webhooks/{row.id}")


async def _remove(visit: Visit, row: WebhookLine) -> None:
    waits = f"还有 {row.waiting:,} 条等着送，去掉以后不再送，编号记进操作日志。" if row.waiting else ""
    lead = f"去掉以后不再推送，不能恢复；对方可以重新登记。{waits}没送到的记录仍能查看。"
    given = await ask("去掉推送", lead, [Ask("reason", "原因")], "去掉", danger=True)

    async def go() -> str:
        done = await deeds.remove(visit.desk, row.id, (given or {})["reason"])
        if done is None:
            raise Refused(OVER)
        named = "、".join(done.named) + ("等" if done.waiting > len(done.named) else "")
        return f"推送已去掉。{f'没有送出的 {done.waiting:,} 条：{named}。' if done.waiting else ''}"

    if given:
        await _act(row, go)


async def _replay_dead(visit: Visit, row: WebhookLine) -> None:
    if await ask("重送没送到的", REPLAYED, [], "重送") is not None:
        await _replay(visit, row, None, f"/system/webhooks/{row.id}")


async def _replay(visit: Visit, row: WebhookLine, change_id: str | None, back: str) -> None:
    async def go() -> str:
        count = await deeds.replay(visit.desk, row.id, change_id)
        if not count:
            raise Refused("没有可以重送的：可能还在送，或者刚刚有人重送过。")
        return f"{count:,} 条马上重送。"

    if await perform(go):
        ui.navigate.to(back)
