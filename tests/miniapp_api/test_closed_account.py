"""An account that is closed: every change is refused, and the same key hears the same."""

from tests.miniapp_api.client import Mini, without_request_id
from tests.miniapp_api.test_wall import KEYED


async def test_a_closed_account_changes_nothing(ming: Mini) -> None:
    pool = ming.house.resources.pool
    await pool.execute("UPDATE account SET status = 'closed'")
    for path, body in KEYED:
        first = await ming.post(path, body, key=path)
        again = await ming.post(path, body, key=path)
        assert (first.status, first.code, first.replayed) == (403, "account_closed", False), path
        assert (again.status, again.replayed, without_request_id(again)) == (
            403,
            True,
            without_request_id(first),
        ), path
    assert await ming.house.ledger.count("receipt", code="account_closed", rule_version=1) == len(KEYED)
    assert await ming.house.ledger.count("receipt", scope="") == 0
    await pool.execute("UPDATE account SET status = 'open'")
    for path, body in KEYED:
        assert (await ming.post(path, body, key=path)).status == 403, path
        assert (await ming.get("/me")).json["balance"] == 100
