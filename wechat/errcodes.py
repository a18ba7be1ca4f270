"""Which error an errcode means.

Source: WeChat docs 全局返回码说明 and the return-code tables of the single APIs.
"""

from typing import Any, Final

from wechat.errors import (
    ApiError,
    BadRequest,
    LoginRejected,
    Misconfigured,
    RateLimited,
    TokenRejected,
    Transient,
    Undeliverable,
    UnexpectedErrcode,
)

MINUTE_QUOTA: Final = frozenset({45011, 44990})
DAY_QUOTA: Final = 45009

TOKEN_API: Final = "/cgi-bin/stable_token"  # noqa: S105 - a path
ACCOUNT_FAULTS: Final = frozenset({40125, 40164, 40243, 50002, 50004, 50007, 89503, 89506, 89507})
"""Whatever the API: the secret, the IP list or the whole account is wrong. A token that cannot be had is one, too."""
TEMPLATE_FAULTS: Final = frozenset({40013, 40036, 40037, 40165, 41030})
"""In the answer to a send with a template: the template was removed, or its page or mini-program is wrong or not released."""

_CODES: Final[dict[type[ApiError], tuple[int, ...]]] = {
    Transient: (-1, 61080),
    TokenRejected: (40001, 40014, 41001, 42001),
    # 50004, 50007: the account may not use tokens, or is frozen; 895xx: an administrator must confirm our IP.
    Misconfigured: (
        *(40013, 40125, 40164, 40243, 41002, 41004, 43002, 43003),
        *(48001, 48004, 50002, 50004, 50007, 89503, 89506, 89507),
    ),
    RateLimited: (DAY_QUOTA, *MINUTE_QUOTA),
    Undeliverable: (40003, 43004, 43101, 45015, 45047, 48002, 50005),
    LoginRejected: (40029, 40163, 40226, 41008, 87009),
    BadRequest: (
        *(40002, 40035, 40036, 40037, 40053, 40054, 40055, 40097, 40129, 40165, 40169, 41030),
        *(44002, 44004, 45002, 45008, 45157, 47001, 47003, 85079, 87014),
    ),
}
_MEANING: Final = {code: error for error, codes in _CODES.items() for code in codes}


def meaning(errcode: int) -> type[ApiError]:
    """Return the error class of a non-zero errcode."""
    return _MEANING.get(errcode, UnexpectedErrcode)


def read_errcode(response: dict[str, Any]) -> int:
    """Return the response's errcode: 0 when absent (many successes have none), text digits are accepted.

    Raises ValueError when it is there and is no integer.
    """
    errcode = response.get("errcode", 0)
    if isinstance(errcode, bool) or not isinstance(errcode, int | str):
        raise ValueError("errcode is no number")
    return int(errcode)
