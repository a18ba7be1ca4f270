"""What the programme keeps of a member apart from the features: who they are, how they are reached, and the ledger."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from loyalty.engine.kept import Kept, named
from loyalty.entries import entry_title, entry_why
from loyalty.ledger.calendar import AT_ONCE

PROVIDERS: Final[Mapping[str, str]] = {"unionid": "微信开放平台", "external": "原来的会员系统"}
NOTICE_STATES: Final[Mapping[str, str]] = {
    "due": "等着发", "sending": "正在发", "sent": "发出了", "delivered": "送达了", "waiting": "等你下次来", "suppressed": "没有发",
    "unknown": "不知道有没有发出", "failed": "没有发成",
}  # fmt: skip
NOTICE_KINDS: Final[Mapping[str, str]] = {
    "expiry": "积分到期提醒",
    "inactivity": "久未使用提醒",
    "change": "积分变动",
    "rule_change": "规则变动",
    "wake_up": "好久没来时的提醒",
    "tier_review": "等级评定",
    "referral_rewarded": "邀请奖励",
    "appeal_answered": "申诉的答复",
    "case_opened": "花积分异常",
    "case_decided": "异常的核对结果",
}
BUCKETS: Final[Mapping[str, str]] = {
    "available": "可用", "pending": "待到账", "held": "先扣下", "debt": "欠积分", "issued": "发放", "spent": "花掉",
    "expired": "过期", "reversed": "扣回", "adjusted": "调整", "forfeited": "作废",
}  # fmt: skip
STATUS: Final[Mapping[str, str]] = {
    "open": "正常", "limited": "暂停花积分", "frozen": "冻结", "merged": "已合并", "closed": "已注销",
}  # fmt: skip


def masked_id(subject: str) -> str:
    """An id at WeChat or elsewhere, of which the first four and the last four characters stay."""
    return f"{subject[:4]}****{subject[-4:]}" if len(subject) > len("12345678") else "****"


def _entry_words(row: Mapping[str, Any]) -> Mapping[str, object]:
    detail = orjson.loads(row["detail"]) if isinstance(row["detail"], str) else row["detail"]
    return {"名目": entry_title(row["reason"], detail), "为什么": entry_why(row["reason"], detail)}


OF_MEMBERS: Final = (
    Kept(
        table="member", title="资料", why="认出你，按你填的生日给优惠，按你的意愿展示称号和发提醒",
        columns={
            "member_id": "会员号", "nickname": "昵称", "birthday": "生日", "birthday_from": "生日从哪天起算数",
            "joined_at": "加入时间", "referral_code": "邀请码", "title_shown": "让别人看到称号", "notices_opted_out": "不要提醒",
        },
    ),
    Kept(
        table="identity", title="微信身份", why="你从公众号或小程序来时认出你", key=("provider", "subject"),
        columns={"provider": "在哪里", "subject": "编号（打码）", "linked_at": "从什么时候起"},
        shown={"provider": lambda provider: PROVIDERS.get(provider.partition(":")[0], provider), "subject": masked_id},
    ),
    Kept(
        table="phone", title="手机号", why="到店报手机号能积分；号码加密保存，打码后写在最前面",
        columns={"bound_at": "绑定时间"},
    ),
    Kept(
        table="session", title="登录", why="小程序不用每次都登录；30 天后作废", key=("token_hash",),
        columns={"created_at": "登录时间", "expires_at": "作废时间"},
    ),
    Kept(
        table="contact", title="公众号的关注", why="没有关注就不发消息",
        columns={"following": "正在关注", "changed_at": "从什么时候起"},
    ),
    Kept(
        table="consent", title="订阅的消息", why="你同意几条就只发几条", key=("template_id",),
        columns={"template_id": "消息模板", "granted": "还能发几条", "changed_at": "上次变动"},
    ),
    Kept(
        table="consent_withdrawal", title="在微信里撤回的授权", why="撤回以后不再使用那些信息", key=("message_key",),
        columns={"at": "时间", "event": "微信的通知", "scope": "撤回了哪一项（微信的编号）"},
    ),
    Kept(
        table="notice", title="发给你的消息", why="一件事只通知一次", key=("kind", "key"),
        columns={"created_at": "时间", "kind": "哪种", "state": "结果", "sent_at": "发出时间"},
        shown={"kind": named(NOTICE_KINDS), "state": named(NOTICE_STATES)},
    ),
    Kept(
        table="suggestion", title="建议", why="让商家看到你的建议", key=("request_key",),
        columns={"said_at": "时间", "text": "你写的"},
    ),
    Kept(
        table="erasure_request", title="注销申请", why="在 15 个工作日内办理",
        columns={"asked_at": "申请时间"},
    ),
    Kept(
        table="data_copy", title="个人信息的导出", why="每天最多导出几次；别人拿着你的手机导出过，你也能看到", key=("day",),
        columns={"day": "日期", "copies": "次数", "last_at": "最后一次"},
    ),
)  # fmt: skip
OF_LEDGER: Final = (
    Kept(
        table="account", title="账户", why="记住你有多少积分、能不能用",
        columns={
            "status": "状态", "available": "可用积分", "pending": "待到账积分", "held": "先扣下的积分", "debt": "欠积分",
            "growth": "成长值", "issued": "一共发放", "spent": "一共花掉", "expired": "一共过期", "reversed": "一共扣回",
            "adjusted": "一共调整", "forfeited": "一共作废", "last_seen_on": "最近一次来", "posted_at": "最近一次记账",
        },
        shown={"status": named(STATUS)},
    ),
    Kept(
        table="lot", title="每一批积分", why="每批积分有自己的到期日，先到期的先用", key=("expires_on", "opens_on", "terms"),
        columns={
            "expires_on": "失效日", "opens_on": "到账日", "granted": "得到", "remaining": "还剩", "held": "先扣下", "spent": "花掉",
            "expired": "过期", "reversed": "扣回", "forfeited": "作废", "offset_debt": "抵欠积分",
        },
        shown={"opens_on": lambda day: "立即" if day == AT_ONCE else day},
    ),
    Kept(
        table="entry", title="积分明细", why="每一笔积分都要有据可查，法律要求账目保存", key=("seq",),
        columns={
            "posted_at": "时间", "amount": "积分", "src": "从", "dst": "到", "available": "之后可用",
            "expires_on": "失效日", "seq": "序号",
        },
        shown={"src": named(BUCKETS), "dst": named(BUCKETS)},
        needs=("reason", "detail"),
        words=_entry_words,
    ),
)  # fmt: skip
