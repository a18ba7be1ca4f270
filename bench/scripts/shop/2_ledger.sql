-- Receipts and entries. A link of a chain is any 32 bytes, and nothing is kept of what lots paid for what.
INSERT INTO receipt (member_id, no, command, scope, ref, request_key, request_hash, accepted, code, facts, rule_version, actor, effective_at,
    posted_at)
SELECT m, no,
    CASE kind WHEN 'c' THEN 'check_in' WHEN 'p' THEN 'record_event' WHEN 'd' THEN 'draw' WHEN 'r' THEN 'redeem' WHEN 'w' THEN 'welcome'
        WHEN 'u' THEN 'use_voucher' WHEN 'l' THEN 'expire' ELSE 'adjust' END,
    kind, no::text,
    CASE kind WHEN 'c' THEN CASE way WHEN 0 THEN 'api:' ELSE 'oa:' END WHEN 'p' THEN 'event:' WHEN 'd' THEN 'api:' WHEN 'r' THEN 'api:'
        WHEN 'w' THEN 'engine:' WHEN 'u' THEN 'partner:' WHEN 'l' THEN 'job:expire|' ELSE 'cli:' END || lpad(h::text, 24, '0') || no,
    '\x6a6966656e6a6966656e6a6966656e6a6966656e6a6966656e6a6966656e6a69', true, 'ok',
    CASE kind
        WHEN 'p' THEN ('{"kind": "purchase", "store": "s' || lpad(store::text, 2, '0') || '", "order": "W' || m * 4096 + no || '", "points": ' || one
            || '}')::jsonb
        WHEN 'd' THEN ('{"draws": [{"round_id": @round@, "nonce": ' || no || ', "prize": "rush"}], "balance": 120}')::jsonb
        WHEN 'r' THEN ('{"line": 0, "receipt_no": ' || no || ', "points": ' || -one || '}')::jsonb
        WHEN 'u' THEN ('{"line": 0, "receipt_no": ' || no - 1 || ', "store": "s' || lpad(store::text, 2, '0') || '"}')::jsonb
        ELSE '{"points": 10, "balance": 120, "streak": 3}'::jsonb
    END,
    1, CASE kind WHEN 'w' THEN 'engine' WHEN 'l' THEN 'system' WHEN 'a' THEN 'operator' WHEN 'p' THEN 'partner' WHEN 'u' THEN 'partner' ELSE 'member' END,
    at, at
FROM bench_act;

INSERT INTO entry (member_id, seq, receipt_no, reason, detail, src, dst, amount, available, pending, held, debt, expires_on, posted_at, chain)
SELECT m, last_seq - (e.place = 1 AND two <> 0)::int, no,
    CASE kind WHEN 'c' THEN CASE e.place WHEN 1 THEN 'check_in' ELSE 'check_in_bonus' END
        WHEN 'p' THEN CASE e.place WHEN 1 THEN 'event' ELSE 'mission' END WHEN 'd' THEN CASE e.place WHEN 1 THEN 'draw' ELSE 'prize' END
        WHEN 'w' THEN 'welcome' WHEN 'l' THEN 'lapsed' WHEN 'a' THEN 'adjusted' ELSE 'redeem' END,
    CASE
        WHEN kind = 'c' THEN '{"day": "2026-06-18", "streak": 3}'::jsonb
        WHEN kind = 'p' AND e.place = 1 THEN s.detail
        WHEN kind = 'p' THEN '{"mission": "buyer", "name": "本周消费"}'::jsonb
        WHEN kind = 'd' THEN '{"wheel": "hot", "name": "热门转盘", "level": "一等奖", "prize": "20 积分"}'::jsonb
        WHEN kind = 'r' THEN ('{"reward": "r' || item || '", "name": "礼品 ' || item || '", "quantity": 1}')::jsonb
        WHEN kind = 'a' THEN '{"reason": "补偿"}'::jsonb
        ELSE '{}'::jsonb
    END,
    CASE WHEN kind = 'a' THEN 'adjusted' WHEN e.amount > 0 THEN 'issued' ELSE 'available' END,
    CASE WHEN e.amount > 0 THEN 'available' WHEN kind = 'l' THEN 'expired' ELSE 'spent' END,
    abs(e.amount), greatest(0, held - CASE e.place WHEN 1 THEN two ELSE 0 END), 0, 0, 0,
    CASE WHEN kind = 'l' THEN @first_day@ + day WHEN e.amount > 0 THEN @first_day@ + day / 30 * 30 + 390 END,
    at, '\x6a6966656e6a6966656e6a6966656e6a6966656e6a6966656e6a6966656e6a69'
FROM bench_act a JOIN bench_store s USING (store, way) CROSS JOIN LATERAL (VALUES (1, one), (2, two)) AS e(place, amount)
WHERE e.amount <> 0;
