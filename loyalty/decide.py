"""From command to outcome: guards all commands share, then the feature's own function. Pure: no I/O, no clock, no dice."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from loyalty import checkin, expiry, referral, reward, wakeup, welcome, wheel
from loyalty.commands import Command
from loyalty.live import LiveRules
from loyalty.outcomes import Outcome, Result
from loyalty.refusals import AccountClosed
from loyalty.stock import Stock
from loyalty.wallet import Wallet

Decide = Callable[[Wallet, Any, LiveRules, Stock, datetime], Outcome]

DECIDE: dict[str, Decide] = {
    "welcome": welcome.decide,
    "check_in": checkin.decide,
    "draw": wheel.decide,
    "redeem": reward.decide_redeem,
    "cancel": reward.decide_cancel,
    "expire": expiry.decide_expire,
    "bind_referral": referral.decide_bind,
    "qualify_referral": referral.decide_qualify,
    "reward_referral": referral.decide_reward,
    "warn_expiry": expiry.decide_warn,
    "wake_up": wakeup.decide,
}


def decide(wallet: Wallet, command: Command, live: LiveRules, stock: Stock, at: datetime) -> Outcome:
    """The outcome of `command`, effective at `at`; what it writes is in `wallet.writes`, whatever was booked first included.

    Only a Result's writes may be stored; a refusal leaves nothing but, where it is `stored` or the command keeps it, its receipt.
    """
    wallet.open_receipt(*command.fact(live.day(at)), live.version)
    if wallet.account.status != "open":
        return AccountClosed(wallet.account.status)
    wallet.book()
    outcome = DECIDE[command.name](wallet, command, live, stock, at)
    if isinstance(outcome, Result):
        stock.commit(wallet.writes)
    return outcome
