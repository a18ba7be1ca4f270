"""The rule set checks itself: every fault is named, and what holds together is kept as written."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from loyalty.games.rule import Prize, Wheel
from loyalty.programme.declaring.faults import Fault, RuleFaults
from loyalty.programme.in_force.live import LiveRules, RuleBook
from loyalty.programme.rules import RuleSet
from tests.ledger import ZONE, rules_with

DEMO = rules_with().model_dump(mode="json")
WHEEL, PRIZES = DEMO["wheels"][0], DEMO["wheels"][0]["prizes"]
REWARD = DEMO["rewards"][0]


def wheel(**parts: Any) -> dict[str, Any]:
    return {"wheels": [WHEEL | parts]}


def prizes(place: int, **parts: Any) -> dict[str, Any]:
    """The demo's wheel with one prize changed."""
    return wheel(prizes=[prize | parts if at == place else prize for at, prize in enumerate(PRIZES)])


def reward(**parts: Any) -> dict[str, Any]:
    return {"rewards": [REWARD | parts]}


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"programme": {"name": "", "brand": "店"}}, "programme.name"),
    ({"programme": {"name": "积分"}}, "programme.brand"),
    ({"surprise": 1}, "surprise"),
    ({"expiry": {"months": 0}}, "expiry.months"),
    ({"expiry": {"months": 121}}, "expiry.months"),
    ({"expiry": {}}, "expiry: 要写明积分多久到期"),
    ({"expiry": {"never": False}}, "expiry: 要写明积分多久到期"),
    ({"expiry": {"months": 1, "days": 2}}, "expiry: months、days 只能写一种"),
    ({"expiry": {"days": 0}}, "expiry.days"),
    ({"expiry": {"fixed": "13-01"}}, "expiry.fixed.0: 要写成月-日"),
    ({"expiry": {"fixed": ["12-31", "03-31"]}}, "expiry.fixed: 日期要从早到晚写"),
    ({"expiry": {"months": 1, "grace_days": 2}}, "expiry.grace_days: 宽限天数只和清零日期"),
    ({"welcome": {"points": -1}}, "welcome.points"),
    ({"welcome": {"points": 10_000_001}}, "welcome.points"),
    ({"welcome": {"points": 1.5}}, "welcome.points"),
    ({"welcome": {"points": "10"}}, "welcome.points"),
    ({"welcome": {"points": True}}, "welcome.points"),
    ({"check_in": {"points": 0}}, "check_in.points"),
    ({"check_in": {"points": 1, "cycle_days": 0}}, "check_in.cycle_days"),
    ({"check_in": {"points": 1, "cycle_days": 367}}, "check_in.cycle_days"),
    ({"check_in": {"points": 1, "ladder": [{"streak": 0, "bonus": 1}]}}, "check_in.ladder.0.streak"),
    (
        {"check_in": {"points": 1, "ladder": [{"streak": 8, "bonus": 1}]}},
        "check_in.ladder.0.streak: 一轮只有 7 天",
    ),
    (
        {"check_in": {"points": 1, "ladder": [{"streak": 3, "bonus": 1}, {"streak": 2, "bonus": 1}]}},
        "check_in.ladder.1.streak: 天数要从小到大写",
    ),
    (
        {"check_in": {"points": 1, "ladder": [{"streak": 1, "bonus": 9}]}},
        "check_in.ladder: 照这样给，会员故意漏签一天反而拿得更多",
    ),
    (wheel(cost_points=-1), "wheels.0.cost_points"),
    (wheel(draws_per_day=0), "wheels.0.draws_per_day"),
    (wheel(free_per_day=101), "wheels.0.free_per_day"),
    (wheel(id="Lucky"), "wheels.0.id"),
    (wheel(id="lucky\n"), "wheels.0.id"),
    (wheel(prizes=PRIZES[:1]), "wheels.0.prizes"),
    (wheel(prizes=PRIZES[1:]), "现在是 999,000，少了 1,000"),
    (
        prizes(0, odds_ppm=1001),
        "wheels.0.prizes: 所有奖品的 odds_ppm 加起来要正好是 1,000,000，现在是 1,000,001，多了 1",
    ),
    (prizes(0, odds_ppm=-1), "odds_ppm"),
    (prizes(0, slot=1), "wheels.0.prizes.1.slot: 1 和前面的一项重复了"),
    (prizes(0, id="latte"), "wheels.0.prizes.2.id: latte 和前面的一项重复了"),
    (prizes(0, slot=64), "prizes.0.slot"),
    (prizes(0, substitute=None), "wheels.0.prizes.0.substitute: 限量的奖品要写明发完后改送哪一项"),
    (prizes(0, substitute="latte"), "wheels.0.prizes.0.substitute: latte 也是限量的"),
    (prizes(0, substitute="season_pass"), "wheels.0.prizes.0.substitute: season_pass 也是限量的"),
    (prizes(0, substitute="nope"), "wheels.0.prizes.0.substitute: 这个转盘里没有编号为 nope 的奖品"),
    (prizes(0, stock=-1), "prizes.0.stock"),
    (prizes(0, value_fen=5_000_001), "prizes.0.value_fen"),
    (prizes(0, valid_days=0), "prizes.0.valid_days"),
    (prizes(0, kind="car"), "prizes.0.kind"),
    (prizes(0, points=5), "wheels.0.prizes.0.points: 只有种类是 points 的奖品才写积分"),
    (prizes(1, points=0), "wheels.0.prizes.1.points: 种类是 points 的奖品，要写明送多少积分"),
    ({"wheels": [WHEEL, WHEEL]}, "wheels.1.id: lucky 和前面的一项重复了"),
    (reward(price_points=0), "rewards.0.price_points"),
    (reward(stock=-1), "rewards.0.stock"),
    (reward(kind="cash"), "rewards.0.kind"),
    (reward(name="长" * 41), "rewards.0.name"),
    ({"rewards": [REWARD, REWARD]}, "rewards.1.id: cookie 和前面的一项重复了"),
    ({"referral": {"enabled": "yes"}}, "referral.enabled"),
    ({"referral": {"ladder": [{"qualified": 0, "bonus": 1}]}}, "referral.ladder.0.qualified"),
    ({"tiers": []}, "tiers"),
    ({"tiers": [{"id": "a", "name": "甲", "growth": 1}]}, "tiers.0.growth: 第一级的成长值要写 0"),
    (
        {"tiers": [{"id": "a", "name": "甲", "growth": 0}, {"id": "b", "name": "乙", "growth": 0}]},
        "tiers.1.growth: 成长值要比前一级的 0 高",
    ),
    (
        {"tiers": [{"id": "a", "name": "甲", "growth": 0}, {"id": "a", "name": "乙", "growth": 9}]},
        "tiers.1.id: a 和前面的一项重复了",
    ),
    ({"notices": {"expiry": {"ranges_days": [[2, 7]]}}}, "notices.expiry.ranges_days.0: 每一段要从远到近写"),
    (
        {"notices": {"expiry": {"ranges_days": [[7, 2], [30, 8]]}}},
        "notices.expiry.ranges_days.1: 每一段要从远到近写",
    ),
    ({"notices": {"expiry": {"ranges_days": [[7, 0]]}}}, "notices.expiry.ranges_days.0: 每一段要从远到近写"),
    ({"notices": {"wake_up": {"silent_days": 0}}}, "notices.wake_up.silent_days"),
    (
        {"notices": {"wake_up": {"template": {"template_id": "x", "fields": {"a": "openid"}}}}},
        "template.fields.a",
    ),
]


