"""The HTTP side of `platform`, with the injected faults."""

import asyncio
import codecs
import json

from fastapi import APIRouter, Request, Response

from emulator.characters import raw_bytes, raw_json
from emulator.connections import abort
from emulator.errors import PlatformError
from emulator.faults import Fault
from emulator.platform import Answer, answer_call
from emulator.qrcodes import ticket_picture
from emulator.world import World

_BAD_GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>502 Bad Gateway</body>\r\n</html>"
)
_BUSY_PAGE = (
    "<!DOCTYPE html><html><head><title>微信公众平台</title></head><body>系统繁忙，请稍后再试</body></html>"
)
_BROKEN_REMARK = "老客\x02\x1b\ud83d\udce5"
_TEXT_PATHS = ("/sns/", "/cgi-bin/qrcode/")
_JSON_TYPE = "application/json; encoding=utf-8"

router = APIRouter()


@router.get("/cgi-bin/showqrcode")
async def show_qrcode(request: Request) -> Response:
    """The QR code of a ticket as a JPEG. Needs no token; 404 for an unknown ticket."""
    world: World = request.app.state.world
    image = ticket_picture(world, request.query_params)
    return Response(status_code=404) if image is None else Response(image, media_type="image/jpg")


@router.api_route("/cgi-bin/{rest:path}", methods=["GET", "POST"])
@router.api_route("/sns/{rest:path}", methods=["GET", "POST"])
@router.api_route("/wxa/{rest:path}", methods=["GET", "POST"])
@router.api_route("/wxaapi/{rest:path}", methods=["GET", "POST"])
async def call_platform(request: Request) -> Response:
    """Every other path of the platform."""
    world: World = request.app.state.world
    faults = world.faults.take(request.url.path)
    if "latency" in faults:
        await asyncio.sleep(float(faults["latency"].value or 0))
    if "drop" in faults:
        await abort(request)
        return Response()
    raw = await request.body()
    response = _faulty_response(faults) or _write(
        request.url.path, _answer(world, request, raw, faults), faults
    )
    if "drop_after" in faults:
        await abort(request)
    return response


def _answer(world: World, request: Request, raw: bytes, faults: dict[str, Fault]) -> Answer:
    try:
        for kind in ("errcode", "string_errcode"):
            if kind in faults and faults[kind].value is not None:
                raise PlatformError(int(faults[kind].value or 0))
        answer = answer_call(world, request.url.path, request.method, request.query_params, raw)
    except PlatformError as error:
        answer = {**error.body()}
    if "string_errcode" in faults and not isinstance(answer, bytes):
        answer["errcode"] = str(answer.get("errcode", 0))
    return answer


def _faulty_response(faults: dict[str, Fault]) -> Response | None:
    if "http_502" in faults:
        return Response(_BAD_GATEWAY, status_code=502, media_type="text/html")
    if "html" in faults:
        return Response(_BUSY_PAGE, media_type="text/html")
    return None


def _write(path: str, answer: Answer, faults: dict[str, Fault]) -> Response:
    if isinstance(answer, bytes):
        return Response(answer, media_type="image/jpeg")
    media_type = "text/plain" if path.startswith(_TEXT_PATHS) else _JSON_TYPE
    written = answer | {"remark": _BROKEN_REMARK} if "raw_control" in faults else answer
    content = raw_bytes(raw_json(json.dumps(written, ensure_ascii=False)))
    return Response(
        (codecs.BOM_UTF8 if "bom" in faults else b"") + content, headers={"Content-Type": media_type}
    )
