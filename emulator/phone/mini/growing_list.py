"""A list that loads the next page by the API's cursor when it is scrolled near its end."""

from collections.abc import Callable

from emulator.phone.clients.http_call import Json
from emulator.phone.elements.tags import box, text
from emulator.phone.mini.screen import Mini

_NEAR_THE_END = """(event) => {
    const list = event.currentTarget;
    if (list.scrollTop + list.clientHeight > list.scrollHeight - 160) emit();
}"""


class GrowingList:
    """Rows drawn by `draw`. `first` is the loaded first page, `path` gives further ones; an empty list shows the text `nothing`."""

    def __init__(
        self, mini: Mini, path: str, first: Json, draw: Callable[[Json], None], nothing: str
    ) -> None:
        self._mini = mini
        self._path = path
        self._draw = draw
        self._cursor: str | None = first.get("next_cursor")
        self._fetching = False
        with box("growing", "list").on("scroll", self._more, throttle=0.2, js_handler=_NEAR_THE_END):
            self._rows = box("rows")
            self._end = text("", "list-end")
        self._add(first["items"])
        self._end.set_text("上滑看更多" if self._cursor else ("没有更多了" if first["items"] else nothing))

    async def _more(self) -> None:
        if self._fetching or self._cursor is None:
            return
        self._fetching = True
        page = await self._mini.overlay.attempt(self._mini.api.get(self._path, cursor=self._cursor))
        self._fetching = False
        if page is None or self._rows.is_deleted:
            return
        self._cursor = page.get("next_cursor")
        self._add(page["items"])
        self._end.set_text("上滑看更多" if self._cursor else "没有更多了")

    def _add(self, items: list[Json]) -> None:
        with self._rows:
            for item in items:
                self._draw(item)
