"""Every table of numbers is an Excel file for those who may export it, and each export has a row in the operation log."""

from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from console.pages.figures import FIGURES
from console.sheets import XLSX
from operators.roles import MAY, ROLES, Action, Role
from tests.console.shop import Shop

pytestmark = pytest.mark.asyncio(loop_scope="module")

SINCE = "SELECT count(*) FROM operation WHERE action = 'export'"


@pytest.mark.parametrize("role", ROLES)
async def test_n08_files_for_those_who_may_export(shop: Shop, role: Role) -> None:
    client, exported = await shop.at(role), 0
    before = await shop.ledger.pool.fetchval(SINCE)
    for figure in FIGURES:
        answer = await client.get(f"/reports/files/{figure.name}?first=2026-02-01&last=2026-03-02")
        if role not in MAY[Action.EXPORT] or role not in MAY[figure.action]:
            assert (answer.status_code, answer.text) == (403, "您的角色不能导出这张表。"), figure.name
            continue
        assert (answer.status_code, answer.headers["content-type"]) == (200, XLSX), figure.name
        assert f'filename="{figure.name}-2026-02-01-2026-03-02.xlsx"' in answer.headers["content-disposition"]
        assert CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
        exported += 1
    assert await shop.ledger.pool.fetchval(SINCE) - before == exported


async def test_there_is_no_file_of_another_name(shop: Shop) -> None:
    answer = await (await shop.at("owner")).get("/reports/files/nothing")
    assert (answer.status_code, answer.text) == (404, "没有这张表。")
