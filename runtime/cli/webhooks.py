"""`jifen webhooks`: the addresses that partners have registered, their deliveries, and what an operator does with them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import asyncpg
import typer
from rich.table import Table

from operators.desk import Desk
from runtime.cli.desks import at_desk
from runtime.cli.starting import fail, out

if TYPE_CHECKING:
    from operators.views.webhooks import DeliveryLine, WebhookLine

app = typer.Typer(
    help="合作方登记的推送：看结果，停下、继续、试送、换签名密钥、重送、去掉。", no_args_is_help=True
)

WebhookId = Annotated[str, typer.Argument(metavar="编号", help="推送的编号，见 jifen webhooks list")]
Reason = Annotated[str, typer.Option("--reason", help="原因，记进操作日志")]
State = Annotated[str, typer.Option("--state", help="只看：due 待送达，delivered 已送达，dead 没送到")]


@app.command("list")
def list_all() -> None:
    """列出所有推送：编号、网址、状态、待送达和没送到的条数。"""
    from operators.views.webhooks import list_webhooks

    rows = at_desk(lambda desk: list_webhooks(desk.resources.pool))
    if not rows:
        out.print("还没有推送。合作方用带 webhooks 权限的密钥登记。")
        return
    table = Table("编号", "网址", "门店", "状态", "待送达", "没送到", box=None)
    for row in rows:
        table.add_row(row.id, row.url, row.store or "全部", _state(row), str(row.waiting), str(row.dead))
    out.print(table)


@app.command("deliveries")
def deliveries(webhook: WebhookId, *, state: State = "") -> None:
    """列出一个推送最近的 50 条记录，新的在前。

    例：jifen webhooks deliveries wh_k7m2p9x3abcd --state dead
    """
    from operators.views.webhooks import list_deliveries

    async def read(pool: asyncpg.Pool) -> "Sequence[DeliveryLine]":
        return (await list_deliveries(pool, webhook, state=state)).rows

    table = Table("编号", "内容", "状态", "试过", "原因", box=None)
    for one in at_desk(lambda desk: read(desk.resources.pool)):
        table.add_row(one.change_id, one.type, one.state, str(one.attempts), one.told)
    out.print(table)


@app.command("stop")
def stop(webhook: WebhookId, *, reason: Reason = "") -> None:
    """停下一个推送；停下期间的变动留着，继续时接着送。"""
    from operators.partners.webhooks import stop

    _need(at_desk(lambda desk: stop(desk, webhook, reason)), "没有这个推送，或者它已经停下。")
    out.print("推送已停下。")


@app.command("resume")
def resume(webhook: WebhookId, *, reason: Reason = "") -> None:
    """继续一个停下的推送，从停下的地方接着送。"""
    from operators.partners.webhooks import resume

    _need(at_desk(lambda desk: resume(desk, webhook, reason)), "没有这个推送，或者它没有停下。")
    out.print("继续推送了。")


@app.command("remove")
def remove(webhook: WebhookId, *, reason: Reason = "") -> None:
    """去掉一个推送，不能恢复；还没送出的会列出编号，没送到的记录仍能查看。"""
    from operators.partners.webhooks import remove

    done = at_desk(lambda desk: remove(desk, webhook, reason))
    if done is None:
        _need(False, "没有这个推送，或者已经去掉。")
        return
    out.print("推送已去掉。")
    if done.waiting:
        more = "等" if done.waiting > len(done.named) else ""
        out.print(
            f"没有送出的 {done.waiting} 条：{'、'.join(done.named)}{more}", markup=False, soft_wrap=True
        )


@app.command("test")
def test(webhook: WebhookId) -> None:
    """试送一条 webhook.test，看对方怎么回答；不会再试。"""
    from operators.partners.webhooks import try_out
    from operators.views.webhooks import error_told

    tried = at_desk(lambda desk: try_out(desk, webhook))
    if tried is None:
        _need(False, "没有这个推送，或者已经去掉。")
        return
    _need(tried.good, f"没有送到：{error_told(tried.status, tried.error)}。")
    out.print(f"对方收下了，回答 {tried.status}，用了 {tried.took_s:.1f} 秒。")


@app.command("rotate")
def rotate(
    webhook: WebhookId,
    *,
    grace_hours: Annotated[
        int,
        typer.Option(help="新旧两个密钥都签名的小时数，好让对方换上新的；0 表示立刻只用新的", min=0, max=720),
    ] = 24,
    reason: Reason = "",
) -> None:
    """换一个推送的签名密钥并显示它，只显示这一次。"""
    from operators.partners.webhooks import rotate

    async def renew(desk: Desk) -> str | None:
        return await rotate(desk, webhook, grace=timedelta(hours=grace_hours), reason=reason)

    text = at_desk(renew)
    if text is None:
        _need(False, "没有这个推送，或者已经去掉。")
        return
    out.print("新的签名密钥，请现在就交给对方，它不会再显示：")
    out.print(text, markup=False, highlight=False, soft_wrap=True)


@app.command("replay")
def replay(
    webhook: WebhookId,
    *,
    change: Annotated[str, typer.Option("--change", help="只重送这一条（编号）；不写就是所有没送到的")] = "",
) -> None:
    """重送没送到的，或者指明的一条。"""
    from operators.partners.webhooks import replay

    count = at_desk(lambda desk: replay(desk, webhook, change or None))
    _need(bool(count), "没有可以重送的：可能还在送，或者编号不对，或者推送已经去掉。")
    out.print(f"{count} 条马上重送。")


def _need(done: bool, sentence: str) -> None:
    if not done:
        fail(sentence)


def _state(row: "WebhookLine") -> str:
    if row.removed_at is not None:
        return "已去掉"
    return f"已停下（{row.stopped_because}）" if row.stopped_at is not None else "推送中"
