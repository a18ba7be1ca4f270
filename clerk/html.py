"""The pieces of HTML that the counter's pages are made of."""

from collections.abc import Iterable

from web.html import NOTHING, Html, joined, markup


def page(title: str, body: Html, who: Html = NOTHING) -> str:
    """A whole page; `who` stands at its top."""
    return markup(
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title} · 门店核销</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/clerk/clerk.css">'
        '<link rel="icon" href="data:,">'
        '<script src="/clerk/clerk.js" defer></script></head><body>{who}<main>{body}</main></body></html>',
        title=title, body=body, who=who,
    )  # fmt: skip


def form(action: str, fields: Iterable[Html], button: str, hidden: dict[str, str] | None = None) -> Html:
    """A form that is sent as a POST by its one large button."""
    kept = [
        markup('<input type="hidden" name="{}" value="{}">', name, value)
        for name, value in (hidden or {}).items()
    ]
    return markup(
        '<form method="post" action="{}">{}{}<button class="button" type="submit">{}</button></form>',
        action, joined(kept), joined(fields), button,
    )  # fmt: skip


def field(
    label: str, name: str, *, kind: str = "text", value: str = "", complete: str = "off", needed: bool = True
) -> Html:
    """A labelled input."""
    return markup(
        '<label><span>{}</span><input name="{}" type="{}" value="{}" autocomplete="{}" maxlength="200"{}></label>',
        label, name, kind, value, complete, Html(" required") if needed else NOTHING,
    )  # fmt: skip


def said(sentence: str, tone: str = "bad") -> Html:
    """A sentence for the person, read out when it appears; nothing for an empty one. Tones: good, warn, bad."""
    role = "alert" if tone == "bad" else "status"
    return markup('<p class="said {}" role="{}">{}</p>', tone, role, sentence) if sentence else NOTHING
