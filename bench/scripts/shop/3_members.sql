-- Members, what they hold, and how they are known. Every fifth member kept the nickname that WeChat gives; others share some thousands.
INSERT INTO member (member_id, nickname, referral_code, joined_at, last_seen_floor)
SELECT m,
    CASE WHEN m % 5 = 0 THEN '微信用户' WHEN m % 5 = 1 THEN NULL ELSE
        (ARRAY['小', '阿', '老', '大', 'Amy', 'Leo', '云', '晴', '南', '星'])[1 + m % 10] ||
        (ARRAY['明', '红', '鱼', '猫', '山', '月', '雨', '风', '米', '豆', '禾', '安'])[1 + m / 10 % 12] ||
        (hashint8extended(m, 3) & 127)::text END,
    @referral_code@, joined_at, @first_day@ + 330
FROM bench_person;

INSERT INTO account (member_id, version, seq, chain, status, available, debt, issued, spent, expired, adjusted, growth, posted_at, last_seen_on)
SELECT m, no, seq, '\x6a6966656e6a6966656e6a6966656e6a6966656e6a6966656e6a6966656e6a69',
    CASE WHEN m % 500 = 7 THEN 'frozen' WHEN m % 900 = 11 THEN 'closed' ELSE 'open' END,
    greatest(issued + adjusted - used - expired, 0), greatest(used + expired - issued - adjusted, 0), issued, used, expired, adjusted, issued,
    @begin@ + micros * interval '1 microsecond', @first_day@ + day
FROM (
    SELECT m, max(no) AS no, max(seq) AS seq, max(micros) AS micros, max(day) AS day, sum(issued) AS issued, sum(used) AS used,
        sum(expired) AS expired, sum(adjusted) AS adjusted
    FROM bench_day GROUP BY m
) a;

-- One lot for thirty days; the oldest points are used first.
INSERT INTO lot (member_id, expires_on, opens_on, opened, granted, remaining, spent)
SELECT m, @first_day@ + span * 30 + 390, @first_day@ + span * 30, true, granted, left_of, granted - left_of FROM (
    SELECT m, span, granted, least(granted, greatest(0, sum(granted) OVER (PARTITION BY m ORDER BY span) - sum(gone) OVER (PARTITION BY m))) AS left_of
    FROM (SELECT m, day / 30 AS span, sum(issued + adjusted) AS granted, sum(used + expired) AS gone FROM bench_day GROUP BY 1, 2) g
) l WHERE granted > 0;

INSERT INTO tier_span (member_id, receipt_no, since, until, tier, came_from, why)
SELECT m, 1, joined_at, CASE WHEN tier > 0 THEN @end@ - (@end@ - joined_at) / 2 END, 'basic', 'basic', 'begun' FROM bench_person
UNION ALL
SELECT m, n / 2 + 1, @end@ - (@end@ - joined_at) / 2, NULL, CASE tier WHEN 1 THEN 'silver' ELSE 'gold' END, 'basic', 'reached'
FROM bench_person WHERE tier > 0;

INSERT INTO identity (provider, subject, member_id, linked_at)
SELECT '@oa@', @oa_subject@, m, joined_at FROM bench_person
UNION ALL SELECT '@miniapp@', @mini_subject@, m, joined_at FROM bench_person WHERE m % 3 > 0;

INSERT INTO referral_code (code, member_id) SELECT @referral_code@, m FROM bench_person;

-- The earliest members have invited thousands.
INSERT INTO referral (member_id, inviter_id, bound_at, qualified_at)
SELECT m, 1 + floor((m - 1) * power((hashint8extended(m, 5) & 1023) / 1024.0, 6))::bigint, joined_at, joined_at + interval '1 day'
FROM bench_person WHERE m > 10 AND m % 10 = 0;
