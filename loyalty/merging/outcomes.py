"""The outcomes of merging and splitting members."""

from dataclasses import dataclass

from loyalty.engine.outcomes import Refusal, Result
from loyalty.merging.brought import Moved


@dataclass(frozen=True)
class MergedOut(Result):
    """The member was merged into `into`; `growth` is all the growth that they had."""

    code = "merged_out"
    moves_points = False
    into: int
    moved: Moved
    growth: int
    reason: str


@dataclass(frozen=True)
class MergedIn(Result):
    """The property of the member `other_id` has arrived; it left by their receipt `out_no`."""

    code = "merged_in"
    moves_points = False
    other_id: int
    out_no: int
    moved: Moved
    growth: int
    balance: int


@dataclass(frozen=True)
class SplitOff(Result):
    """The merge with `other_id` was undone: what was left of it has gone back; `spent` points of it had been used meanwhile."""

    code = "split_out"
    moves_points = False
    other_id: int
    moved: Moved
    growth: int
    spent: int
    reason: str


@dataclass(frozen=True)
class SplitBack(Result):
    """The member is apart from `other_id` again; what came back left the other by receipt `out_no`."""

    code = "split_in"
    moves_points = False
    other_id: int
    out_no: int
    moved: Moved
    growth: int
    balance: int


@dataclass(frozen=True)
class NotMergeable(Refusal):
    """The members cannot be merged: the same member, the wrong order, or an account that is not open."""

    code = "not_mergeable"
    title = "不能合并"
    category = "unprocessable"
    why: str

    @property
    def sentence(self) -> str:
        """Names the obstacle."""
        return {
            "order": "后加入的会员并入先加入的会员，不能反过来。",
            "target": "对方的账户不是正常状态，不能并入。",
            "held": "有积分正为订单保留，等它结束再合并。",
        }[self.why]


@dataclass(frozen=True)
class MergeWaits(Refusal):
    """Something is still owed to the member; it must be done first, under their own receipts."""

    code = "merge_waits"
    title = "稍后再合并"

    sentence = "这个会员还有没办完的事，办完才能合并，请稍后再试。"


@dataclass(frozen=True)
class AlreadyMerged(Refusal):
    """The member was merged into `into` before."""

    code = "already_merged"
    title = "已经合并"
    as_follow_up = "done"
    into: int

    @property
    def sentence(self) -> str:
        """Names the member that they are."""
        return f"这个会员已经并入会员 {self.into}。"


@dataclass(frozen=True)
class NotMerged(Refusal):
    """The member `other_id` is not merged into this one."""

    code = "not_merged"
    title = "没有合并过"
    category = "not_found"
    as_follow_up = "ended"
    other_id: int

    sentence = "这两个会员现在没有合并。"


@dataclass(frozen=True)
class MergedThrough(Refusal):
    """The member `other_id` was merged into `via_id`, who was merged into this one later: that merge is undone first."""

    code = "merged_through"
    title = "先撤销后来的合并"
    other_id: int
    via_id: int

    @property
    def sentence(self) -> str:
        """Names the merge to undo first."""
        return (
            f"会员 {self.other_id} 并入会员 {self.via_id} 以后，会员 {self.via_id} 又并入了别的会员。"
            f"请先撤销会员 {self.via_id} 的合并，再撤销会员 {self.other_id} 的合并。"
        )
