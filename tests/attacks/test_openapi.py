"""The API against its own description: schemathesis makes requests that fit it and requests that do not, and every check
it has looks at the answers (S1, S5, S6, S7 by machine). No answer is a 5xx, none is undescribed.
"""

import asyncio
from typing import Any

import pytest

from loyalty.deductions.commands import HoldPoints
from loyalty.rewards.commands import Redeem
from tests.attacks.fuzz import Known, Report, Target, fuzz, operations
from tests.house import House
from tests.ledger import rules_with
from tests.miniapp_api.client import Mini, mini
from tests.partner_api.shop import event, shop_rules
from tests.partner_api.till import till

pytestmark = pytest.mark.slow

CHECKS = {
    "allow_header_conformance", "content_type_conformance", "ensure_resource_availability", "ignored_auth",
    "missing_required_header", "negative_data_rejection", "not_a_server_error", "object_level_authorization",
    "positive_data_acceptance", "response_headers_conformance", "response_schema_conformance", "status_code_conformance",
    "unsupported_method", "use_after_free",
}  # fmt: skip
TEMPLATE = "ug8GY5O88fkL9vIaYxNp7BsLY01CxFgDodjVLGyyFdE"


LONG = {"days": 30, "within_days": 3660}
PACK = {
    "id": "fast", "name": "加速包", "on": "purchase", "multiply": 2, "days": 1, "points": 1, "per_year": 1_000_000,
}  # fmt: skip
EVENTS = [
    {"id": "purchase", "name": "消费", "amount": "required", "order": "required"},
    {"id": "suggestion", "name": "建议"},
]
POLL = {
    "id": "taste", "title": "想喝什么", "options": [{"id": "a", "name": "拿铁"}, {"id": "b", "name": "冷萃"}],
}  # fmt: skip
EXAMPLES = 10
"""Random requests of each operation, beside those that schemathesis derives from the description; the long tests make 60."""
ELSEWHERE = ("POST /api/v1/check-ins/repairs", "POST /api/v1/me/appeal")
"""Mending a day needs sign-ins of earlier days, after which no member can bind an inviter any more: one member cannot have both
answered well; and only the member of a frozen account can appeal, who can do little else. The good answers are in
tests/miniapp_api/test_repair.py and test_appeals.py.
"""


REFUSED_ONE_BY_ONE = "POST /partner/v1/events: negative_data_rejection"
"""A malformed event is refused in the answer 200, beside those that are recorded."""


async def fuzzed(house: House, seed: int, examples: int) -> Report:
    """What schemathesis found as a member who can pay for everything."""
    await house.ledger.publish(
        rules_with(
            welcome={"points": 100_000},
            expiry={"months": 12, "extension": LONG},
            packs=[PACK],
            polls=[POLL],
            events=EVENTS,
        )
    )
    friend, member = await mini(house, "小红"), await mini(house)
    cookie = {"reward_id": "cookie", "quantity": 1}
    known = [
        Known("POST", "/api/v1/session", {"code": await (await house.phone("小李")).login()}),
        Known("PUT", "/api/v1/me/profile", {"nickname": "小明"}),
        Known("POST", "/api/v1/referral/bind", {"code": (await friend.get("/referral")).json["code"]}),
        Known("POST", "/api/v1/redemptions", cookie),
        Known(
            "POST",
            "/api/v1/redemptions/{redemption}/cancel",
            {},
            {"redemption": (await member.once("/redemptions", cookie)).json["id"]},
        ),
        Known("POST", "/api/v1/packs", {"pack_id": "fast", "price_points": 0}),
        Known("POST", "/api/v1/extensions", {"expires_on": await _lapse_day(member)}),
        Known("POST", "/api/v1/polls/{poll}/votes", {"option": "a"}, {"poll": "taste"}),
        Known("POST", "/api/v1/suggestions", {"text": "早点开门"}),
        Known("POST", "/api/v1/subscriptions", {"template": TEMPLATE, "accepted": True}),
    ]
    async with house.http.get(f"{house.server_url}/openapi.json") as answer:
        description = await answer.json()
    target = Target(description, house.server_url, member.headers["Authorization"].removeprefix("Bearer "))
    report = await asyncio.to_thread(fuzz, target, known, seed=seed, examples=examples)
    for method, path, described in operations(description):
        label = f"{method} {path}"
        seen = report.statuses(label)
        good = {int(status) for status in described["responses"] if int(status) < 400}
        assert seen & good or label in ELSEWHERE, f"{label} was never answered well: {sorted(seen)}"
    return report


