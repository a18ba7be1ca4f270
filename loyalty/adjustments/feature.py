"""Adjustments, freezing and thawing, described to the engine."""

from collections.abc import Mapping
from typing import Final

from loyalty.adjustments.commands import AdjustPoints, FreezeAccount, ThawAccount, meters
from loyalty.adjustments.decide import decide_adjust, decide_freeze, decide_thaw
from loyalty.adjustments.outcomes import (
    AboveLimit,
    AccountFrozen,
    AccountThawed,
    AlreadyFrozen,
    NotFrozen,
    PointsAdjusted,
)
from loyalty.engine.auditing import Check
from loyalty.engine.feature import Feature
from loyalty.engine.handler import STANDING, Handler
from loyalty.ledger.words import Sentence

SENTENCES: Final[Mapping[str, Sentence]] = {
    "adjusted": Sentence(lambda _: "积分调整", lambda facts: f"客服调整：{facts['reason']}"),
}

CHECKS: Final = (
    Check(
        "standing",
        "an account is frozen or limited if its last receipt of that kind did it, and open if not",
        """
        SELECT a.member_id, format('status %s, but the last receipt says %s', a.status, coalesce(r.code, 'nothing')) AS detail
        FROM account a LEFT JOIN (
            SELECT DISTINCT ON (member_id) member_id, code,
                CASE code WHEN 'account_frozen' THEN 'frozen' WHEN 'case_opened' THEN 'limited' ELSE 'open' END AS status
            FROM receipt
            WHERE accepted AND (code IN ('account_frozen', 'account_thawed', 'case_opened')
                OR code IN ('appeal_answered', 'case_decided') AND facts->>'released' = 'true') ORDER BY member_id, no DESC
        ) r ON r.member_id = a.member_id
        WHERE a.status IN ('open', 'limited', 'frozen') AND a.status <> coalesce(r.status, 'open')
        """,
        by_member=True,
    ),
    Check(
        "L07",
        "points adjusted by hand are what the receipt says, with a reason and a person",
        """
        SELECT r.member_id, format('receipt %s adjusts %s points by %s, its entries say %s', r.no, r.facts->>'points',
            r.facts->>'by', e.points) AS detail
        FROM receipt r LEFT JOIN (
            SELECT member_id, receipt_no, sum(CASE WHEN src = 'adjusted' THEN amount ELSE -amount END) AS points FROM entry
            WHERE reason = 'adjusted' GROUP BY member_id, receipt_no
        ) e ON e.member_id = r.member_id AND e.receipt_no = r.no
        WHERE r.accepted AND r.code = 'points_adjusted' AND ((r.facts->>'points')::bigint IS DISTINCT FROM e.points
            OR coalesce(r.facts->>'reason', '') = '' OR coalesce(r.facts->>'by', '') = '')
        """,
        by_member=True,
    ),
)

FEATURE: Final = Feature(
    "adjustments",
    handlers=(
        Handler(AdjustPoints, decide_adjust, gives=PointsAdjusted, once_per_person=True, meters=meters),
        Handler(FreezeAccount, decide_freeze, gives=AccountFrozen, statuses=STANDING),
        Handler(ThawAccount, decide_thaw, gives=AccountThawed, statuses=STANDING),
    ),
    outcomes=(PointsAdjusted, AccountFrozen, AccountThawed, AlreadyFrozen, NotFrozen, AboveLimit),
    checks=CHECKS,
    words=SENTENCES,
)
