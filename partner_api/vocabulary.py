"""The Chinese words of the partner API's description."""

from typing import Final

from web.vocabulary import Vocabulary, Word

ABOUT: Final = (
    "收银台、门店、CRM 和 ERP 的接口。请求头带 Authorization: Bearer jf_live_…，密钥由商家用 jifen keys new 发给；"
    "密钥有权限范围，可以限定一个门店，每分钟的次数超过约定会得到 429 和 Retry-After。密钥不能写在网址里。"
)

OPERATIONS: Final = {
    "show_member": "会员的资料、积分、等级和权益。会员可以用任何一种编号来找。",
}

SCHEMAS: Final = {
    "Problem": "请求没有办成的原因（RFC 9457）；code 稳定不变，其余字段是与它有关的事实。",
    "PartnerMemberAnswer": "一位会员：资料、积分、等级和权益。",
    "Expiring": "一批即将到期的积分。",
    "Tier": "一个会员等级。",
}

PROPERTIES: Final = {
    "balance": Word("现在可用的积分", 340),
    "benefits": Word("这个等级的权益"),
    "code": Word("错误的代码，稳定不变", "unknown_member"),
    "debt": Word("欠下的积分，以后得到的积分先还它", 0),
    "detail": Word("给人看的一句话", "没有找到这位会员，请核对编号、手机号或会员码。"),
    "errors": Word("每个不合要求的字段各一项"),
    "expires_on": Word("不能再用的第一天；最后可用日是它的前一天", "2026-12-01"),
    "expiring": Word("即将到期的积分，早的在前"),
    "growth": Word("成长值，花积分不会减", 340),
    "Tier.growth": Word("达到这个等级所需的成长值", 1000),
    "id": Word("等级编号", "silver"),
    "member_id": Word("会员编号", 10023),
    "name": Word("等级名称", "银卡会员"),
    "next_tier": Word("下一个等级；已是最高等级则为 null"),
    "nickname": Word("昵称；没有填过则为 null", "小明"),
    "pending": Word("已得到、还不能用的积分", 0),
    "phone": Word("打码的手机号；没有绑定则为 null", "138****8000"),
    "points": Word("这一天到期的积分", 80),
    "points_to_next_tier": Word("离下一个等级还差的成长值；已是最高等级则为 null", 660),
    "request_id": Word("这次请求的编号，报告问题时请附上", "f3b1c2d4e5a60718"),
    "status": Word("HTTP 状态码", 404),
    "tier": Word("现在的等级"),
    "title": Word("标题", "没有这位会员"),
    "type": Word("总是 about:blank，错误的种类看 code", "about:blank"),
}

PATHS: Final = {
    "member": Word(
        "会员编号、手机号、公众号或小程序的 openid、unionid，或会员出示的会员码；也可以写明是哪一种，例如 phone:13800138000",
        "phone:13800138000",
    ),
}

VOCABULARY: Final = Vocabulary(ABOUT, OPERATIONS, SCHEMAS, PROPERTIES, PATHS)
