"""On the demo's log-in page: who may log in, with what, and the code that their authenticator app would show now."""

import json
from datetime import datetime

from markupsafe import Markup
from pyotp import TOTP

from base.settings import Settings
from console.markup import join


def demo_hint(settings: Settings, now: datetime) -> Markup:
    """A table of the demo's operators, from its `demo.json`; empty outside of the demo."""
    if not settings.is_demo:
        return Markup("")
    try:
        staff = json.loads((settings.data_dir / "demo.json").read_text(encoding="utf-8"))["operators"]
    except (OSError, ValueError, KeyError):
        return Markup("")
    rows = join(
        Markup("<tr><td>{}</td><td><code>{}</code></td><td><code>{}</code></td></tr>").format(
            one["name"], one["password"], TOTP(one["totp_secret"]).at(now)
        )
        for one in staff
    )
    return Markup(
        "<h2>演示账号</h2><p class='quiet'>验证码每半分钟换一个，用过的不能再用；刷新页面看新的。</p>"
        "<table><thead><tr><th>名字</th><th>密码</th><th>现在的验证码</th></tr></thead><tbody>{}</tbody></table>"
    ).format(rows)
