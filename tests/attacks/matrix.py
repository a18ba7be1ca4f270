"""Every route, and how somebody would use another member's things on it (S1)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from runtime.server import create_server
from tests.emulator.harness import Phone
from tests.house import House
from tests.ledger import rules_with
from tests.miniapp_api.client import Mini, mini

TEMPLATE: Final = "ug8GY5O88fkL9vIaYxNp7BsLY01CxFgDodjVLGyyFdE"
COOKIE: Final = {"reward_id": "cookie", "quantity": 1}


@dataclass(frozen=True)
class Row:
    """A good request of one's own. `public`, `owned`: whose object each placeholder means, the programme's or a member's.

    `refusal`: the code with which it is refused, where no member of the cast can have it accepted.
    """

    body: Any = None
    keyed: bool = False
    public: dict[str, str] = field(default_factory=dict)
    owned: tuple[str, ...] = ()
    refusal: str = ""


ROWS: Final[dict[str, Row]] = {
    "POST /api/v1/session": Row({"code": "…"}),
    "POST /api/v1/referral/bind": Row({"code": "…"}, keyed=True),  # before the first sign-in
    "GET /api/v1/me": Row(),
    "GET /api/v1/me/profile": Row(),
    "PUT /api/v1/me/profile": Row({"nickname": "小明"}),
    "GET /api/v1/me/entries": Row(),
    "GET /api/v1/me/code": Row(),
    "POST /api/v1/check-ins": Row({}, keyed=True),
    "GET /api/v1/check-ins": Row(),
    "GET /api/v1/check-ins/repairs": Row(),
    "POST /api/v1/check-ins/repairs": Row(
        {"day": "2026-03-01", "price_points": 20}, keyed=True, refusal="not_repairable"
    ),
    "GET /api/v1/extensions": Row(),
    "POST /api/v1/extensions": Row({"expires_on": "2026-03-01"}, keyed=True, refusal="nothing_to_extend"),
    "GET /api/v1/missions": Row(),
    "GET /api/v1/polls": Row(),
    "POST /api/v1/polls/{poll}/votes": Row(
        {"option": "a"}, keyed=True, public={"poll": "taste"}, refusal="unknown_poll"
    ),
    "GET /api/v1/packs": Row(),
    "POST /api/v1/packs": Row({"pack_id": "fast", "price_points": 0}, keyed=True, refusal="unknown_pack"),
    "GET /api/v1/suggestions": Row(),
    "POST /api/v1/suggestions": Row({"text": "早点开门"}, keyed=True, refusal="suggestions_off"),
    "GET /api/v1/me/appeal": Row(),
    "POST /api/v1/me/appeal": Row({"text": "是我本人"}, keyed=True, refusal="not_frozen"),
    "GET /api/v1/me/data": Row(),
    "GET /api/v1/me/data/kept": Row(),
    "GET /api/v1/me/erasure": Row(),
    "PUT /api/v1/me/erasure": Row({"wanted": False}),
    "GET /api/v1/wheels": Row(),
    "GET /api/v1/wheels/{wheel}": Row(public={"wheel": "lucky"}),
    "POST /api/v1/wheels/{wheel}/draws": Row({"count": 1}, keyed=True, public={"wheel": "lucky"}),
    "GET /api/v1/wheels/{wheel}/winners": Row(public={"wheel": "lucky"}),
    "GET /api/v1/draws": Row(),
    "GET /api/v1/draws/{draw}/proof": Row(owned=("draw",)),
    "GET /api/v1/rewards": Row(),
    "GET /api/v1/rewards/{reward}": Row(public={"reward": "cookie"}),
    "POST /api/v1/redemptions": Row(COOKIE, keyed=True),
    "GET /api/v1/redemptions": Row(),
    "GET /api/v1/redemptions/{redemption}": Row(owned=("redemption",)),
    "GET /api/v1/redemptions/{redemption}/code": Row(owned=("redemption",)),
    "POST /api/v1/redemptions/{redemption}/cancel": Row({}, keyed=True, owned=("redemption",)),
    "GET /api/v1/referral": Row(),
    "GET /api/v1/referral/qrcode.png": Row(),
    "GET /api/v1/referral/poster.png": Row(),
    "GET /api/v1/tiers": Row(),
    "GET /api/v1/rules": Row(),
    "GET /api/v1/subscriptions": Row(),
    "POST /api/v1/subscriptions": Row({"template": TEMPLATE, "accepted": True}),
}
"""A route that is not here, or here and gone, fails `test_every_route_has_a_row`."""

OF_NOBODY: Final = {
    "GET /healthz", "GET /readyz", "GET /openapi.json", "GET /docs", "GET /docs/docs.css", "GET /docs/docs.js",
    "GET /partner/openapi.json", "GET /fair", "GET /fair/{game}", "GET /fair/public.css", "GET /fair/check.js",
}  # fmt: skip
"""Routes that know no member."""
OF_STAFF: Final = {
    "GET /clerk", "POST /clerk/look", "POST /clerk/use", "GET /clerk/today", "GET /clerk/login", "POST /clerk/login",
    "POST /clerk/set-up", "POST /clerk/logout", "GET /clerk/clerk.css", "GET /clerk/clerk.js",
}  # fmt: skip
"""Routes of operators, to whom members' sessions mean nothing: see tests/clerk/test_attacks.py."""
CHAT: Final = {"GET /wechat", "POST /wechat", "GET /wechat/", "POST /wechat/"}
"""Routes whose member is inside the encrypted push: see test_foreign_chat.py."""

