"""schemathesis against the running server: cases made from the OpenAPI description, and what its checks found."""

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.transport import Response
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.generation.case import Case
from schemathesis.schemas import BaseSchema

KEY_HEADER = "Idempotency-Key"
BY_MEANING = {
    "address_refused": "whether an address is public is known once it is resolved",
    "cursor_invalid": "a cursor is opaque: only the server gives out ones that lead somewhere",
    "unknown_store": "which stores there are is in the rules of the day",
    "store_missing": "whether a key is bound to a store is not in the description",
    "member_code_invalid": "a member's code is made from the clock and a secret",
    "voucher_code_expired": "a voucher's changing code is made from the clock and a secret",
    "unknown_template": "which templates there are is in the rules of the day",
}
"""Codes of 422 for a request that is right in form; the description cannot tell such a one from others."""

_NUMBERS = itertools.count(1)


@schemathesis.hook
def before_call(_context: object, case: Case[Any], _kwargs: dict[str, Any]) -> None:
    """A good key that was used before would only ever show that it was: each such request gets one of its own."""
    key = case.headers.get(KEY_HEADER)
    if isinstance(key, str) and re.fullmatch(r"[!-~]{1,48}", key):
        case.headers[KEY_HEADER] = f"{key}#{next(_NUMBERS)}"


@dataclass
class Report:
    """What was asked, what was answered, and which checks looked at it."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)

    def statuses(self, operation: str) -> set[int]:
        return {status for label, status in self.answers if label == operation}


@dataclass(frozen=True)
class Known:
    """A request that must succeed, with values that cannot be guessed from the description."""

    method: str
    path: str
    body: Any
    named: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """The server, its description, and whose session asks."""

    description: dict[str, Any]
    base_url: str
    token: str


def fuzz(target: Target, known: Sequence[Known], *, seed: int, examples: int) -> Report:
    """Ask what is known to be good, then run every phase and check of schemathesis. Blocks: for a thread of its own."""
    report, schema = Report(), _schema(target, seed, examples)
    for request in known:
        _ask(report, schema, target, request)
    for event in from_schema(schema).execute():
        match event:
            case events.ScenarioFinished():
                _take(report, str(event.label or event.phase), event.recorder)
            case events.NonFatalError():
                report.findings.append(f"{event.label}: {event.value!r}")
            case events.FatalError():
                report.findings.append(repr(event.exception))
            case _:
                pass
    return report


def _ask(report: Report, schema: BaseSchema, target: Target, request: Known) -> None:
    """One good request, looked at by all checks. Raises schemathesis' FailureGroup."""
    operation = schema[request.path][request.method]
    case = operation.Case(
        path_parameters=request.named,
        headers={KEY_HEADER: "known", "Authorization": f"Bearer {target.token}"},
        body=request.body,
        media_type="application/json",
    )
    response = case.call_and_validate()
    report.answers[operation.label, response.status_code] += 1


def _schema(target: Target, seed: int, examples: int) -> BaseSchema:
    schemes = target.description["components"]["securitySchemes"]
    config = SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "base-url": target.base_url,
            "auth": {"openapi": {name: {"bearer": target.token} for name in schemes}},
            "continue-on-failure": True,
            "request-timeout": 120.0,
            "generation": {"max-examples": examples, "database": "none", "no-shrink": True},
            "cache": {"enabled": False},
            "output": {"sanitization": {"enabled": False}},
        }
    )
    return schemathesis.openapi.from_dict(target.description, config=config)


def _take(report: Report, label: str, recorder: ScenarioRecorder) -> None:
    for case_id, node in recorder.cases.items():
        interaction = recorder.interactions.get(case_id)
        response = interaction.response if interaction else None
        if response is None:
            report.findings.append(f"{label}: no answer to {node.value.as_curl_command()}")
            continue
        report.answers[node.value.operation.label, response.status_code] += 1
        for check in recorder.checks.get(case_id, []):
            report.checks[check.name] += 1
            info = check.failure_info
            if info is not None and not _refused_by_meaning(check.name, response):
                failure = info.failure
                report.findings.append(
                    f"{label}: {check.name}: {failure.title}: {failure.message} {info.code_sample} → {response.status_code}"
                    f" {response.content[:300]!r}"
                )


def _refused_by_meaning(check: str, response: Response) -> bool:
    if check != "positive_data_acceptance" or response.status_code != 422:
        return False
    problem = json.loads(response.content)
    return problem["code"] in BY_MEANING or all(map(_beyond_description, problem.get("errors", [None])))


def _beyond_description(fault: dict[str, str] | None) -> bool:
    """A nickname is right by what it shows after NFC, which no pattern says; and to JSON Schema `1.0` is an integer."""
    if fault is None:
        return False
    return fault["message"] == "应为整数" or (
        fault["field"] == "nickname" and fault["message"].startswith("昵称")
    )


def operations(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of each operation."""
    for path, methods in description["paths"].items():
        for method, described in methods.items():
            yield method.upper(), path, described
