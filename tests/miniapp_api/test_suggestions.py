"""Suggestions through the mini-program."""

from tests.ledger import rules_with
from tests.loyalty.test_suggestions import TAKEN
from tests.miniapp_api.client import Mini


async def test_a_suggestion_is_taken_once_per_key(ming: Mini) -> None:
    """C10: the answer says what it brought; a text that cannot be read is refused, and another one under the same key."""
    assert (await ming.get("/suggestions")).json == {"open": False}
    off = await ming.once("/suggestions", {"text": "早点开门"})
    assert (off.status, off.code) == (404, "suggestions_off")
    await ming.house.ledger.publish(rules_with(**TAKEN))
    assert (await ming.get("/suggestions")).json == {"open": True}
    first = await ming.post("/suggestions", {"text": "早点开门"}, key="k")
    assert (first.status, first.json) == (201, {"points": 5, "pending": 0, "balance": 105})
    again = await ming.post("/suggestions", {"text": "早点开门"}, key="k")
    assert (again.status, again.json, again.headers["Idempotency-Replayed"]) == (201, first.json, "true")
    other = await ming.post("/suggestions", {"text": "晚点关门"}, key="k")
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    for text in ("", " \n", "字" * 501, 5):
        refused = await ming.once("/suggestions", {"text": text})
        assert refused.status == 422, text
    assert await ming.house.ledger.count("suggestion") == 1
