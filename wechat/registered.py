"""What an account of either kind has registered at WeChat: its templates, and how often it may call an API."""

import re
from dataclasses import dataclass
from typing import Final

from wechat.api import ApiClient, Call
from wechat.errors import Transient
from wechat.transport import Request

_PLACEHOLDER: Final = re.compile(r"\{\{\s*(\w+)\.DATA\s*\}\}")


@dataclass(frozen=True, slots=True)
class RegisteredTemplate:
    """A template that an account has added: its id, its title, and the keys of its text."""

    template_id: str
    title: str
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Quota:
    """How often an API may be called on a day, and how often yet today."""

    per_day: int
    left: int


async def quota_of(client: ApiClient, api: str) -> Quota:
    """The quota of an API of the client's account (WeChat docs: 查询API调用额度). Raises ApiError."""
    path = "/cgi-bin/openapi/quota/get"
    answer = await client.call(Call(Request("POST", path, body={"cgi_path": api}), idempotent=True))
    quota = answer.get("quota")
    per_day, left = (
        quota.get(name) if isinstance(quota, dict) else None for name in ("daily_limit", "remain")
    )
    if not isinstance(per_day, int) or not isinstance(left, int):
        raise Transient(path, errmsg="answered without a quota")
    return Quota(per_day, left)


def registered(listed: object, id_field: str) -> list[RegisteredTemplate]:
    """The templates of an answer's list; what is none is passed over."""
    found = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return [
        RegisteredTemplate(
            str(one.get(id_field, "")),
            str(one.get("title", "")),
            frozenset(_PLACEHOLDER.findall(str(one.get("content", "")))),
        )
        for one in found
    ]
