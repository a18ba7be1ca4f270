"""Logs are JSON lines with a request id, and an exception leaves no value of anybody in them."""

import json
import subprocess
import sys
from typing import Any

import pytest

PROGRAM = """
import logging
import structlog
from base.logs import set_up_logs

set_up_logs("serve-2"{level})
log = structlog.get_logger("somewhere")
{body}
"""

FAILING = """
def fails(openid):
    raise ValueError(f"Key (provider, subject)=(wx1, {openid}) already exists")
"""


def lines(body: str, level: str = "") -> list[dict[str, Any]]:
    """What a program with our logs prints, each line read as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(body=body, level=f", {level!r}" if level else "")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_a_line_is_json_with_its_request_id() -> None:
    [line] = lines(
        "with structlog.contextvars.bound_contextvars(request_id='abc'):\n"
        "    log.info('signed_in', points=10, 名=1)\nlog.debug('too quiet')"
    )
    assert line["event"] == "signed_in"
    assert line["request_id"] == "abc"
    assert line["level"] == "info"
    assert line["points"] == 10
    assert line["process"] == "serve-2"
    assert line["pid"] > 1
    assert line["timestamp"].endswith("Z")


def test_an_exception_is_its_type_and_places_only() -> None:
    body = FAILING + "try:\n    fails('oABCDEF')\nexcept ValueError:\n    log.exception('failed')"
    [line] = lines(body)
    assert line["error"] == "ValueError"
    assert line["at"][-1].endswith(" fails")
    assert "oABCDEF" not in json.dumps(line)


def test_the_standard_library_writes_the_same_lines() -> None:
    body = FAILING + (
        "try:\n    fails('oABCDEF')\nexcept ValueError:\n"
        "    logging.getLogger('aiohttp.server').exception('Error handling request')\n"
        "logging.getLogger('asyncio').info('too quiet')"
    )
    [line] = lines(body)
    assert line["event"] == "Error handling request"
    assert line["logger"] == "aiohttp.server"
    assert line["error"] == "ValueError"
    assert "oABCDEF" not in json.dumps(line)


@pytest.mark.parametrize(
    ("level", "kept"),
    [
        ("debug", ["quiet", "usual", "worse"]),
        ("info", ["usual", "worse"]),
        ("warning", ["worse"]),
        ("error", []),
    ],
)
def test_the_level_is_a_setting(level: str, kept: list[str]) -> None:
    body = (
        "log.debug('quiet')\nlog.info('usual')\nlog.warning('worse')\nlogging.getLogger('arq').info('theirs')"
    )
    assert [line["event"] for line in lines(body, level)] == kept
