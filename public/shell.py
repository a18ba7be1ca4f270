"""What every public page stands in: its head and its style."""

from typing import Final

from base.settings import FAIR_PATH
from web.html import Html, markup

STYLE: Final = f"{FAIR_PATH}/public.css"


def page(title: str, programme: str, body: Html) -> Html:
    """A whole page, which is named after the programme."""
    return markup(
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title} · {programme}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="{style}">'
        '</head><body><main><h1>{title}</h1>{body}</main></body></html>',
        title=title, programme=programme, style=STYLE, body=body,
    )  # fmt: skip
