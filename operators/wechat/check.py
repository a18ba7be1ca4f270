"""微信接入检查: each thing that a real account needs, looked at by asking WeChat and our own address. Nothing is changed."""

import asyncio

from loyalty.programme.in_force.live import NoRulesPublished
from loyalty.programme.rules import RuleSet
from operators.wechat.checked import MINI_CONSOLE, OA_CONSOLE, Checked, said
from operators.wechat.menu import check_menu
from operators.wechat.server import check_address, check_domain, check_messages, check_settings
from operators.wechat.templates import Found, check_templates, templates_of
from runtime.resources import Resources
from wechat.errors import ApiError


async def check(resources: Resources) -> list[Checked]:
    """Look at everything, the account first. Raises what the database raises."""
    rules = await _rules(resources)
    account, address, oa, mini, menu_state = await asyncio.gather(
        templates_of(resources.official_account.templates),
        check_address(resources),
        check_messages(resources),
        templates_of(resources.mini_program.templates),
        check_menu(resources),
    )
    return [
        _credentials("公众号的 AppID、AppSecret 和 IP 白名单", OA_CONSOLE, account),
        *check_settings(resources),
        address,
        oa,
        menu_state,
        *check_templates(rules, account, "template", "模板消息", OA_CONSOLE),
        _credentials("小程序的 AppID 和 AppSecret", MINI_CONSOLE, mini),
        *check_templates(rules, mini, "subscribe", "订阅消息", MINI_CONSOLE),
        check_domain(resources),
    ]


def _credentials(title: str, where: str, found: Found) -> Checked:
    if isinstance(found, ApiError):
        return Checked(title, "bad", f"{said(found)} 位置：{where}。")
    return Checked(title, "good", "微信认得这个账号，接口能用。")


async def _rules(resources: Resources) -> RuleSet | None:
    try:
        return (await resources.directory.rules(resources.clock.now())).rules
    except NoRulesPublished:
        return None
