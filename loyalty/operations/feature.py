"""The operation log, described to the engine."""

from pathlib import Path
from typing import Final

from loyalty.engine.feature import Feature
from loyalty.engine.kept import Kept, named
from loyalty.operations.audit import recompute
from loyalty.operations.rows import OPERATIONS

KEPT: Final = Kept(
    table="operation",
    title="工作人员的操作",
    why="谁动了你的账户、看了你的手机号，都要能查到",
    key=("id",),
    columns={"at": "时间", "action": "做了什么"},
    shown={
        "action": named(
            {
                "unmask": "查看完整手机号",
                "adjust": "调整积分",
                "freeze": "冻结账户",
                "release": "解冻账户",
                "answer_appeal": "答复申诉",
                "decide_case": "审核案件",
                "reset_name": "去掉昵称",
                "merge": "合并会员",
                "unmerge": "撤销合并",
                "end_member_sessions": "让会员重新登录",
                "erase_member": "删除会员的个人信息",
                "settle_clock": "调回走快的账户时间",
                "verify_voucher": "核销券",
                "import": "导入",
            }
        )
    },
)

FEATURE: Final = Feature(
    "operations",
    tables=(OPERATIONS,),
    recompute={"operations": recompute},
    schema=Path(__file__).with_name("schema.yaml"),
    kept=(KEPT,),
)
