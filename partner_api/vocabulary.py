"""The Chinese words of the partner API's description."""

from typing import Final

from web.vocabulary import Vocabulary, Word

ABOUT: Final = (
    "收银台、门店、CRM 和 ERP 的接口。请求头带 Authorization: Bearer jf_live_…，密钥由商家用 jifen keys new 发给；"
    "密钥有权限范围，可以限定一个门店，每分钟的次数超过约定会得到 429 和 Retry-After。密钥不能写在网址里。"
)

OPERATIONS: Final = {
    "list_changes": "积分等变动，按先后一页一页取；after 用上一次回答里的。变动在记账约半分钟后出现，这样不会漏掉还没有提交的。",
    "create_webhook": (
        "登记一个网址，以后的变动会推送过去。按 Standard Webhooks 规范签名；secret 只在这里给一次。"
        "推送不成功会再试，隔得越来越久，约 27 小时后放弃。"
        "商家换 secret 时，新旧两个在一段时间里都签名；type 为 webhook.test 的是商家试送的，收到即可。"
    ),
    "list_webhooks": "这个密钥登记的网址。",
    "delete_webhook": "去掉一个网址，不再推送。",
    "list_deliveries": "最近 100 次推送的结果，新的在前。",
    "replay_deliveries": "重新推送：写明哪些变动；不写就是所有放弃了的。",
    "report_events": (
        "上报 1 到 500 个事件，各有各的结果，按上报的顺序回答；一个不行不影响别的。同一位会员的事件按先后处理。"
        "不知道一次请求结果如何时，原样再报一次：事件编号相同、内容相同的不会记第二次。请求内容最多 512 KiB。"
        "拒绝的原因有：unknown_member 没有这位会员，member_code_invalid 会员码过期，unknown_event 规则里没有这种事件，"
        "unknown_store 没有这家门店，store_of_another 密钥属于别的门店，event_malformed 内容不对，amount_invalid 金额不对，"
        "event_in_future 时刻在将来，event_too_old 太久以前，event_id_reused 编号用过而内容不同，order_recorded 订单已经记过，"
        "order_of_another 订单属于别的会员，refund_too_large 退款超过实付等。"
    ),
    "quote": (
        "一笔订单最多能用这位会员的多少积分、抵多少钱，和付款页上给会员看的一句话。只是估算，不扣积分；没有开积分抵现时是 404。"
    ),
    "hold_points": (
        "为一个订单扣住积分，到 deadline 为止；付款后用 confirm 确认，不要了用 cancel 退回，都不做则到时自动退回。"
        "一个门店的一个订单只能扣一次；不知道结果如何时，用同一个 Idempotency-Key 再发一次。"
    ),
    "confirm_deduction": (
        "订单付了款：用掉扣住的积分。points 少于扣住的就只用这么多，余下的退回原来的批次。过了 deadline 就不能再确认。"
    ),
    "cancel_deduction": "订单不付了，或不用积分了：扣住的积分退回原来的批次，已经过期的随即清零。账户冻结时也能退回。",
    "look_up_voucher": "券码是什么券、谁的、能不能用；只查，不核销。券码大小写、空格和连字符都不要紧。",
    "verify_voucher": (
        "核销一张券，只成功一次；东西交给会员以前先核销。用过、取消、过期的券是 409，什么时候、在哪里用的用查券看。"
        "不知道结果如何时，用同一个 Idempotency-Key 再发一次。"
    ),
    "show_member": "会员的资料、积分、等级和权益。会员可以用任何一种编号来找。",
}

SCHEMAS: Final = {
    "ChangeAnswer": "一次变动。",
    "ChangeData": "变动的内容。",
    "ChangesAnswer": "一页变动。",
    "MovementAnswer": "变动里的一笔。",
    "WebhookBody": "要登记的网址。",
    "ReplayBody": "要重新推送哪些。",
    "WebhookAnswer": "登记了的网址。",
    "NewWebhookAnswer": "新登记的网址，带签名用的 secret。",
    "WebhooksAnswer": "登记的网址。",
    "DeliveryView": "一次推送。",
    "DeliveriesAnswer": "最近的推送。",
    "ReplayAnswer": "重新推送了多少。",
    "RemovedAnswer": "去掉了的网址。",
    "Problem": "请求没有办成的原因（RFC 9457）；code 稳定不变，其余字段是与它有关的事实。",
    "QuoteBody": "会员和订单的金额。",
    "QuoteAnswer": "最多能用多少积分、抵多少钱。",
    "LookupBody": "要查的券码。",
    "VerifyBody": "要核销的券码，和在哪家门店。",
    "CounterVoucherAnswer": "一张券：是什么、谁的、什么状态。",
    "HoldBody": "为哪个订单扣住多少积分。",
    "HeldAnswer": "扣住的积分，等待确认。",
    "Nothing": "空的 JSON 对象，也可以不发内容。",
    "ConfirmBody": "用掉多少；可以是空的。",
    "EndedAnswer": "这笔抵扣的结果。",
    "EventBody": "一个事件，如一次消费；退款的 type 是 refund，要写金额和 refund_of。",
    "EventResult": "一个事件的结果。",
    "EventsAnswer": "各个事件的结果，顺序和上报的相同。",
    "EventsBody": "要上报的事件。",
    "MemberBody": "是哪位会员：写一种编号，也只写一种。",
    "PartnerMemberAnswer": "一位会员：资料、积分、等级和权益。",
    "Expiring": "一批即将到期的积分。",
    "TierView": "一个会员等级。",
}

