"""Addresses of pictures that a phone loads: WeChat shows pictures by HTTPS only."""

from typing import Annotated
from urllib.parse import urlsplit

from loyalty.programme.declaring.faults import Fault, OfDrafts, characters


def address_faults(address: str) -> list[Fault]:
    """Why the text is not the address of a picture."""
    parts = urlsplit(address)
    printable = address.isascii() and address.isprintable() and " " not in address
    good = printable and parts.scheme == "https" and bool(parts.hostname) and not parts.username
    return [] if good else [Fault((), "应为 https:// 开头的图片网址")]


Picture = Annotated[str, characters(500), OfDrafts(address_faults, "https:// 开头的网址")]
