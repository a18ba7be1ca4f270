"""The shape of a message's fields, the same for XML and JSON: texts, mappings and lists; and the two formats."""

from typing import Literal, TypeAlias

FieldValue: TypeAlias = "str | dict[str, FieldValue] | list[FieldValue]"
Fields: TypeAlias = dict[str, FieldValue]
BodyFormat: TypeAlias = Literal["xml", "json"]
