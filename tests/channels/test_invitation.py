"""Codes, their pictures and posters, against the emulator and a real Redis."""

import asyncio
import hashlib
import io
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from redis.asyncio import Redis

from channels import invitation
from channels.fonts import FONT_FILES, Typeface, chinese_typeface
from channels.invitation import Kind, poster_png, poster_text, qrcode_image_url, qrcode_png, ticket_of
from channels.pictures import QR_BORDER, PosterText, draw_poster, draw_qrcode
from tests.house import House
from tests.ledger import DAY_S
from wechat.errors import ApiError

CJK = chinese_typeface()
needs_cjk = pytest.mark.skipif(not CJK.has_chinese, reason="this machine has no Chinese font")


async def tickets(house: House) -> int:
    row = house.emulator.world.database.one("SELECT count(*) AS n FROM tickets")
    assert row is not None
    return int(row["n"])


def modules(png: bytes) -> list[list[bool]]:
    """What a reader of the picture sees, module by module."""
    image = Image.open(io.BytesIO(png)).convert("L")
    dark = next(x for x in range(image.width) if image.getpixel((x, x)) == 0)
    size = dark // QR_BORDER
    count = image.width // size - 2 * QR_BORDER
    places = [dark + size * place + size // 2 for place in range(count)]
    return [[image.getpixel((x, y)) == 0 for x in places] for y in places]


def code_of(content: str) -> list[list[bool]]:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(content)
    return [[bool(module) for module in line] for line in code.get_matrix()]


@pytest.mark.parametrize("content", ["http://weixin.qq.com/q/02abc", "x", "长一点的内容" * 20])
def test_a_drawn_code_says_what_it_should(content: str) -> None:
    assert modules(draw_qrcode(content)) == code_of(content)


async def test_a_code_is_temporary_and_kept(house: House) -> None:
    account, redis = house.resources.official_account, house.resources.redis
    first = await ticket_of(account, redis, "abc", house.clock.now())
    house.clock.advance(24 * DAY_S)
    assert await ticket_of(account, redis, "abc", house.clock.now()) == first
    row = house.emulator.world.database.one("SELECT * FROM tickets")
    assert row is not None
    assert (row["scene"], row["permanent"]) == ("inv_abc", 0)
    house.clock.advance(2 * DAY_S)
    assert await ticket_of(account, redis, "abc", house.clock.now()) != first
    assert await tickets(house) == 2


@pytest.mark.parametrize("kept", [b"not json", b"{}", b'{"ticket": "t"}', b"[1]"])
async def test_a_kept_code_that_cannot_be_read_is_made_anew(house: House, kept: bytes) -> None:
    await house.resources.redis.set("invite:oa:abc", kept)
    ticket = await ticket_of(
        house.resources.official_account, house.resources.redis, "abc", house.clock.now()
    )
    assert ticket.url.startswith("http://weixin.qq.com/q/")


async def test_without_redis_each_picture_has_a_code_of_its_own(house: House) -> None:
    gone: Redis = Redis.from_url("redis://127.0.0.1:1")
    for _ in range(2):
        await ticket_of(house.resources.official_account, gone, "abc", house.clock.now())
    assert await tickets(house) == 2
    await gone.aclose()


async def picture(house: House, kind: Kind) -> bytes:
    resources = house.resources
    return await qrcode_png(
        resources.official_account, resources.mini_program, resources.redis, "abc", kind, house.clock.now()
    )


async def test_the_accounts_code_leads_to_the_platforms_url(house: House) -> None:
    png = await picture(house, "oa")
    ticket = await ticket_of(
        house.resources.official_account, house.resources.redis, "abc", house.clock.now()
    )
    assert modules(png) == code_of(ticket.url)


async def test_the_mini_programs_code_is_kept_as_png(house: House) -> None:
    first = await picture(house, "miniapp")
    await house.emulator.fault("/wxa/getwxacodeunlimit", "http_502", times=5)
    assert await picture(house, "miniapp") == first
    assert Image.open(io.BytesIO(first)).format == "PNG"


@pytest.mark.parametrize(
    ("kind", "path"), [("oa", "/cgi-bin/qrcode/create"), ("miniapp", "/wxa/getwxacodeunlimit")]
)
async def test_a_platform_that_says_no(house: House, kind: Kind, path: str) -> None:
    await house.emulator.fault(path, "errcode", 48001)
    with pytest.raises(ApiError):
        await picture(house, kind)


@pytest.mark.parametrize("kind", ["oa", "miniapp"])
async def test_a_poster_is_a_poster(house: House, kind: Kind) -> None:
    resources = house.resources
    png = await poster_png(
        resources.official_account, resources.mini_program, resources.redis, "abc", kind, "拾光咖啡", "小明"
    )
    image = Image.open(io.BytesIO(png))
    assert (image.format, image.size) == ("PNG", (750, 1200))


def drawn(text: PosterText, face: Typeface) -> Image.Image:
    return Image.open(io.BytesIO(draw_poster(draw_qrcode("x"), text, face))).convert("RGB")


def lines(image: Image.Image) -> int:
    """Blocks of rows with pure white outside the card: lines of white text."""
    rows = [
        any(image.getpixel((x, y)) == (255, 255, 255) for x in range(60, 690))
        for y in [*range(60, 320), *range(1020, 1180)]
    ]
    return sum(now and not before for before, now in zip([False, *rows], rows, strict=False))


@needs_cjk
def test_a_poster_says_who_invites_and_what_for() -> None:
    full = drawn(poster_text("拾光咖啡", "小明", "oa"), CJK)
    empty = drawn(PosterText("", "", "", ""), CJK)
    assert lines(empty) == 0
    assert lines(full) >= 2


def test_a_poster_stands_on_the_brands_colour() -> None:
    poster = drawn(PosterText("", "", "", "", "#b3261e"), Typeface())
    assert poster.getpixel((740, 1199)) == (0xB3, 0x26, 0x1E)


def test_without_a_chinese_font_only_the_latin_brand_is_drawn() -> None:
    latin, none = (
        drawn(poster_text("拾光 Cafe", "小明", "oa"), Typeface()),
        drawn(poster_text("拾光", "x", "oa"), Typeface()),
    )
    assert lines(latin) == 1
    assert lines(none) == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [("拾光 Cafe", " Cafe"), ("A\u202eB\u200b\nC", "ABC"), ("\U0001f600", ""), ("", "")],
)
def test_latin_draws_no_boxes(text: str, expected: str) -> None:
    assert Typeface().drawable(text) == expected


