"""The OpenAPI 3.1 description, made from the same table that the router is made from."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

from pydantic import TypeAdapter

from web.keys import HEADER, REPLAYED_HEADER, VISIBLE_ASCII
from web.middleware import REQUEST_ID_HEADER
from web.operations import Operation
from web.problems import (
    BODY_TOO_LARGE,
    BODY_TOO_SLOW,
    BODY_UNREADABLE,
    IDEMPOTENCY_KEY_INVALID,
    IDEMPOTENCY_KEY_MISSING,
    IDEMPOTENCY_KEY_REUSED,
    INTERNAL_ERROR,
    INVALID,
    MEDIA_TYPE,
    TOO_MANY_REQUESTS,
    UNAUTHORIZED,
    UNAVAILABLE,
    Kind,
)
from web.vocabulary import Json, Vocabulary, Word

Use = Literal["validation", "serialization"]
Schemas = dict[type[Any], Json]

_REFERENCE: Final = "#/components/schemas/{model}"
_PAGE_NAME: Final = re.compile(r"\bPage_(\w+?)_\b")
"""Pydantic's name for `Page[EntryView]` is `Page_EntryView_`; ours is `EntryViewPage`."""

_PLACEHOLDER: Final = re.compile(r"{(\w+)}")

PROBLEM_SCHEMA: Final[Json] = {
    "type": "object",
    "description": "RFC 9457；code 稳定不变，其余字段是与它有关的事实。",
    "required": ["type", "title", "status", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {
                    "field": {"type": "string", "description": "字段名，里层的用点隔开"},
                    "message": {"type": "string", "description": "哪里不合要求"},
                },
            },
        },
    },
    "additionalProperties": True,
}


@dataclass(frozen=True)
class Api:
    """One JSON API: where its paths begin, its tag, its operations, and their words.

    The tag is ASCII, because generators of clients name modules by it.
    """

    prefix: str
    tag: str
    operations: Sequence[Operation]
    words: Vocabulary


def openapi(title: str, version: str, apis: Iterable[Api]) -> Json:
    """The whole description as a JSON object."""
    listed = list(apis)
    schemas, named = _schemas(listed)
    named = {
        name: _in_words(listed, name, schema) for name, schema in {"Problem": PROBLEM_SCHEMA, **named}.items()
    }
    paths: defaultdict[str, Json] = defaultdict(dict)
    for api in listed:
        for operation in api.operations:
            paths[api.prefix + operation.path][operation.method.lower()] = _operation(api, operation, schemas)
    schemes = _security_schemes(operation for api in listed for operation in api.operations)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": version,
            "description": "".join(f"{api.words.about}\n" for api in listed),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "contact": {"name": "Jifen"},
        },
        "servers": [{"url": "/", "description": "提供这份描述的服务器"}],
        "tags": [{"name": api.tag, "description": api.words.about} for api in listed],
        "paths": dict(paths),
        "components": {
            "schemas": named,
            "securitySchemes": schemes,
        },
    }


def _in_words(apis: Iterable[Api], name: str, schema: Json) -> Json:
    """The schema in the words of the first API that has any for it."""
    for api in apis:
        if name in api.words.schemas:
            return api.words.describe(name, schema)
    return schema


def _security_schemes(operations: Iterable[Operation]) -> Json:
    """The schemes of the security kinds that some operation uses, by name."""
    kinds = [operation.security for operation in operations]
    return {kind.name: dict(kind.scheme) for kind in kinds if kind.scheme is not None}


def _schemas(apis: Sequence[Api]) -> tuple[Schemas, Json]:
    """The schema (a reference) of every body and answer by its type, and what the references name."""
    used: dict[type[Any], Use] = {}
    for api in apis:
        for operation in api.operations:
            if operation.body is not None:
                used[operation.body] = "validation"
            if operation.answer is not None:
                used[operation.answer] = "serialization"
    return _described(tuple(used.items()))


