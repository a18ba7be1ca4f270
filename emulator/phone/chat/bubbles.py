"""How each kind of inbox item looks in the chat."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nicegui.element import Element

from emulator.phone.clients.inbox import Item, Piece, pieces
from emulator.phone.elements.formats import day_text, local
from emulator.phone.elements.icons import BELL, CUP
from emulator.phone.elements.tags import Tag, box, drawing, on_press, picture, text

_MENU_ANSWER = "weixin://bizmsgmenu?msgmenucontent="


@dataclass(frozen=True)
class ChatActions:
    """The actions of elements in the chat: send a text, enlarge a picture, open a page of the mini-program."""

    say: Callable[[str], Awaitable[None]]
    enlarge: Callable[[str], None]
    open_page: Callable[[str], Awaitable[None]]


def draw_item(item: Item, initial: str, actions: ChatActions) -> None:
    """Add `item` to the chat; `initial` is the character in the owner's avatar."""
    if item.channel == "system":
        text(item.text, "chat-system", "chat-system")
    elif item.channel in ("template", "subscribe"):
        _notice(item, actions)
    elif item.kind == "news":
        _article(item, actions)
    else:
        _bubble(item, initial, actions)


def draw_waiting(content: str, initial: str) -> Element:
    """The owner's bubble while the account's answer is outstanding."""
    with box("chat-line is-mine is-waiting") as line:
        text(content, "bubble")
        text(initial, "avatar avatar-owner")
    return line


def account_avatar() -> None:
    """The account's round picture."""
    with box("avatar avatar-account"):
        drawing(CUP)


def _bubble(item: Item, initial: str, actions: ChatActions) -> None:
    with box("chat-line " + ("is-mine" if item.mine else "is-theirs"), f"chat-{item.channel}"):
        if not item.mine:
            account_avatar()
        if item.picture:
            on_press(picture(item.picture, "bubble-picture", "图片"), lambda: actions.enlarge(item.picture))
        else:
            with box("bubble"):
                for piece in _pieces_of(item):
                    _piece(piece, actions)
        if item.mine:
            text(initial, "avatar avatar-owner")


def _pieces_of(item: Item) -> list[Piece]:
    """The pieces of a text. In a menu message the lines that are choices are links that send the line."""
    if not item.choices:
        return pieces(item.content)
    lines = item.content.splitlines(keepends=True)
    return [
        Piece(line, _MENU_ANSWER + line.strip() if line.strip() in item.choices else "") for line in lines
    ]


def _piece(piece: Piece, actions: ChatActions) -> None:
    answer = piece.href.removeprefix(_MENU_ANSWER)
    if answer != piece.href:
        on_press(Tag("span", piece.text, "bubble-link"), lambda: actions.say(answer.partition("&")[0]))
    elif piece.href.startswith(("https://", "http://")):
        link = Tag("a", piece.text, "bubble-link")
        link.props.update({"href": piece.href, "target": "_blank", "rel": "noopener"})
    else:
        Tag("span", piece.text)


def _article(item: Item, actions: ChatActions) -> None:
    with box("chat-line is-theirs", "chat-article"):
        account_avatar()
        with box("article"):
            text(item.title, "article-title")
            if item.picture:
                on_press(
                    picture(item.picture, "article-picture", item.title),
                    lambda: actions.enlarge(item.picture),
                )
            if item.description:
                text(item.description, "article-text")


def _notice(item: Item, actions: ChatActions) -> None:
    with box("chat-notice", f"chat-{item.channel}") as notice:
        if item.channel == "subscribe":
            with box("notice-source"):
                drawing(BELL)
                text("服务通知")
        text(item.title, "notice-title")
        text(day_text(local(item.at).date()), "notice-day")
        with box("notice-rows"):
            for label, value in item.rows:
                with box("notice-row"):
                    text(label, "notice-label")
                    text(value, "notice-value")
        with box("notice-foot"):
            text("进入小程序查看" if item.page else "详情")
            text("›", "notice-arrow")
    on_press(notice, lambda: actions.open_page(item.page))
