"""Jobs: what they refuse is a sentence, they can be stopped, and their files are for whoever began them alone."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import FastAPI, Request, Response
from httpx import ASGITransport, AsyncClient
from starlette.middleware.base import RequestResponseEndpoint

from console import jobs
from console.jobs import Job
from console.pages.jobs import add_job_files
from moving.problems import CannotBegin
from operators.roles import Action, Operator, Role

NOW = datetime(2026, 3, 2, tzinfo=UTC)


async def ended(job: Job) -> Job:
    assert job.task is not None
    await asyncio.wait([job.task])
    return job


async def test_a_refusal_is_a_sentence_and_a_fault_is_not_told() -> None:
    async def refuse(_: Job) -> list[str]:
        raise CannotBegin("文件是空的。")

    async def break_down(_: Job) -> list[str]:
        raise ValueError("secret")

    assert (await ended(jobs.start("导入", "小王", NOW, refuse))).error == "文件是空的。"
    assert "secret" not in (await ended(jobs.start("导入", "小王", NOW, break_down))).error


async def test_a_job_can_be_stopped() -> None:
    async def wait(job: Job) -> list[str]:
        job.progress(1, 2)
        await asyncio.Event().wait()
        return ["nothing"]

    job = jobs.start("导出", "小王", NOW, wait)
    await asyncio.sleep(0)
    assert (job.running, job.done, job.total) == (True, 1, 2)
    job.stop()
    await ended(job)
    assert (job.running, job.stopped, job.lines) == (False, True, [])


WHO: list[tuple[str, Role, int]] = [
    ("小王", "operations", 200), ("老板", "owner", 403), ("小王", "auditor", 403),
]  # fmt: skip


@pytest.mark.parametrize(("name", "role", "status"), WHO)
async def test_files_are_for_whoever_began_the_job(
    tmp_path: Path, name: str, role: Role, status: int
) -> None:
    path = tmp_path / "会员.csv.errors.csv"
    path.write_text("行号,原因\n", encoding="utf-8")

    async def work(job: Job) -> list[str]:
        job.files.append(path)
        return []

    job = await ended(jobs.start("试算", "小王", NOW, work, action=Action.IMPORT))
    app = FastAPI()
    add_job_files(app)

    @app.middleware("http")
    async def at_desk(request: Request, call_next: RequestResponseEndpoint) -> Response:
        request.scope.setdefault("state", {})["desk"] = SimpleNamespace(operator=Operator(1, name, role))
        return await call_next(request)

    asked = {
        f"/jobs/{job.number}/files/0": status,
        f"/jobs/{job.number}/files/1": 404,
        "/jobs/999999/files/0": 404,
    }
    async with AsyncClient(transport=ASGITransport(app), base_url="http://console") as client:
        assert {path: (await client.get(path)).status_code for path in asked} == asked
