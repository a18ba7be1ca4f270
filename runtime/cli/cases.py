"""`jifen members cases` and `decide-case`: the members who spent far more than usual, and what a person decides about them."""

from typing import TYPE_CHECKING, Annotated

import typer

from loyalty.engine.outcomes import Outcome, Refusal
from operators.desk import Desk
from runtime.cli.arguments import Member
from runtime.cli.desks import at_desk
from runtime.cli.starting import fail, out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loyalty.cases.views import Case


def cases() -> None:
    """列出没有审核的案件：哪位会员花积分比平时多得多，账户因此暂停花积分。"""
    from loyalty.cases.views import list_cases

    async def read(desk: Desk) -> "Sequence[Case]":
        return await list_cases(desk.resources.pool, state="open")

    found = at_desk(read)
    if not found:
        out.print("没有等待审核的案件。")
    for one in found:
        out.print(
            f"会员 {one.member_id}  案件 {one.number}  花了 {one.found:,}，平常到 {one.bound:,}", markup=False
        )


def decide_case(
    member: Member,
    case: Annotated[int, typer.Argument(metavar="案件", help="案件的号，见 jifen members cases", min=1)],
    *,
    reason: Annotated[str, typer.Option(help="为什么这样决定，会员看得到")],
    release: Annotated[bool, typer.Option("--release", help="让会员又能花积分；不写就仍然暂停")] = False,
) -> None:
    """审核一个案件：放开，或者仍然暂停。

    例：jifen members decide-case 42 17 --reason "本人来店核对过" --release
    """

    async def decide(desk: Desk) -> Outcome:
        from operators.members.cases import decide_case as decide

        return await decide(desk, member, case, reason, release=release)

    outcome = at_desk(decide)
    if isinstance(outcome, Refusal):
        fail(outcome.sentence)
    out.print(f"案件已审核，会员 {member} {'又能花积分了' if release else '仍然暂停花积分'}。", markup=False)
