"""What an operator can do for one member, each with a reason that stays in the operation log."""

from collections.abc import Awaitable, Callable
from typing import Final

from markupsafe import Markup
from nicegui import ui

from console.acting import perform
from console.dialogs import Ask, ask, tell
from console.forms.shapes import Number
from console.forms.values import typed_number
from console.markup import points
from console.outcomes import Refused, sentence_of
from console.page import Visit
from loyalty.engine.outcomes import Outcome
from operators.desk import Desk
from operators.members import account as deeds
from operators.members.adjusting import adjust
from operators.members.erasing import erase_member
from operators.roles import Action
from operators.views.members import MemberLine

POINTS: Final = Number("points", None, None)
REASON: Final = Ask("reason", "原因")


def draw_actions(visit: Visit, line: MemberLine) -> None:
    """A button for each thing that this operator may do for this member."""

    def act(
        title: str,
        action: Action,
        deed: Callable[[Visit, MemberLine], Awaitable[None]],
        *,
        danger: bool = False,
    ) -> None:
        if visit.may(action):
            colour = "negative" if danger else "primary"
            button = ui.button(title, on_click=lambda: deed(visit, line))
            button.props(f'outline no-caps color={colour} data-testid="{action.value}"').classes("act")

    with ui.element("div").classes("acts"):
        if line.status == "merged":
            act("撤销合并", Action.UNMERGE, _unmerge, danger=True)
            return
        act("调整积分", Action.ADJUST, _adjust)
        if line.status in ("open", "limited"):
            act("冻结账户", Action.FREEZE, _freeze, danger=True)
        if line.status in ("limited", "frozen"):
            act("解冻账户", Action.RELEASE, _release)
        act("查看完整手机号", Action.UNMASK, _unmask)
        act("让会员重新登录", Action.END_MEMBER_SESSIONS, _end_sessions)
        if line.nickname:
            act("去掉昵称", Action.RESET_NAME, _reset_name, danger=True)
        act("合并到另一位会员", Action.MERGE, _merge, danger=True)
        if line.status in ("open", "limited", "frozen"):
            act("删除个人信息", Action.ERASE_MEMBER, _erase, danger=True)


def _here(line: MemberLine) -> str:
    return f"/members/{line.member_id}"


def _called(line: MemberLine) -> str:
    return line.nickname or f"会员 {line.member_id}"


async def _adjust(visit: Visit, line: MemberLine) -> None:
    given = await ask(
        "调整积分",
        f"{_called(line)}现在有 {points(line.available)} 分。原因会出现在会员的积分明细里，请写会员看得懂的话。",
        [
            Ask("points", "加多少分；扣分写负数", "number", hint="例如 50 或 -30"),
            Ask("reason", "原因", hint="例如：漏记 11 月 3 日的一单"),
            Ask("ticket", "工单号（可不填）", hint="同一个工单只会调整一次", required=False),
        ],
        "调整",
    )

    async def go() -> str:
        typed = typed_number((given or {})["points"], POINTS)
        if not isinstance(typed, int) or typed == 0:
            raise Refused("调整的积分要写整数，例如 50 或 -30。")
        return sentence_of(
            await adjust(
                visit.desk, line.member_id, typed, (given or {})["reason"], ticket=(given or {})["ticket"]
            )
        )

    if given and await perform(go):
        ui.navigate.to(_here(line))


async def _freeze(visit: Visit, line: MemberLine) -> None:
    lead = "冻结以后，会员不能再得积分、花积分，直到解冻。会员会看到下面的原因，也可以在公众号里发「申诉」。"
    await _with_reason(visit, line, "冻结账户", lead, deeds.freeze, danger=True)


async def _release(visit: Visit, line: MemberLine) -> None:
    await _with_reason(visit, line, "解冻账户", "解冻以后，账户照常使用，积分一分不少。", deeds.release)


Deed = Callable[[Desk, int, str], Awaitable[Outcome]]


