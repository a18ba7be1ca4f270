"""Helpers of these tests: a page of numbers asked for, without a browser."""

from collections.abc import Mapping
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

from console.page import Visit
from console.pages.figures.figure import Asked
from loyalty.programme.rules import RuleSet
from operators.desk import Desk
from runtime.resources import Resources
from tests.ledger import ZONE, Ledger
from tests.operators.desks import owner_desk


def visit_of(ledger: Ledger, desk: Desk | None = None) -> Visit:
    """An operator's visit; an owner's unless a desk is given."""
    resources = cast("Resources", SimpleNamespace(pool=ledger.pool, zone=ZONE, engine=ledger.engine))
    return Visit(desk or owner_desk(ledger), resources)


def asked_of(
    ledger: Ledger, rules: RuleSet, first: date, last: date, query: Mapping[str, Any] | None = None
) -> Asked:
    """What a page of numbers reads with."""
    return Asked(visit_of(ledger), rules, first, last, query or {})
