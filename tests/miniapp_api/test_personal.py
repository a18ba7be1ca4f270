"""D14, K13 in the mini-program: members read what is kept of them and what for, and take a copy, a few times a day."""

from loyalty.personal.limit import MOST_A_DAY
from tests.miniapp_api.client import Mini

DAY_S = 86_400


async def test_d14_a_member_takes_a_copy_of_everything(ming: Mini) -> None:
    await ming.put("/me/profile", {"nickname": "小明同学"})
    await ming.once("/check-ins", {})
    kept = (await ming.get("/me/data/kept")).json["sections"]
    copy = (await ming.get("/me/data")).json
    assert [{"title": one["title"], "why": one["why"]} for one in copy["sections"]] == kept
    rows = {one["title"]: one["rows"] for one in copy["sections"]}
    assert rows["资料"][0]["昵称"] == "小明同学"
    assert (len(rows["签到"]), len(rows["登录"])) == (1, 1)
    assert all("****" in row["编号（打码）"] for row in rows["微信身份"])
    assert [row["次数"] for row in rows["个人信息的导出"]] == [1], "the copy tells of itself"
    for _ in range(MOST_A_DAY - 1):
        assert (await ming.get("/me/data")).status == 200
    refused = await ming.get("/me/data")
    assert (refused.status, refused.json["code"]) == (409, "copies_used_up")
    assert (await ming.get("/me/data/kept")).status == 200
    ming.house.clock.advance(DAY_S)
    assert (await ming.get("/me/data")).status == 200


async def test_d14_a_copy_that_could_not_be_made_does_not_count(ming: Mini) -> None:
    """The mini-program asks three times by itself."""
    pool = ming.house.resources.pool
    for before in (0, 1):
        await pool.execute("ALTER TABLE poll_vote RENAME TO poll_vote_away")
        try:
            for _ in range(MOST_A_DAY):
                assert (await ming.get("/me/data")).status == 500
        finally:
            await pool.execute("ALTER TABLE poll_vote_away RENAME TO poll_vote")
        assert (await pool.fetchval("SELECT sum(copies) FROM data_copy") or 0) == before
        assert (await ming.get("/me/data")).status == 200


async def test_d14_a_member_wants_no_notices_and_wants_them_again(ming: Mini) -> None:
    assert (await ming.get("/me/profile")).json["wants_notices"] is True
    for wanted in (False, False, True):
        assert (await ming.put("/me/profile", {"wants_notices": wanted})).status == 200
        assert (await ming.get("/me/profile")).json["wants_notices"] is wanted
    await ming.put("/me/profile", {"show_title": True})
    assert (await ming.get("/me/profile")).json["wants_notices"] is True, "an absent field stays as it is"
