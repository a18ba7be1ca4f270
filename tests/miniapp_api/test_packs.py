"""Acceleration packs through the mini-program."""

from tests.ledger import rules_with
from tests.loyalty.earning.test_events import EVENTS, SPEND
from tests.loyalty.earning.test_packs import PACK
from tests.miniapp_api.client import Mini


async def test_a_pack_is_shown_taken_and_in_hand(ming: Mini) -> None:
    """E29: the pack that was taken is seen with what it may still bring."""
    await ming.house.ledger.publish(rules_with(events=EVENTS, earning=[SPEND], packs=[PACK]))
    [pack] = (await ming.get("/packs")).json["items"]
    assert (pack["id"], pack["price_points"], pack["left"], pack["working"]) == ("fast", 10, 1, [])
    refused = await ming.once("/packs", {"pack_id": "fast", "price_points": 9})
    assert (refused.status, refused.code) == (409, "price_changed")
    taken = await ming.once("/packs", {"pack_id": "fast", "price_points": 10})
    assert (taken.status, taken.json["points"], taken.json["balance"]) == (201, 50, 90)
    [pack] = (await ming.get("/packs")).json["items"]
    assert (pack["left"], pack["working"]) == (0, [{"until": taken.json["until"], "points_left": 50}])
    again = await ming.once("/packs", {"pack_id": "fast", "price_points": 10})
    assert (again.status, again.code, again.json["points_left"]) == (409, "pack_in_use", 50)