@needs_cjk
@pytest.mark.parametrize(
    ("text", "expected"),
    [("小明 A1", "小明 A1"), ("小\u202e明\u200b", "小明"), ("小\U0001f600明", "小明"), ("\ue000", "")],
)
def test_chinese_draws_no_boxes(text: str, expected: str) -> None:
    assert CJK.drawable(text) == expected


def test_fonts_that_are_not_there_or_no_fonts(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttc"
    broken.write_bytes(b"no font")
    assert chinese_typeface((tmp_path / "missing.ttc", broken)) == Typeface()


def test_every_candidate_is_an_absolute_path() -> None:
    assert all(path.is_absolute() or str(path).startswith("C:/") for path in FONT_FILES)


@pytest.mark.slow
@needs_cjk
@pytest.mark.parametrize("nickname", ["名" * 32, "W" * 32, "\u202e" * 10, "\U0001f600" * 8, "a\nb"])
def test_any_nickname_fits_the_poster(nickname: str) -> None:
    image = drawn(poster_text("拾光咖啡" * 10, nickname, "miniapp"), CJK)
    edges = [image.getpixel((x, y)) for x in (5, 745) for y in range(100, 300)]
    assert (255, 255, 255) not in edges


@pytest.mark.parametrize(
    ("nickname", "kind", "expected"),
    [
        ("小明", "oa", ("小明 邀请你成为 拾光咖啡 会员", "长按识别二维码，关注公众号")),
        (None, "oa", ("邀请你成为 拾光咖啡 会员", "长按识别二维码，关注公众号")),
        ("  ", "miniapp", ("邀请你成为 拾光咖啡 会员", "长按识别二维码，打开小程序")),
    ],
)
def test_words_of_the_poster(nickname: str | None, kind: Kind, expected: tuple[str, str]) -> None:
    text = poster_text("拾光咖啡", nickname, kind)
    assert (text.invitation, text.how) == expected
    assert "分享" not in text.gain
    both = "完成首次签到，你得 20 积分，邀请人得 50 积分"
    assert poster_text("拾光咖啡", nickname, kind, both).gain == both


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("https://api.weixin.qq.com", "https://mp.weixin.qq.com/cgi-bin/showqrcode"),
        ("http://127.0.0.1:8090", "http://127.0.0.1:8090/cgi-bin/showqrcode"),
        ("http://127.0.0.1:8090/", "http://127.0.0.1:8090/cgi-bin/showqrcode"),
    ],
)
def test_where_the_platform_shows_a_code(base: str, expected: str) -> None:
    url = urlsplit(qrcode_image_url(base, "gQ+/=&x"))
    assert url._replace(query="").geturl() == expected
    assert parse_qs(url.query) == {"ticket": ["gQ+/=&x"]}


