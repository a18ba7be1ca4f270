"""Operators at their browsers: one page for each, logged in, that notes what went wrong on it."""

from dataclasses import dataclass, field

from playwright.async_api import Browser, BrowserContext, Error, Page, expect

from console.guard import COOKIE
from operators.roles import Role
from tests.console.shop import Shop

LED_ELSEWHERE = ("ERR_ABORTED", "interrupted by another navigation", "Timeout")
"""What Playwright says of a visit when the page goes elsewhere by itself meanwhile."""
SIZE = {"width": 1366, "height": 768}


@dataclass
class Desks:
    """Browsers of operators. `errors` are what pages wrote to the browser's console as errors."""

    shop: Shop
    browser: Browser
    errors: list[str] = field(default_factory=list)
    _pages: dict[Role, Page] = field(default_factory=dict)

    async def at(self, role: Role, path: str = "") -> Page:
        """The page of the role's operator, led to a path if one is given."""
        if role not in self._pages:
            cookie = (await self.shop.at(role)).cookies[COOKIE]
            context = await self.context()
            await context.add_cookies([{"name": COOKIE, "value": cookie, "url": self.shop.url}])
            self._pages[role] = await self.page(context)
        page = self._pages[role]
        if path:
            try:
                await page.goto(path)
            except Error as left:  # the page was just being led elsewhere by what was done on it
                if not any(word in left.message for word in LED_ELSEWHERE):
                    raise
                await page.goto(path)
            await expect(page.locator("main h1")).to_be_visible()
        return page

    async def context(self) -> BrowserContext:
        """A browser of somebody who has not logged in."""
        return await self.browser.new_context(
            viewport={"width": SIZE["width"], "height": SIZE["height"]},
            base_url=self.shop.url,
            locale="zh-CN",
        )

    async def page(self, context: BrowserContext) -> Page:
        """A page whose errors are noted."""
        page = await context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        return page

    async def close(self) -> None:
        """Close all browsers."""
        for context in self.browser.contexts:
            await context.close()
