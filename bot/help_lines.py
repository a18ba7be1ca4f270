"""What 帮助 lists: the words of the chat that this programme answers, each with what it does."""

from collections.abc import Callable
from typing import Final, NamedTuple

from bot.answers import Answer
from loyalty.programme.rules import RuleSet
from loyalty.suggestions import takes_suggestions

SHORT_ROW: Final = 5
"""Words in a row of the short help; a row with more breaks on a narrow phone."""


def _always(_rules: RuleSet) -> bool:
    return True


class Line(NamedTuple):
    """A line of the help: its words, what they do, whether the short help has the first word, and which programmes have it."""

    words: str
    says: str
    short: bool = True
    there: Callable[[RuleSet], bool] = _always


LINES: Final = (
    Line("签到", "每天一次，连续签到有奖励"),
    Line("补签", "漏签了可以补；「补签 26」补 26 号的", there=lambda rules: rules.repair is not None),
    Line("积分", "余额和快到期的积分"),
    Line(
        "延期", "快到期的积分可以延一次", short=False, there=lambda rules: rules.expiry.extension is not None
    ),
    Line("明细", "最近的每一笔"),
    Line("为什么", "最近一笔的由来；「为什么 2」问再前一笔"),
    Line("等级", "你的等级和下一级"),
    Line(
        "展示称号 / 隐藏称号",
        "别人看不看得到你的称号",
        short=False,
        there=lambda rules: any(tier.title or tier.badge for tier in rules.tiers),
    ),
    Line("任务", "有哪些任务，做到哪一步", there=lambda rules: bool(rules.missions)),
    Line("投票", "看投票和结果；「投票 1 2」投第 1 个的第 2 项", there=lambda rules: bool(rules.polls)),
    Line("加速包", "有哪些；「加速包 1」领第 1 个", there=lambda rules: bool(rules.packs)),
    Line("建议", "「建议 早点开门」告诉我们", short=False, there=takes_suggestions),
    Line("抽奖", "抽一次，公示概率", there=lambda rules: bool(rules.wheels)),
    Line("兑换", "能换什么；「兑换 2」换第 2 个", there=lambda rules: bool(rules.rewards)),
    Line("我的兑换", "券码和有效期"),
    Line("邀请", "你的专属二维码"),
    Line("规则", "完整的积分规则"),
    Line("申诉", "账户被冻结时看原因；「申诉 」加上说明，有人答复", short=False),
    Line("我的数据", "我们存了什么，怎么导出", short=False),
    Line("注销", "删除你的个人信息", short=False),
    Line("人工 / 客服", "找工作人员", short=False),
    Line("退订提醒 / 恢复提醒", "要不要收到期提醒", short=False),
)


def full_help(rules: RuleSet) -> Answer:
    """Each word that the programme answers, with what it does."""
    return Answer("\n".join(f"{line.words}：{line.says}" for line in LINES if line.there(rules)))


def short_help(rules: RuleSet) -> Answer:
    """The words that members want most often."""
    words = [line.words for line in LINES if line.short and line.there(rules)] + ["帮助"]
    rows = (" · ".join(words[at : at + SHORT_ROW]) for at in range(0, len(words), SHORT_ROW))
    return Answer("没太明白～发下面任意一个词，或点菜单：\n" + "\n".join(rows))
