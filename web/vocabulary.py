"""The Chinese words of an OpenAPI description: a sentence for each operation, schema, property and parameter, with examples.

Views and bodies have English docstrings for engineers who read the code; these words are for engineers who read `/docs`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Word:
    """A property's sentence and, unless it is an object or a list, an example of its value."""

    text: str
    example: object = None


@dataclass(frozen=True)
class Vocabulary:
    """Words by operation id, by schema and by property; `about` is the sentence of the whole API.

    `properties` has a property's name for every schema that has it, or `Schema.property` for one schema, which goes first.
    `paths` has the placeholders of paths.
    """

    about: str
    operations: Mapping[str, str]
    schemas: Mapping[str, str]
    properties: Mapping[str, Word]
    paths: Mapping[str, Word]

    def word_of(self, schema: str, name: str) -> Word | None:
        """The word of a property; None where there is none."""
        return self.properties.get(f"{schema}.{name}") or self.properties.get(name)

    def describe(self, name: str, schema: Json) -> Json:
        """A schema with its own title and Chinese words, and those of its properties.

        The title is the schema's name, because generators of clients name classes by titles, and two schemas of one title lose one.
        """
        described = schema | {
            "title": name,
            "description": self.schemas.get(name, schema.get("description", "")),
        }
        if "properties" in schema:
            described["properties"] = {
                field: self._property(name, field, value) for field, value in schema["properties"].items()
            }
        return described

    def _property(self, schema: str, name: str, value: Json) -> Json:
        word = self.word_of(schema, name)
        untitled = {key: inner for key, inner in value.items() if key != "title"}
        if word is None:
            return untitled
        examples = {} if word.example is None else {"examples": [word.example]}
        return untitled | {"description": word.text} | examples