async def _with_reason(
    visit: Visit, line: MemberLine, title: str, lead: str, deed: Deed, *, danger: bool = False
) -> None:
    given = await ask(title, lead, [REASON], title, danger=danger)

    async def go() -> str:
        return sentence_of(await deed(visit.desk, line.member_id, (given or {})["reason"]))

    if given and await perform(go):
        ui.navigate.to(_here(line))


async def _unmask(visit: Visit, line: MemberLine) -> None:
    given = await ask("查看完整手机号", "谁在什么时候为什么看过，会记在操作日志里。", [REASON], "查看")
    found: list[str | None] = []

    async def go() -> str:
        found.append(await deeds.unmask(visit.desk, line.member_id, (given or {})["reason"]))
        return "已记在操作日志里。"

    if given and await perform(go):
        told = Markup("<code>{}</code>").format(found[0]) if found[0] else "这位会员没有绑定手机号。"
        await tell(f"{_called(line)}的手机号", told)


async def _end_sessions(visit: Visit, line: MemberLine) -> None:
    lead = "这位会员在所有手机上登录的小程序马上失效，要重新进入；积分和券不受影响。适合手机丢了、账户借给别人用过的情形。"
    given = await ask("让会员重新登录", lead, [REASON], "让会员重新登录", danger=True)

    async def go() -> str:
        ended = await deeds.end_sessions(visit.desk, line.member_id, (given or {})["reason"])
        return f"{ended} 个登录已失效。" if ended else "这位会员没有登录着小程序。"

    if given and await perform(go):
        ui.navigate.to(_here(line))


async def _reset_name(visit: Visit, line: MemberLine) -> None:
    lead = f"「{line.nickname}」会从海报和名单上消失；会员可以再起一个。"
    given = await ask("去掉昵称", lead, [REASON], "去掉", danger=True)

    async def go() -> str:
        done = await deeds.reset_name(visit.desk, line.member_id, (given or {})["reason"])
        return "昵称已去掉。" if done else "这位会员没有昵称。"

    if given and await perform(go):
        ui.navigate.to(_here(line))


async def _merge(visit: Visit, line: MemberLine) -> None:
    given = await ask(
        "合并会员", "同一个人有两个账户时，把后加入的并入先加入的：积分、等级、券都归到一处；可以撤销。",
        [Ask("other", "另一个账户的会员号", "number"), REASON], "合并", danger=True,
    )  # fmt: skip

    async def go() -> str:
        other = typed_number((given or {})["other"], POINTS)
        if not isinstance(other, int) or other <= 0 or other == line.member_id:
            raise Refused("请写另一位会员的会员号。")
        return sentence_of(await deeds.merge(visit.desk, line.member_id, other, (given or {})["reason"]))

    if given and await perform(go):
        ui.navigate.to(_here(line))


async def _unmerge(visit: Visit, line: MemberLine) -> None:
    lead = "两个账户重新分开：合并时带过去的积分、成长值、券和微信身份都回来；已经花掉的不再回来。"
    await _with_reason(visit, line, "撤销合并", lead, deeds.unmerge, danger=True)


async def _erase(visit: Visit, line: MemberLine) -> None:
    left = line.available + line.pending
    lead = (
        f"{_called(line)}的昵称、手机号、微信身份、生日、标签、订阅、申诉和建议的文字都会删除，不能恢复；"
        f"还有的 {points(left)} 分和没用的券一起作废。流水和凭据留在会员号下，不含个人信息。会员再来时是一位新会员。"
    )
    given = await ask(
        "删除会员的个人信息", lead,
        [
            Ask("confirm", f"请输入会员号 {line.member_id} 确认", "number"),
            Ask("reason", "原因", hint="不要写姓名和电话，例如：本人来电要求"),
        ],
        "删除", danger=True,
    )  # fmt: skip

    async def go() -> str:
        if (given or {})["confirm"] != str(line.member_id):
            raise Refused("输入的会员号不对，什么也没有删除。")
        sentence_of(await erase_member(visit.desk, line.member_id, (given or {})["reason"], forfeit=True))
        return "个人信息已删除，账户已注销。"

    if given and await perform(go):
        ui.navigate.to(_here(line))
