"""The message templates that the rules name, against those that an account has."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Literal, TypeAlias

from channels.notices.kinds import KINDS
from loyalty.programme.declaring.sections import Template
from loyalty.programme.rules import RuleSet
from operators.views.notices import KIND_TITLES
from operators.wechat.checked import Checked
from wechat.errors import ApiError
from wechat.registered import RegisteredTemplate

Found: TypeAlias = Sequence[RegisteredTemplate] | ApiError
"""The templates of an account, or why they could not be asked for."""


async def templates_of(ask: Callable[[], Awaitable[list[RegisteredTemplate]]]) -> Found:
    """The templates that an account has, or why it could not be asked."""
    try:
        return await ask()
    except ApiError as refused:
        return refused


def check_templates(
    rules: RuleSet | None, found: Found, which: Literal["template", "subscribe"], title: str, where: str
) -> Iterator[Checked]:
    """Each template that the rules name, against those that the account has."""
    if rules is None or isinstance(found, ApiError):
        return
    named = [(kind.code, getattr(kind.templates(rules), which)) for kind in KINDS]
    given = [(code, one) for code, one in named if one is not None]
    if not given:
        told = f"规则里没有用到{title}；要用的话，在「规则 · 提醒」里写上模板编号。"
        yield Checked(title, "look", told)
    have = {one.template_id: one for one in found}
    for code, template in given:
        yield compare(
            f"{title} · {KIND_TITLES.get(code, code)}", template, have.get(template.template_id), where
        )


def compare(title: str, template: Template, registered: RegisteredTemplate | None, where: str) -> Checked:
    """A template of the rules against the one that the account has by its id, None for none."""
    if registered is None:
        told = f"账号里没有编号为 {template.template_id} 的模板：请在{where}的「{_menu_of(title)}」里添加，再把编号写进规则。"
        return Checked(title, "bad", told)
    missing, extra = registered.keys - template.fields.keys(), template.fields.keys() - registered.keys
    if missing or extra:
        wrong = [
            *([f"规则里少了 {'、'.join(sorted(missing))}"] if missing else []),
            *([f"模板里没有 {'、'.join(sorted(extra))}"] if extra else []),
        ]
        return Checked(
            title,
            "bad",
            f"「{registered.title}」的字段对不上：{'；'.join(wrong)}。请在「规则 · 提醒」里照模板改。",
        )
    return Checked(title, "good", f"「{registered.title}」，字段都对得上。")


def _menu_of(title: str) -> str:
    return "广告与服务 · 模板消息" if title.startswith("模板") else "功能 · 订阅消息"
