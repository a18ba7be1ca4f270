"""What each outcome reads like, without a database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.answers import APOLOGY, BUSY, NOT_OPEN, Answer, refusal_text
from bot.checkin import check_in_text
from bot.entries import entries_text
from bot.follow import SCANNED, welcome_back_text, welcome_text
from bot.help_lines import short_help
from bot.notice import RESUMED, STOPPED
from bot.overview import balance_text, tier_text
from bot.referral import QRCODE_UNAVAILABLE, bind_text, invitation_answer
from bot.reward import list_text, redeem_text, unknown_number_text, vouchers_text
from bot.rule_texts import rules_text, topic_text
from bot.wheel import draw_text, earlier_day_limit_text, odds_in_brief
from loyalty.checkin.outcomes import AlreadyCheckedIn, CheckedIn, DayPassed
from loyalty.engine.feature import RuleText
from loyalty.engine.outcomes import Outcome, Refusal
from loyalty.engine.refusals import (
    AccountAhead,
    AccountClosed,
    AlreadyDone,
    NotEnoughPoints,
    NothingDue,
    RequestKeyReused,
    UnknownMember,
)
from loyalty.entries import EntryView
from loyalty.games.outcomes import DrawLimitReached, Drawn, DrawnPrize, UnknownWheel
from loyalty.ledger.balance import Expiring, Opening
from loyalty.overview import Overview
from loyalty.programme.files.reading import read_rules
from loyalty.referral.outcomes import (
    AlreadyBound,
    InviterTooNew,
    NotReferred,
    ReferralBound,
    ReferralQualified,
    ReferralTooLate,
    SelfReferral,
)
from loyalty.referral.rule import ReferralRule
from loyalty.referral.views import ReferralView
from loyalty.rewards.outcomes import NotCancellable, OutOfStock, Redeemed, UnknownRedemption, UnknownReward
from loyalty.rewards.views import RedemptionView, RewardView
from loyalty.rule_texts import rule_texts
from loyalty.shown.outcomes import PriceChanged
from tests.bot import told
from tests.bot.told import overview
from tests.ledger import DEMO_RULES

RULES = read_rules(DEMO_RULES)
DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (CheckedIn(DAY, 3, 10, 0, 340, 50, 4), "签到成功 +10 分，已连续 3 天，再连签 4 天，另送 50 分。\n当前积分 340。"),
        (
            CheckedIn(DAY, 7, 60, 50, 12_340, 20, 3),
            "签到成功 +60 分（含连签奖励 50 分），已连续 7 天，再连签 3 天，另送 20 分。\n当前积分 12,340。",
        ),
        (CheckedIn(DAY, 1, 5, 0, 5), "签到成功 +5 分，已连续 1 天。\n当前积分 5。"),
        (
            AlreadyCheckedIn(DAY, 3, 10, 340, 50, 4),
            "今天签过啦，已连续 3 天，再连签 4 天，另送 50 分。\n当前积分 340。明天再来～",
        ),
        (DayPassed(DAY), "这条签到来得太晚，那一天已经过去了。\n请再发一次「签到」。"),
        (AccountClosed("closed"), "你的积分账户已停用，如有疑问请联系客服。"),
    ],
)  # fmt: skip
def test_check_in(outcome: Outcome, expected: str) -> None:
    assert check_in_text(outcome, DAY) == expected


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (
            CheckedIn(DAY, 3, 10, 0, 340),
            "签到成功 +10 分，已连续 3 天。\n当前积分 340。\n这次记在2026年3月2日，今天的请再发一次「签到」。",
        ),
        (
            AlreadyCheckedIn(DAY, 3, 10, 340),
            "2026年3月2日签过啦，已连续 3 天。\n当前积分 340。今天的请再发一次「签到」。",
        ),
    ],
)
def test_a_check_in_heard_the_next_day_does_not_pass_for_todays(outcome: Outcome, expected: str) -> None:
    assert check_in_text(outcome, DAY + timedelta(days=1)) == expected


def test_a_first_check_in_tells_the_friends_gift() -> None:
    signed = CheckedIn(DAY, 1, 10, 0, 110, 20, 2)
    assert check_in_text(signed, DAY, ReferralQualified(1, 20, 0, 130)) == (
        "签到成功 +10 分，已连续 1 天，再连签 2 天，另送 20 分。\n受邀礼 +20 分也到账了，当前积分 130。"
    )


def drawn(prize: str, kind: str, points: int = 0, voucher: str | None = None, cost: int = 20) -> Drawn:
    rule = RULES.wheels[0].prize(prize)
    won = DrawnPrize(1, 1, prize, rule.name, kind, rule.level, rule.slot, points, voucher)
    return Drawn("lucky", (won,), cost, 1_290)


ODDS = (
    "\n公示概率：一等奖 0.1%、二等奖 3%、三等奖 20%、未中奖 20%、参与奖 56.9%。\n"
    f"概率版本 {RULES.wheels[0].odds_version[:10]}，发「规则」看完整规则。"
)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (
            drawn("points_10", "points", 10),
            f"抽中参与奖「10 积分」（概率 27%），10 分已到账。\n本次用了 20 分，当前积分 1,290。{ODDS}",
        ),
        (
            drawn("latte", "voucher", voucher="AB12"),
            (
                "恭喜抽中二等奖「拿铁一杯」（概率 3%）！\n券码 AB12，发「我的兑换」随时查看。\n"
                f"本次用了 20 分，当前积分 1,290。{ODDS}"
            ),
        ),
        (
            drawn("thanks", "none", cost=0),
            f"「谢谢参与」（概率 20%），这次没有抽中，下次好运。\n本次免费，当前积分 1,290。{ODDS}",
        ),
        (
            NotEnoughPoints(20, 5),
            "积分不够：抽一次要 20 分，现有 5 分，还差 15 分。\n每天发「签到」可以攒积分。",
        ),
        (DrawLimitReached(20, 0), "今天的抽奖次数用完了（每天 20 次），明天再来。"),
        (UnknownWheel("x"), "现在没有抽奖活动。\n先发「签到」攒积分，活动开始再来试手气。"),
    ],
)
def test_draw(outcome: Outcome, expected: str) -> None:
    assert draw_text(outcome, RULES) == expected


def test_a_draw_by_a_table_that_is_gone_tells_no_odds() -> None:
    without = RULES.model_copy(update={"wheels": ()})
    assert draw_text(drawn("points_10", "points", 10), without) == (
        "抽中参与奖「10 积分」，10 分已到账。\n本次用了 20 分，当前积分 1,290。"
    )


def test_brief_odds_are_whole() -> None:
    shares = [part.split(" ")[1] for part in odds_in_brief(RULES.wheels[0]).split("、")]
    assert sum(float(share.removesuffix("%")) for share in shares) == pytest.approx(100)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (
            Redeemed(3, 0, "latte", "拿铁一杯", 1, 200, "K7M9", "issued", date(2026, 5, 1), 1_140),
            ("兑换成功：拿铁一杯，用了 200 分。\n券码 K7M9，可用到 2026年4月30日。\n"
            "当前积分 1,140。发「我的兑换」随时查看。"),
        ),
        (
            NotEnoughPoints(1_500, 340),
            "积分不够：「拿铁一杯」要 1,500 分，现有 340 分，还差 1,160 分。\n每天发「签到」可以攒积分。",
        ),
        (OutOfStock("latte", "拿铁一杯", 0), "「拿铁一杯」已经兑完了，积分没有变化。\n发「兑换」看看还有什么。"),
        (OutOfStock("latte", "拿铁一杯", 2), "「拿铁一杯」只剩 2 份了。\n发「兑换」看看现在的列表。"),
        (UnknownReward("latte"), "这件礼品已经下架了，积分没有变化。\n发「兑换」看看现在的列表。"),
        (PriceChanged(1_200, "拿铁一杯"), "「拿铁一杯」现在要 1,200 分，积分没有变化。\n要换的话，请再发一次。"),
        (RequestKeyReused(), "这条已经处理过了。\n发「明细」可以看到结果。"),
    ],
)  # fmt: skip
def test_redeem(outcome: Outcome, expected: str) -> None:
    assert redeem_text(outcome, "拿铁一杯") == expected


@pytest.mark.parametrize(
    ("argument", "offered", "expected"),
    [
        ("9", 6, "没有 9 号礼品。\n发「兑换」看列表。"),
        ("0", 6, "没有 0 号礼品。\n发「兑换」看列表。"),
        ("9999999999999", 6, "没有 999999999999… 号礼品。\n发「兑换」看列表。"),
        ("拿铁", 6, "没有找到「拿铁」，请用列表里的编号来兑换，例如「兑换 1」。\n发「兑换」看列表。"),
        ("-1", 6, "没有找到「-1」，请用列表里的编号来兑换，例如「兑换 1」。\n发「兑换」看列表。"),
        ("1", 0, "现在没有可以兑换的礼品，积分先攒着，上新了再来。"),
    ],
)
def test_a_number_that_is_not_there(argument: str, offered: int, expected: str) -> None:
    assert unknown_number_text(argument, offered) == expected


def offer(
    number: int = 1, left: int | None = 12, reason: str | None = None, cancel_hours: int = 24
) -> RewardView:
    return RewardView(
        f"r{number}", number, "拿铁一杯", "voucher", 1_200, 0, left, reason is None, reason, "", cancel_hours
    )


@pytest.mark.parametrize(
    ("reward", "expected"),
    [
        (offer(), "1. 拿铁一杯  1,200 分 · 剩 12 份"),
        (offer(left=None, cancel_hours=0), "1. 拿铁一杯  1,200 分"),
        (
            replace(offer(), new_price_points=1_500, old_price_until=date(2027, 2, 1)),
            "1. 拿铁一杯  1,200 分 · 老积分价，到 2027年1月31日；新积分 1,500 分 · 剩 12 份",
        ),
        (offer(left=0, reason="已兑完"), "1. 拿铁一杯  1,200 分 · 已兑完"),
        (
            offer(reason="还差 3 积分", cancel_hours=72),
            "1. 拿铁一杯  1,200 分 · 剩 12 份 · 还差 3 积分",
        ),
    ],
)
def test_an_offer(reward: RewardView, expected: str) -> None:
    lines = list_text([reward], 340).split("\n")
    cancelling = {0: "兑换后不能取消。", 24: "兑换后 24 小时内可以取消。", 72: "兑换后 3 天内可以取消。"}
    foot = [cancelling[reward.cancel_hours], "发「兑换 编号」就能换，例如「兑换 1」。"]
    assert lines == ["你有 340 积分，礼品如下：", expected, *foot]


def test_what_can_be_cancelled_is_said_once_and_exceptions_on_their_lines() -> None:
    *_, first, second, third, usual, _ = list_text([offer(1), offer(2, cancel_hours=0), offer(3)], 0).split(
        "\n"
    )
    assert "换后" not in first + third
    assert second.endswith(" · 换后不能取消")
    assert usual == "兑换后 24 小时内可以取消，另外写明的除外。"


def test_a_long_list_is_cut_and_says_so() -> None:
    shown = list_text([offer(number) for number in range(1, 101)], 0)
    *_, last, more, cancelling, foot = shown.split("\n")
    told = int(last.split(".")[0])
    assert f"{told}. 拿铁一杯  1,200 分 · 剩 12 份" == last
    assert cancelling == "兑换后 24 小时内可以取消。"
    assert f"还有 {100 - told} 种" in more
    assert foot.startswith("发「兑换 编号」")
    assert 2048 - len(f"{last}\n".encode()) < len(shown.encode()) <= 2048


def test_an_empty_list() -> None:
    assert list_text([], 9) == "现在没有可以兑换的礼品，积分先攒着，上新了再来。"


def voucher(state: Any, quantity: int = 1) -> RedemptionView:
    return RedemptionView(
        "3-0", 3, 0, "redeem", "拿铁一杯", quantity, 200, state, "K7M9", "", date(2026, 5, 1),
        datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC) if state == "issued" else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], "还没有兑换过。\n发「兑换」看看能换什么。"),
        ([voucher("issued")], "你的券（1 张）：\n拿铁一杯（待使用）\n  券码 K7M9，可用到 2026年4月30日"),
        ([voucher("used", 2)], "你的券（1 张）：\n拿铁一杯 ×2（已使用）"),
        (
            [voucher("expired"), voucher("cancelled")],
            "你的券（2 张）：\n拿铁一杯（已过期）\n拿铁一杯（已取消）",
        ),
    ],
)
def test_vouchers(rows: list[RedemptionView], expected: str) -> None:
    assert vouchers_text(rows) == expected


HINT = "发「明细」看每一笔，发「兑换」看能换什么。"


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (overview(), f"当前积分 1,340。\n今天签过啦，已连续 3 天。\n{HINT}"),
        (
            overview(checked_in_today=False, streak=0),
            f"当前积分 1,340。\n今天还没有签到，发「签到」领积分。\n{HINT}",
        ),
        (
            overview(checked_in_today=False),
            f"当前积分 1,340。\n今天还没有签到（已连续 3 天，别断了），发「签到」领积分。\n{HINT}",
        ),
        (
            overview(
                pending=20,
                opening=(Opening(20, date(2026, 3, 9)),),
                debt=5,
                expiring=(Expiring(30, date(2026, 4, 1)),),
            ),
            (
                "当前积分 1,340。\n另有 20 分待到账：2026年3月9日起可用。\n先前退款还欠 5 分，新到账的积分会先补上。\n"
                f"30 分可用到 2026年3月31日，别忘了用。\n今天签过啦，已连续 3 天。\n{HINT}"
            ),
        ),
        (
            overview(pending=120, opening=(Opening(100, date(2026, 3, 9)), Opening(20, date(2026, 3, 10)))),
            (
                "当前积分 1,340。\n另有 120 分待到账：100 分2026年3月9日起可用，其余再晚一些。\n"
                f"今天签过啦，已连续 3 天。\n{HINT}"
            ),
        ),
    ],
)
def test_balance(seen: Overview, expected: str) -> None:
    assert balance_text(seen) == expected


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (
            overview(),
            (
                "你现在是「普通会员」，成长值 400。\n再攒 601 成长值，就升为「银卡会员」。\n升级后：到店出示会员码，免费升杯。\n"
                "赚积分就涨成长值，花积分不会减。"
            ),
        ),
        (
            overview(tier=RULES.tiers[3], growth=20_001, next_tier=None, points_to_next_tier=None),
            (
                "你现在是「钻石会员」，成长值 20,001。\n享有：到店出示会员码，免费升杯、新品优先试饮、手冲课优先报名。\n"
                "这已经是最高的等级了。\n赚积分就涨成长值，花积分不会减。"
            ),
        ),
    ],
)
def test_tier(seen: Overview, expected: str) -> None:
    assert tier_text(seen) == expected


def entry(delta: int, after: int, title: str) -> EntryView:
    at = datetime(2026, 3, 2, 2, 5, tzinfo=UTC)
    return EntryView(1, delta, after, "x", "y", title, "", None, at, 1)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], "还没有积分记录。\n发「签到」领第一笔积分吧。"),
        (
            [entry(10, 1_340, "每日签到"), entry(-1_200, 1_330, "兑换拿铁一杯"), entry(0, 0, "补扣")],
            (
                "最近 3 笔：\n3月2日 10:05 每日签到 +10，余 1,340\n3月2日 10:05 兑换拿铁一杯 -1,200，余 1,330\n"
                "3月2日 10:05 补扣 0，余 0"
            ),
        ),
    ],
)
def test_entries(rows: list[EntryView], expected: str) -> None:
    assert entries_text(rows, ZoneInfo("Asia/Shanghai")) == expected


@pytest.mark.parametrize(
    ("gift", "bound", "expected"),
    [
        (100, None, "欢迎来到拾光咖啡！你已成为会员，送你 100 积分见面礼。"),
        (0, None, "欢迎来到拾光咖啡！你已成为会员。"),
        (100, "已记下是好友邀请你来的，完成首次签到你再得 20 分。", ("欢迎来到拾光咖啡！你已成为会员，送你 100 积分见面礼。\n"
            "已记下是好友邀请你来的，完成首次签到你再得 20 分。")),
    ],
)  # fmt: skip
def test_welcome(gift: int, bound: str | None, expected: str) -> None:
    assert welcome_text("拾光咖啡", gift, bound).startswith(f"{expected}\n三步玩转积分：\n1. ")


def test_welcome_back() -> None:
    assert welcome_back_text("拾光咖啡", 340, None) == (
        "欢迎回到拾光咖啡！当前积分 340。\n发「签到」领今天的积分，发「帮助」看全部口令。"
    )


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (ReferralBound(7), "已记下是好友邀请你来的，完成首次签到你再得 20 分。"),
        (AlreadyDone("referral_bind", "inviter"), "你已经有邀请人了，邀请人只能有一位，不能更换。"),
        (AlreadyBound(7), "你已经有邀请人了，邀请人只能有一位，不能更换。"),
        (SelfReferral(), "这是你自己的邀请码，请把它给好友扫。"),
        (ReferralTooLate(), "邀请码要在第一次签到之前扫，你已经是老会员了。"),
        (InviterTooNew(), "这张邀请码对你用不上：邀请人要比你先加入。"),
        (AccountClosed("closed"), "你的积分账户已停用，如有疑问请联系客服。"),
    ],
)
def test_bind(outcome: Outcome, expected: str) -> None:
    assert bind_text(outcome, RULES.referral) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (ReferralRule(), "分享和关注本身不送积分。"),
        (
            ReferralRule(enabled=True, inviter_points=50, friend_points=20),
            "好友完成首次签到后，你得 50 分，好友得 20 分；分享和关注本身不送积分。",
        ),
    ],
)
def test_an_invitation_promises_nothing_for_sharing(rule: ReferralRule, expected: str) -> None:
    seen = ReferralView("abc", "inv_abc", 3, 2, 100, rule.enabled, [])
    answer = invitation_answer(seen, rule, "拾光咖啡", "https://pic")
    assert answer.article is not None
    assert expected in answer.article.description.split("\n")
    assert (answer.article.picture_url, answer.article.url) == ("https://pic", "https://pic")
    assert "https://pic" in answer.text


def test_the_rules_fit_one_message() -> None:
    shown = rules_text(rule_texts(RULES), 1)
    assert shown.startswith("积分规则（第 1 版）\n【新人礼】\n")
    assert "【幸运大转盘】发「规则 6」查看。\n【积分兑换】发「规则 7」查看。" in shown
    assert "拿铁一杯 3%" in topic_text(rule_texts(RULES), 6)
    assert len(shown.encode()) <= 2048


def test_rules_of_any_size_fit_one_message() -> None:
    topics = [RuleText(f"t{place}", f"规则{place}", ("长" * 100 * place,)) for place in range(12)]
    shown = rules_text(topics, 1)
    assert len(shown.encode()) <= 2048
    assert all(f"【规则{place}】" in shown for place in range(12))


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, "【新人礼】\n新会员第一次签到或发消息，送 100 积分，每人一次。"),
        (0, "规则有 1 到 13 条。\n发「规则」看全部。"),
        (None, "规则有 1 到 13 条。\n发「规则」看全部。"),
    ],
)
def test_one_topic(number: int | None, expected: str) -> None:
    assert topic_text(rule_texts(RULES), number) == expected


EVERY_REFUSAL = [
    OutOfStock("a", "b", 0), DrawLimitReached(1, 0),
    AlreadyDone("a", "b"), NotReferred(), UnknownRedemption("a"), NotCancellable("used"),
    AccountClosed("closed"), AccountAhead(), UnknownMember(1), RequestKeyReused(), NothingDue(),
]  # fmt: skip


@pytest.mark.parametrize("refusal", EVERY_REFUSAL, ids=lambda refusal: type(refusal).__name__)
def test_every_refusal_is_a_chinese_sentence(refusal: Refusal) -> None:
    text = refusal_text(refusal)
    assert text.endswith("。")
    assert all(char not in text for char in "{}[]_")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (APOLOGY, "系统开小差了，请过一会儿再发一次。已经办好的不会重复办理。"),
        (BUSY, "现在人有点多，这次没办成，积分没有变化。\n请过一会儿再发一次。"),
        (NOT_OPEN, "积分活动还没有开始，请过几天再来看看。"),
        (short_help(RULES), ("没太明白～发下面任意一个词，或点菜单：\n"
            "签到 · 补签 · 积分 · 明细 · 为什么\n等级 · 任务 · 投票 · 加速包 · 抽奖\n兑换 · 我的兑换 · 邀请 · 规则 · 帮助")),
        (STOPPED, "已关闭提醒，到期不再通知你。\n想恢复时发「恢复提醒」；积分随时发「积分」查看。"),
        (RESUMED, "已打开提醒，积分快到期时会通知你。\n不想收到时发「退订提醒」。"),
        (QRCODE_UNAVAILABLE, "二维码暂时取不到，请过一会儿再发「邀请」。"),
        (SCANNED, "你已经关注了，欢迎常来。\n发「签到」领今天的积分，发「帮助」看全部口令。"),
    ],
)  # fmt: skip
def test_answers_that_never_differ(answer: Answer, expected: str) -> None:
    assert answer.text == expected


def test_a_limit_of_yesterday_does_not_pass_for_todays() -> None:
    assert earlier_day_limit_text(DrawLimitReached(1, 0), DAY) == (
        "2026年3月2日的抽奖次数用完了（每天 1 次），今天的请再发一次「抽奖」。"
    )


def test_other_tests_tell_outcomes_apart_by_how_their_answers_begin() -> None:
    openings = [
        told.SIGNED_IN, told.SIGNED_BEFORE, told.TOO_LATE, told.NOT_ENOUGH, told.REDEEMED,
        *(answer.text for answer in (APOLOGY, BUSY, NOT_OPEN, short_help(RULES), STOPPED, RESUMED, QRCODE_UNAVAILABLE, SCANNED)),
    ]  # fmt: skip
    assert [one for one in openings for other in openings if one is not other and other.startswith(one)] == []
    assert told.signed_in(2, 60, 50) == "签到成功 +60 分（含连签奖励 50 分），已连续 2 天"


def test_the_clock_of_texts_is_the_programmes() -> None:
    late = EntryView(
        1, 1, 1, "x", "y", "每日签到", "", None, datetime(2026, 3, 2, 17, tzinfo=UTC) + timedelta(0), 1
    )
    assert "3月3日 01:00" in entries_text([late], ZoneInfo("Asia/Shanghai"))
