"""The phones on the demo's page: two newcomers, and one member with fourteen months of history."""

import json
import urllib.request
from typing import Any

from base.settings import Settings
from emulator.phone.clients.control import FIRST_OWNERS
from loyalty.members.identities import UNIONID, IdentityKey
from runtime.demo.accounts import LOCALHOST
from runtime.demo.past import HELD, NAMES


def hold_a_regular(settings: Settings) -> tuple[IdentityKey, ...]:
    """Create the phones at the running emulator, unless they are there; returns the identities of the regular's owner."""
    owners = {phone["name"]: phone for phone in _call(settings, "GET")}
    regular = NAMES[HELD - 1]
    for name in (*FIRST_OWNERS, regular):
        if name not in owners:
            owners[name] = _call(settings, "POST", {"name": name})
    phone = owners[regular]
    return (
        (settings.miniapp_app_id or "", phone["miniapp_openid"]),
        (settings.oa_app_id or "", phone["oa_openid"]),
        (UNIONID, phone["unionid"]),
    )


def _call(settings: Settings, method: str, body: dict[str, str] | None = None) -> Any:
    request = urllib.request.Request(  # http on this machine
        f"http://{LOCALHOST}:{settings.emulator_port}/emulator/v1/phones",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # as above
        return json.load(answer)
