"""A draft of a rule version, and the reasons for which it is not published."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from loyalty.ledger.calendar import business_day, day_start
from loyalty.programme.comparing.favour import NOTICE
from loyalty.programme.files.reading import NotPublished
from loyalty.programme.in_force.live import LiveRules
from loyalty.programme.rules import RuleSet

LONGEST_TRANSITION: Final = timedelta(days=366)


@dataclass(frozen=True)
class Draft:
    """A rule set made from version `base` (0: none).

    `until_replaced`: a version scheduled for later may replace it on its day. `urgent`: it may make something worse without NOTICE,
    because a law or an authority demands it; the version says so for ever. `transition_until`: until that day, points of before
    pay the old prices of rewards that the draft makes dearer.
    """

    rules: RuleSet
    base: int
    effective_from: datetime
    by: str
    reason: str
    until_replaced: bool = False
    urgent: bool = False
    transition_until: date | None = None


@dataclass(frozen=True)
class Terms:
    """How rules are published: why, from when (None: at once), and what `Draft` says of the rest."""

    reason: str
    effective_from: datetime | None = None
    until_replaced: bool = False
    urgent: bool = False
    transition_until: date | None = None

    def draft(self, rules: RuleSet, base: int, by: str, now: datetime) -> Draft:
        """The draft of these rules, made from version `base`."""
        since = self.effective_from or now
        return Draft(
            rules, base, since, by, self.reason, self.until_replaced, self.urgent, self.transition_until
        )


class StaleBase(NotPublished):
    """The draft was made from an older version, because somebody else has published or withdrawn one meanwhile."""


class Unchanged(NotPublished):
    """The draft equals the version that it would follow, so there is nothing to publish."""


class WouldBeReplaced(NotPublished):
    """A scheduled version will replace the draft on its day, and undo what the draft changes."""


class BackDated(NotPublished):
    """The draft would take effect before its publication, and so change the rules of receipts that exist."""


class NoReason(NotPublished):
    """The draft does not say why."""


class TooSoon(NotPublished):
    """The draft makes something worse for members and would take effect before they had NOTICE; `losses` says what."""

    def __init__(self, message: str, losses: list[str]) -> None:
        super().__init__(message)
        self.losses = losses


class BadTransition(NotPublished):
    """The transition ends before the draft takes effect, or is longer than LONGEST_TRANSITION."""


class Misleading(NotPublished):
    """The rules are valid and would mislead members; the message has a sentence for each fault."""


class StockBelowTaken(NotPublished):
    """The new size of a pool is smaller than what members already took from it."""


def with_transition(draft: Draft, before: LiveRules | None, zone: ZoneInfo) -> Draft:
    """The draft with its transition written into the rewards that it makes dearer. Points earned on that very day are old.

    Raises BadTransition.
    """
    until = draft.transition_until
    if until is None or before is None:
        return draft
    first = business_day(draft.effective_from, zone)
    earned_before = first if day_start(first, zone) == draft.effective_from else first + timedelta(days=1)
    if not earned_before < until <= earned_before + LONGEST_TRANSITION:
        raise BadTransition(
            f"过渡期要在生效之后结束，最长 {LONGEST_TRANSITION.days} 天，不能到 {until} 为止。"
        )
    rewards = [
        one.with_transition(old, earned_before, until) if (old := before.rules.reward(one.id)) else one
        for one in draft.rules.rewards
    ]
    return replace(draft, rules=draft.rules.model_copy(update={"rewards": tuple(rewards)}))


def stale_base(base: int, newest_id: int, last_id: int) -> StaleBase:
    """The refusal of a draft made from version `base`; `last_id` is the last one that was published, withdrawn or not."""
    if base > newest_id and base <= last_id:
        return StaleBase(f"第 {base} 版已经撤回，请在第 {newest_id} 版上重新修改。")
    if base > last_id:
        return StaleBase(f"没有第 {base} 版规则，最新的是第 {newest_id} 版。")
    return StaleBase(f"第 {newest_id} 版规则已经发布，这份改自第 {base} 版，请在最新一版上重新修改。")


def too_soon(worse: list[str], now: datetime, zone: ZoneInfo) -> TooSoon:
    """The refusal that names what the draft makes worse, and from when it may take effect."""
    lines = "\n".join(f"  {one}" for one in worse)
    earliest = now + NOTICE + timedelta(minutes=1)
    message = (
        f"这次改动里有 {len(worse)} 处对会员不利或可能不利，至少要提前 {NOTICE.days} 天公布：\n{lines}\n"
        f"最早可以从 {local(earliest, zone)} 起生效，请把生效时间改到那时以后，"
        f"如 {earliest.astimezone(zone) + timedelta(days=1):%Y-%m-%d} 零点。"
        "法律或主管部门要求立刻改的，可以紧急发布，不用等，记录里会一直写着这一版是紧急发布的。"
    )
    return TooSoon(message, worse)


def would_be_replaced(waiting: list[tuple[int, datetime]], zone: ZoneInfo) -> WouldBeReplaced:
    """The refusal that names the scheduled versions, and what can be done."""
    days = "、".join(f"第 {version} 版（{local(begins, zone)} 起生效）" for version, begins in waiting)
    version = waiting[0][0]
    return WouldBeReplaced(
        f"已经排定了{days}，到时候会盖掉这次的改动。"
        f"要么先撤回它：jifen rules withdraw {version} --reason '…'；"
        "要么让这次的改动只用到那时为止：再加上 --until-replaced。"
    )


def local(instant: datetime, zone: ZoneInfo) -> str:
    """The instant as operators read it: its day and minute in the programme's zone."""
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"
