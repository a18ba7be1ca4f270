"""What somebody has asked for, in Chinese, for the console and the command line."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import asyncpg

from loyalty.ledger.words import number
from loyalty.programme.comparing.differences import differences
from loyalty.programme.in_force.live import rules_of
from loyalty.programme.outline.items import plain_text
from loyalty.programme.publishing.draft import local
from operators.approvals.asking import ApprovalFault
from operators.approvals.rows import Approval
from operators.roles import Action
from operators.rules.requests import RuleRequest, request_in


def asked_for(approval: Approval, zone: ZoneInfo) -> str:
    """What is asked for, such as `给会员 42 调整 2,000 分`."""
    if approval.action == Action.ADJUST:
        return f"给会员 {approval.member_id} 调整 {number(approval.facts['points'])} 分"
    request = request_in(approval)
    since = local(request.effective_from, zone)
    return f"发布规则：{since} 起生效，{len(request.losses)} 处对会员不利"


async def changes(pool: asyncpg.Pool, request: RuleRequest) -> list[str]:
    """A line for each thing that the asked rules change in the version that they were made from."""
    before = await rules_of(pool, request.base)
    try:
        return differences(before, request.rule_set(), plain_text)
    except ApprovalFault as fault:
        return [str(fault)]


async def details(pool: asyncpg.Pool, approval: Approval, zone: ZoneInfo) -> list[str]:
    """All of it, line by line, for the command line."""
    lines = [
        f"{approval.asked_name} {local(approval.asked_at, zone)} 申请：{asked_for(approval, zone)}",
        f"原因：{approval.reason}",
        f"状态：{approval.state_name}，{local(approval.expires_at, zone)} 以前可以批准",
    ]
    if approval.action == Action.PUBLISH_RULES:
        request = request_in(approval)
        lines += [f"{name}：{value}" for name, value in publication_facts(request, zone)]
        lines += ["改了什么：", *_indented(await changes(pool, request))]
        lines += ["对会员不利的地方：", *_indented(request.losses)]
        lines += ["申请人的回测：", *_indented(request.figures or ["没有做"])]
    return lines


def publication_facts(request: RuleRequest, zone: ZoneInfo) -> list[tuple[str, str]]:
    """How the rules would be published: name and value."""
    return [
        ("改自", f"第 {request.base} 版"),
        ("生效", local(request.effective_from, zone)),
        ("过渡期到", f"{request.transition_until}" if request.transition_until else "没有过渡期"),
        ("已经排定别的版本时", "只用到那一版生效为止" if request.until_replaced else "不发布"),
        ("规则的 SHA-256", request.digest),
    ]


def _indented(lines: list[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)
