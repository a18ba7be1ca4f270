-- The daily facts as the worker counts them from these receipts; `jifen stats rebuild` finds the same.
CREATE UNLOGGED TABLE bench_part AS
SELECT a.day, a.kind, a.tier, a.store, a.way, a.item, a.no = 1 AS is_new, count(*) AS times, count(*) FILTER (WHERE two <> 0) AS twos,
    sum(abs(one)) AS one, sum(two) AS two
FROM (
    SELECT day, kind, tier, CASE WHEN kind IN ('p', 'u') THEN store END AS store, CASE WHEN kind IN ('c', 'p') THEN way END AS way,
        CASE WHEN kind IN ('r', 'u') THEN item END AS item, no, one, two
    FROM bench_act
) a GROUP BY 1, 2, 3, 4, 5, 6, 7;

INSERT INTO daily_fact (edition, day, booked_on, flow, store, region, channel, tier, rule, campaign, version, points, times, fen)
SELECT 1, @first_day@ + a.day, @first_day@ + a.day, f.flow, CASE WHEN f.of_store THEN s.id ELSE '' END, CASE WHEN f.of_store THEN s.region ELSE '' END,
    CASE a.kind WHEN 'w' THEN '' WHEN 'c' THEN CASE a.way WHEN 0 THEN 'miniapp' ELSE 'oa' END WHEN 'p' THEN CASE a.way WHEN 0 THEN 'mall' ELSE 'pos' END
        WHEN 'u' THEN 'partner' WHEN 'l' THEN 'system' WHEN 'a' THEN 'operator' ELSE 'miniapp' END,
    (ARRAY['', 'basic', 'silver', 'gold'])[1 + a.tier], f.rule, CASE WHEN f.rule = 'prize:hot:rush' THEN 'wheel:hot' WHEN f.rule IN ('wheel:hot', 'mission:buyer') THEN f.rule ELSE '' END, 1,
    sum(f.points), sum(f.times), sum(f.fen)
FROM bench_part a LEFT JOIN bench_store s ON s.store = a.store AND s.way = 1
CROSS JOIN LATERAL (
    SELECT CASE WHEN a.kind = 'a' THEN 'given_by_hand' WHEN a.kind = 'l' THEN 'expired' WHEN a.kind IN ('d', 'r') THEN 'used' ELSE 'issued' END,
        a.kind = 'p', CASE a.kind WHEN 'w' THEN 'welcome' WHEN 'c' THEN 'check_in' WHEN 'p' THEN 'earn:spend' WHEN 'd' THEN 'wheel:hot'
            WHEN 'l' THEN 'lapsed' WHEN 'a' THEN 'adjusted' ELSE 'reward:r' || a.item END, a.one, a.times, 0::bigint
    WHERE a.kind <> 'u'
    UNION ALL
    SELECT 'issued', false, CASE a.kind WHEN 'c' THEN 'check_in' WHEN 'p' THEN 'mission:buyer' ELSE 'wheel:hot' END, a.two, a.twos, 0 WHERE a.twos > 0
    UNION ALL SELECT 'sold', true, '', 0, a.times, a.one * 100 WHERE a.kind = 'p'
    UNION ALL SELECT 'redeemed', false, 'reward:r' || a.item, a.one, a.times, a.times * 500 WHERE a.kind = 'r'
    UNION ALL SELECT 'written_off', true, 'reward:r' || a.item, a.times * (50 + 25 * a.item), a.times, a.times * 500 WHERE a.kind = 'u'
    UNION ALL SELECT 'acted', a.kind IN ('p', 'u'), '', 0, a.times, 0 WHERE a.kind NOT IN ('w', 'l', 'a')
    UNION ALL SELECT 'joined', false, '', 0, a.times, 0 WHERE a.is_new
    UNION ALL SELECT 'rolled', false, 'prize:hot:rush', 0, a.times, 0 WHERE a.kind = 'd'
) AS f(flow, of_store, rule, points, times, fen)
GROUP BY 2, 3, 4, 5, 6, 7, 8, 9, 10 ORDER BY 2;

CREATE UNLOGGED TABLE bench_minute AS
SELECT day, CASE kind WHEN 'l' THEN 0 ELSE minute END AS minute, kind, count(*) AS times, count(*) FILTER (WHERE two <> 0) AS twos,
    sum(abs(one)) AS one, sum(two) AS two, sum(CASE kind WHEN 'u' THEN 50 + 25 * item END) AS paid
FROM bench_act GROUP BY 1, 2, 3;

INSERT INTO minute_fact (edition, day, minute, flow, points, times, fen)
SELECT 1, @first_day@ + day, minute, f.flow, sum(f.points), sum(f.times), sum(f.fen)
FROM bench_minute a CROSS JOIN LATERAL (
    SELECT CASE WHEN a.kind = 'a' THEN 'given_by_hand' WHEN a.kind = 'l' THEN 'expired' WHEN a.kind IN ('d', 'r') THEN 'used' ELSE 'issued' END,
        a.one, a.times, 0::bigint
    WHERE a.kind <> 'u'
    UNION ALL SELECT 'issued', a.two, a.twos, 0 WHERE a.twos > 0
    UNION ALL SELECT 'sold', 0, a.times, a.one * 100 WHERE a.kind = 'p'
    UNION ALL SELECT 'redeemed', a.one, a.times, a.times * 500 WHERE a.kind = 'r'
    UNION ALL SELECT 'written_off', a.paid, a.times, a.times * 500 WHERE a.kind = 'u'
    UNION ALL SELECT 'acted', 0, a.times, 0 WHERE a.kind NOT IN ('w', 'l', 'a')
    UNION ALL SELECT 'joined', 0, a.times, 0 WHERE a.kind = 'w'
    UNION ALL SELECT 'rolled', 0, a.times, 0 WHERE a.kind = 'd'
) AS f(flow, points, times, fen)
GROUP BY day, minute, f.flow ORDER BY day, minute;

INSERT INTO member_day (member_id, edition, day, first_minute, acts, issued, used, redeemed, orders, sold_fen, is_new, person, returned)
SELECT m, 1, @first_day@ + day, first_minute, acts, issued, used, redeemed, orders, sold * 100, is_new, m, 0 FROM bench_day;

INSERT INTO number_feed (edition, shown, read_at, read_member, read_no)
SELECT 1, true, at, m, no FROM bench_act ORDER BY micros DESC, m DESC, no DESC LIMIT 1;
