"""What Citus gives a database, played by PostgreSQL: its catalogue, and its functions, which write down that they were called.

All of it lies in a schema of its own, which every later connection to the database looks in after `public`.
"""

from tests.conftest import run_sql

SCHEMA = "citus_stand_in"
STAND_IN = f"""
CREATE SCHEMA {SCHEMA};
SET LOCAL search_path = {SCHEMA}, public;
CREATE TABLE pg_dist_local_group (groupid int);
INSERT INTO pg_dist_local_group VALUES (0);
CREATE TABLE pg_dist_node (groupid int, nodeport int, isactive boolean, noderole text);
INSERT INTO pg_dist_node VALUES (0, 5432, true, 'primary'), (1, 5433, true, 'primary');
CREATE TABLE pg_dist_partition (
    logicalrelid regclass, partmethod "char", partkey text, colocationid int, repmodel "char"
);
CREATE TABLE call (no int GENERATED ALWAYS AS IDENTITY, said text);

CREATE FUNCTION column_to_column_name(regclass, text) RETURNS text LANGUAGE sql AS 'SELECT $2';

CREATE FUNCTION create_distributed_table(
    name regclass, distribution_column text, distribution_type text DEFAULT 'hash', colocate_with text DEFAULT 'default',
    shard_count int DEFAULT NULL
) RETURNS void LANGUAGE sql SET search_path = {SCHEMA}, public AS $$
    INSERT INTO call (said) VALUES (concat_ws(' ', name, distribution_column, colocate_with, shard_count));
    INSERT INTO pg_dist_partition SELECT name, 'h', distribution_column, CASE
        WHEN colocate_with IN ('none', 'default') THEN (SELECT count(*) + 1 FROM pg_dist_partition)
        ELSE (SELECT colocationid FROM pg_dist_partition WHERE logicalrelid = colocate_with::regclass) END, 's'
$$;

CREATE FUNCTION create_reference_table(name regclass) RETURNS void
LANGUAGE sql SET search_path = {SCHEMA}, public AS $$
    INSERT INTO call (said) VALUES (concat_ws(' ', name, 'everywhere'));
    INSERT INTO pg_dist_partition VALUES (name, 'n', NULL, 0, 't')
$$;

CREATE FUNCTION forget(name regclass) RETURNS void LANGUAGE sql SET search_path = {SCHEMA}, public AS $$
    DELETE FROM pg_dist_partition WHERE logicalrelid = name
$$;
"""  # noqa: S608  # our own names
SEEN = f"""
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, {SCHEMA}', current_database()); END $$
"""
CALLS = f"SELECT array_agg(said ORDER BY no) FROM {SCHEMA}.call"  # noqa: S608  # our own name


def stand_in(url: str) -> None:
    """Give the database at `url` the stand-in: a coordinator with one worker, and no table distributed."""
    run_sql(url, f"DO $body$ BEGIN EXECUTE $text${STAND_IN}$text$; END $body$")
    run_sql(url, SEEN)


def calls(url: str) -> list[str]:
    """What Citus was asked for: table, column, the table to share shards with, number of shards."""
    said = run_sql(url, CALLS)
    return list(said) if isinstance(said, list) else []
