"""What a back-test found, line by line, as operators read it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from loyalty.backtest import Backtest, Extreme, Group
from loyalty.engine.registry import Registry
from loyalty.features import FEATURES

ISSUED: Final = ("发出", "issued", -1)
FLOWS: Final = (
    ISSUED, ("用掉", "spent", 1), ("到期", "expired", 1), ("收回", "reversed", 1), ("调整", "adjusted", -1),
    ("作废", "forfeited", 1),
)  # fmt: skip
"""Name, bucket, and the sign that makes the usual direction positive."""
ASSUMED: Final = (
    "这样算的：每位会员当时做了什么，就当照样做了什么；抽奖用当时摇出的号，按这份规则的概率表开奖；"
    "当时没有抽完的奖品和库存，就当也够。当时被拒绝的，不算。"
)


def told(found: Backtest, begin: str, *, checking: bool) -> Iterator[str]:
    """The report, line by line."""
    if not (found.receipts or found.stopped or found.untraced):
        yield f"{begin} 以来没有会员的记录，没有什么可以重放。"
        return
    yield f"重放了 {begin} 以来 {found.members:,} 位会员的 {found.receipts:,} 条记录。"
    if checking:
        yield f"和账本不同的会员有 {found.differing:,} 位。" if found.differing else "和账本一分不差。"
    yield from _sums(found)
    yield from _groups("", found.tiers)
    yield from _groups("人群 ", found.segments)
    yield from _extremes("多得最多", found.most)
    yield from _extremes("少得最多", found.least)
    if found.refused:
        yield f"当时办成、按这份规则办不成的：{_refusals(found.refused)}。"
    yield from _left_out(found)
    if not checking:
        yield ASSUMED


def _sums(found: Backtest) -> Iterator[str]:
    for name, bucket, sign in FLOWS:
        then, now = sign * found.then[bucket], sign * found.now[bucket]
        if then or now:
            yield f"  {name}：实际 {then:,}，按这份规则 {now:,}，相差 {now - then:+,}"
    owing = found.held_then + found.held_more
    yield f"  会员手里的积分（负债）：实际 {found.held_then:,}，按这份规则 {owing:,}，相差 {found.held_more:+,}"


def _groups(kind: str, groups: Mapping[str, Group]) -> Iterator[str]:
    for name, group in groups.items():
        yield (
            f"  {kind}{name}：{group.members:,} 位，多得 {group.gaining:,} 位，少得 {group.losing:,} 位，"
            f"合计 {group.points:+,} 积分"
        )


def _extremes(title: str, extremes: list[Extreme]) -> Iterator[str]:
    if extremes:
        told = "，".join(f"会员 {member_id} {points:+,}" for points, member_id in extremes)
        yield f"{title}的：{told}。"


def _refusals(refused: Counter[str]) -> str:
    outcomes = Registry(FEATURES).outcomes
    return "，".join(
        f"{getattr(outcomes[code], 'title', code)} {times:,} 次" for code, times in refused.most_common()
    )


def _left_out(found: Backtest) -> Iterator[str]:
    if found.unmade:
        yield f"没有算进去的：按这份规则还要给别的会员 {sum(found.unmade.values()):,} 项奖励（如邀请人的奖励）。"
    if found.stopped:
        errors = "，".join(f"{name} {times:,} 位" for name, times in found.stopped.items())
        yield f"有 {sum(found.stopped.values()):,} 位会员算不出来，没有算在内：{errors}。"
    if found.untraced:
        yield f"有 {found.untraced:,} 条记录由旧版程序写下，没有记下重算所需的内容，没有算在内。"
