"""Polls through the mini-program."""

import pytest

from tests.ledger import rules_with
from tests.miniapp_api.client import Mini

POLL = {
    "id": "taste", "title": "下一季想喝什么", "points": 5,
    "options": [{"id": "latte", "name": "燕麦拿铁"}, {"id": "cold", "name": "冷萃"}],
}  # fmt: skip
COLD = {"option": "cold"}


async def test_a_vote_and_the_result(ming: Mini) -> None:
    await ming.house.ledger.publish(rules_with(polls=[POLL]))
    answer = await ming.post("/polls/taste/votes", COLD, key="k")
    assert (answer.status, answer.json) == (
        201,
        {"poll": "taste", "option": "cold", "points": 5, "balance": 105},
    )
    assert (await ming.post("/polls/taste/votes", COLD, key="k")).replayed
    again = await ming.once("/polls/taste/votes", {"option": "latte"})
    assert (again.status, again.code, again.json["option"]) == (409, "already_voted", "cold")
    assert (await ming.get("/polls")).json["items"] == [
        {
            "id": "taste",
            "title": "下一季想喝什么",
            "options": [{"id": "latte", "name": "燕麦拿铁", "votes": 0}, {"id": "cold", "name": "冷萃", "votes": 1}],
            "points": 5,
            "state": "voted",
            "mine": "cold",
            "until": None,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/polls/taste/votes", {}, 422, "invalid"),
        ("/polls/taste/votes", {"option": ""}, 422, "invalid"),
        ("/polls/taste/votes", {"option": "tea"}, 422, "unknown_option"),
        ("/polls/nowhere/votes", COLD, 404, "unknown_poll"),
        ("/polls/No-Where/votes", COLD, 404, "unknown_poll"),
    ],
)
async def test_what_is_no_vote(ming: Mini, path: str, body: dict[str, str], status: int, code: str) -> None:
    await ming.house.ledger.publish(rules_with(polls=[POLL]))
    answer = await ming.once(path, body)
    assert (answer.status, answer.code) == (status, code)
    assert await ming.house.ledger.count("poll_vote") == 0
