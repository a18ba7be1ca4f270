"""The chat door: the official account's webhook at /wechat."""

from aiohttp import web

from bot.webhook import open_desk, receive, verify

PATH = "/wechat"


def mount(app: web.Application) -> None:
    """Add the webhook to the server. `app[RESOURCES]` must be there when the application starts."""
    app.cleanup_ctx.append(open_desk)
    app.router.add_get(PATH, verify, allow_head=False)
    app.router.add_post(PATH, receive)
