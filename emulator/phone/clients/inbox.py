"""The items of a phone's inbox, in the one shape that the chat draws."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from urllib.parse import parse_qs, urlsplit

from emulator.phone.clients.http_call import Json

_LINK = re.compile(r'<a\s+href="([^"]*)"[^>]*>(.*?)</a>', re.IGNORECASE | re.DOTALL)
_ROW = re.compile(r"^([^：:\n]{1,12})[：:]\s*(.+)$")


@dataclass(frozen=True)
class Piece:
    """A stretch of chat text, a link where `href` is not empty."""

    text: str
    href: str = ""


@dataclass(frozen=True)
class Item:
    """One message or event, by `channel` and of `kind`. `text` is `content` without its link markup.

    `page` is the mini-program page that a notice opens; `choices` are the answers that a menu message offers.
    """

    id: int
    at: datetime
    channel: str
    kind: str
    text: str
    content: str
    title: str = ""
    description: str = ""
    picture: str = ""
    page: str = ""
    choices: tuple[str, ...] = ()

    @classmethod
    def parse(cls, raw: Json) -> Self:
        """From the JSON of the control API."""
        return cls(
            id=int(raw["id"]),
            at=datetime.fromisoformat(str(raw["at"])),
            channel=str(raw["channel"]),
            kind=str(raw["type"]),
            text=str(raw["text"]),
            content=str(raw["content"]),
            title=str(raw.get("title", "")),
            description=str(raw.get("description", "")),
            picture=str(raw.get("pic_url", "")),
            page=str(raw.get("page") or raw.get("miniprogram", {}).get("pagepath", "")),
            choices=tuple(str(choice.get("content", "")) for choice in raw.get("list", [])),
        )

    @property
    def mine(self) -> bool:
        """Whether the phone's owner sent it."""
        return self.channel == "sent"

    @property
    def ticket(self) -> str:
        """The ticket in the picture's address, if the picture is a QR code of the official account; otherwise empty."""
        return parse_qs(urlsplit(self.picture).query).get("ticket", [""])[0]

    @property
    def rows(self) -> list[tuple[str, str]]:
        """A notice's `label：value` lines without the title; the label is empty for a line that has none."""
        lines = [line for line in self.text.removeprefix(self.title).splitlines() if line.strip()]
        return [(found[1], found[2]) if (found := _ROW.match(line)) else ("", line) for line in lines]


def pieces(text: str) -> list[Piece]:
    """Split a chat text at its links. `<a href="…">` is the only markup; everything else is shown as written."""
    parts: list[Piece] = []
    end = 0
    for link in _LINK.finditer(text):
        parts.append(Piece(text[end : link.start()]))
        parts.append(Piece(link[2], link[1]))
        end = link.end()
    parts.append(Piece(text[end:]))
    return [part for part in parts if part.text]
