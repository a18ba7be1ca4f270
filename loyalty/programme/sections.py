"""The types that the sections of the rule set are made of."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from typing_extensions import override

Points = Annotated[int, Field(ge=0, le=10_000_000)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class Rule(BaseModel):
    """Base of all rules: strict types, no unknown fields, immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @override
    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy without the cached properties, because `update` may replace the fields that they were computed from."""
        copied = super().model_copy(update=update, deep=deep)
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied


class Template(Rule):
    """A message template registered at WeChat: its id, and the value that fills each of its typed keys."""

    template_id: str
    fields: dict[str, Literal["brand", "points", "last_day", "tip"]]
    page: str | None = None
