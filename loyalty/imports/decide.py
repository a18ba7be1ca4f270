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
    growth = command.points if command.growth is None else command.growth
    if command.points:
        wallet.grant(command.points, "opening_balance", {"line": command.line}, expires_on)
    wallet.grow(growth - command.points, "opening_balance")
    return BalanceImported(command.points, growth, expires_on, wallet.available)