HEADERS: Final = [
    "X-Member-Id", "X-User-Id", "X-WX-OPENID", "X-WX-UNIONID", "X-Forwarded-User", "X-Remote-User", "X-Original-URL", "From",
]  # fmt: skip
NAMES: Final = [
    "member_id",
    "member",
    "user_id",
    "openid",
    "unionid",
    "id",
    "token",
    "session",
    "access_token",
    "as",
]


@dataclass
class Cast:
    """Who tries, and whose things they try it with."""

    attacker: Mini
    victim: Mini
    things: dict[str, str]
    """What belongs to the victim, by what it is; every one of them is unlike any of the attacker's."""
    own: dict[str, str]
    """The attacker's own objects for the placeholders that name a member's object."""
    friend_code: str
    attacker_phone: Phone

    @property
    def marks(self) -> list[str]:
        """What must never come back to the attacker."""
        return [
            self.things[name]
            for name in ("nickname", "voucher", "token", "openid", "miniapp_openid", "unionid")
        ]


async def cast(house: House) -> Cast:
    """A victim with points, draws, vouchers and a name; an attacker who joined earlier and has less of each."""
    await house.ledger.publish(
        rules_with(welcome={"points": 5_000}, expiry={"months": 12, "extension": {"days": 30}})
    )
    friend = await mini(house, "小红")
    attacker_phone, phone = await house.phone("小明"), await house.phone("受害人")
    attacker, victim = await logged_in(house, attacker_phone), await logged_in(house, phone)
    await victim.put("/me/profile", {"nickname": "受害人甲乙丙"})
    mine_bought = (await attacker.once("/redemptions", COOKIE)).json
    mine_drawn = (await attacker.once("/wheels/lucky/draws", {"count": 1})).json["draws"][0]
    await victim.once("/wheels/lucky/draws", {"count": 10})
    drawn = (await victim.once("/wheels/lucky/draws", {"count": 1})).json["draws"][0]
    bought = (await victim.post("/redemptions", COOKIE, key="victims-key")).json
    cursor = (await victim.get("/me/entries", limit="2")).json["next_cursor"]
    things = {
        "member_id": str(victim.member_id),
        "nickname": "受害人甲乙丙",
        "openid": phone.oa_openid,
        "miniapp_openid": phone.miniapp_openid,
        "unionid": str(phone.unionid),
        "token": victim.headers["Authorization"].removeprefix("Bearer "),
        "redemption": bought["id"],
        "voucher": bought["voucher"],
        "draw": drawn["id"],
        "request_key": "victims-key",
        "cursor": cursor,
    }
    own = {"redemption": mine_bought["id"], "draw": mine_drawn["id"]}
    code = (await friend.get("/referral")).json["code"]
    return Cast(attacker, victim, things, own, code, attacker_phone)


async def logged_in(house: House, phone: Phone) -> Mini:
    """The phone's mini-program."""
    headers = await house.session(phone)
    return Mini(house, await house.member_of(phone), headers)


def routes(house: House) -> Iterator[str]:
    """Method and path of every route of members and the chat, HEAD aside (it is GET without its body).

    What keys may do on the routes of partners is in tests/attacks/test_partner.py; `/app` and `/pictures` serve files, the same to
    everybody.
    """
    application: web.Application = create_server(house.resources)
    for route in application.router.routes():
        path = route.resource.canonical if route.resource is not None else ""
        if path and route.method != "HEAD" and not path.startswith(("/partner/v1/", "/app", "/pictures/")):
            yield f"{route.method} {path}"
