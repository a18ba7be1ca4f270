"""A web page with two members' phones, each with the official account's chat and the brand's mini-program.

The page reaches the server by HTTP only, as a real phone does. Browser tests find elements by these values of `data-testid`:

- page: `clock-now`, `clock-plus-hour`, `clock-plus-day`, `clock-plus-week`, `clock-plus-month`, `clock-toast`,
  `show-left`, `show-right`
- phones: `phone-left`, `phone-right`; inside each of them everything below, so look within a phone
- frame: `owner-left`/`owner-right` (opens `picker`), `new-owner-name`, `new-owner`, `tab-chat`, `tab-mini`, `overlay`, `toast`
- chat: `chat-log`, `chat-input`, `chat-send`, `btn-follow`, `btn-more`, `btn-unfollow`, `btn-scan`, `scanner`, `scan-0`…,
  `menu-bar`, `menu-0`, `menu-0-1`…; items `chat-sent`, `chat-passive`, `chat-custom`, `chat-template`, `chat-subscribe`,
  `chat-system`, `chat-article`
- mini-program: `mini-title`, `mini-back`, `mini-tab-home`/`-wheel`/`-rewards`/`-mine`, `go-entries`, `go-redemptions`,
  `go-referral`, `go-rules`, `go-tiers`, `go-missions`, `go-wheel_record`, `mini-sorry`, `btn-retry`, `list`, `empty`
- member: `nickname`, `btn-nickname`, `nickname-input`, `nickname-save`, `tier`, `balance`, `expiring`
- sign-in: `btn-checkin`, `streak`, `ladder`, `calendar`
- wheel: `wheel`, `btn-draw`, `btn-draw-once`, `btn-draw-ten`, `draw-cost`, `draws-left`, `odds`, `odds-row`, `winners`,
  `draw-result`, `result-prize`, `result-ok`, `draw`, `proof`
- rewards: `reward`, `btn-redeem`, `reward-reason`, `redeem-confirm`, `dialog-yes`, `voucher`, `voucher-code`,
  `voucher-close`, `redemption`, `redemption-code`, `redemption-state`, `btn-voucher`, `btn-cancel`, `cancel-confirm`
- invitation: `poster`, `poster-oa`, `poster-miniapp`, `referral-invited`, `referral-qualified`, `referral-earned`
- WeChat's questions: `btn-subscribe`, `subscribe-sheet`, `subscribe-accept`, `subscribe-reject`, the same of
  `phone-number` and `payment`; `share-sheet`, `share-other`
"""

from emulator.phone.page import mount_phone

__all__ = ["mount_phone"]
