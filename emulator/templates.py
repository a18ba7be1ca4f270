"""The message templates that the accounts have registered, and their texts on the phone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from emulator.config import AccountKind
from emulator.errors import PlatformError
from emulator.values import check_value, known_key

SHIPPED = Path(__file__).with_name("templates.yaml")
_SECTIONS: dict[str, AccountKind] = {"official_account": "oa", "mini_program": "miniapp"}
_PLACEHOLDER = re.compile(r"\{\{(\w+)\.DATA\}\}")
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf]")
_OLD_KEYS = {"first", "remark"}  # still accepted, not shown since 2023-03-30


@dataclass(frozen=True)
class Template:
    """A registered template; `content` holds placeholders such as `{{thing1.DATA}}`."""

    template_id: str
    kind: AccountKind
    title: str
    primary_industry: str
    deputy_industry: str
    content: str
    example: str

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the placeholders, in the order of the text."""
        return tuple(_PLACEHOLDER.findall(self.content))

    def fill(self, data: object) -> str:
        """The text with `data` (`{key: {"value": str}}`) filled in; emoji become □ as on the phone.

        Raises PlatformError 47003 for a key that is missing, unknown, empty, or breaks the rule of its type
        (WeChat docs: 订阅消息参数值内容限制说明).
        """
        if not isinstance(data, Mapping):
            raise PlatformError(47003, "data is emtpy")
        for extra in data.keys() - set(self.keys) - _OLD_KEYS:
            raise PlatformError(47003, f"data.{extra} is not a key of the template")
        values = {key: check_value(key, data.get(key)) for key in self.keys}
        return _PLACEHOLDER.sub(lambda found: _EMOJI.sub("□", values[found[1]]), self.content)


@cache
def load_templates(path: Path = SHIPPED) -> Mapping[str, Template]:
    """Templates by id, cached per file. Raises ValueError, naming template and key, for a key of unknown type."""
    sections = yaml.safe_load(path.read_text(encoding="utf-8"))
    templates = [
        Template(kind=_SECTIONS[name], **entry) for name, entries in sections.items() for entry in entries
    ]
    for template in templates:
        for key in template.keys:
            if not known_key(key):
                raise ValueError(f"template {template.template_id} has the key {key}, whose type is unknown")
    return {template.template_id: template for template in templates}
