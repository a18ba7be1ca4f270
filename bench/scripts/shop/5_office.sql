-- Notices, the operation log, appeals, approvals and deliveries.
INSERT INTO notice (member_id, kind, key, receipt_no, payload, state, reason, channel, created_at, due_at, sent_at, attempts, fault)
SELECT m, CASE kind WHEN 'l' THEN 'expiry' ELSE 'change' END, no::text, no, '{"title": "积分变动"}', state,
    CASE state WHEN 'suppressed' THEN 'opted_out' WHEN 'waiting' THEN 'not_following' WHEN 'failed' THEN 'BadRequest' END,
    CASE WHEN state IN ('sent', 'delivered') THEN 'template' END, at, at, CASE WHEN state IN ('sent', 'delivered') THEN at + interval '3 seconds' END,
    (state <> 'due')::int, NULL
FROM (
    SELECT *, CASE WHEN h % 1000 < 700 THEN 'sent' WHEN h % 1000 < 800 THEN 'delivered' WHEN h % 1000 < 880 THEN 'suppressed'
        WHEN h % 1000 < 970 THEN 'waiting' WHEN h % 1000 < 999 OR at < @end@ - interval '1 hour' THEN 'failed' ELSE 'due' END AS state
    FROM bench_act WHERE kind IN ('p', 'l', 'r') AND h / 1000 % 4 = 0
) n;

INSERT INTO operation (member_id, id, at, operator, role, origin, action, subject, before, after, reason, receipt_no)
SELECT m, 'adjust' || m * 4096 + no, at, '客服' || (h / 100 % 12), 'operations', 'console', 'adjust', '', '{}'::jsonb, '{"points": 50}'::jsonb,
    '门店漏积分，补给会员', no
FROM bench_act WHERE kind = 'a'
UNION ALL
SELECT 0, 'login' || g, @end@ - interval '365 days' * (g / (@members@ / 10.0)), '客服' || (g % 12), 'operations', 'console', 'logged_in', '', '{}', '{}',
    '', NULL
FROM generate_series(1, @members@ / 10) g
UNION ALL
SELECT 0, 'publish' || g, @end@ - interval '9 days' * g, '老板', 'owner', 'console', 'publish_rules', '', '{}', '{}', '改了规则', NULL
FROM generate_series(1, 40) g;

INSERT INTO appeal (member_id, id, text, state, opened_at, answer, answered_by, released, answered_at)
SELECT m, md5(m::text), '我没有刷分，请看看。', CASE WHEN m % 5000 = 7 THEN 'open' ELSE 'answered' END, joined_at + interval '20 days',
    CASE WHEN m % 5000 <> 7 THEN '看过了，仍然冻结。' END, CASE WHEN m % 5000 <> 7 THEN '老板' END, CASE WHEN m % 5000 <> 7 THEN false END,
    CASE WHEN m % 5000 <> 7 THEN joined_at + interval '21 days' END
FROM bench_person WHERE m % 500 = 7;

INSERT INTO approval (id, action, member_id, facts, reason, asked_by, asked_name, asked_role, asked_origin, asked_at, expires_at, state, decided_by,
    decided_name, decided_at)
SELECT md5('approval' || g), 'adjust', g, '{"points": 5000}', '补发', 1, '客服1', 'operations', 'console', @end@ - interval '1 hour' * g,
    @end@ - interval '1 hour' * g + interval '7 days', CASE WHEN g < 20 THEN 'asked' ELSE 'approved' END, CASE WHEN g >= 20 THEN 2 END,
    CASE WHEN g >= 20 THEN '老板' END, CASE WHEN g >= 20 THEN @end@ - interval '1 hour' * (g - 1) END
FROM generate_series(1, @members@ / 500) g;

INSERT INTO webhook (id, key_id, url, sealed_secret, seal_key_id, created_at, sent_at, sent_member, sent_no)
SELECT 'hook' || g, 'key' || g, 'https://example.com/' || g, '\x00', 'bench', @end@ - interval '300 days', @end@, 0, 0 FROM generate_series(1, 2) g;

INSERT INTO webhook_delivery (webhook_id, change_id, type, content, state, attempts, created_at, due_at, last_status)
SELECT 'hook' || (1 + h % 2), m || '-' || no, 'draw.created', '{}', CASE WHEN h % 1000 = 0 THEN 'dead' ELSE 'delivered' END, 1, at, at, 200
FROM bench_act WHERE kind = 'd' AND at > @end@ - interval '90 days';
