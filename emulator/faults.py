"""Faults of the platform, injected on request: each has a path, a kind and a number of times."""

from dataclasses import dataclass, replace

from emulator.errors import ControlRefused

CALL_KINDS = {
    "errcode": "拒绝：回答 value 这个错误码",
    "latency": "变慢：先等 value 秒再处理",
    "drop": "还没处理就断开连接",
    "drop_after": "处理完以后断开连接，结果不明",
    "http_502": "回答 502",
    "html": "状态 200，内容却是网页",
    "bom": "回答前面多一个 BOM",
    "raw_control": "回答里多一段备注，里面有没转义的控制字符和半个字",
    "string_errcode": "errcode 写成字符串；给了 value 就拒绝，不给就照常处理",
    "template_removed": "模板 value 已被删除：用它发送得到 40037，别的模板照常",
}
PUSH_KINDS = {
    "duplicate_push": "同一条推送同时送两遍",
    "lost_reply": "第一次的回答丢失，重新推送",
    "non_numeric_msgid": "MsgId 不是数字",
    "msgtype_event": "MsgType 写成 Event",
    "unknown_event": "先推送一个没有见过的事件",
    "other_key": "用 value 这把 EncodingAESKey 加密",
    "plain_push": "不加密，直接推送明文",
    "bad_signature": "签名不对",
}
PUSH_PATH = "push"


@dataclass(frozen=True)
class Fault:
    """One fault. `path` is a platform path, `*` for every platform path, or `push` for pushes to the webhook."""

    path: str
    kind: str
    value: int | float | str | None
    times: int


class PendingFaults:
    """The faults that have not been used up, in the order they were added."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Add a fault. Raises ControlRefused (422) when its kind, path and value do not fit."""
        _check(fault)
        self._faults.append(fault)

    def take(self, path: str) -> dict[str, Fault]:
        """The faults that apply to this call, at most one per kind; each loses one of its times."""
        taken: dict[str, Fault] = {}
        for fault in self._faults:
            if _applies(fault, path) and fault.kind != "template_removed":
                taken.setdefault(fault.kind, fault)
        self._use_up(list(taken.values()))
        return taken

    def take_one(self, path: str, kind: str) -> Fault | None:
        """The first fault of this kind that applies to this call, or None; it loses one of its times."""
        found = next((fault for fault in self._faults if fault.kind == kind and _applies(fault, path)), None)
        self._use_up([found] if found else [])
        return found

    def take_removed(self, template_id: object) -> bool:
        """Whether this template counts as removed; the fault loses one of its times."""
        kind = "template_removed"
        found = next(
            (fault for fault in self._faults if (fault.kind, fault.value) == (kind, template_id)), None
        )
        self._use_up([found] if found else [])
        return found is not None

    def pending(self) -> list[Fault]:
        """The faults with times left."""
        return list(self._faults)

    def clear(self) -> None:
        """Remove all faults."""
        self._faults = []

    def _use_up(self, taken: list[Fault]) -> None:
        left: list[Fault] = []
        for fault in self._faults:
            used = any(fault is one for one in taken)
            left.append(replace(fault, times=fault.times - 1) if used else fault)
        self._faults = [fault for fault in left if fault.times > 0]


def _applies(fault: Fault, path: str) -> bool:
    return fault.path == path or (fault.path == "*" and path != PUSH_PATH)


def _check(fault: Fault) -> None:
    kinds = PUSH_KINDS if fault.path == PUSH_PATH else CALL_KINDS
    if fault.kind not in kinds:
        raise ControlRefused(422, f"路径 {fault.path} 没有 {fault.kind} 这种故障，可用：{'、'.join(kinds)}")
    if fault.path not in (PUSH_PATH, "*") and not fault.path.startswith("/"):
        raise ControlRefused(422, "path 是平台的路径（以 / 开头）、* 或 push")
    if fault.kind == "errcode" and not isinstance(fault.value, int):
        raise ControlRefused(422, "errcode 故障的 value 是整数错误码")
    if fault.kind == "template_removed" and not isinstance(fault.value, str):
        raise ControlRefused(422, "template_removed 故障的 value 是模板 id")
    if fault.kind == "latency" and (not isinstance(fault.value, int | float) or fault.value < 0):
        raise ControlRefused(422, "latency 故障的 value 是秒数")
    if fault.kind == "other_key" and (not isinstance(fault.value, str) or len(fault.value) != 43):
        raise ControlRefused(422, "other_key 故障的 value 是 43 个字符的 EncodingAESKey")
