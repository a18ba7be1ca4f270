"""The section `names`: what members read for ids that no other section declares, such as channels and segments."""

from typing import Annotated

from pydantic import Field

from loyalty.earning.rules.conditions import Label
from loyalty.earning.rules.values import StoreId
from loyalty.programme.declaring.faults import items
from loyalty.programme.declaring.sections import Rule, Title


class ShownNames(Rule):
    """Names by id. An id without a name is shown as it is, and `jifen rules validate` warns of it."""

    channels: Annotated[dict[StoreId, Title], items(200)] = Field(
        default={}, title="渠道", description="渠道的编号和会员看到的名称，如 {online: 网上商城}。"
    )
    segments: Annotated[dict[Label, Title], items(1000)] = Field(
        default={}, title="人群", description="人群的编号和会员看到的名称，如 {at_risk: 久未到店}。"
    )
    communities: Annotated[dict[StoreId, Title], items(5000)] = Field(
        default={}, title="社群", description="社群的编号和会员看到的名称，如 {run-club: 跑步社}。"
    )
