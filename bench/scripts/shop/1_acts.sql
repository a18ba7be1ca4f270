-- Who there is, and what each did when. Every later file reads these two tables; the acts lie in the order of time, as in a database that grew.
-- Receipts per member follow a power law: most members have a handful, a few have thousands.
CREATE UNLOGGED TABLE bench_person AS
SELECT m, n, began AS joined, @begin@ + began * interval '1 second' AS joined_at, CASE WHEN n > 200 THEN 2 WHEN n > 40 THEN 1 ELSE 0 END AS tier
FROM (
    SELECT m, least(4000, greatest(1, floor(@receipts@ * 0.3 * power(((hashint8extended(m, 1) & 2147483647) + 1)::float8 / 2147483649, -0.7))))::int
            AS n,
        (@seconds@ * 0.98 * power((m - 1)::float8 / @members@, 0.8))::bigint AS began
    FROM generate_series(1::bigint, @members@) m
) p;

-- kind: w welcome, c sign-in, p purchase, d draw, r redemption, u voucher used, l lapse, a adjustment by hand.
-- one and two: what the first and the second entry move, negative for what leaves; 0 for no such entry.
-- day and minute are numbers from the first midnight on, in the programme's zone; item is the reward, way the place it was reported from.
CREATE UNLOGGED TABLE bench_act AS
SELECT m, no, kind, h, micros, @begin@ + micros * interval '1 microsecond' AS at, (micros / 86400000000)::int AS day,
    (micros / 60000000 % 1440)::int AS minute, one, two, item, store, h / 100 % 3 AS way, tier, becomes_used, used_micros,
    (sum(entries) OVER w)::int AS last_seq, (sum(one + two) OVER w)::int AS held
FROM (
    SELECT *, (one <> 0)::int + (two <> 0)::int AS entries, lead(kind) OVER w = 'u' AS becomes_used, lead(micros) OVER w AS used_micros
    FROM (
        SELECT m, no, kind, h, micros, item, store, tier,
            CASE kind WHEN 'w' THEN 100 WHEN 'c' THEN 10 WHEN 'p' THEN 6 + h / 100 % 200 WHEN 'd' THEN -20 WHEN 'r' THEN -(50 + 25 * item)
                WHEN 'l' THEN -(10 + h % 50) WHEN 'a' THEN 50 ELSE 0 END AS one,
            CASE WHEN kind = 'c' AND h / 100 % 2 = 0 THEN 20 WHEN kind = 'p' THEN 5 WHEN kind = 'd' THEN 20 ELSE 0 END AS two
        FROM (
            SELECT m, no, h, CASE WHEN no = 1 THEN 0 WHEN no <= n / 2 + 1 OR tier = 0 THEN 1 ELSE tier + 1 END AS tier,
                1000000 * joined + CASE WHEN no = 1 THEN 0 ELSE (1e6 * (@seconds@ - joined) * (no - 0.98 + h % 97 * 0.01) / n)::bigint END AS micros,
                CASE
                    WHEN no = 1 THEN 'w'
                    WHEN no % 2 = 1 AND before % 100 BETWEEN 86 AND 90 AND before / 100 % 5 < 3 THEN 'u'
                    WHEN h % 100 < 50 THEN 'c' WHEN h % 100 < 72 THEN 'p' WHEN h % 100 < 86 THEN 'd' WHEN h % 100 < 91 THEN 'r'
                    WHEN h % 100 < 98 THEN 'l' ELSE 'a'
                END::"char" AS kind,
                -- A voucher that is used is the one of the receipt before.
                (CASE WHEN no % 2 = 1 AND before % 100 BETWEEN 86 AND 90 THEN before ELSE h END / 500 % 21 * (no / 2 % 7 + 1) / 7) AS item,
                h / 100 % 40 * (h % 40) / 40 AS store
            FROM (
                SELECT p.m, no, p.n, p.joined, p.tier, (hashint8extended(p.m * 4096 + no, 7) & 1048575)::int AS h,
                    (hashint8extended(p.m * 4096 + no - 1, 7) & 1048575)::int AS before
                FROM bench_person p CROSS JOIN LATERAL generate_series(1, p.n) AS no
            ) a
        ) k
    ) q
    WINDOW w AS (PARTITION BY m ORDER BY no)
) s
WINDOW w AS (PARTITION BY m ORDER BY no)
ORDER BY micros, m, no;

-- What each member did on each day.
CREATE UNLOGGED TABLE bench_day AS
SELECT m, day, max(no) AS no, max(last_seq) AS seq, max(micros) AS micros, min(minute) FILTER (WHERE kind NOT IN ('w', 'l', 'a')) AS first_minute,
    count(*) FILTER (WHERE kind NOT IN ('w', 'l', 'a')) AS acts, coalesce(sum(greatest(one, 0) + two) FILTER (WHERE kind <> 'a'), 0) AS issued,
    coalesce(sum(-one) FILTER (WHERE kind IN ('d', 'r')), 0) AS used, coalesce(sum(-one) FILTER (WHERE kind = 'l'), 0) AS expired,
    coalesce(sum(one) FILTER (WHERE kind = 'a'), 0) AS adjusted, count(*) FILTER (WHERE kind = 'r') AS redeemed,
    count(*) FILTER (WHERE kind = 'p') AS orders, coalesce(sum(one) FILTER (WHERE kind = 'p'), 0) AS sold, bool_or(no = 1) AS is_new
FROM bench_act GROUP BY day, m ORDER BY day, m;

CREATE UNLOGGED TABLE bench_store AS
SELECT store, way, 's' || lpad(store::text, 2, '0') AS id, (ARRAY['华东', '华南', '华北', '西南', '华中'])[1 + store % 5] AS region,
    CASE way WHEN 0 THEN 'mall' ELSE 'pos' END AS channel,
    jsonb_build_object('kind', 'purchase', 'what', '消费', 'rules', '[["spend", "消费返积分", 1, 100]]'::jsonb, 'store', 's' || lpad(store::text, 2, '0'),
        'store_name', store || ' 号店', 'channel', CASE way WHEN 0 THEN 'mall' ELSE 'pos' END, 'amount_fen', 6600) AS detail
FROM generate_series(0, 39) store, generate_series(0, 2) way;
ANALYZE bench_person, bench_act, bench_day, bench_store;
