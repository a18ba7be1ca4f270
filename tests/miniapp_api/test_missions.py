"""Missions through the mini-program."""

from tests.ledger import rules_with
from tests.miniapp_api.client import Mini

MISSION = {
    "id": "weekly", "name": "每周任务", "period": "week", "need": 1, "reward": {"points": 5, "ticket": "lucky"},
    "steps": [{"check_in": 1}, {"draw": 3}], "in_a_row": {"periods": 2, "bonus": 30},
}  # fmt: skip
OVER = MISSION | {"id": "over", "until": "2026-03-02T10:01"}


async def test_missions_with_progress(ming: Mini) -> None:
    assert (await ming.get("/missions")).json == {"items": [], "next_cursor": None}
    await ming.house.ledger.publish(rules_with(missions=[MISSION, OVER]))
    ming.house.clock.advance(60)
    [mission] = (await ming.get("/missions")).json["items"]
    assert mission == {
        "id": "weekly",
        "name": "每周任务",
        "rule": "签到 1 次、抽奖 3 次，做到其中 1 项就得 5 积分和 1 次「幸运大转盘」免费抽奖，每周一次（周一到周日）。"
        "连续 2 周都完成，另得 30 积分，之后重新数。",
        "period": "week",
        "need": 1,
        "steps": [
            {"id": "check_in", "name": "签到", "done": 0, "of": 1},
            {"id": "draw", "name": "抽奖", "done": 0, "of": 3},
        ],
        "state": "open",
        "reward": {"points": 5, "ticket": "lucky"},
        "in_a_row": {"periods": 2, "done": 0, "bonus": 30},
        "reason": None,
    }
    before = (await ming.get("/me")).json["balance"]
    signed = await ming.once("/check-ins", {})
    assert (signed.json["points"], signed.json["balance"]) == (10, before + 15)
    [mission] = (await ming.get("/missions")).json["items"]
    assert (mission["state"], mission["steps"][0]["done"], mission["in_a_row"]["done"]) == ("done", 1, 1)
