"""Tiers, rules, and permissions for subscribe messages."""

from loyalty.rule_texts import rule_texts
from tests.ledger import demo_rules, rules_with
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


async def test_published_lists_come_by_pages(ming: Mini) -> None:
    rules = (await ming.house.ledger.live()).rules
    (lucky,) = rules.wheels
    wheels = tuple(lucky.model_copy(update={"id": f"w{place}"}) for place in range(3))
    await ming.house.ledger.publish(rules.model_copy(update={"wheels": wheels}))
    for path in ("/tiers", "/rewards", "/wheels"):
        whole = (await ming.get(path)).json
        assert whole["next_cursor"] is None
        first = (await ming.get(path, limit="2")).json
        assert first["items"] == whole["items"][:2], path
        items, cursor = first["items"], first["next_cursor"]
        while cursor is not None:
            page = (await ming.get(path, limit="2", cursor=cursor)).json
            items, cursor = items + page["items"], page["next_cursor"]
        assert items == whole["items"], path
        for limit in ("0", "101", "-1", "x", "1.0", ""):
            wrong = await ming.get(path, limit=limit)
            assert (wrong.status, wrong.code) == (422, "invalid"), (path, limit)


async def test_a_page_of_other_rules_starts_anew(ming: Mini) -> None:
    cursor = (await ming.get("/tiers", limit="1")).json["next_cursor"]
    assert (await ming.get("/rewards", cursor=cursor)).code == "cursor_invalid"
    await ming.house.ledger.publish(rules_with(welcome={"points": 101}))
    stale = await ming.get("/tiers", cursor=cursor)
    assert (stale.status, stale.code) == (422, "cursor_invalid")


async def test_the_rules_are_those_the_engine_runs_by(ming: Mini) -> None:
    rules = (await ming.get("/rules")).json
    assert (rules["version"], rules["name"], rules["brand"]) == (1, "拾光积分", "拾光咖啡")
    published = rule_texts(demo_rules())
    assert rules["texts"] == [f"{topic.title}：{text}" for topic in published for text in topic.sentences]
    assert [(topic["title"], tuple(topic["sentences"])) for topic in rules["topics"]] == [
        (topic.title, topic.sentences) for topic in published
    ]
    assert rules["check_in"] == (await ming.get("/check-ins")).json["ladder"]
    topics = {topic["topic"]: topic["sentences"] for topic in rules["topics"]}
    assert "".join(topics["wheel:lucky"]) == (await ming.get("/wheels/lucky")).json["rule"]


async def offered(ming: Mini) -> list[tuple[str, str, int]]:
    messages = (await ming.get("/subscriptions")).json["messages"]
    return [(one["template"], one["about"], one["granted"]) for one in messages]


async def test_a_permission_is_counted(ming: Mini) -> None:
    body = {"template": WAKE_UP, "accepted": True}
    assert await offered(ming) == [(WAKE_UP, "好久没来时的提醒", 0)]
    assert (await ming.post("/subscriptions", body)).json == {"template": WAKE_UP, "granted": 1}
    ming.house.clock.advance(60)
    assert (await ming.post("/subscriptions", body)).json["granted"] == 2
    assert await offered(ming) == [(WAKE_UP, "好久没来时的提醒", 2)]


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
