"""Pushes turned bad in every way a seed can think of: the bytes, the lock, the query, and what is behind the lock.

`mutated(dice)` is the same for the same dice, so that a seed and a number name a push.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from tests.attacks.sealing import MESSAGES, STAMP, Query, ciphered, posted, sealed, signed
from tests.emulator.harness import MINIAPP_APP_ID, OA_APP_ID

LIMIT_BYTES: Final = 64 * 1024

Dice: TypeAlias = random.Random
Wound: TypeAlias = Callable[[Dice, bytes], bytes]


@dataclass(frozen=True)
class Attack:
    """One request to the webhook, and the name of what was done to it."""

    kind: str
    query: Query
    body: bytes


_INSERTS: Final = [
    b"<", b">", b"&", b"&amp;", b"&#0;", b"&#x110000;", b"&lol;", b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<?x ?>",
    b"<!DOCTYPE xml [<!ENTITY a 'b'>]>", b"<!ENTITY x SYSTEM 'file:///etc/passwd'>", b"<xml>", b"</xml>", b"<Content/>",
    b"\x00", b"\x0b", b"\x7f", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xef\xbb\xbf", b"\xe2\x80\xae",
    b'"', b"\\", b"\\ud800", b"\\u0000", b"{", b"}", b"[", b"]", b",", b":", b"null", b"true", b"NaN", b"-Infinity",
    b"1e999", b"1E400", b"-0", b"0.1", b"9" * 30, b"\xe7\xad\xbe", "签到".encode("gb18030"), b"%00", b"\r\n", b"\t ",
]  # fmt: skip
_FILLS: Final = [
    b"<a>",
    b"<a/>",
    b"&lt;",
    b"<![CDATA[]]>",
    b"[",
    b'{"a":',
    b'"",',
    b"\\u4e00",
    b"A",
    b"\n",
    b"\xe7\xad\xbe",
]


def _flip(dice: Dice, body: bytes) -> bytes:
    wounded = bytearray(body)
    for _ in range(dice.randint(1, 8)):
        wounded[dice.randrange(len(wounded))] ^= 1 << dice.randrange(8)
    return bytes(wounded)


def _truncate(dice: Dice, body: bytes) -> bytes:
    return body[: dice.randrange(len(body))] if dice.random() < 0.7 else body[dice.randrange(len(body)) :]


def _splice(dice: Dice, body: bytes) -> bytes:
    other, _ = dice.choice(MESSAGES)
    return body[: dice.randrange(len(body))] + other[dice.randrange(len(other)) :]


def _repeat(dice: Dice, body: bytes) -> bytes:
    start = dice.randrange(len(body))
    end = min(len(body), start + dice.randint(1, 80))
    return body[:end] + body[start:end] * dice.randint(1, 20) + body[end:]


def _insert(dice: Dice, body: bytes) -> bytes:
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(body) + 1)
        body = body[:at] + dice.choice(_INSERTS) + body[at + dice.randrange(4) :]
    return body


def _nest(dice: Dice, body: bytes) -> bytes:
    opening, closing = dice.choice([(b"<xml>", b"</xml>"), (b'{"a":', b"}"), (b"[", b"]"), (b"<a>", b"")])
    depth = dice.choice([1, 2, 15, 16, 17, 200])
    return opening * depth + body + closing * depth


def _exchange(dice: Dice, body: bytes) -> bytes:
    """Another value for one of the message's texts."""
    words = [
        b"text",
        b"event",
        b"oMutant",
        str(STAMP).encode(),
        b"24000000000000001",
        "签到".encode(),
        b"accept",
        b"CLICK",
    ]
    others = [
        b"",
        b"0",
        b"-1",
        b"9" * 12,
        b"9" * 400,
        b" ",
        b"x" * 129,
        b'["a"]',
        b"<b/>",
        b"\xe7\xad\xbe" * 700,
        b"Event",
    ]
    return body.replace(dice.choice(words), dice.choice(others))


