"""Addresses of pictures that a phone loads: WeChat shows pictures by HTTPS only.

A picture that comes with the program (`miniapp_api/pictures`) is named by its path: each shop's mini-program knows its own server.
"""

import re
from typing import Annotated, Final
from urllib.parse import urlsplit

from loyalty.programme.declaring.faults import Fault, OfDrafts, characters

OWN: Final = re.compile(r"/pictures/[a-z0-9-]{1,60}\.svg")


def address_faults(address: str) -> list[Fault]:
    """Why the text is not the address of a picture."""
    if OWN.fullmatch(address):
        return []
    parts = urlsplit(address)
    printable = address.isascii() and address.isprintable() and " " not in address
    good = printable and parts.scheme == "https" and bool(parts.hostname) and not parts.username
    return [] if good else [Fault((), "应为 https:// 开头的图片网址，或者 /pictures/ 里随程序附带的图片")]


Picture = Annotated[
    str,
    characters(500),
    OfDrafts(address_faults, "https:// 开头的网址，或者随程序附带的图片，如 /pictures/coffee-latte.svg"),
]