@pytest.mark.parametrize(("parts", "fault"), FAULTS)
def test_every_fault_is_named(parts: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError) as refused:
        rules_with(**parts)
    assert fault in "; ".join(faults(refused.value))


def faults(refused: ValidationError) -> Iterator[str]:
    """Every fault with its place, those of our own validators at the places that they name."""
    for one in refused.errors():
        raised = one.get("ctx", {}).get("error")
        own = raised.faults if isinstance(raised, RuleFaults) else [Fault((), one["msg"])]
        for fault in own:
            yield f"{'.'.join(map(str, (*one['loc'], *fault.where)))}: {fault.sentence}"


def test_rules_survive_being_written_down() -> None:
    rules = rules_with()
    assert RuleSet.model_validate_json(rules.model_dump_json()) == rules


@pytest.mark.parametrize(
    ("growth", "tier", "above"),
    [
        (0, "basic", "silver"), (1000, "basic", "silver"), (1001, "silver", "gold"), (5000, "silver", "gold"),
        (5001, "gold", "diamond"), (20_000, "gold", "diamond"), (20_001, "diamond", None), (10**9, "diamond", None),
    ],
)  # fmt: skip
def test_tiers(growth: int, tier: str, above: str | None) -> None:
    ladder = rules_with().ladder
    rung = ladder.by_growth(growth)
    reached, following = ladder.tiers[rung], next(iter(ladder.tiers[rung + 1 :]), None)
    assert (reached.id, following.id if following else None) == (tier, above)


