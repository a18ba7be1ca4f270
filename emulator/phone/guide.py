"""Hints for newcomers beside the phones, shown where the screen is wide enough."""

from emulator.phone.elements.tags import box, text

_STEPS = (
    ("关注公众号", "点小明手机下方的「关注公众号」，收到欢迎消息；说第一句话，新人礼就到账。"),
    ("发送「签到」", "直接打字，或点底部菜单。再发「积分」「明细」看看。"),
    ("拨快时间", "右上角 +1 天，再签到一次，连签越久奖励越多。"),
    ("转一次转盘", "切到「小程序」，抽奖、兑换、看公示概率。"),
    ("邀请好友", "小明发「邀请」，小红点左上角「扫一扫」扫他的码。"),
    ("让积分到期", "多拨几个月，到期提醒会自己找上门。"),
)


def draw_guide() -> None:
    """Draw the guide."""
    with box("guide", tag="aside"):
        text("试一试", "guide-title", tag="h2")
        for place, (title, hint) in enumerate(_STEPS, start=1):
            with box("guide-step"):
                text(str(place), "guide-number")
                with box("guide-words"):
                    text(title, "guide-name")
                    text(hint, "guide-hint")
        text("两部手机都是真的在和服务器说话：公众号走消息推送，小程序走 /api/v1。", "guide-foot")
