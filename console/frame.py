"""What stands around every page: the navigation, the search over everything, the operator's own menu, light and dark."""

from collections.abc import Iterator
from contextlib import contextmanager

from markupsafe import Markup
from nicegui import ElementFilter, ui

from console.markup import join, quiet
from console.page import SECTIONS, Page, Visit

HEADING = "page-heading"
REMEMBER_DARK = "localStorage.setItem('jifen-dark', Quasar.Dark.isActive ? '1' : '0')"
RECALL_DARK = """
window.addEventListener('load', () => {
  const kept = localStorage.getItem('jifen-dark');
  Quasar.Dark.set(kept === null ? 'auto' : kept === '1');
});
"""
KEEP_SAID = """
window.jifenSay = said => { window.jifenSaid = { said, at: Date.now() }; };
window.addEventListener('beforeunload', () => {
  const last = window.jifenSaid;
  if (last && Date.now() - last.at < 3000) sessionStorage.setItem('jifen-said', last.said);
});
window.addEventListener('load', () => {
  const message = sessionStorage.getItem('jifen-said');
  sessionStorage.removeItem('jifen-said');
  if (message) Quasar.Notify.create({ message, type: 'positive', position: 'top', timeout: 4000, multiLine: true });
});
"""
"""
What a deed said is read on the page that it leads to: a message of the page before is gone with that page.

A page is asked for at `beforeunload`; `pagehide` comes only with the answer, which a busy server may give after the
three seconds for which a sentence counts as just said.
"""
OPEN_SEARCH = """
window.addEventListener('keydown', event => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    document.querySelector('[data-testid=search]')?.click();
  }
});
"""


@contextmanager
def frame(visit: Visit, page: Page, pages: tuple[Page, ...]) -> Iterator[None]:
    """Draw the frame; what is drawn in the block stands in it."""
    ui.add_head_html('<link rel="stylesheet" href="/console.css">')
    ui.colors(primary="#17694f", negative="#b3261e", positive="#17694f", dark="#1b1f1d", dark_page="#131614")
    ui.add_body_html(f"<script>{RECALL_DARK}{KEEP_SAID}{OPEN_SEARCH}</script>")
    with ui.header().classes("top"):
        menu = (
            ui.button(icon="menu").props('flat round dense aria-label="展开或收起导航"').classes("top-menu")
        )
        ui.html('<a class="brand" href="/">积分 <span>后台</span></a>', sanitize=False)
        ui.space()
        search = (
            ui.button("搜索会员、订单、券码、规则……", icon="search")
            .props("flat no-caps data-testid=search")
            .classes("top-search")
        )
        ui.html('<kbd class="top-key">Ctrl K</kbd>', sanitize=False)
        ui.space()
        dark = ui.button(icon="dark_mode").props('flat round dense aria-label="浅色或深色"')
        dark.on("click", js_handler=f"() => {{ Quasar.Dark.toggle(); {REMEMBER_DARK} }}")
        _own_menu(visit)
    with (
        ui.left_drawer(value=False, bordered=True)
        .props("width=208 breakpoint=1023 show-if-above")
        .classes("side") as drawer
    ):
        ui.html(_navigation(visit, page, pages), sanitize=False)
    menu.on_click(drawer.toggle)
    search.on_click(lambda: ui.navigate.to("/search"))
    with ui.element("div").classes("content"):
        ui.html("", sanitize=False).mark(HEADING)
        draw_title(page.title)
        yield


def draw_title(words: str) -> None:
    """Set the heading of the page, and its name in the browser; the page of one thing names the thing."""
    ui.page_title(f"{words} · 积分后台")
    for heading in ElementFilter(kind=ui.html, marker=HEADING):
        heading.content = Markup("<h1>{}</h1>").format(words)


def _own_menu(visit: Visit) -> None:
    operator = visit.desk.operator
    with (
        ui.button(operator.name, icon="account_circle").props("flat no-caps data-testid=own-menu"),
        ui.menu(),
    ):
        ui.html(
            Markup('<p class="own">{}<br>{}</p>').format(operator.name, quiet(operator.role_name)),
            sanitize=False,
        )
        ui.html(
            '<form method="post" action="/logout"><button class="button plain" type="submit">退出登录</button></form>',
            sanitize=False,
        )


def _navigation(visit: Visit, page: Page, pages: tuple[Page, ...]) -> Markup:
    groups = []
    for section, (title, icon) in SECTIONS.items():
        shown = [one for one in pages if one.section == section and one.in_menu and visit.may(one.action)]
        if shown:
            groups.append(_group(title, icon, shown, page))
    return Markup('<nav aria-label="主导航">{}</nav>').format(join(groups))


def _listed(page: Page, shown: list[Page]) -> Page | None:
    """The listed page that a page is, or belongs to: that of one member belongs to the list of members."""
    above = [one for one in shown if page.path == one.path or page.path.startswith(f"{one.path}/")]
    return max(above, key=lambda one: len(one.path), default=None)


def _group(title: str, icon: str, shown: list[Page], page: Page) -> Markup:
    here, listed = any(one.section == page.section for one in shown), _listed(page, shown)
    head = Markup(
        '<a class="section{}" href="{}"{}><i class="material-icons" aria-hidden="true">{}</i>{}</a>'
    ).format(
        " here" if here else "",
        shown[0].path,
        Markup(' aria-current="page"') if here and shown[0] is page else "",
        icon,
        title,
    )
    if not here or len(shown) == 1:
        return head
    return head + join(
        Markup('<a class="sub{}" href="{}">{}</a>').format(
            " here" if one is listed else "", one.path, one.title
        )
        for one in shown
    )
