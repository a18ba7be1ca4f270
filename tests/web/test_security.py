"""What each security kind reads from a request as its caller's proof."""

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from web.security import MEMBER_SESSION, NONE, OPERATOR, PARTNER_KEY, Security

TOKEN = "Az09-_" + "x" * 37

CREDENTIALS = [
    (NONE, [], ""),
    (NONE, [("Authorization", f"Bearer {TOKEN}")], ""),
    (MEMBER_SESSION, [("Authorization", f"Bearer {TOKEN}")], TOKEN),
    (MEMBER_SESSION, [("Authorization", f"bearer   {TOKEN}")], TOKEN),
    (MEMBER_SESSION, [], None),
    (MEMBER_SESSION, [("Authorization", "")], None),
    (MEMBER_SESSION, [("Authorization", TOKEN)], None),
    (MEMBER_SESSION, [("Authorization", f"Bearer {TOKEN}x")], None),
    (MEMBER_SESSION, [("Authorization", f"Bearer {TOKEN[1:]}")], None),
    (MEMBER_SESSION, [("Authorization", f"Bearer {TOKEN}\n")], None),
    (MEMBER_SESSION, [("Authorization", f"Bearer {TOKEN}")] * 2, None),
    (MEMBER_SESSION, [("Authorization", "Bearer jf_live_abc")], None),
    (MEMBER_SESSION, [("Cookie", f"jifen_operator={TOKEN}")], None),
    (PARTNER_KEY, [("Authorization", "Bearer jf_live_abc")], "jf_live_abc"),
    (PARTNER_KEY, [("Authorization", "Bearer jf_live_")], None),
    (PARTNER_KEY, [("Authorization", f"Bearer jf_live_{'a' * 129}")], None),
    (PARTNER_KEY, [("Authorization", "Bearer jf_test_abc")], None),
    (PARTNER_KEY, [("Authorization", f"Bearer {TOKEN}")], None),
    (OPERATOR, [("Cookie", "jifen_operator=abc")], "abc"),
    (OPERATOR, [("Cookie", "other=1; jifen_operator=abc")], "abc"),
    (OPERATOR, [("Cookie", "jifen_operator=")], None),
    (OPERATOR, [("Cookie", "other=abc")], None),
    (OPERATOR, [("Authorization", "Bearer abc")], None),
]


@pytest.mark.parametrize(("kind", "headers", "credential"), CREDENTIALS)
def test_credentials(kind: Security, headers: list[tuple[str, str]], credential: str | None) -> None:
    request = make_mocked_request("GET", "/", CIMultiDict[str](headers))
    assert kind.credential(request) == credential


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        (MEMBER_SESSION, "登录已过期，请重新登录。"),
        (PARTNER_KEY, "接口密钥无效或已停用。"),
        (OPERATOR, "登录已过期，请重新登录。"),
    ],
)
def test_a_missing_proof_is_told_with_its_challenge(kind: Security, detail: str) -> None:
    problem = kind.unauthorized()
    assert (problem.kind.status, problem.kind.code, problem.kind.title) == (401, "unauthorized", "请先登录")
    assert problem.detail == detail
    assert problem.headers == {"WWW-Authenticate": kind.challenge}


def test_only_one_kind_is_public() -> None:
    kinds = (NONE, MEMBER_SESSION, PARTNER_KEY, OPERATOR)
    assert [kind for kind in kinds if kind.is_public] == [NONE]
    assert len({kind.name for kind in kinds}) == len(kinds)
