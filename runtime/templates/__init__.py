"""Programmes to start from, one a trade: rule files whose comments teach an operator what to change."""

from pathlib import Path
from typing import Final

TEMPLATES: Final = {"retail": "零售", "restaurant": "餐饮", "beauty": "美业", "education": "教育"}
"""The templates by name, each with its trade."""


def template_path(name: str) -> Path:
    """The rule file of a template. Raises KeyError for a name that is none."""
    if name not in TEMPLATES:
        raise KeyError(name)
    return Path(__file__).with_name(f"{name}.yaml")