@cache  # it takes most of a server's start-up time, and every server in a process (in tests) needs the same
def _described(used: tuple[tuple[type[Any], Use], ...]) -> tuple[Schemas, Json]:
    found, definitions = TypeAdapter.json_schemas(
        [(number, use, TypeAdapter(kind)) for number, (kind, use) in enumerate(used)],
        ref_template=_REFERENCE,
    )
    renamed = json.loads(_PAGE_NAME.sub(r"\1Page", json.dumps([list(found.values()), definitions["$defs"]])))
    return dict(zip((used[number][0] for number, _ in found), renamed[0], strict=True)), renamed[1]


def _operation(api: Api, operation: Operation, schemas: Schemas) -> Json:
    described: Json = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": api.words.operations.get(operation.name, ""),
        "tags": [api.tag],
        "security": [] if operation.security.is_public else [{operation.security.name: []}],
        "parameters": [
            *_path_parameters(api, operation),
            *_query_parameters(operation),
            *_headers(operation),
        ],
        "responses": {str(operation.status): _good(operation, schemas), **_problems(operation)},
    }
    if operation.body is not None:
        described["requestBody"] = {
            "required": bool(operation.body.model_fields),
            "content": {"application/json": {"schema": schemas[operation.body]}},
        }
    return described


def _path_parameters(api: Api, operation: Operation) -> list[Json]:
    return [_path_parameter(name, api.words.paths.get(name)) for name in _PLACEHOLDER.findall(operation.path)]


def _path_parameter(name: str, word: Word | None) -> Json:
    described = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    return described | ({"description": word.text, "example": word.example} if word else {})


def _query_parameters(operation: Operation) -> list[Json]:
    described = []
    for parameter in operation.query:
        schema: Json = {"type": "string"}
        if parameter.pattern:
            schema["pattern"] = parameter.pattern
        if parameter.choices:
            schema["enum"] = list(parameter.choices)
        described.append(
            {"name": parameter.name, "in": "query", "description": parameter.description, "schema": schema}
        )
    return described


def _headers(operation: Operation) -> list[Json]:
    if operation.request_key is None:
        return []
    return [
        {
            "name": HEADER,
            "in": "header",
            "required": operation.request_key == "required",
            "description": "同一个键只办一次；重复请求得到第一次的回答。",
            "schema": {"type": "string", "pattern": VISIBLE_ASCII},
        }
    ]


def _good(operation: Operation, schemas: Schemas) -> Json:
    headers: Json = {REQUEST_ID_HEADER: {"description": "这次请求的编号", "schema": {"type": "string"}}}
    if operation.request_key is not None:
        headers[REPLAYED_HEADER] = {
            "description": "这是同一个 Idempotency-Key 第一次请求的回答",
            "schema": {"type": "string", "const": "true"},
        }
    if operation.answer is None:
        content: Json = {"image/png": {"schema": {"type": "string", "format": "binary"}}}
    else:
        content = {"application/json": {"schema": schemas[operation.answer]}}
    return {"description": operation.summary, "headers": headers, "content": content}


def _problems(operation: Operation) -> Json:
    by_status: defaultdict[int, list[Kind]] = defaultdict(list)
    for kind in (*operation.problems, *_implied(operation)):
        if kind not in by_status[kind.status]:
            by_status[kind.status].append(kind)
    return {
        str(status): {
            "description": "；".join(f"{kind.code}：{kind.title}" for kind in kinds),
            "content": {MEDIA_TYPE: {"schema": _problem_schema(kinds)}},
        }
        for status, kinds in sorted(by_status.items())
    }


def _implied(operation: Operation) -> list[Kind]:
    implied = [TOO_MANY_REQUESTS, UNAVAILABLE, INTERNAL_ERROR]
    if not operation.security.is_public:
        implied.append(UNAUTHORIZED)
    if operation.body is not None:
        implied += [BODY_UNREADABLE, BODY_TOO_SLOW, BODY_TOO_LARGE, INVALID]
    if operation.request_key is not None:
        implied += [IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED]
    if operation.request_key == "required":
        implied.append(IDEMPOTENCY_KEY_MISSING)
    return implied


def _problem_schema(kinds: Sequence[Kind]) -> Json:
    codes = {"properties": {"code": {"enum": [kind.code for kind in kinds]}}}
    return {"allOf": [_reference_to("Problem"), codes]}


def _reference_to(name: str) -> Json:
    return {"$ref": _REFERENCE.format(model=name)}
