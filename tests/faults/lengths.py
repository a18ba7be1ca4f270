"""How long a test goes on: short in `make test`, long in `make soak`, and as often as JIFEN_TEST_FAULT_ROUNDS says."""

import os

import pytest

ROUNDS = int(os.environ.get("JIFEN_TEST_FAULT_ROUNDS", "1"))
"""Multiplies what the short runs do: JIFEN_TEST_FAULT_ROUNDS=20 pytest tests/faults."""


def lengths(name: str, short: int, soak: int) -> pytest.MarkDecorator:
    """Run the test with `name` at its short length, and, where soak tests are asked for, at its long one."""
    return pytest.mark.parametrize(
        name,
        [
            pytest.param(short * ROUNDS, id="short"),
            pytest.param(soak * ROUNDS, id="soak", marks=pytest.mark.soak),
        ],
    )
