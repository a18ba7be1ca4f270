"""Pages without a frame, as plain HTML: they work before anybody has logged in."""

from markupsafe import Markup

from console.markup import join


def plain_page(title: str, body: Markup) -> str:
    """A whole page with one panel in its middle."""
    return str(
        Markup(
            '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{} · 积分后台</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/console.css">'
            '</head><body><main class="alone"><div class="panel"><h1>{}</h1>{}</div></main></body></html>'
        ).format(title, title, body)
    )


def form(action: str, fields: list[Markup], button: str, hidden: dict[str, str]) -> Markup:
    """A form that is sent as a POST."""
    kept = join(
        Markup('<input type="hidden" name="{}" value="{}">').format(name, value)
        for name, value in hidden.items()
    )
    return Markup(
        '<form class="form" method="post" action="{}">{}{}<button class="button" type="submit">{}</button></form>'
    ).format(action, kept, join(fields), button)


def field(
    name: str,
    label: str,
    *,
    kind: str = "text",
    value: str = "",
    complete: str = "off",
    required: bool = True,
) -> Markup:
    """A labelled input."""
    return Markup(
        '<label><span>{}</span><input name="{}" type="{}" value="{}" autocomplete="{}" maxlength="200"{}></label>'
    ).format(label, name, kind, value, complete, Markup(" required") if required else "")


def warning(sentence: str) -> Markup:
    """A sentence that says what went wrong; empty for none."""
    return Markup('<p class="notice bad" role="alert">{}</p>').format(sentence) if sentence else Markup("")