OTHER_WHEEL: dict[str, Any] = {
    "id": "other", "name": "别的名字", "cost_points": 21, "free_per_day": 1, "draws_per_day": 21, "round": "week",
    "prizes": PRIZES[::-1], "tiers": ("gold",),
}  # fmt: skip
OTHER_PRIZE: dict[str, Any] = {
    "id": "other", "slot": 9, "name": "别的名字", "level": "二等奖", "kind": "none", "odds_ppm": 1, "points": 4, "stock": 4,
    "substitute": "thanks", "may_end_in_nothing": True, "value_fen": 1, "valid_days": 89, "terms": "仅限周一",
}  # fmt: skip


@pytest.mark.parametrize("field", sorted(Wheel.model_fields))
def test_the_odds_version_covers_every_field_of_a_wheel(field: str) -> None:
    """Also those that a later program adds: a field without another value here fails."""
    lucky = rules_with().wheels[0]
    changed = lucky.model_copy(update={field: OTHER_WHEEL[field] if field != "prizes" else lucky.prizes[1:]})
    assert changed.odds_version != lucky.odds_version
    assert changed.covered_by(lucky.odds_version) is None


@pytest.mark.parametrize("field", sorted(Prize.model_fields))
def test_the_odds_version_covers_every_field_of_a_prize(field: str) -> None:
    lucky = rules_with().wheels[0]
    first, *others = lucky.prizes
    worse = first.model_copy(update={field: OTHER_PRIZE[field]})
    assert lucky.model_copy(update={"prizes": (worse, *others)}).odds_version != lucky.odds_version


def test_anybody_can_compute_the_odds_version() -> None:
    """From the published text; the order of the prizes in the file does not matter."""
    lucky = rules_with().wheels[0]
    assert lucky.odds_version == "2-" + hashlib.sha256(lucky.covered_text.encode()).hexdigest()[:32]
    assert rules_with(**wheel(prizes=PRIZES[::-1])).wheels[0].odds_version == lucky.odds_version
    assert json.loads(lucky.covered_text)["prizes"][1] == {
        "id": "points_5", "slot": 1, "name": "5 积分", "level": "参与奖", "kind": "points", "points": 5, "odds_ppm": 299000,
    }  # fmt: skip


def test_versions_of_the_first_format_stay_verifiable() -> None:
    """Draws from before have the digest of slot, id and odds; it was computed by the program of then."""
    lucky = rules_with().wheels[0]
    covered = lucky.covered_by("02f5a3a2d4da2e5d")
    assert covered is not None
    assert covered.startswith("0:season_pass:1000\n1:points_5:299000\n")
    assert lucky.covered_by("0000000000000000") is None


NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
BOOK = [(0, 3), (-1, 2), (-2, 1), (-3, 1), (5, 3)]


@pytest.mark.parametrize(("hours", "version"), BOOK)
def test_the_rule_book_opens_at_an_instant(hours: int, version: int) -> None:
    """Version 1 from ten, 2 from eleven, 3 from twelve; what came before all of them plays by the first."""
    rules = rules_with()
    book = RuleBook(
        tuple((NOON - HOUR * (3 - number), LiveRules(number, rules, ZONE)) for number in (3, 2, 1))
    )
    assert book.at(NOON + HOUR * hours).version == version
    assert book.at(NOON - timedelta(microseconds=1)).version == 2
