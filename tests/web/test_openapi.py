"""The description: whole, self-contained, and true to the route table."""

import json
import re
from typing import Any

from miniapp_api.app import API, OPERATIONS, PREFIX
from miniapp_api.vocabulary import VOCABULARY
from web.openapi import Api, openapi
from web.security import NONE

DESCRIPTION = openapi("积分 API", "0", [API])

CONTRACT = """
GET /missions · GET /packs · POST /packs · GET /polls · POST /polls/{poll}/votes ·
POST /session · PUT /me/profile · GET /me · GET /me/code · GET /me/entries · POST /check-ins ·
GET /check-ins · GET /check-ins/repairs ·
POST /check-ins/repairs · GET /extensions · POST /extensions · GET /wheels ·
GET /wheels/{wheel} · POST /wheels/{wheel}/draws · GET /draws · GET /draws/{draw}/proof ·
GET /wheels/{wheel}/winners · GET /rewards · GET /rewards/{reward} · POST /redemptions · GET /redemptions ·
GET /redemptions/{redemption} · GET /redemptions/{redemption}/code · POST /redemptions/{redemption}/cancel · GET /referral ·
GET /referral/qrcode.png · GET /referral/poster.png · POST /referral/bind · GET /tiers · GET /rules ·
POST /subscriptions · POST /suggestions · GET /me/appeal · POST /me/appeal ·
GET /me/data · GET /me/data/kept · GET /me/erasure · PUT /me/erasure · GET /me/profile · GET /subscriptions · GET /suggestions
"""


def operations() -> list[tuple[str, str, Any]]:
    return [
        (method.upper(), path, described)
        for path, methods in DESCRIPTION["paths"].items()
        for method, described in methods.items()
    ]


def test_every_path_of_the_contract_is_there() -> None:
    promised = {tuple(line.split()) for line in re.split(r"·", CONTRACT)}
    assert {(method, path.removeprefix(PREFIX)) for method, path, _ in operations()} == promised


def test_it_is_json_and_every_reference_leads_somewhere() -> None:
    text = json.dumps(DESCRIPTION)
    named = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert named <= set(DESCRIPTION["components"]["schemas"])
    assert "#/$defs" not in text
    assert DESCRIPTION["openapi"] == "3.1.0"


def test_names_are_unique() -> None:
    names = [described["operationId"] for _, _, described in operations()]
    assert len(names) == len(set(names)) == len(OPERATIONS)


def test_every_operation_tells_its_session_key_and_problems() -> None:
    for _, path, described in operations():
        login = path.endswith("/session")
        assert described["security"] == ([] if login else [{"session": []}])
        problems = {status: answer for status, answer in described["responses"].items() if int(status) >= 400}
        assert {"500", "503"} <= set(problems)
        assert all("application/problem+json" in answer["content"] for answer in problems.values())
        placeholders = re.findall(r"{(\w+)}", path)
        in_path = [one["name"] for one in described["parameters"] if one["in"] == "path"]
        assert in_path == placeholders


def test_only_the_security_kinds_in_use_are_described() -> None:
    assert DESCRIPTION["components"]["securitySchemes"] == {"session": {"type": "http", "scheme": "bearer"}}
    public = Api("/x", "x", [one for one in OPERATIONS if one.security is NONE], VOCABULARY)
    assert openapi("x", "0", [public])["components"]["securitySchemes"] == {}


def test_the_key_header_is_described_where_it_is_needed() -> None:
    required = {
        path.removeprefix(PREFIX)
        for _, path, described in operations()
        for one in described["parameters"]
        if one["name"] == "Idempotency-Key" and one["required"]
    }
    assert required == {
        "/check-ins",
        "/check-ins/repairs",
        "/extensions",
        "/packs",
        "/polls/{poll}/votes",
        "/wheels/{wheel}/draws",
        "/redemptions",
        "/redemptions/{redemption}/cancel",
        "/suggestions",
        "/me/appeal",
    }


def test_good_answers_have_schemas() -> None:
    for _, path, described in operations():
        (good,) = [answer for status, answer in described["responses"].items() if int(status) < 400]
        assert ("image/png" if path.endswith(".png") else "application/json") in good["content"]


def test_strictness_is_described() -> None:
    schemas = DESCRIPTION["components"]["schemas"]
    assert schemas["DrawsBody"]["additionalProperties"] is False
    assert schemas["DrawsBody"]["properties"]["count"] == {
        "type": "integer",
        "enum": [1, 10],
        "description": "抽几次：1 或 10",
        "examples": [1],
    }
    assert schemas["EntryView"]["properties"]["created_at"]["format"] == "date-time"