PROPERTIES: Final = {
    "after": Word("下一次从这里取，没有新的也会给", "WyJjaGFuZ2VzIiwwLDAsMF0"),
    "attempts": Word("推送过几次", 1),
    "changes": Word("变动的编号", ["chg_10023_7"]),
    "created_at": Word("什么时候登记或产生的", "2026-11-28T18:30:00+08:00"),
    "data": Word("变动的内容"),
    "delta": Word("可用积分变了多少", 10),
    "due_at": Word("下一次推送的时刻；已有结果的是得到结果的时刻", "2026-11-28T18:30:05+08:00"),
    "ChangeAnswer.id": Word("变动的编号，不变；同一个编号来两次是同一个变动", "chg_10023_7"),
    "DeliveryView.id": Word("变动的编号", "chg_10023_7"),
    "WebhookAnswer.id": Word("登记的编号", "wh_abcdefgh2345"),
    "NewWebhookAnswer.id": Word("登记的编号", "wh_abcdefgh2345"),
    "RemovedAnswer.id": Word("登记的编号", "wh_abcdefgh2345"),
    "items": Word("各项"),
    "last_error": Word("最近一次为什么没有成功；成功了则为 null", "HTTP 503"),
    "last_status": Word("最近一次对方回答的 HTTP 状态码；没有回答则为 null", 200),
    "movements": Word("各笔积分，按记账的先后"),
    "MovementAnswer.balance": Word("这一笔之后可用的积分", 110),
    "MovementAnswer.reason": Word("这一笔的缘由，代码稳定不变", "check_in"),
    "MovementAnswer.title": Word("这一笔的名称", "签到"),
    "ChangeData.occurred_at": Word("事情发生的时刻", "2026-11-28T18:30:00+08:00"),
    "ChangeData.order_id": Word("订单号；没有则为 null", "SO-1001"),
    "ChangeData.store_id": Word("门店编号；没有则为 null", "sh-01"),
    "ref": Word("业务编号", "check_in|2026-11-28"),
    "replayed": Word("重新推送了多少次", 2),
    "secret": Word("签名用的密钥，只给这一次", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    "DeliveryView.state": Word("due 等着推送，delivered 送到了，dead 试了一天多没送到", "delivered"),
    "stopped_because": Word(
        "为什么不再推送：gone 是对方回答 410，operator 是商家停下的；没有停则为 null", "gone"
    ),
    "timestamp": Word("记账的时刻", "2026-11-28T18:30:00+08:00"),
    "ChangeAnswer.type": Word("变动的种类", "check_in.created"),
    "DeliveryView.type": Word("变动的种类", "check_in.created"),
    "url": Word("https 网址，要在公网上", "https://crm.example.com/jifen"),
    "amount_fen": Word("实付或退回的金额，单位是分", 8880),
    "QuoteBody.amount_fen": Word("订单的金额，单位是分", 8880),
    "HoldBody.amount_fen": Word("订单的金额，单位是分", 8880),
    "max_points": Word("这笔订单最多能用的积分", 4440),
    "deduct_fen": Word("这些积分抵的金额，单位是分", 4440),
    "hint": Word("付款页上给会员看的一句话", "本次可用积分抵44.40元"),
    "HoldBody.points": Word("扣住多少积分，最多是报价里的 max_points", 4440),
    "HeldAnswer.points": Word("扣住的积分", 4440),
    "ConfirmBody.points": Word("实际用掉多少积分；不写就是扣住的全部", 4000),
    "EndedAnswer.points": Word("用掉的积分；取消了则为 0", 4440),
    "deadline": Word("到这个时刻还没有确认，积分就退回", "2026-11-28T18:45:00+08:00"),
    "released": Word("退回的积分", 0),
    "lapsed": Word("退回的积分里已经过期、随即清零的", 0),
    "state": Word("captured 已用掉，cancelled 已取消", "captured"),
    "HeldAnswer.id": Word("这笔抵扣的编号，确认和取消时用", "10023-42"),
    "EndedAnswer.id": Word("这笔抵扣的编号", "10023-42"),
    "LookupBody.code": Word("会员出示的券码，固定的或 30 秒一换的", "K7M9-PQ2R-TUVW"),
    "VerifyBody.code": Word("会员出示的券码，固定的或 30 秒一换的", "K7M9-PQ2R-TUVW"),
    "CounterVoucherAnswer.id": Word("兑换的编号，同一位会员里不重复", "12-0"),
    "CounterVoucherAnswer.name": Word("券的名称", "大杯拿铁"),
    "quantity": Word("几份", 1),
    "terms": Word("使用说明，可以是空的", "到店出示，当场制作。"),
    "whose": Word("会员的昵称，打了码", "小**"),
    "CounterVoucherAnswer.state": Word(
        "issued 可以使用，used 已用过，cancelled 已取消，expired 已过期", "issued"
    ),
    "used_at": Word("什么时候用的；没有用过则为 null", "2026-11-28T18:30:00+08:00"),
    "used_by": Word("经手人或密钥的名称；没有用过则为 null", "收银台"),
    "CounterVoucherAnswer.store_id": Word("在哪家门店用的；没有用过或没有写则为 null", "sh-01"),
    "attributes": Word("规则里为这种事件列出的属性，名称和值"),
    "balance": Word("现在可用的积分", 340),
    "EventResult.balance": Word(
        "这个事件记下之后会员可用的积分，完成任务等另得的也算在内；拒绝的为 null", 428
    ),
    "channel": Word("渠道，如 wechat、alipay、pos、app", "pos"),
    "EventResult.code": Word("拒绝的原因，稳定不变；没有拒绝则为 null", "unknown_store"),
    "events": Word("1 到 500 个事件"),
    "EventBody.id": Word(
        "事件编号，同一个来源（门店，或没有门店的密钥的名称）里不重复，可以放心重报", "20261128-0042"
    ),
    "EventResult.id": Word("事件编号；读不出来则为 null", "20261128-0042"),
    "member": Word("是哪位会员"),
    "member_code": Word("会员在小程序里出示的会员码，每 30 秒换一个", "90000001002312345678"),
    "MemberBody.phone": Word("手机号，内地号码可以不写区号", "13800138000"),
    "miniapp_openid": Word("小程序的 openid", "oABCD0123456789abcdefghijklm"),
    "oa_openid": Word("公众号的 openid", "oWXYZ0123456789abcdefghijklm"),
    "occurred_at": Word("发生的时刻，带时区；最多 400 天以前，不能在将来", "2026-11-28T18:30:00+08:00"),
    "order_id": Word("订单号，一个门店里不重复", "SO-1001"),
    "EventResult.pending": Word("其中稍后生效的积分", 0),
    "EventResult.points": Word("这个事件本身得到的积分；退款收回的为负", 88),
    "reason": Word("结果如何，一句话", "得 88 积分。"),
    "refund_of": Word("退的是哪笔：原订单号，或原来消费的事件编号", "SO-1001"),
    "results": Word("每个事件各一项，顺序和上报的相同"),
    "EventResult.status": Word(
        "applied 已记下，replayed 以前记过、这是当时的结果，waiting 退款先到、等它的订单，refused 没有记下",
        "applied",
    ),
    "store_id": Word("门店编号，和规则里的一致；限定门店的密钥可以不写", "sh-01"),
    "EventBody.type": Word("事件的种类，和规则里的一致，如 purchase；退款是 refund", "purchase"),
    "unionid": Word("微信开放平台的 unionid", "oU0123456789abcdefghijklmnop"),
    "benefits": Word("这个等级的权益"),
    "code": Word("错误的代码，稳定不变", "unknown_member"),
    "debt": Word("欠下的积分，以后得到的积分先还它", 0),
    "detail": Word("给人看的一句话", "没有找到这位会员，请核对编号、手机号或会员码。"),
    "errors": Word("每个不合要求的字段各一项"),
    "expires_on": Word("不能再用的第一天；最后可用日是它的前一天", "2026-12-01"),
    "expiring": Word("即将到期的积分，早的在前"),
    "growth": Word("成长值，花积分不会减", 340),
    "TierView.title": Word("称号，没有则为 null", "咖啡鉴赏家"),
    "TierView.badge": Word("徽章，没有则为 null", "★"),
    "TierView.growth": Word("达到这个等级所需的成长值", 1000),
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
    "deduction": Word("抵扣的编号，扣住积分时的回答里有", "10023-42"),
    "webhook": Word("登记的编号", "wh_abcdefgh2345"),
    "member": Word(
        "会员编号、手机号、公众号或小程序的 openid、unionid，或会员出示的会员码；也可以写明是哪一种，例如 phone:13800138000",
        "phone:13800138000",
    ),
}

VOCABULARY: Final = Vocabulary(ABOUT, OPERATIONS, SCHEMAS, PROPERTIES, PATHS)
