"""Appeals through the mini-program (D11)."""

from loyalty.appeals.views import list_appeals
from operators.members.account import freeze
from operators.members.appeals import answer_appeal
from tests.miniapp_api.client import Mini
from tests.operators.desks import owner_desk

SAID = {"text": "那几单是我和家人一起买的"}


async def test_d11_a_frozen_member_reads_why_appeals_once_and_reads_the_answer(ming: Mini) -> None:
    ledger, member = ming.house.ledger, (await ming.get("/me")).json["member_id"]
    assert (await ming.get("/me/appeal")).json == {
        "frozen": False, "spending_frozen": False, "reason": None, "appeal": None,
    }  # fmt: skip
    not_frozen = await ming.once("/me/appeal", SAID)
    assert (not_frozen.status, not_frozen.code) == (409, "not_frozen")
    desk = owner_desk(ledger)
    await freeze(desk, member, "等核对")
    assert (await ming.get("/me/appeal")).json == {
        "frozen": True, "spending_frozen": False, "reason": "等核对", "appeal": None,
    }  # fmt: skip
    for text in ("", " \n", "字" * 501, 5, "\u200b"):
        assert (await ming.once("/me/appeal", {"text": text})).status == 422, text
    first = await ming.post("/me/appeal", SAID, key="k")
    assert (first.status, first.json["appeal"]["state"], first.json["appeal"]["text"]) == (
        201,
        "open",
        SAID["text"],
    )
    again = await ming.post("/me/appeal", SAID, key="k")
    assert (again.status, again.json, again.headers["Idempotency-Replayed"]) == (201, first.json, "true")
    other = await ming.post("/me/appeal", {"text": "换个说法"}, key="k")
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    second = await ming.once("/me/appeal", {"text": "再说一次"})
    assert (second.status, second.code) == (409, "appeal_open")
    assert await ledger.count("appeal") == 1
    (kept,) = await list_appeals(ledger.pool, "open")
    await answer_appeal(desk, member, kept.id, "核对无误", release=True)
    told = (await ming.get("/me/appeal")).json
    assert (told["frozen"], told["appeal"]["answer"], told["appeal"]["released"]) == (False, "核对无误", True)
