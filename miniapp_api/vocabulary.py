"""The mini-program API in Chinese words, for `/openapi.json` and `/docs`.

A test keeps the tables complete and free of leftovers (tests/web/test_vocabulary.py).
"""

from typing import Final

from miniapp_api.property_words import PROPERTIES
from miniapp_api.schema_words import SCHEMAS
from web.vocabulary import Vocabulary, Word

OPERATIONS: Final = {
    "log_in": "用 wx.login 得到的 code 换取令牌。第一次登录的微信用户自动成为会员。",
    "show_me": "余额、等级、即将到期的积分和今天的签到，首页一次取齐。",
    "change_profile": "填写或修改资料、绑定手机号；没有给出的项不变，有一项不行就都不改。",
    "show_code": "在收银台出示的会员码，每 30 秒换一个，只用来认出会员；过期的截图不能用。",
    "list_entries": "积分的每一笔变动，新的在前。",
    "check_in": "签到领积分，每天一次；同一天再签得到 409 already_checked_in，里面是当天那次签到的事实。",
    "show_month": "某个月签过到的日子、现在的连签天数，和一轮里每天的奖励。",
    "repair": "补签一天，用补签卡或积分。先取「可以补签的日子」，照它显示的价格补。",
    "show_offer": "最近可以补签的日子、手里的补签卡和补签一次的价格。",
    "extend_points": "把快到期的积分延期一次。先取「可以延期的积分」，照它显示的价格延。",
    "show_extensions": "现在可以延期的积分，先到期的在前，和延期一笔的价格。",
    "list_wheels": "会员能抽的转盘，带公布的概率。",
    "show_wheel": "一个转盘：费用、今天还能抽几次、公布的概率，和当前这一轮的承诺。",
    "create_draws": "抽一次或连抽十次。",
    "list_winners": "这个转盘的中奖记录，新的在前，名字打码。",
    "list_draws": "我抽过的每一次，新的在前。",
    "show_proof": "重算某一次抽奖所需的全部数据；种子要等这一轮结束才公布。",
    "list_rewards": "可以用积分兑换的礼品，带价格、库存和会员能不能兑。",
    "show_reward": "一件礼品现在的价格、库存和使用说明。",
    "create_redemption": "用积分兑换一件礼品，得到一张券。",
    "list_redemptions": "兑换和抽中的券，新的在前。",
    "show_redemption_code": "给店员扫或输入的券码，30 秒一换，上一个在换码后 30 秒内仍认；只有可以使用的券才有。",
    "show_redemption": "一张券现在的状态和券码。",
    "cancel_redemption": "取消一次兑换，积分退回，原来的有效期不变。",
    "list_packs": "可以领的加速包，带我手里还没用完的。",
    "take_pack": "领一个加速包，之后几天里消费等事件的积分翻倍，直到多得的积分达到上限。",
    "list_missions": "现在可以做的任务，带每一步的进度。",
    "list_polls": "投票和到现在为止的结果，也包括已经结束的。",
    "create_vote": "投一票，每人每个投票一次，投了不能改。",
    "create_suggestion": "给商家提一条建议；规则里没有 suggestion 这种事件时是 404，有没有积分、每天给几次由规则定。",
    "show_appeal": "账户是否被冻结或暂停花积分、为什么，以及最近一次申诉和答复。",
    "create_appeal": "账户被冻结或暂停花积分时说明情况；一次只能有一个申诉在处理，没有冻结时是 409。",
    "show_erasure": "我有没有申请注销，什么时候申请的。",
    "ask_for_erasure": "申请注销，由工作人员在 15 个工作日内办理；还没有办理时可以取消。办理后个人信息删除，积分和没用的券作废。",
    "copy_data": "系统里关于我的全部信息，一份 JSON，每一项有中文名字；身份编号和手机号打码。每天最多导出 3 次。",
    "show_kept": "系统存会员的哪些信息，每一种做什么用。",
    "show_referral": "我的邀请码、邀请人数和邀请奖励。",
    "show_qrcode": "带邀请码的二维码图片：默认是公众号的，kind=miniapp 是小程序码。",
    "show_poster": "带二维码的邀请海报，可以直接转发。",
    "bind_referral": "填写邀请我的人，只能填一次。",
    "list_tiers": "全部会员等级，从低到高。",
    "show_rules": "现在生效的规则，与实际执行的一致。",
    "show_profile": "会员自己填的资料，手机号只露头尾。",
    "show_suggestions": "规则里没有 suggestion 这种事件时是 false。",
    "show_subscriptions": "现在的规则里可以订阅的消息，和每种还能发几条；点按钮时用 wx.requestSubscribeMessage 征求同意。",
    "record_subscription": "会员在 wx.requestSubscribeMessage 里作出选择之后，告诉服务器。",
}

PATHS: Final = {
    "wheel": Word("转盘编号", "lucky"),
    "draw": Word("抽奖记录的编号", "7-3"),
    "reward": Word("礼品编号", "cookie"),
    "poll": Word("投票编号", "taste"),
    "redemption": Word("券的编号", "12-0"),
}

VOCABULARY: Final = Vocabulary(
    "会员的小程序：签到、积分、抽奖、兑换和邀请。", OPERATIONS, SCHEMAS, PROPERTIES, PATHS
)
