"""Booking one line of a file of balances."""

from loyalty.engine.outcomes import Outcome
from loyalty.engine.scene import Scene
from loyalty.imports.commands import ImportBalance
from loyalty.imports.outcomes import BalanceImported, ImportedTooLate
from loyalty.ledger.wallet import Wallet


def decide(wallet: Wallet, command: ImportBalance, scene: Scene[object]) -> Outcome:
    """Grant the points; refuse those that would lapse at once."""
    expires_on = command.expires_on or scene.lapse_day
    if expires_on <= wallet.today:
        return ImportedTooLate(expires_on)
    wallet.grant(command.points, "opening_balance", {"line": command.line}, expires_on)
    return BalanceImported(command.points, expires_on, wallet.available)
