"""The menu of the official account, against the one that this program makes."""

from collections.abc import Mapping
from typing import Any

from bot import menu
from operators.wechat.checked import Checked, said
from runtime.resources import Resources
from wechat.errors import ApiError


async def check_menu(resources: Resources) -> Checked:
    """The account's menu: there is one, and it is ours."""
    title = "公众号的菜单"
    try:
        present = await resources.official_account.menu()
    except ApiError as refused:
        return Checked(title, "bad", said(refused))
    if not present:
        return Checked(title, "bad", "还没有菜单：在服务器上运行 jifen menu。")
    if [_plain(one) for one in present] != [_plain(one) for one in menu.buttons(resources.settings)]:
        return Checked(
            title,
            "look",
            "菜单和本系统的不同：想用本系统的，在服务器上运行 jifen menu；自己另做的，请留着能发「积分」的按钮。",
        )
    return Checked(title, "good", "和本系统的一样。")


def _plain(button: Mapping[str, Any]) -> dict[str, Any]:
    """A button without what WeChat adds to it."""
    kept = {
        name: button[name] for name in ("type", "name", "key", "appid", "pagepath", "url") if button.get(name)
    }
    below = [_plain(one) for one in button.get("sub_button") or [] if isinstance(one, dict)]
    return {"name": kept.get("name"), "sub_button": below} if below else kept
