"""Tiers, rules, and permissions for subscribe messages."""

from tests.miniapp_api.client import Mini

WAKE_UP = "ug8GY5O88fkL9vIaYxNp7BsLY01CxFgDodjVLGyyFdE"


async def test_the_ladder_of_tiers(ming: Mini) -> None:
    answer = (await ming.get("/tiers")).json
    assert [(tier["id"], tier["growth"]) for tier in answer["items"]] == [
        ("basic", 0),
        ("silver", 1001),
        ("gold", 5001),
        ("diamond", 20001),
    ]
    assert answer["next_cursor"] is None


async def test_the_rules_are_those_the_engine_runs_by(ming: Mini) -> None:
    rules = (await ming.get("/rules")).json
    assert (rules["version"], rules["name"], rules["brand"]) == (1, "拾光积分", "拾光咖啡")
    assert rules["texts"] == [text for topic in rules["topics"] for text in topic["sentences"]]
    assert "新会员加入即送 100 积分，每人一次。" in rules["texts"]
    assert rules["check_in"] == (await ming.get("/check-ins")).json["ladder"]
    topics = {topic["topic"]: topic["sentences"] for topic in rules["topics"]}
    assert "".join(topics["wheel:lucky"]) == (await ming.get("/wheels/lucky")).json["rule"]


async def test_a_permission_is_counted(ming: Mini) -> None:
    body = {"template": WAKE_UP, "accepted": True}
    assert (await ming.post("/subscriptions", body)).json == {"template": WAKE_UP, "granted": 1}
    ming.house.clock.advance(60)
    assert (await ming.post("/subscriptions", body)).json["granted"] == 2


async def test_one_tap_told_twice_is_counted_once(ming: Mini) -> None:
    body = {"template": WAKE_UP, "accepted": True}
    for _ in range(3):
        assert (await ming.post("/subscriptions", body)).json["granted"] == 1


async def test_a_refusal_leaves_earlier_permissions(ming: Mini) -> None:
    refusal = {"template": WAKE_UP, "accepted": False}
    assert (await ming.post("/subscriptions", refusal)).json["granted"] == 0
    await ming.post("/subscriptions", {**refusal, "accepted": True})
    assert (await ming.post("/subscriptions", refusal)).json["granted"] == 1


async def test_permissions_have_an_end(ming: Mini) -> None:
    for _ in range(105):
        ming.house.clock.advance(60)
        answer = await ming.post("/subscriptions", {"template": WAKE_UP, "accepted": True})
    assert answer.json["granted"] == 100


async def test_subscriptions_that_are_none(ming: Mini) -> None:
    unknown = await ming.post("/subscriptions", {"template": "nope", "accepted": True})
    assert (unknown.status, unknown.code) == (422, "unknown_template")
    for body in (
        {},
        {"template": WAKE_UP},
        {"template": WAKE_UP, "accepted": 1},
        {"template": WAKE_UP, "accepted": "true"},
        {"template": 1, "accepted": True},
        {"template": WAKE_UP, "accepted": True, "count": 5},
    ):
        answer = await ming.post("/subscriptions", body)
        assert (answer.status, answer.code) == (422, "invalid"), body
    assert await ming.house.ledger.count("consent") == 0
