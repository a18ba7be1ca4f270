"""A web page with two members' phones, each with the official account's chat and the brand's mini-program.

The page reaches the server by HTTP only, as a real phone does. Browser tests find elements by these values of `data-testid`:

- page: `clock-now`, `clock-plus-hour`, `clock-plus-day`, `clock-plus-week`, `clock-plus-month`, `clock-toast`,
  `show-left`, `show-right`
- phones: `phone-left`, `phone-right`; inside each of them everything below, so look within a phone
- frame: `owner-left`/`owner-right` (opens `picker`), `new-owner-name`, `new-owner`, `status-time-left`, `status-time-right`,
  `tab-chat`, `tab-mini`, `overlay`, `toast`
- chat: `oa-profile`, `chat-log`, `chat-input`, `chat-send`, `btn-follow`, `btn-more`, `btn-unfollow`, `btn-scan`, `choice-scan`,
  `scanner`, `scan-0`…, `picture`, `menu-bar`, `menu-0`, `menu-0-1`…; items `chat-sent`, `chat-passive`, `chat-custom`,
  `chat-template`, `chat-subscribe`, `chat-system`, `chat-article`
- mini-program: `miniapp-sorry` and `miniapp-retry` while the server is away; else its page in an `iframe`, which names its own
  elements (`miniapp/src/pages`)
- WeChat's questions over it: `subscribe-sheet`, `subscribe-accept`, `subscribe-reject`, the same of `phone-number` and `payment`;
  `share-sheet`, `share-other`
"""

from emulator.phone.page import mount_phone

__all__ = ["mount_phone"]
