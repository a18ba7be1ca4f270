"""The pages of numbers beside 发放与使用, one file a topic; FIGURES are the tables that can be taken as Excel files."""

from typing import Final

from console.page import Page
from console.pages.figures import alerts, buying, comparing, costs, habits, meanings, members, stale
from console.pages.figures.figure import Figure

PAGES: Final[tuple[Page, ...]] = (
    *members.PAGES,
    *buying.PAGES,
    *stale.PAGES,
    *costs.PAGES,
    *comparing.PAGES,
    *habits.PAGES,
    *alerts.PAGES,
    *meanings.PAGES,
)
FIGURES: Final[tuple[Figure, ...]] = (
    *members.FIGURES,
    *buying.FIGURES,
    *stale.FIGURES,
    *costs.FIGURES,
    *comparing.FIGURES,
    *habits.FIGURES,
    *alerts.FIGURES,
)
