"""D14 in the mini-program: a member asks to be erased, takes it back, and asks again."""

from tests.miniapp_api.client import Mini


async def test_d14_a_member_asks_to_be_erased_and_takes_it_back(ming: Mini) -> None:
    assert (await ming.get("/me/erasure")).json == {"asked_at": None}
    first = await ming.put("/me/erasure", {"wanted": True})
    assert (first.status, first.json["asked_at"] is not None) == (200, True)
    ming.house.clock.advance(60)
    assert (await ming.put("/me/erasure", {"wanted": True})).json == first.json, "asked once"
    assert (await ming.get("/me/erasure")).json == first.json
    for bad in ({}, {"wanted": 1}, {"wanted": True, "more": 1}):
        assert (await ming.put("/me/erasure", bad)).status == 422, bad
    for _ in range(2):
        assert (await ming.put("/me/erasure", {"wanted": False})).json == {"asked_at": None}
    assert await ming.house.ledger.count("erasure_request") == 0
