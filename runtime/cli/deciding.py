"""`jifen operators approvals`, `approval`, `approve`, `refuse`, `jifen members appeals`, `answer`: what waits for an operator."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from loyalty.engine.outcomes import Outcome, Refusal
from operators.approvals.asking import ApprovalFault
from operators.approvals.rows import Approval, find_approval, list_approvals
from operators.desk import Desk
from runtime.cli.arguments import Member
from runtime.cli.desks import at_desk
from runtime.cli.starting import fail, out

if TYPE_CHECKING:
    from loyalty.appeals.views import Appeal

ApprovalId = Annotated[str, typer.Argument(metavar="编号", help="申请的编号，见 jifen operators approvals")]


def approvals() -> None:
    """列出等待第二个人批准的申请。"""

    async def listed(desk: Desk) -> tuple[list[Approval], ZoneInfo]:
        found = await list_approvals(desk.resources.pool, desk.now(), "asked")
        return found, desk.resources.settings.timezone

    from operators.decisions.words import asked_for

    found, zone = at_desk(listed)
    if not found:
        out.print("没有等待批准的申请。")
    for one in found:
        line = f"{one.id}  {_time(one.asked_at, zone)}  {one.asked_name}  {asked_for(one, zone)}  原因：{one.reason}"
        out.print(line, markup=False, soft_wrap=True)


def approval(number: ApprovalId) -> None:
    """看一个申请的全部内容：要做什么，为什么；发布规则的，还有改了什么，哪些对会员不利，回测的结果。

    例：jifen operators approval q3Zk0m1t7yXw
    """

    async def looked(desk: Desk) -> list[str]:
        from operators.decisions.words import details

        found = await find_approval(desk.resources.pool, number)
        return await details(desk.resources.pool, found, desk.resources.settings.timezone) if found else []

    for line in at_desk(looked) or fail("没有这个申请。"):
        out.print(line, markup=False, soft_wrap=True)


def approve(approval: ApprovalId) -> None:
    """批准一个申请，并立刻办理。

    例：jifen operators approve q3Zk0m1t7yXw
    """

    async def decide(desk: Desk) -> Outcome:
        from operators.decisions.deciding import approve as approve_asked

        return await approve_asked(desk, approval)

    try:
        _say(at_desk(decide), "已批准，办好了。")
    except ApprovalFault as fault:
        fail(str(fault))


def refuse(approval: ApprovalId, *, reason: Annotated[str, typer.Option(help="为什么不批准")]) -> None:
    """驳回一个申请。

    例：jifen operators refuse q3Zk0m1t7yXw --reason 没有凭证
    """

    async def decide(desk: Desk) -> None:
        from operators.decisions.deciding import refuse as refuse_asked

        await refuse_asked(desk, approval, reason)

    try:
        at_desk(decide)
    except ApprovalFault as fault:
        fail(str(fault))
    out.print("已驳回。")


def appeals() -> None:
    """列出等待答复的申诉。"""

    async def listed(desk: Desk) -> tuple["list[Appeal]", ZoneInfo]:
        from loyalty.appeals.views import list_appeals

        return await list_appeals(desk.resources.pool, "open"), desk.resources.settings.timezone

    found, zone = at_desk(listed)
    if not found:
        out.print("没有等待答复的申诉。")
    for one in found:
        out.print(
            f"会员 {one.member_id}  {_time(one.opened_at, zone)}  {one.text}", markup=False, soft_wrap=True
        )


def answer(
    member: Member,
    text: Annotated[str, typer.Argument(metavar="答复", help="会员看得到，最多 500 个字")],
    *,
    release: Annotated[bool, typer.Option("--release", help="同时解冻账户；不写就仍然冻结")] = False,
) -> None:
    """答复一位会员的申诉。

    例：jifen members answer 42 "核对无误，给你添麻烦了" --release
    """

    async def decide(desk: Desk) -> Outcome | None:
        from loyalty.appeals.views import list_appeals
        from operators.members.appeals import answer_appeal

        found = await list_appeals(desk.resources.pool, "open", member_id=member)
        return await answer_appeal(desk, member, found[0].id, text, release=release) if found else None

    outcome = at_desk(decide)
    if outcome is None:
        fail(f"会员 {member} 没有等待答复的申诉。")
    _say(outcome, f"会员 {member} 的申诉已答复{'，账户已解冻' if release else ''}。")


def erase_appeals(
    member: Member,
    *,
    reason: Annotated[str, typer.Option(help="为什么删除")],
) -> None:
    """删除一位会员在申诉里写过的文字；答复和处理结果仍在记录里。

    例：jifen members erase-appeals 42 --reason 本人要求删除个人信息
    """

    async def erase(desk: Desk) -> int:
        from operators.members.appeals import erase_appeals as erase_texts

        return await erase_texts(desk, member, reason)

    erased = at_desk(erase)
    out.print(f"已删除会员 {member} 的 {erased} 段申诉文字。", markup=False)


def _say(outcome: Outcome, done: str) -> None:
    if isinstance(outcome, Refusal):
        fail(outcome.sentence)
    out.print(done, markup=False)


def _time(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
