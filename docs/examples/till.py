"""A sample till: looks members up, reports sales and refunds. Standard library only; copy what you need.

    make demo                                                   (in another terminal; it writes var/demo.json)
    python docs/examples/till.py var/demo.json member 19900000001
    python docs/examples/till.py var/demo.json sell 19900000001 88.80
    python docs/examples/till.py var/demo.json refund 19900000001 SO-20261128-093000-1f2e 10.00

A member is named by their member id, phone number, openid, or the code that their phone shows (会员码). The file has the server's
address and a key: {"server": "https://points.example.com", "partner_key": "jf_live_…"}; keep it readable for the till alone.
"""

import argparse
import json
import re
import secrets
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime
from decimal import Decimal
from pathlib import Path

ATTEMPTS = 5
TIMEOUT_S = 10


class Refused(Exception):
    """The server answered with a problem; the text is its Chinese sentence."""


def call(door: dict, method: str, path: str, body: dict | None = None) -> dict:
    """One request, sent again while nobody knows what became of it. That is safe: an event's id is recorded once."""
    request = urllib.request.Request(  # noqa: S310  # the address is the operator's own
        f"{door['server']}/partner/v1{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {door['partner_key']}", "Content-Type": "application/json"},
    )
    for attempt in range(1, ATTEMPTS + 1):
        pause_s = 2.0**attempt
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310  # as above
                return json.load(answer)
        except urllib.error.HTTPError as error:
            problem = json.load(error)
            if error.code not in (429, 500, 502, 503, 504) or attempt == ATTEMPTS:
                raise Refused(problem.get("detail") or problem["title"]) from error
            pause_s = float(error.headers.get("Retry-After", pause_s))
        except OSError as error:  # no connection, or no answer in time
            if attempt == ATTEMPTS:
                raise Refused("积分服务连不上，请稍后再报一次。") from error
        time.sleep(pause_s)
    raise AssertionError


def report(door: dict, member: dict, **event: object) -> dict:
    """Report one event; a till that was offline sends up to 500 in one request."""
    sent = {"member": {"member_id": member["member_id"]}, "channel": "pos", **event}
    result = call(door, "POST", "/events", {"events": [sent]})["results"][0]
    if result["status"] == "refused":
        raise Refused(f"{result['reason']}（{result['code']}）")
    return result


def find(door: dict, text: str) -> dict:
    """The member whom the customer names or shows."""
    return call(door, "GET", f"/members/{urllib.parse.quote(text, safe=':')}")


def fen(yuan: str) -> int:
    """Money as whole fen: never calculate money with floats."""
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,2})?", yuan) or not Decimal(yuan):
        raise argparse.ArgumentTypeError(f"{yuan} 应为金额，单位是元，例如 88.80")
    return int(Decimal(yuan) * 100)


def main() -> None:
    """Do what the command line says, and print what the clerk tells the customer."""
    parser = argparse.ArgumentParser(description="收银台示例")
    parser.add_argument("file", type=Path, help="写着服务器地址和密钥的文件，演示的是 var/demo.json")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, words in (("member", []), ("sell", ["amount"]), ("refund", ["order", "amount"])):
        command = commands.add_parser(name)
        command.add_argument("member", help="会员编号、手机号、openid 或会员码")
        for word in words:
            command.add_argument(word, type=fen if word == "amount" else str)
    asked = parser.parse_args()
    door = json.loads(asked.file.read_text(encoding="utf-8"))
    try:
        member = find(door, asked.member)
        print(f"{member['nickname'] or '会员'}（{member['tier']['name']}），现有 {member['balance']} 积分")
        now = datetime.now().astimezone()
        if asked.command == "sell":
            order = f"SO-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"  # a real till has its own numbers
            sale = {"id": order, "type": "purchase", "order_id": order, "amount_fen": asked.amount}
            done = report(door, member, occurred_at=now.isoformat(), **sale)
            print(f"订单 {order}：{done['reason']}余额 {done['balance']}")
        elif asked.command == "refund":
            event = {"id": f"RF-{secrets.token_hex(8)}", "type": "refund", "refund_of": asked.order}
            done = report(door, member, occurred_at=now.isoformat(), amount_fen=asked.amount, **event)
            print(f"{done['reason']}余额 {done['balance']}")
    except Refused as refused:
        sys.exit(str(refused))


if __name__ == "__main__":
    main()
