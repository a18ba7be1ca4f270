"""The words of the description: each operation, schema, property and parameter has some, and none is left over."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from miniapp_api.app import API
from miniapp_api.vocabulary import VOCABULARY
from web.openapi import openapi

DESCRIPTION = openapi("x", "0", [API])
SCHEMAS: dict[str, Any] = DESCRIPTION["components"]["schemas"]


def properties() -> Iterator[tuple[str, str, Any]]:
    for schema, described in SCHEMAS.items():
        for name, value in described.get("properties", {}).items():
            yield schema, name, value


def operations() -> Iterator[Any]:
    for methods in DESCRIPTION["paths"].values():
        yield from methods.values()


def test_titles_are_unique_because_clients_name_classes_by_them() -> None:
    titles = Counter(described["title"] for described in SCHEMAS.values())
    assert [title for title, times in titles.items() if times > 1] == []
    assert set(titles) == set(SCHEMAS)
    lists = {name for name, described in SCHEMAS.items() if "next_cursor" in described.get("properties", {})}
    assert len(lists) == 7
    assert all(re.fullmatch("[A-Za-z]+Page", name) for name in lists)


def test_tags_and_the_title_are_ascii_because_clients_name_modules_by_them() -> None:
    assert all(tag["name"].isascii() and tag["description"] for tag in DESCRIPTION["tags"])
    assert [tag["name"] for tag in DESCRIPTION["tags"]] == [API.tag]
    assert all(described["tags"] == [API.tag] for described in operations())


def test_every_operation_and_parameter_is_described() -> None:
    for described in operations():
        assert described["description"], described["operationId"]
        assert all(one.get("description") for one in described["parameters"]), described["operationId"]
    assert DESCRIPTION["servers"] == [{"url": "/", "description": "提供这份描述的服务器"}]


@pytest.mark.parametrize(("schema", "name", "value"), list(properties()), ids=lambda one: str(one)[:30])
def test_every_property_is_described_and_has_a_valid_example(schema: str, name: str, value: Any) -> None:
    assert value.get("description"), f"{schema}.{name}"
    if not {"object", "array", "null"} & {value.get("type")} and "$ref" not in json.dumps(value):
        (example,) = value["examples"]
        jsonschema_rs.validator_for(value, validate_formats=True).validate(example)


def test_every_schema_is_described_in_chinese() -> None:
    assert [name for name, described in SCHEMAS.items() if described["description"].isascii()] == []


def test_no_word_is_left_over() -> None:
    assert set(VOCABULARY.operations) == {described["operationId"] for described in operations()}
    assert set(VOCABULARY.schemas) == set(SCHEMAS)
    used = {
        f"{schema}.{name}" if f"{schema}.{name}" in VOCABULARY.properties else name
        for schema, name, _ in properties()
    }
    assert set(VOCABULARY.properties) == used
    placeholders = {name for path in DESCRIPTION["paths"] for name in re.findall(r"{(\w+)}", path)}
    assert set(VOCABULARY.paths) == placeholders


def test_the_day_of_expiry_is_the_first_day_gone() -> None:
    assert "不能再用的第一天" in SCHEMAS["RedemptionAnswer"]["properties"]["expires_on"]["description"]
