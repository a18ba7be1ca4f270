"""/me/data: everything that the programme keeps of the member, for the member alone; and what is kept, and what for."""

from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Final

from aiohttp import web
from typing_extensions import TypedDict

from loyalty.personal.copy import Asked, write_copy
from loyalty.personal.limit import MOST_A_DAY, give_copy_back, take_copy
from loyalty.personal.sections import SECTIONS
from miniapp_api.requests import MEMBER, MemberRequest
from web.answers import json_answer
from web.problems import Kind, Problem

COPIES_USED_UP: Final = Kind("copies_used_up", 409, "今天导出的次数用完了")


class DataSection(TypedDict):
    """One kind of rows that are kept, and what for; a row's fields have Chinese titles."""

    title: str
    why: str
    rows: list[dict[str, str | int | None]]


class DataAnswer(TypedDict):
    """The copy of the member's data."""

    made_at: datetime
    member_id: int
    phone: str | None
    sections: list[DataSection]


class KeptSection(TypedDict):
    """One kind of data, and what it is kept for."""

    title: str
    why: str


class KeptAnswer(TypedDict):
    """What is kept of every member."""

    sections: list[KeptSection]


async def show_kept(_: MemberRequest) -> web.Response:
    """What is kept, and what for."""
    return json_answer(KeptAnswer(sections=[KeptSection(title=one.title, why=one.why) for one in SECTIONS]))


async def copy_data(request: MemberRequest) -> web.Response:
    """The copy. It is written to a file first: a database that fails becomes a 503, and neither half of a document nor a use."""
    caller, resources = request.caller, request.caller.resources
    day = caller.live.day(request.now)
    if not await take_copy(resources.pool, caller.member_id, day, request.now):
        raise Problem(COPIES_USED_UP, f"每天最多导出 {MOST_A_DAY} 次，请明天再来。")
    asked = Asked(resources.pool, resources.settings.keyring, caller.live.zone, caller.member_id, request.now)
    try:
        written = await _written(asked)
    except Exception:
        await give_copy_back(resources.pool, caller.member_id, day)
        raise
    return web.Response(body=written, content_type="application/json")


async def _written(asked: Asked) -> IO[bytes]:
    """The copy in a file without a name, which is gone when it is closed or the process ends."""
    written = TemporaryFile()  # noqa: SIM115  # the answer closes it
    try:
        async for piece in write_copy(asked):
            written.write(piece)
    except BaseException:
        written.close()
        raise
    written.seek(0)
    return written


OPERATIONS = (
    MEMBER.get("/me/data", copy_data, "导出我的个人信息", DataAnswer, problems=(COPIES_USED_UP,)),
    MEMBER.get("/me/data/kept", show_kept, "存了我的哪些信息，做什么用", KeptAnswer),
)
