"""The words of the description: each operation, schema, property and parameter has some, and none is left over."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

import miniapp_api.app
import partner_api.app
from web.openapi import Api, openapi

APIS = (miniapp_api.app.API, partner_api.app.API)
DESCRIPTIONS = {api.tag: openapi("x", "0", [api]) for api in APIS}
of_each_api = pytest.mark.parametrize("api", APIS, ids=lambda api: api.tag)


def schemas_of(api: Api) -> dict[str, Any]:
    found: dict[str, Any] = DESCRIPTIONS[api.tag]["components"]["schemas"]
    return found


def properties(api: Api) -> Iterator[tuple[str, str, Any]]:
    for schema, described in schemas_of(api).items():
        for name, value in described.get("properties", {}).items():
            yield schema, name, value


def operations(api: Api) -> Iterator[Any]:
    for methods in DESCRIPTIONS[api.tag]["paths"].values():
        yield from methods.values()


@of_each_api
def test_titles_are_unique_because_clients_name_classes_by_them(api: Api) -> None:
    schemas = schemas_of(api)
    titles = Counter(described["title"] for described in schemas.values())
    assert [title for title, times in titles.items() if times > 1] == []
    assert set(titles) == set(schemas)
    lists = {name for name, described in schemas.items() if "next_cursor" in described.get("properties", {})}
    assert all(re.fullmatch("[A-Za-z]+Page", name) for name in lists)
    assert lists or api.tag == "partner"


@of_each_api
def test_tags_and_the_title_are_ascii_because_clients_name_modules_by_them(api: Api) -> None:
    description = DESCRIPTIONS[api.tag]
    assert all(tag["name"].isascii() and tag["description"] for tag in description["tags"])
    assert [tag["name"] for tag in description["tags"]] == [api.tag]
    assert all(described["tags"] == [api.tag] for described in operations(api))


@of_each_api
def test_every_operation_and_parameter_is_described(api: Api) -> None:
    for described in operations(api):
        assert described["description"], described["operationId"]
        assert all(one.get("description") for one in described["parameters"]), described["operationId"]
    servers = DESCRIPTIONS[api.tag]["servers"]
    assert servers == [{"url": "/", "description": "提供这份描述的服务器"}]


@pytest.mark.parametrize(
    ("schema", "name", "value"),
    [one for api in APIS for one in properties(api)],
    ids=lambda one: str(one)[:30],
)
def test_every_property_is_described_and_has_a_valid_example(schema: str, name: str, value: Any) -> None:
    assert value.get("description"), f"{schema}.{name}"
    if not {"object", "array", "null"} & {value.get("type")} and "$ref" not in json.dumps(value):
        (example,) = value["examples"]
        jsonschema_rs.validator_for(value, validate_formats=True).validate(example)


@of_each_api
def test_every_schema_is_described_in_chinese(api: Api) -> None:
    assert [name for name, one in schemas_of(api).items() if one["description"].isascii()] == []


@of_each_api
def test_no_word_is_left_over(api: Api) -> None:
    assert set(api.words.operations) == {described["operationId"] for described in operations(api)}
    assert set(api.words.schemas) == set(schemas_of(api))
    used = {
        f"{schema}.{name}" if f"{schema}.{name}" in api.words.properties else name
        for schema, name, _ in properties(api)
    }
    assert set(api.words.properties) == used
    paths = DESCRIPTIONS[api.tag]["paths"]
    placeholders = {name for path in paths for name in re.findall(r"{(\w+)}", path)}
    assert set(api.words.paths) == placeholders


def test_the_day_of_expiry_is_the_first_day_gone() -> None:
    answer = schemas_of(miniapp_api.app.API)["RedemptionAnswer"]
    assert "不能再用的第一天" in answer["properties"]["expires_on"]["description"]
