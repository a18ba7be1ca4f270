"""Attacks on /clerk: nobody's session, other roles, other stores, pages of other sites, guessing."""

from dataclasses import replace
from typing import Final

import pytest

from clerk.codes import WRONG_CODES
from loyalty.vouchers.outcomes import VoucherUsed
from operators.access.guard import FREE_OF_NAME
from operators.counter.vouchers import look_at_voucher, look_at_vouchers_of, taken_today, verify
from operators.desk import desk_of
from operators.roles import ROLES, Action, NotAllowed, Role, may
from tests.attacks.matrix import OF_STAFF
from tests.clerk.counter import Phone, Shop
from tests.operators.desks import PASSWORD, desk_for

OPEN: Final = {
    "GET /clerk/login", "POST /clerk/login", "POST /clerk/set-up", "POST /clerk/logout", "GET /clerk/clerk.css",
    "GET /clerk/clerk.js",
}  # fmt: skip
FORGED: Final[tuple[dict[str, str], ...]] = (
    {},
    {"Origin": "null"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://127.0.0.1"},
    {"Origin": "http://["},
    {"Referer": "http://127.0.0.1/clerk"},
)


async def ask(
    phone: Phone, route: str, headers: dict[str, str] | None = None, **fields: str
) -> tuple[int, str]:
    """Status, and where the browser is sent on to."""
    method, path = route.split()
    origin = {"Origin": phone.url} if headers is None else headers
    seen = await phone.send(method, path.removeprefix("/clerk"), origin, fields if method == "POST" else None)
    return seen.status, seen.headers.get("Location", "")


async def test_without_a_session_every_page_leads_to_the_log_in(shop: Shop) -> None:
    code, stranger = await shop.code(), shop.phone()
    for cookies in ({}, {"jifen_operator": "x" * 43}, {"jifen_console": "x" * 43}):
        stranger.cookies = dict(cookies)
        for route in sorted(OF_STAFF - OPEN):
            assert await ask(stranger, route, code=code) == (303, "/clerk/login"), route
    assert await shop.house.ledger.count("redemption", state="issued") == 1


async def test_a_page_of_another_site_can_do_nothing(shop: Shop) -> None:
    code, clerk = await shop.code(), await shop.staff("小王", store="one")
    for route in sorted(one for one in OF_STAFF if one.startswith("POST")):
        for headers in FORGED:
            assert (await ask(clerk, route, headers, code=code, name="小王", password=PASSWORD))[0] == 403, (
                route
            )
    assert await shop.house.ledger.count("redemption", state="issued") == 1
    assert (await clerk.get()).status == 200


async def test_every_page_has_the_headers_that_browsers_need(shop: Shop) -> None:
    clerk = await shop.staff("小王", store="one")
    for route in sorted(one for one in OF_STAFF if one.startswith("GET")):
        seen = await clerk.get(route.split()[1].removeprefix("/clerk"))
        policy = seen.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert seen.headers["X-Content-Type-Options"] == "nosniff"
        if "clerk." not in route:
            assert seen.headers["Cache-Control"] == "no-store"
            assert " style=" not in seen.text
            assert "onclick" not in seen.text


async def test_the_cookie_is_for_this_page_alone_and_not_for_scripts(shop: Shop) -> None:
    entered = (await shop.staff("小王", store="one")).entered
    assert entered is not None
    cookie = entered.headers["Set-Cookie"]
    assert all(part in cookie for part in ("jifen_operator=", "HttpOnly", "SameSite=Lax", "Path=/clerk"))
    assert "Secure" not in cookie  # the test's server has no TLS


@pytest.mark.parametrize("role", ROLES)
async def test_other_roles_take_nothing(shop: Shop, role: Role) -> None:
    """K11, O05: the deed itself asks for the role, whatever page or program it is called from."""
    code = await shop.code()
    desk = await desk_for(shop.house.ledger, "某人", role, "one" if role == "clerk" else None)
    if may(role, Action.VERIFY_VOUCHER):
        assert isinstance(await verify(desk, code), VoucherUsed)
        return
    for deed in (
        verify(desk, code),
        look_at_voucher(desk, code),
        look_at_vouchers_of(desk, shop.member_id),
        taken_today(desk),
    ):
        with pytest.raises(NotAllowed):
            await deed
    assert await shop.house.ledger.count("redemption", state="issued") == 1


async def test_a_clerk_has_no_way_to_the_points() -> None:
    """K11: a clerk cannot adjust points; all that a clerk may do is take vouchers."""
    assert [action for action in Action if may("clerk", action)] == [Action.VERIFY_VOUCHER]


async def test_whoever_may_take_nothing_is_not_let_in(shop: Shop) -> None:
    finance = await shop.staff("小财", "finance")
    assert finance.cookies == {}
    assert (await finance.get()).status == 303
    assert await shop.house.resources.pool.fetchval(
        "SELECT count(*) FROM operator_session WHERE ended_at IS NULL AND NOT sets_up"
    ) == 0  # fmt: skip


async def test_a_clerk_takes_vouchers_in_their_own_store_alone(shop: Shop) -> None:
    """O05: a clerk works for one store, in whatever field another one is named."""
    code, clerk = await shop.code(), await shop.staff("小王", store="one")
    assert (await clerk.post("/use", code=code, store="two")).status == 403
    desk = await desk_of(shop.house.resources, clerk.cookies["jifen_operator"], "203.0.113.7")
    assert desk is not None
    with pytest.raises(NotAllowed, match="只能在自己的门店核销"):
        await verify(desk, code, "two")
    assert await shop.house.ledger.count("redemption", state="issued") == 1
    assert isinstance(await verify(desk, code, "one"), VoucherUsed)


async def test_a_clerk_who_was_disabled_or_logged_out_takes_nothing(shop: Shop) -> None:
    code, clerk, other = (
        await shop.code(),
        await shop.staff("小王", store="one"),
        await shop.staff("小李", store="one"),
    )
    kept = replace(other, cookies=dict(other.cookies))
    assert (await other.post("/logout")).headers["Location"] == "/clerk/login"
    await shop.house.resources.pool.execute("UPDATE operator SET disabled_at = now() WHERE name = '小王'")
    for phone in (clerk, kept):
        assert await ask(phone, "POST /clerk/use", code=code) == (303, "/clerk/login")
    assert await shop.house.ledger.count("redemption", state="issued") == 1


async def test_guessing_codes_is_limited(shop: Shop) -> None:
    """A right code is not counted; of wrong ones, no more are looked at than the limit says, and a right one no more either."""
    code, clerk = await shop.code(), await shop.staff("小王", store="one")
    for _ in range(3):
        assert (await clerk.post("/look", code=code)).status == 200
    for number in range(WRONG_CODES):
        path = ("/look", "/use")[number % 2]
        assert (await clerk.post(path, code=f"K7M9PQ2RT{number:03}")).status == 404
    for path in ("/look", "/use"):
        assert (await clerk.post(path, code=code)).status == 429
    other = await shop.staff("小李", store="one")
    assert (await other.post("/look", code=code)).status == 200
    shop.house.clock.advance(600)
    assert (await clerk.post("/look", code=code)).status == 200


async def test_guessing_a_members_code_is_limited_at_all_entry_points_together(shop: Shop) -> None:
    clerk = await shop.staff("小王", store="one")
    wrong = f"90{shop.member_id:010d}"
    statuses = [(await clerk.post("/look", code=f"{wrong}{number:08d}")).status for number in range(12)]
    assert statuses == [422] * 10 + [429] * 2
    assert (await clerk.post("/look", code=shop.member_code())).status == 429


async def test_guessing_a_code_that_changes_is_limited_and_leaves_the_permanent_one(shop: Shop) -> None:
    code, clerk = await shop.code(), await shop.staff("小王", store="one")
    place = (await shop.changing(code))[:-8]
    statuses = [(await clerk.post("/look", code=f"{place}{number:08d}")).status for number in range(12)]
    assert statuses == [422] * 10 + [429] * 2
    assert (await clerk.post("/use", code=await shop.changing(code))).status == 429
    assert (await clerk.post("/look", code=code)).status == 200


async def test_log_ins_are_locked_out(shop: Shop) -> None:
    await shop.staff("小王", store="one")
    phone = shop.phone()
    said = [
        (await phone.post("/login", name="小王", password="wrong", code="000000")).words
        for _ in range(FREE_OF_NAME + 1)
    ]
    assert "试错的次数太多" in said[-1]
    assert "名字、密码或验证码不对" in said[0]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"code": "x"}'),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("application/x-www-form-urlencoded; charset=nonsense", b"code=x"),
        ("application/x-www-form-urlencoded", b"code=\xff\xfe%ff%00"),
        ("application/x-www-form-urlencoded", b"code=" + b"9" * 70_000),
    ],
)
async def test_bodies_that_are_no_form_are_refused_with_a_page(shop: Shop, kind: str, body: bytes) -> None:
    clerk = await shop.staff("小王", store="one")
    headers = {
        "Origin": clerk.url,
        "Content-Type": kind,
        "Cookie": f"jifen_operator={clerk.cookies['jifen_operator']}",
    }
    async with clerk.session.post(f"{clerk.url}/clerk/look", data=body, headers=headers) as answer:
        assert answer.status in (400, 404, 413)
        assert "<!doctype html>" in await answer.text()