def _fill(dice: Dice, body: bytes) -> bytes:
    """As large as the door allows, sometimes one byte more."""
    part, at = dice.choice(_FILLS), dice.randrange(len(body) + 1)
    room = dice.choice([LIMIT_BYTES, LIMIT_BYTES, 3 * LIMIT_BYTES // 4]) - len(body) + dice.choice([0, 0, 1])
    return body[:at] + (part * (room // len(part) + 1))[:room] + body[at:]


WOUNDS: Final[list[Wound]] = [_flip, _truncate, _splice, _repeat, _insert, _nest, _exchange]


def _wounded(dice: Dice, body: bytes) -> bytes:
    if dice.random() < 0.004:
        return _fill(dice, body)
    for _ in range(dice.choice([1, 1, 1, 2, 3])):
        body = dice.choice(WOUNDS)(dice, body) or b" "
    return body


def _plain(dice: Dice) -> Attack:
    return Attack("plain", signed(), _wounded(dice, dice.choice(MESSAGES)[0]))


def _outer(dice: Dice) -> Attack:
    """The envelope wounded; what the signature covers may or may not be."""
    message, form = dice.choice(MESSAGES)
    query, body = posted(sealed(message), form)
    return Attack("outer", query, _wounded(dice, body))


def _inner(dice: Dice) -> Attack:
    """A wounded message, well sealed and well signed: as if the platform had sent it."""
    message, form = dice.choice(MESSAGES)
    return Attack("inner", *posted(sealed(_wounded(dice, message)[: LIMIT_BYTES // 2]), form))


def _lock(dice: Dice) -> Attack:
    """A right signature over a lock that is wrong: another account, length, padding, block, or base64."""
    message, form = dice.choice(MESSAGES)
    match dice.randrange(7):
        case 0:
            app_id = dice.choice(
                ["wx0c00000000000003", "", OA_APP_ID + "x", OA_APP_ID[:-1], OA_APP_ID.upper()]
            )
            encrypted = sealed(message, app_id)
        case 1:
            lie = dice.choice(
                [0, 1, len(message) - 1, len(message) + 1, 2**31, 2**32 - 1, dice.randrange(2**16)]
            )
            encrypted = sealed(message, length=lie)
        case 2:
            padding = bytes(dice.randrange(256) for _ in range(dice.choice([1, 16, 32, 33])))
            encrypted = sealed(message, padding=dice.choice([padding, b"\0" * 32, b"\x21" * 33, b""]))
        case 3:
            encrypted = ciphered(dice.randbytes(dice.choice([16, 19, 20, 32, 400])))
        case 4:
            encrypted = _wounded(dice, sealed(message))
        case 5:
            whole = sealed(message)
            encrypted = dice.choice(
                [whole.rstrip(b"="), whole + b"=", whole + b"AA==", b"\n" + whole, b"", b"=" * 8]
            )
        case _:
            encrypted = sealed(message, MINIAPP_APP_ID)
    return Attack("lock", *posted(encrypted, form))


def _query(dice: Dice) -> Attack:
    """A good body under a query that is not."""
    message, form = dice.choice(MESSAGES)
    query, body = posted(sealed(message), form) if dice.random() < 0.7 else (signed(), message)
    for _ in range(dice.choice([1, 1, 2, 3])):
        if not query:
            break
        place = dice.randrange(len(query))
        name, value = query[place]
        odd = [
            "",
            "0",
            "-1",
            "1e9",
            "９",
            "9" * 13,
            "9" * 5000,
            "aes",
            "AES",
            "raw",
            "\0",
            "é",
            "签",
            "a,b",
            value + value,
            value[::-1],
        ]
        match dice.randrange(4):
            case 0:
                del query[place]
            case 1:
                query[place] = (name, dice.choice(odd))
            case 2:
                query.insert(dice.randrange(len(query) + 1), (name, dice.choice([value, *odd])))
            case _:
                query[place] = (dice.choice([name.upper(), f"{name}[]", f" {name}"]), value)
    return Attack("query", query, body)


def _typed(dice: Dice) -> Attack:
    """JSON in which a field is of another type, well sealed and signed."""
    fields = json.loads(dice.choice([message for message, form in MESSAGES if form == "json"]))
    odd: list[object] = [
        None,
        True,
        0,
        -1,
        1.5,
        10**40,
        "",
        [],
        {},
        [[]],
        [{}],
        {"a": "b"},
        ["a", 1, None],
        "x" * 3000,
        "\ud83d",
        "\0",
        "‮签到",
    ]
    for _ in range(dice.choice([1, 1, 2, 5])):
        name = dice.choice([*fields, "List", "OpenID", "EventKey", "Encrypt", " MsgType", "", "\0"])
        fields[name] = dice.choice(odd)
    return Attack("typed", *posted(sealed(json.dumps(fields).encode()), "json"))


_ATTACKS: Final = [_plain, _outer, _inner, _inner, _lock, _query, _typed]


def mutated(dice: Dice) -> Attack:
    """The next bad push."""
    return dice.choice(_ATTACKS)(dice)