async def test_what_is_kept_names_nobody(house: House) -> None:
    await ticket_of(house.resources.official_account, house.resources.redis, "abc", house.clock.now())
    kept: Any = await house.resources.redis.get("invite:oa:abc")
    assert set(json.loads(kept)) == {"ticket", "url", "made_at"}
    assert await house.resources.redis.ttl("invite:oa:abc") == pytest.approx(
        invitation.CACHED_FOR.total_seconds(), abs=5
    )


class Drawer:
    """Stands in for `draw_poster`: counts the posters, and how many are drawn at a time; begins when `awaited` are there."""

    def __init__(self) -> None:
        self.drawn = self.most_at_once = self._now = 0
        self.awaited = 1

    def __call__(self, picture: bytes, text: PosterText, _: Typeface) -> bytes:
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        give_up = time.monotonic() + 10
        while self.most_at_once < self.awaited and time.monotonic() < give_up:
            time.sleep(0.005)
        time.sleep(0.05)
        self._now -= 1
        self.drawn += 1
        return hashlib.sha256(picture + repr(text).encode()).digest()


@pytest.fixture
def drawer(monkeypatch: pytest.MonkeyPatch) -> Drawer:
    found = Drawer()
    monkeypatch.setattr(invitation, "draw_poster", found)
    return found


async def poster(house: House, code: str = "abc", kind: Kind = "oa", **given: Any) -> bytes:
    resources = house.resources
    redis = given.pop("redis", resources.redis)
    said = {"brand": "拾光咖啡", "nickname": "小明"} | given
    return await poster_png(
        resources.official_account,
        resources.mini_program,
        redis,
        code,
        kind,
        now=house.clock.now(),
        **said,
    )


@pytest.mark.parametrize("kind", ["oa", "miniapp"])
async def test_a_poster_is_drawn_once_until_something_of_it_changes(
    house: House, drawer: Drawer, kind: Kind
) -> None:
    first = await poster(house, kind=kind)
    assert [await poster(house, kind=kind) for _ in range(3)] == [first] * 3
    assert drawer.drawn == 1
    others = [
        await poster(house, kind=kind, nickname="小红"),
        await poster(house, kind=kind, brand="拾光"),
        await poster(house, "abd", kind),
        await poster(house, kind="miniapp" if kind == "oa" else "oa"),
    ]
    assert len({first, *others}) == drawer.drawn == 5


async def test_a_member_who_renames_themselves_all_day_takes_one_place(house: House, drawer: Drawer) -> None:
    for number in range(30):
        await poster(house, nickname=f"小明{number}")
    kept: list[bytes] = await house.resources.redis.keys("invite:*")
    assert drawer.drawn == 30
    assert len([key for key in kept if b"poster" in key]) == 1
    assert len(kept) == 3, "the ticket, its code, the poster"


async def test_all_members_together_take_a_fixed_number_of_places(
    house: House, drawer: Drawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = {kind: shelf._replace(places=4) for kind, shelf in invitation.POSTERS.items()}
    monkeypatch.setattr(invitation, "POSTERS", few)
    monkeypatch.setattr(invitation, "OA_CODES", invitation.OA_CODES._replace(places=4))
    codes = [f"code{number}" for number in range(30)]
    drawn = {code: await poster(house, code) for code in codes}
    assert len(set(drawn.values())) == 30
    assert {code: await poster(house, code) for code in codes} == drawn, "nobody gets another one's"
    pictures = list(await house.resources.redis.keys("invite:oa-*"))
    assert len(pictures) <= 8


async def test_a_code_is_drawn_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[bytes] = []

    def draw(url: str) -> bytes:
        drawn.append(b"png of " + url.encode())
        return drawn[-1]

    monkeypatch.setattr(invitation, "draw_qrcode", draw)
    assert [await picture(house, "oa") for _ in range(5)] == drawn * 5
    assert len(drawn) == 1


async def test_a_new_ticket_makes_a_new_poster(house: House, drawer: Drawer) -> None:
    first = await poster(house)
    house.clock.advance(26 * DAY_S)
    assert await poster(house) != first
    assert (
        await house.resources.redis.ttl((await house.resources.redis.keys("invite:oa-poster:*"))[0]) <= DAY_S
    )


async def test_without_redis_posters_are_drawn_two_at_a_time(house: House, drawer: Drawer) -> None:
    drawer.awaited = 2
    gone: Redis = Redis.from_url("redis://127.0.0.1:1")
    await asyncio.gather(*(poster(house, redis=gone) for _ in range(8)))
    assert (drawer.drawn, drawer.most_at_once) == (8, 2)
    await gone.aclose()