async def _lapse_day(member: Mini) -> str:
    day: str = (await member.get("/extensions")).json["days"][0]["expires_on"]
    return day


async def test_every_check_of_schemathesis_over_the_description(house: House) -> None:
    report = await fuzzed(house, seed=20261126, examples=EXAMPLES)
    assert report.findings == [], "\n".join(report.findings)
    assert set(report.checks) >= CHECKS
    assert {status for _, status in report.answers if status >= 500} == set()


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1, 9))
async def test_more_of_it_from_other_seeds(house: House, seed: int) -> None:
    report = await fuzzed(house, seed=seed, examples=60)
    assert report.findings == [], "\n".join(report.findings)


async def test_every_check_over_the_description_of_partners(house: House) -> None:
    await partners_fuzzed(house, seed=20261128, examples=EXAMPLES)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1, 5))
async def test_more_of_it_for_partners(house: House, seed: int) -> None:
    await partners_fuzzed(house, seed=seed, examples=60)


async def partners_fuzzed(house: House, seed: int, examples: int) -> None:
    """Asserts that schemathesis found nothing as a shop's till."""
    await house.ledger.publish(shop_rules(deductions={"points_per_yuan": 100}))
    member = await mini(house)
    shop = await till(house, per_minute=100_000)
    order = {"member": {"member_id": member.member_id}, "amount_fen": 100}
    held = {"points": 10, "store_id": "sh-01"} | order
    known = [
        Known("POST", "/partner/v1/events", {"events": [event(shop, member.member_id)]}),
        Known("POST", "/partner/v1/quotes", order),
        Known("POST", "/partner/v1/deductions", held | {"order_id": "so-held"}),
    ]
    for end in ("confirm", "cancel"):
        hold = await house.ledger.run(
            HoldPoints, member.member_id, order=f"so-{end}", store="sh-01", amount_fen=100, points=10
        )
        deduction = f"{member.member_id}-{hold.outcome.hold}"  # type: ignore[attr-defined]  # it is held
        known.append(
            Known("POST", f"/partner/v1/deductions/{{deduction}}/{end}", {}, {"deduction": deduction})
        )
    bought: Any = (await house.ledger.run(Redeem, member.member_id, reward="cookie")).outcome
    code = {"code": bought.voucher}
    known += [Known("POST", f"/partner/v1/vouchers/{act}", code) for act in ("lookup", "verify")]
    async with house.http.get(f"{house.server_url}/partner/openapi.json") as answer:
        description = await answer.json()
    target = Target(description, house.server_url, shop.text)
    report = await asyncio.to_thread(fuzz, target, known, seed=seed, examples=examples)
    findings = [one for one in report.findings if REFUSED_ONE_BY_ONE not in one]
    assert findings == [], "\n".join(findings)
    assert {status for _, status in report.answers if status >= 500} == set()
    assert 200 in report.statuses("POST /partner/v1/events")
    for path, status in (
        ("quotes", 200),
        ("deductions", 201),
        ("vouchers/lookup", 200),
        ("vouchers/verify", 200),
    ):
        assert status in report.statuses(f"POST /partner/v1/{path}")
    for end in ("confirm", "cancel"):
        assert 200 in report.statuses(f"POST /partner/v1/deductions/{{deduction}}/{end}")
