"""Access tokens: lifetimes, overlap, forced refresh, and what wrong credentials are told."""

from typing import Any

from tests.emulator.harness import MINIAPP_APP_ID, OA_APP_ID, Emulator

GOOD = {"grant_type": "client_credential", "appid": OA_APP_ID, "secret": "oa-secret"}


async def plain(emulator: Emulator, **changed: Any) -> Any:
    return (await emulator.client.get("/cgi-bin/token", params={**GOOD, **changed})).json()


async def stable(emulator: Emulator, **changed: Any) -> Any:
    body = {**GOOD, "force_refresh": False, **changed}
    return (await emulator.client.post("/cgi-bin/stable_token", json=body)).json()


async def errcode(emulator: Emulator, token: str) -> int:
    """What a harmless call answers to this token; 46003 (there is no menu) means it was admitted."""
    answer = (await emulator.client.get("/cgi-bin/menu/get", params={"access_token": token})).json()
    return int(answer["errcode"])


ADMITTED = 46003

WRONG: list[tuple[dict[str, str], int]] = [
    ({"grant_type": "password"}, 40002),
    ({"grant_type": ""}, 40002),
    ({"appid": ""}, 41002),
    ({"appid": "wx-nobody"}, 40013),
    ({"secret": ""}, 41004),
    ({"secret": "wrong"}, 40125),
    ({"appid": MINIAPP_APP_ID}, 40125),
]


async def test_wrong_credentials(emulator: Emulator) -> None:
    for changed, expected in WRONG:
        assert (await plain(emulator, **changed))["errcode"] == expected, changed
        assert (await stable(emulator, **changed))["errcode"] == expected, changed


async def test_shapes(emulator: Emulator) -> None:
    for answer in (await plain(emulator), await stable(emulator)):
        assert answer.keys() == {"access_token", "expires_in"}
        assert answer["expires_in"] == 7200
    by_get = (await emulator.client.get("/cgi-bin/stable_token", params=GOOD)).json()
    assert by_get["errcode"] == 43002
    assert (await emulator.client.post("/cgi-bin/stable_token")).json()["errcode"] == 44002
    assert (await emulator.client.post("/cgi-bin/stable_token", content=b"[1]")).json()["errcode"] == 47001
    assert (await emulator.client.post("/cgi-bin/stable_token", content=b"{")).json()["errcode"] == 47001


async def test_missing_unknown_and_expired_tokens(emulator: Emulator) -> None:
    token = (await stable(emulator))["access_token"]
    assert (await emulator.client.get("/cgi-bin/menu/get")).json()["errcode"] == 41001
    assert await errcode(emulator, "nonsense") == 40001
    emulator.clock.advance(7199)
    assert await errcode(emulator, token) == ADMITTED
    emulator.clock.advance(1)
    assert await errcode(emulator, token) == 42001


async def test_a_new_plain_token_leaves_the_old_one_five_minutes(emulator: Emulator) -> None:
    old, new = (await plain(emulator))["access_token"], (await plain(emulator))["access_token"]
    assert old != new
    emulator.clock.advance(299)
    assert [await errcode(emulator, token) for token in (old, new)] == [ADMITTED, ADMITTED]
    emulator.clock.advance(1)
    assert [await errcode(emulator, token) for token in (old, new)] == [40001, ADMITTED]


async def test_a_stable_token_stays_until_its_last_five_minutes(emulator: Emulator) -> None:
    first = await stable(emulator)
    emulator.clock.advance(6899)
    assert await stable(emulator) == {"access_token": first["access_token"], "expires_in": 301}
    emulator.clock.advance(1)
    second = await stable(emulator)
    assert second["access_token"] != first["access_token"]
    assert second["expires_in"] == 7200
    assert await errcode(emulator, first["access_token"]) == ADMITTED
    emulator.clock.advance(300)
    assert await errcode(emulator, first["access_token"]) == 42001


async def test_a_forced_refresh_kills_the_stable_token_but_not_the_plain_one(emulator: Emulator) -> None:
    ours, other = (await stable(emulator))["access_token"], (await plain(emulator))["access_token"]
    forced = (await stable(emulator, force_refresh=True))["access_token"]
    answers = [await errcode(emulator, token) for token in (ours, other, forced)]
    assert answers == [40001, ADMITTED, ADMITTED]


async def test_forced_refreshes_are_thirty_seconds_apart_and_twenty_a_day(emulator: Emulator) -> None:
    first = (await stable(emulator, force_refresh=True))["access_token"]
    emulator.clock.advance(29)
    assert (await stable(emulator, force_refresh=True))["errcode"] == 45011
    assert (await stable(emulator))["access_token"] == first
    for _ in range(19):
        emulator.clock.advance(30)
        assert "access_token" in await stable(emulator, force_refresh=True)
    emulator.clock.advance(30)
    assert (await stable(emulator, force_refresh=True))["errcode"] == 45009
    emulator.clock.advance(86400)
    assert "access_token" in await stable(emulator, force_refresh=True)


async def test_each_account_has_its_own_paths(emulator: Emulator) -> None:
    table = [
        ("/cgi-bin/message/template/send", "miniapp", 48001),
        ("/cgi-bin/message/subscribe/send", "oa", 48001),
        ("/wxa/getwxacodeunlimit", "oa", 48001),
        ("/cgi-bin/qrcode/create", "miniapp", 48001),
        ("/cgi-bin/no/such/path", "oa", 40066),
    ]
    for path, kind, expected in table:
        assert (await emulator.call(path, {}, kind=kind))["errcode"] == expected, path
