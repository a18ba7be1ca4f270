"""`jifen members`: what an operator does to one member's account."""

from functools import partial
from typing import Annotated

import typer

from operators.desk import Desk
from runtime.cli.arguments import Member
from runtime.cli.desks import at_desk
from runtime.cli.starting import fail, out

app = typer.Typer(help="处理一位会员的账户。", no_args_is_help=True)


@app.command("settle-clock")
def settle_clock(
    member: Member,
    *,
    reason: Annotated[str, typer.Option(help="为什么处理，会留在记录里")],
) -> None:
    """把记账时间走到将来的账户调回现在，之后它又能照常记账。

    时钟走快的机器记过账之后，账户会停在将来的时刻，签到、抽奖、兑换都会被拒绝（account_ahead）。已经记下的流水不改动。

    例：jifen members settle-clock 42 --reason "11 月 3 日服务器时钟走快"
    """
    done, sentence = at_desk(partial(_settle, member_id=member, reason=reason))
    if not done:
        fail(sentence)
    out.print(sentence, markup=False)


async def _settle(desk: Desk, member_id: int, reason: str) -> tuple[bool, str]:
    """Whether the account was brought back, and the sentence that says so or why not."""
    from loyalty.engine.outcomes import Refusal
    from loyalty.settling import ClockSettled
    from operators.members.account import settle_clock as settle_member

    outcome = await settle_member(desk, member_id, reason)
    if isinstance(outcome, ClockSettled):
        stood_at = outcome.stood_at.astimezone(desk.resources.settings.timezone)
        return True, f"会员 {member_id} 的账户原来停在 {stood_at:%Y-%m-%d %H:%M:%S}，已调回现在。"
    return False, outcome.sentence if isinstance(outcome, Refusal) else outcome.code


@app.command("reset-name")
def reset_name(
    member: Member,
    *,
    reason: Annotated[str, typer.Option(help="为什么处理，会写进日志")],
) -> None:
    """去掉一位会员的昵称，海报和名单上不再有它；会员可以再起一个。

    例：jifen members reset-name 42 --reason "冒充本店客服"
    """

    async def reset(desk: Desk) -> bool:
        from operators.members.account import reset_name as reset_member

        return await reset_member(desk, member, reason)

    if not at_desk(reset):
        fail(f"会员 {member} 没有昵称，或者没有这位会员。")
    out.print(f"会员 {member} 的昵称已去掉。", markup=False)


@app.command("end-sessions")
def end_sessions(
    member: Member,
    *,
    reason: Annotated[str, typer.Option(help="为什么处理，会写进操作日志")],
) -> None:
    """让一位会员在所有手机上重新登录小程序，旧的登录马上失效。

    例：jifen members end-sessions 42 --reason "手机丢了"
    """

    async def end(desk: Desk) -> int:
        from operators.members.account import end_sessions as end_of_member

        return await end_of_member(desk, member, reason)

    ended = at_desk(end)
    said = f"会员 {member} 的 {ended} 个登录已失效。" if ended else f"会员 {member} 没有登录着小程序。"
    out.print(said, markup=False)


@app.command("erase")
def erase(
    member: Member,
    *,
    reason: Annotated[str, typer.Option(help="为什么删除，会一直留在记录里，不要写姓名和电话")],
    confirm: Annotated[int, typer.Option(help="再写一遍会员号，免得删错人")],
    forfeit: Annotated[
        bool, typer.Option("--forfeit", help="会员放弃剩下的积分和没用的券；不写就在还有时不删除")
    ] = False,
) -> None:
    """删除一位会员的个人信息，不能恢复：昵称、手机号、微信身份、生日、标签、订阅、申诉和建议的文字。

    流水和凭据留在会员号下，不含个人信息；会员再来时是一位新会员。

    例：jifen members erase 42 --confirm 42 --reason "本人来电要求" --forfeit
    """
    if confirm != member:
        fail(f"--confirm 写的是 {confirm}，和会员号 {member} 不一样，什么也没有删除。")
    done, sentence = at_desk(partial(_erase, member_id=member, reason=reason, forfeit=forfeit))
    if not done:
        fail(sentence)
    out.print(sentence, markup=False)


async def _erase(desk: Desk, member_id: int, reason: str, *, forfeit: bool) -> tuple[bool, str]:
    """Whether the member was erased, and the sentence that says so or why not."""
    from loyalty.engine.outcomes import Refusal
    from loyalty.erasing.outcomes import MemberErased
    from operators.members.erasing import erase_member

    outcome = await erase_member(desk, member_id, reason, forfeit=forfeit)
    if isinstance(outcome, MemberErased):
        given_up = f"，作废 {outcome.points:,} 积分和 {outcome.vouchers:,} 张券"
        return True, f"会员 {member_id} 的个人信息已删除{given_up}。"
    return False, outcome.sentence if isinstance(outcome, Refusal) else outcome.code
