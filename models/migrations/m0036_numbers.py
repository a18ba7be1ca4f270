"""Daily facts, and how far they have been read from the receipts."""

from tortoise.migrations.migration import Migration as BaseMigration
from tortoise.migrations.operations import Operation, RunSQL

FEED = """
CREATE TABLE IF NOT EXISTS number_feed (
    edition int NOT NULL CONSTRAINT number_feed_edition_check CHECK (edition >= 1),
    shown boolean NOT NULL,
    read_at timestamptz NOT NULL,
    read_member bigint NOT NULL,
    read_no bigint NOT NULL,
    CONSTRAINT number_feed_pkey PRIMARY KEY (edition)
)
"""
SHOWN = "CREATE UNIQUE INDEX IF NOT EXISTS number_feed_shown_key ON number_feed (shown) WHERE shown"
DAILY = """
CREATE TABLE IF NOT EXISTS daily_fact (
    edition int NOT NULL,
    day date NOT NULL,
    booked_on date NOT NULL,
    flow text NOT NULL,
    store text NOT NULL,
    region text NOT NULL,
    channel text NOT NULL,
    tier text NOT NULL,
    rule text NOT NULL,
    campaign text NOT NULL,
    version int NOT NULL,
    points bigint NOT NULL,
    times bigint NOT NULL,
    fen bigint NOT NULL,
    CONSTRAINT daily_fact_pkey
        PRIMARY KEY (edition, day, booked_on, flow, store, region, channel, tier, rule, campaign, version),
    CONSTRAINT daily_fact_amounts_check CHECK (least(points, times, fen) >= 0)
)
"""
MINUTES = """
CREATE TABLE IF NOT EXISTS minute_fact (
    edition int NOT NULL,
    day date NOT NULL,
    minute int NOT NULL,
    flow text NOT NULL,
    points bigint NOT NULL,
    times bigint NOT NULL,
    fen bigint NOT NULL,
    CONSTRAINT minute_fact_pkey PRIMARY KEY (edition, day, minute, flow),
    CONSTRAINT minute_fact_amounts_check CHECK (least(points, times, fen) >= 0 AND minute BETWEEN 0 AND 1439)
)
"""
MEMBERS = """
CREATE TABLE IF NOT EXISTS member_day (
    member_id bigint NOT NULL,
    edition int NOT NULL,
    day date NOT NULL,
    first_minute int,
    acts bigint NOT NULL,
    issued bigint NOT NULL,
    used bigint NOT NULL,
    redeemed bigint NOT NULL,
    orders bigint NOT NULL,
    sold_fen bigint NOT NULL,
    is_new boolean NOT NULL,
    CONSTRAINT member_day_pkey PRIMARY KEY (member_id, edition, day),
    CONSTRAINT member_day_amounts_check CHECK (least(acts, issued, used, redeemed, orders, sold_fen) >= 0)
)
"""
DAYS = "CREATE INDEX IF NOT EXISTS member_day_day_idx ON member_day (edition, day)"


class Migration(BaseMigration):
    """Adds four tables."""

    dependencies = [("jifen", "m0035_claims")]  # noqa: RUF012  # as Tortoise declares it
    operations: list[Operation] = [RunSQL(one) for one in (FEED, SHOWN, DAILY, MINUTES, MEMBERS, DAYS)]  # noqa: RUF012  # as Tortoise declares it
