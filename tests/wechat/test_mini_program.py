"""The mini-program's calls, shape by shape."""

import pytest

from tests.wechat.platform import OPENID, PNG, SESSION_KEY, Misbehaviour, Platform, Raw
from wechat.errors import BadRequest, LoginRejected, Transient, Undeliverable
from wechat.mini_program import MiniProgramApi, Session

CODE_API = "/wxa/getwxacodeunlimit"


async def test_login(mini_program: MiniProgramApi, platform: Platform) -> None:
    assert await mini_program.code_to_session("code-1") == Session("oM-1", SESSION_KEY, None)
    assert (await mini_program.code_to_session("code-bound")).unionid == "uni-1"
    assert platform.asked["/cgi-bin/stable_token"] == 0


async def test_a_code_works_once(mini_program: MiniProgramApi) -> None:
    await mini_program.code_to_session("code-1")
    with pytest.raises(LoginRejected) as used:
        await mini_program.code_to_session("code-1")
    assert used.value.errcode == 40163
    with pytest.raises(LoginRejected):
        await mini_program.code_to_session("nonsense&appid=x")


@pytest.mark.parametrize(
    "answer", [{}, {"openid": "o"}, {"openid": "", "session_key": "k"}, {"openid": 1, "session_key": "k"}]
)
async def test_a_login_answer_without_a_user(
    mini_program: MiniProgramApi, platform: Platform, answer: dict[str, object]
) -> None:
    platform.next("/sns/jscode2session", answer)
    with pytest.raises(Transient):
        await mini_program.code_to_session("code-1")


async def test_subscribe_message(mini_program: MiniProgramApi, platform: Platform) -> None:
    await mini_program.send_subscribe(OPENID, "T1", {"thing1": "积分到账"}, "pages/index")
    assert platform.bodies["/cgi-bin/message/subscribe/send"] == [
        {
            "touser": OPENID,
            "template_id": "T1",
            "data": {"thing1": {"value": "积分到账"}},
            "miniprogram_state": "formal",
            "lang": "zh_CN",
            "page": "pages/index",
        }
    ]


async def test_subscribe_message_without_permission(mini_program: MiniProgramApi) -> None:
    with pytest.raises(Undeliverable) as refused:
        await mini_program.send_subscribe("oOther", "T1", {"thing1": "积分到账"})
    assert refused.value.errcode == 43101


async def test_code(mini_program: MiniProgramApi, platform: Platform) -> None:
    assert await mini_program.code_unlimited("a=1&b=2", "pages/index") == PNG
    assert platform.bodies[CODE_API] == [
        {
            "scene": "a=1&b=2",
            "page": "pages/index",
            "width": 430,
            "check_path": True,
            "env_version": "release",
        }
    ]


async def test_a_codes_refusal_comes_as_json(mini_program: MiniProgramApi) -> None:
    with pytest.raises(BadRequest) as refused:
        await mini_program.code_unlimited("a", "pages/nowhere")
    assert refused.value.errcode == 41030


@pytest.mark.parametrize("fault", [Raw(b"<html>"), Raw(b""), Raw(b"GIF89a"), Raw(b"{}"), Raw(b"{")])
async def test_no_code(mini_program: MiniProgramApi, platform: Platform, fault: Misbehaviour) -> None:
    platform.always(CODE_API, fault)
    with pytest.raises(Transient):
        await mini_program.code_unlimited("a", "pages/index")
    assert platform.asked[CODE_API] == 3


async def test_a_jpeg_is_an_image_too(mini_program: MiniProgramApi, platform: Platform) -> None:
    platform.next(CODE_API, Raw(b"\xff\xd8\xff\xe0jpeg"))
    assert await mini_program.code_unlimited("a", "pages/index") == b"\xff\xd8\xff\xe0jpeg"


@pytest.mark.parametrize(
    ("scene", "page", "width"),
    [
        ("", "pages/index", 430),
        ("x" * 33, "pages/index", 430),
        ("邀请", "pages/index", 430),
        ("a%20", "pages/index", 430),
        ("a\n", "pages/index", 430),
        ("a", "/pages/index", 430),
        ("a", "pages/index?x=1", 430),
        ("a", "pages/index", 279),
        ("a", "pages/index", 1281),
    ],
)
async def test_impossible_codes_are_not_asked_for(
    mini_program: MiniProgramApi, platform: Platform, scene: str, page: str, width: int
) -> None:
    with pytest.raises(BadRequest):
        await mini_program.code_unlimited(scene, page, width)
    assert not platform.asked
