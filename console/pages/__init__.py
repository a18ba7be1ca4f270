"""The pages, one file a topic; PAGES is the one list of all."""

from typing import Final

from console.page import Page
from console.pages import (
    appeals,
    approvals,
    cases,
    figures,
    health,
    jobs,
    keys,
    mall,
    members,
    messages,
    moving,
    operating,
    overview,
    reports,
    rule_editing,
    rule_files,
    rule_review,
    rules,
    search,
    shops,
    webhooks,
    wechat,
)

PAGES: Final[tuple[Page, ...]] = (
    *overview.PAGES,
    *members.PAGES,
    *approvals.PAGES,
    *appeals.PAGES,
    *cases.PAGES,
    *rules.PAGES,
    *rule_editing.PAGES,
    *rule_review.PAGES,
    *rule_files.PAGES,
    *mall.PAGES,
    *messages.PAGES,
    *shops.PAGES,
    *reports.PAGES,
    *figures.PAGES,
    *jobs.PAGES,
    *moving.PAGES,
    *operating.PAGES,
    *keys.PAGES,
    *webhooks.PAGES,
    *health.PAGES,
    *wechat.PAGES,
    *search.PAGES,
)
