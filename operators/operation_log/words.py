"""What the operation log holds of a change, in the words of whoever reads it: keys and codes become Chinese, all else stays."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from operators.roles import ROLE_NAMES

DEEDS: Final[Mapping[str, str]] = {
    "add": "添加", "disable": "停用", "enable": "启用", "reset": "重设密码", "end_sessions": "退出登录", "discard": "放弃改动",
    "withdraw": "撤回", "begin": "开始", "end": "做完", "new": "新建", "rotate": "换密钥", "revoke": "作废", "replay": "重送",
    "change": "改权限", "stop_webhook": "停下推送", "resume_webhook": "继续推送", "remove_webhook": "去掉推送",
    "rotate_webhook": "换签名密钥", "test_webhook": "试送", "stop_job": "停下任务", "restart_job": "重新开始任务",
    "retry": "马上重试",
    "try_again": "再发一次", "erase_appeals": "删去申诉的内容",
    "find_by_tail": "按手机尾号找会员",
}  # fmt: skip
TITLES: Final[Mapping[str, str]] = {
    "does": "做法", "role": "角色", "store": "门店", "edition": "第几次改", "version": "版本", "effective_from": "生效时间",
    "urgent": "立即生效", "state": "审批", "asked_by": "申请人", "points": "积分", "balance": "余额", "debt": "欠分",
    "ticket": "工单号", "may_owe": "不够扣时记欠分", "into": "并入会员", "other_id": "另一位会员", "growth": "成长值",
    "spent": "已花掉", "released": "解冻", "name": "名称", "quantity": "数量", "stood_at": "原来的时间", "kind": "内容",
    "file": "文件", "done": "记入", "already": "早已记过", "bad": "有问题", "created": "新建会员", "table": "导出的表",
    "phones": "手机号", "scopes": "权限", "grace_h": "旧密钥还能用（小时）", "change": "变动编号", "deliveries": "条数",
    "texts": "申诉条数", "per_minute": "每分钟最多", "waiting": "没有送出的条数", "named": "没有送出的编号", "status": "对方的回答",
    "error": "没有回答的原因", "job": "任务", "found": "找到几位", "faults": "几处",
}  # fmt: skip
VALUES: Final[Mapping[str, Mapping[str, str]]] = {
    "does": DEEDS,
    "role": {str(role): name for role, name in ROLE_NAMES.items()},
    "state": {"asked": "等另一个人决定", "approved": "已批准", "refused": "已驳回", "withdrawn": "已撤回"},
    "phones": {"whole": "完整", "masked": "打星号"},
    "kind": {"members": "会员", "balances": "积分余额", "orders": "订单", "segments": "人群"},
    "table": {"members": "会员", "balances": "积分余额", "entries": "积分流水", "orders": "订单", "rules": "每一版规则"},
}  # fmt: skip
UNTOLD: Final = frozenset({"approval", "appeal"})
"""Ids that say nothing to a reader."""


def told(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The title and the words of each value that says something; one of a newer program is told by its own key."""
    for key, value in values.items():
        if key not in UNTOLD and value not in (None, "", []):
            yield TITLES.get(key, key), _words(key, value)


def _words(key: str, value: Any) -> str:
    match value:
        case bool():
            return "是" if value else "否"
        case float():
            return f"{value:g}"
        case int() if key not in ("into", "other_id", "version"):
            return f"{value:,}"
        case list():
            return "、".join(map(str, value))
        case str():
            return VALUES.get(key, {}).get(value, value)
    return str(value)
