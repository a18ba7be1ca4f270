"""Recording a refund: what the order earned for the amount is taken back, or the refund waits for its order."""

from loyalty.earning.commands import RecordRefund
from loyalty.earning.orders.refunds import keep_refunded, take_back
from loyalty.earning.orders.waiting import order_meant
from loyalty.earning.outcomes import EventIdReused, OrderOfAnother, OrderRefunded, RefundTooLarge
from loyalty.earning.reads import CLAIMS, NAMED
from loyalty.earning.rows import EVENT_KEYS, REFUNDS, EventKeyRow, RefundRow
from loyalty.earning.valid import owners_of
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import AlreadyDone
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet
from loyalty.programme.rules import RuleSet


def decide_refund(wallet: Wallet, command: RecordRefund, scene: Scene[RuleSet]) -> Outcome:
    """Take back what the order earned for the amount; keep the refund if its order has not been reported yet."""
    claims = scene.recall(CLAIMS)
    if claims.event_of is not None:
        return (
            EventIdReused() if claims.event_of != wallet.member_id else AlreadyDone(wallet.scope, wallet.ref)
        )
    order = order_meant(command.refund_of, command.store, command.amount_fen, scene.recall(NAMED))
    row = RefundRow(
        command.source, command.event, command.refund_of, command.store or "", command.amount_fen, "applied"
    )
    wallet.writes.add(EVENT_KEYS, EventKeyRow(command.event, command.source))
    if order is None:
        if owners_of(claims, command.store) - {wallet.member_id}:
            return OrderOfAnother(command.refund_of)
        wallet.writes.add(REFUNDS, row._replace(state="waiting"))
        return OrderRefunded(
            command.refund_of, True, None, command.store, None, 0, 0, 0, 0, False, wallet.available
        )
    if command.amount_fen > order.left_fen:
        return RefundTooLarge(order.left_fen)
    taken = take_back(wallet, order, command.amount_fen, scene.rule.refunds.most_debt)
    after = taken.purchase
    wallet.writes.add(
        REFUNDS,
        row._replace(
            store=order.store,
            order_store=order.store,
            order_no=order.order_no,
            order_receipt_no=order.receipt_no,
        ),
    )
    keep_refunded(wallet, after)
    return OrderRefunded(
        refund_of=command.refund_of,
        waiting=False,
        order=order.order_no,
        store=order.store or None,
        kind=order.kind,
        points=taken.reversal.points,
        growth=taken.growth,
        debt=taken.reversal.debt,
        unrecovered=taken.reversal.unrecovered,
        full=not after.left_fen,
        balance=wallet.available,
    )
