"""Roles, and what each may do. A deed asks here before it does anything; a page that hides a button only spares a click."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, TypeAlias, get_args

Role: TypeAlias = Literal["owner", "operations", "finance", "clerk", "auditor"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
ROLE_NAMES: Final[Mapping[Role, str]] = {
    "owner": "老板",
    "operations": "运营",
    "finance": "财务",
    "clerk": "店员",
    "auditor": "审计",
}


@dataclass(frozen=True)
class Operator:
    """Who operates. A clerk acts for `store` alone."""

    operator_id: int
    name: str
    role: Role
    store: str | None = None

    @property
    def role_name(self) -> str:
        """The role in Chinese."""
        return ROLE_NAMES[self.role]


class Action(StrEnum):
    """What an operator may be allowed to do; its value is what the operation log stores."""

    LOOK_MEMBERS = "look_members"
    UNMASK = "unmask"
    ADJUST = "adjust"
    ADJUST_ABOVE_LIMIT = "adjust_above_limit"
    APPROVE_ADJUSTMENT = "approve_adjustment"
    FREEZE = "freeze"
    RELEASE = "release"
    ANSWER_APPEAL = "answer_appeal"
    DECIDE_CASE = "decide_case"
    RESET_NAME = "reset_name"
    MERGE = "merge"
    UNMERGE = "unmerge"
    END_MEMBER_SESSIONS = "end_member_sessions"
    ERASE_MEMBER = "erase_member"
    SETTLE_CLOCK = "settle_clock"
    LOOK_RULES = "look_rules"
    DRAFT_RULES = "draft_rules"
    PUBLISH_RULES = "publish_rules"
    PUBLISH_UNFAVOURABLE = "publish_unfavourable"
    APPROVE_RULES = "approve_rules"
    STOCK = "stock"
    VERIFY_VOUCHER = "verify_voucher"
    NOTICES = "notices"
    IMPORT = "import"
    REPORTS = "reports"
    EXPORT = "export"
    OPERATORS = "operators"
    KEYS = "keys"
    SHOPS = "shops"
    SYSTEM = "system"
    LOG_OWN = "log_own"
    LOG_ALL = "log_all"
    AUDIT = "audit"

    @property
    def label(self) -> str:
        """What operators read."""
        return LABELS[self]


LABELS: Final[Mapping[Action, str]] = {
    Action.LOOK_MEMBERS: "查看会员",
    Action.UNMASK: "查看完整手机号",
    Action.ADJUST: "调整积分",
    Action.ADJUST_ABOVE_LIMIT: "独自调整超过限额的积分",
    Action.APPROVE_ADJUSTMENT: "批准超过限额的积分调整",
    Action.FREEZE: "冻结账户",
    Action.RELEASE: "解冻账户",
    Action.ANSWER_APPEAL: "答复申诉",
    Action.DECIDE_CASE: "审核案件",
    Action.RESET_NAME: "去掉昵称",
    Action.MERGE: "合并会员",
    Action.UNMERGE: "撤销合并",
    Action.END_MEMBER_SESSIONS: "让会员重新登录",
    Action.ERASE_MEMBER: "删除会员的个人信息",
    Action.SETTLE_CLOCK: "调回走快的账户时间",
    Action.LOOK_RULES: "查看规则",
    Action.DRAFT_RULES: "起草规则",
    Action.PUBLISH_RULES: "发布规则",
    Action.PUBLISH_UNFAVOURABLE: "独自发布对会员不利的规则",
    Action.APPROVE_RULES: "批准发布对会员不利的规则",
    Action.STOCK: "调整库存",
    Action.VERIFY_VOUCHER: "核销券",
    Action.NOTICES: "查看和重发消息",
    Action.IMPORT: "导入",
    Action.REPORTS: "查看报表",
    Action.EXPORT: "导出",
    Action.OPERATORS: "管理操作员",
    Action.KEYS: "管理接口密钥",
    Action.SHOPS: "管理门店",
    Action.SYSTEM: "查看系统状态和设置检查",
    Action.LOG_OWN: "查看自己的操作日志",
    Action.LOG_ALL: "查看所有人的操作日志",
    Action.AUDIT: "查看对账结果",
}
"""The actions in Chinese."""

_ALL: Final[frozenset[Role]] = frozenset(ROLES)
_OWNER: Final[frozenset[Role]] = frozenset({"owner"})
_RUNNING: Final[frozenset[Role]] = frozenset({"owner", "operations"})
_BACK_OFFICE: Final = _ALL - {"clerk"}

MAY: Final[Mapping[Action, frozenset[Role]]] = {
    Action.LOOK_MEMBERS: _BACK_OFFICE,
    Action.UNMASK: frozenset({"owner", "operations", "finance"}),
    Action.ADJUST: _RUNNING,
    Action.ADJUST_ABOVE_LIMIT: _OWNER,
    Action.APPROVE_ADJUSTMENT: frozenset({"owner", "finance"}),
    Action.FREEZE: _RUNNING,
    Action.RELEASE: _RUNNING,
    Action.ANSWER_APPEAL: _RUNNING,
    Action.DECIDE_CASE: _RUNNING,
    Action.RESET_NAME: _RUNNING,
    Action.MERGE: _RUNNING,
    Action.UNMERGE: _RUNNING,
    Action.END_MEMBER_SESSIONS: _RUNNING,
    Action.ERASE_MEMBER: _RUNNING,
    Action.SETTLE_CLOCK: _OWNER,
    Action.LOOK_RULES: _BACK_OFFICE,
    Action.DRAFT_RULES: _RUNNING,
    Action.PUBLISH_RULES: _RUNNING,
    Action.PUBLISH_UNFAVOURABLE: _OWNER,
    Action.APPROVE_RULES: _RUNNING,
    Action.STOCK: _RUNNING,
    Action.VERIFY_VOUCHER: frozenset({"owner", "operations", "clerk"}),
    Action.NOTICES: _RUNNING,
    Action.IMPORT: _RUNNING,
    Action.REPORTS: _BACK_OFFICE,
    Action.EXPORT: _BACK_OFFICE,
    Action.OPERATORS: _OWNER,
    Action.KEYS: _OWNER,
    Action.SHOPS: _OWNER,
    Action.SYSTEM: _RUNNING,
    Action.LOG_OWN: _BACK_OFFICE,
    Action.LOG_ALL: frozenset({"owner", "finance", "auditor"}),
    Action.AUDIT: frozenset({"owner", "finance", "auditor"}),
}
"""The roles that may do each action."""


class NotAllowed(Exception):
    """The operator may not do this; the message is one Chinese sentence for them."""


class SessionOver(NotAllowed):
    """The operator's session has ended since they opened the page."""


def may(role: Role, action: Action) -> bool:
    """Whether the role may do it."""
    return role in MAY[action]
