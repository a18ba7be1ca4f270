"""Every refusal of the rulebook has its telling, once."""

import pytest

from loyalty.engine.outcomes import Decision, Refusal
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.engine.registry import Registry
from loyalty.features import FEATURES
from loyalty.games.outcomes import Drawn
from loyalty.referral.outcomes import AlreadyBound
from loyalty.rewards.outcomes import NotCancellable, OutOfStock
from loyalty.welcome import Welcomed
from web.problems import Problem
from web.refusals import accepted, kind_of, refused

STATUS = {
    "not_enough_points": 409,
    "out_of_stock": 409,
    "draw_limit_reached": 409,
    "already_checked_in": 409,
    "already_bound": 409,
    "self_referral": 409,
    "referral_too_late": 409,
    "not_cancellable": 409,
    "unknown_wheel": 404,
    "unknown_reward": 404,
    "unknown_redemption": 404,
    "unknown_referral_code": 404,
    "account_closed": 403,
    "idempotency_key_reused": 422,
}


def test_every_refusal_is_told() -> None:
    outcomes = Registry(FEATURES).outcomes
    refusals = {code: one for code, one in outcomes.items() if issubclass(one, Refusal)}
    assert set(refusals.values()) == {
        one for one in Refusal.__subclasses__() if not one.__module__.startswith("tests.")
    }
    codes = {code: kind_of(refusal) for code, refusal in refusals.items()}
    assert {code: kind.code for code, kind in codes.items()} == {code: code for code in codes}
    assert all(kind.title for kind in codes.values())
    assert codes["already_checked_in"].title == "已经签到过了"
    assert {code: codes[code].status for code in STATUS} == STATUS


@pytest.mark.parametrize(
    ("refusal", "detail", "facts"),
    [
        (
            NotEnoughPoints(1200, 80),
            "需要 1,200 积分，还差 1,120 积分。",
            {"needed": 1200, "available": 80},
        ),
        (
            OutOfStock("cup", "杯子", 0),
            "「杯子」已经兑完了。",
            {"item": "cup", "name": "杯子", "left": 0},
        ),
        (
            OutOfStock("cup", "杯子", 3),
            "「杯子」只剩 3 份，不够这次兑换。",
            {"item": "cup", "name": "杯子", "left": 3},
        ),
        (NotCancellable("won"), "抽奖或签到得到的券不能取消。", {"state": "won"}),
        (AlreadyBound(7), "邀请人只能填写一次，填写后不能更改。", {}),
    ],
)
def test_the_words_and_facts(refusal: Refusal, detail: str, facts: dict[str, object]) -> None:
    problem = refused(refusal)
    assert (problem.detail, problem.facts) == (detail, facts)


def test_a_replayed_refusal_says_so() -> None:
    with pytest.raises(Problem) as told:
        accepted(Decision(NotEnoughPoints(2, 1), replayed=True), Drawn)
    assert told.value.replayed


def test_a_result_passes() -> None:
    result = Welcomed(points=1, balance=1)
    assert accepted(Decision(result), Welcomed) is result
    with pytest.raises(TypeError):
        accepted(Decision(result), Drawn)
