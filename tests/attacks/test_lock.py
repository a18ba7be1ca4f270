"""S1 and S4 at the chat's door: only what is inside the sealed push counts, and every refusal is one and the same."""

import json
from typing import Any

from emulator.wire import build_push
from tests.attacks.mutations import Attack
from tests.attacks.sealing import MESSAGES, posted, sealed, signed
from tests.bot.line import Line
from tests.house import House

MESSAGE = MESSAGES[0][0]
WITHOUT_DATE = ("Date",)


async def posted_to(house: House, attack: Attack) -> tuple[int, dict[str, str], bytes]:
    async with house.http.post(f"{house.server_url}/wechat", params=attack.query, data=attack.body) as answer:
        headers = {name: value for name, value in answer.headers.items() if name not in WITHOUT_DATE}
        return answer.status, headers, await answer.read()


def refused() -> list[Attack]:
    """One push for each thing that can be wrong with the lock or behind it."""
    query, body = posted(sealed(MESSAGE), "xml")
    named = dict(query)
    other_stamp = signed(sealed(MESSAGE).decode(), stamp="1700000000")
    return [
        Attack("forged", list((named | {"msg_signature": "0" * 40}).items()), body),
        Attack("unsigned", [pair for pair in query if pair[0] != "msg_signature"], body),
        Attack("twice signed", [*query, ("msg_signature", named["msg_signature"])], body),
        Attack("as an array", [(f"{name}[]", value) for name, value in query], body),
        Attack("stale", other_stamp, body),
        Attack("plain", signed(), MESSAGE),
        Attack("other account", *posted(sealed(MESSAGE, "wx0c00000000000003"), "xml")),
        Attack("no account", *posted(sealed(MESSAGE, ""), "xml")),
        Attack("padding", *posted(sealed(MESSAGE, padding=b"\x07" * 13 + b"\x20"), "xml")),
        Attack("length", *posted(sealed(MESSAGE, length=2**31), "xml")),
        Attack("base64", *posted(b"not base64 at all!", "xml")),
        Attack("no message", *posted(sealed(b""), "xml")),
        Attack("garbage inside", *posted(sealed(b"\xff\xfe\x00"), "xml")),
        Attack("entity inside", *posted(sealed(b"<!DOCTYPE x [<!ENTITY a 'b'>]><xml>&a;</xml>"), "xml")),
        Attack("no envelope", query, b"<xml></xml>"),
        Attack("empty", query, b""),
        Attack("json garbage", *posted(sealed(b'{"ToUserName": ['), "json")),
    ]


async def test_s4_every_refusal_is_the_same_to_the_byte(house: House) -> None:
    """Status, headers and body tell nobody whether it was the signature, the key, the account or the message."""
    answers = {attack.kind: await posted_to(house, attack) for attack in refused()}
    first = answers["forged"]
    assert first[0] == 403
    assert {kind: answer for kind, answer in answers.items() if answer != first} == {}
    assert await house.ledger.count("member") == 0


async def test_s4_a_push_replayed_in_its_window_is_the_same_push(house: House) -> None:
    """Captured and sent again within ten minutes it changes nothing; after them it is refused."""
    phone, line = await house.follower(), Line(house)
    keys = line.keys(house.emulator.config.oa)
    stamp = int(house.clock.now().timestamp())
    push = build_push(line.text(phone, "抽奖"), keys, "safe", "xml", stamp)
    captured = Attack("captured", list(push.query.items()), push.body)
    for seconds in (0, 1, 300, 298):
        house.clock.advance(seconds)
        assert (await posted_to(house, captured))[0] == 200
    assert await house.ledger.count("draw") == 1
    house.clock.advance(2)
    assert (await posted_to(house, captured))[0] == 403
    assert await house.ledger.count("draw") == 1


async def test_s1_the_query_and_the_envelope_name_nobody(house: House) -> None:
    """Who speaks is inside the ciphertext: an openid beside it, in the query or in compatible mode's plain fields, is not read."""
    victim, attacker = await house.follower("受害人"), await house.follower("小明")
    line = Line(house)
    keys = line.keys(house.emulator.config.oa)
    stamp = int(house.clock.now().timestamp())
    theirs = await house.member_of(victim)
    before = await rows_of(house, theirs)
    for number, form in enumerate(("xml", "json")):
        fields = line.text(attacker, "签到" if number else "抽奖")
        push = build_push(fields, keys, "safe", form, stamp)  # type: ignore[arg-type] # one of the two
        body = with_victim(push.body, victim.oa_openid)
        query = push.query | {"openid": victim.oa_openid, "FromUserName": victim.oa_openid}
        status, _, answered = await posted_to(house, Attack("spoofed", list(query.items()), body))
        assert (status, answered[:7]) != (200, b"success")
    mine = await house.member_of(attacker)
    assert await rows_of(house, theirs) == before
    assert await house.ledger.count("draw", member_id=mine) == 1
    assert await house.ledger.count("check_in", member_id=mine) == 1


async def rows_of(house: House, member_id: int) -> dict[str, str | None]:
    """The member's rows, without the shelf that all share."""
    return {table: rows for table, rows in (await house.ledger.traces(member_id)).items() if table != "stock"}


def with_victim(body: bytes, openid: str) -> bytes:
    """The envelope with the victim's openid in plain sight."""
    if body.startswith(b"{"):
        fields: dict[str, Any] = json.loads(body)
        return json.dumps(fields | {"FromUserName": openid, "Content": "兑换 1", "MsgType": "text"}).encode()
    shown = f"<FromUserName>{openid}</FromUserName><MsgType>text</MsgType><Content>兑换 1</Content>"
    return body.replace(b"</xml>", shown.encode() + b"</xml>")
