"""Text that a spreadsheet shows and does not run."""

from typing import Final

DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
"""The first characters by which Excel, WPS and others take a cell for a formula, or move it to another cell."""


def harmless(text: str) -> str:
    """The text with an apostrophe before what would run as a formula; an import takes it off again."""
    return f"'{text}" if text.startswith(DANGEROUS) else text
