"""/app/: the headers of the web page, and who may embed it."""

import re

from base.settings import DEMO_OA_APP_ID
from miniapp_api.page import FILES, embedding_origins, policy
from tests.house import House, made_up_settings

MOST_BYTES = 600_000


async def test_the_page_and_its_files(house: House) -> None:
    async with house.http.get(f"{house.server_url}/app") as page:
        assert str(page.url).endswith("/app/")
        assert page.content_type == "text/html"
        assert page.headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in page.headers
        assert "Access-Control-Allow-Origin" not in page.headers
        text = await page.text()
    assert '<meta name="jifen-hand" content=""' in text
    files = re.findall(r'(?:src|href)="\./(assets/[^"]+)"', text)
    assert {name.rsplit(".", 1)[1] for name in files} == {"js", "css"}
    for name in files:
        async with house.http.get(f"{house.server_url}/app/{name}") as file:
            assert file.status == 200
            assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert file.headers["X-Content-Type-Options"] == "nosniff"
    async with house.http.get(f"{house.server_url}/app/..%2F__init__.py") as outside:
        assert outside.status == 404


async def test_a_picture_that_comes_with_the_program(house: House) -> None:
    async with house.http.get(f"{house.server_url}/pictures/coffee-latte.svg") as picture:
        assert (picture.status, picture.content_type) == (200, "image/svg+xml")
        assert picture.headers["Content-Security-Policy"].startswith("default-src 'none'")
    async with house.http.get(f"{house.server_url}/pictures/..%2F__init__.py") as outside:
        assert outside.status == 404


def test_only_the_emulators_page_may_embed_it() -> None:
    assert "frame-ancestors 'none'" in policy(())
    assert "frame-ancestors http://a http://b" in policy(("http://a", "http://b"))


def test_the_emulator_is_known_in_the_demo_only(tmp_path: object) -> None:
    settings = made_up_settings("postgresql://h/d", "redis://h", tmp_path, emulator_port=8090)  # type: ignore[arg-type]
    assert embedding_origins(settings) == ()
    demo = settings.model_copy(update={"oa_app_id": DEMO_OA_APP_ID})
    assert embedding_origins(demo) == ("http://127.0.0.1:8090", "http://localhost:8090")


def test_the_build_is_small_and_whole() -> None:
    files = [path for path in FILES.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < MOST_BYTES
    assert (FILES / "index.html").is_file()
