"""The demo's log-in page names the accounts that may take vouchers; no other server's does."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.test_utils import make_mocked_request
from pyotp import TOTP, random_base32

from base.settings import DEMO_OA_APP_ID
from clerk.guard import Visit
from clerk.login import demo_hint
from tests.house import House
from web.counts import Counts

SECRET = random_base32()
STAFF = [
    {"name": name, "role": role, "password": f"password-of-{role}", "totp_secret": SECRET}
    for name, role in (("店员", "clerk"), ("财务", "finance"))
]


def visit(house: House, folder: Path, *, is_demo: bool) -> Visit:
    account = {"oa_app_id": DEMO_OA_APP_ID} if is_demo else {}
    settings = house.resources.settings.model_copy(update={"data_dir": folder, **account})
    resources = replace(house.resources, settings=settings)
    return Visit(make_mocked_request("GET", "/clerk/login"), resources, Counts(resources.redis), None, {})


@pytest.mark.parametrize("is_demo", [True, False])
async def test_only_the_demo_names_accounts(house: House, tmp_path: Path, *, is_demo: bool) -> None:
    (tmp_path / "demo.json").write_text(json.dumps({"operators": STAFF}))
    hint = demo_hint(visit(house, tmp_path, is_demo=is_demo))
    assert ("password-of-clerk" in hint, TOTP(SECRET).at(house.clock.now()) in hint) == (is_demo, is_demo)
    assert "password-of-finance" not in hint


@pytest.mark.parametrize("text", [None, "", "{}", "nonsense"])
async def test_a_file_that_is_missing_or_broken_names_none(
    house: House, tmp_path: Path, text: str | None
) -> None:
    if text is not None:
        (tmp_path / "demo.json").write_text(text)
    assert demo_hint(visit(house, tmp_path, is_demo=True)) == ""
