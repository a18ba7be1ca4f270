-- What was bought, redeemed and drawn.
INSERT INTO event (member_id, receipt_no, source, event, kind, day, store, channel, order_no, amount_fen, points, occurred_at, rule_version)
SELECT m, no, 'name:bench', 'E' || m * 4096 + no, 'purchase', @first_day@ + day, s.id, s.channel, 'W' || m * 4096 + no, one * 100, one, at, 1
FROM bench_act JOIN bench_store s USING (store, way) WHERE kind = 'p';

INSERT INTO purchase (member_id, store, order_no, receipt_no, source, event, kind, day, amount_fen, terms, granted, rule_version)
SELECT m, s.id, 'W' || m * 4096 + no, no, 'name:bench', 'E' || m * 4096 + no, 'purchase', @first_day@ + day, one * 100, '1/100', one, 1
FROM bench_act JOIN bench_store s USING (store, way) WHERE kind = 'p';

INSERT INTO order_key (order_no, store, member_id, receipt_no)
SELECT 'W' || m * 4096 + no, s.id, m, no FROM bench_act JOIN bench_store s USING (store, way) WHERE kind = 'p';

INSERT INTO award (member_id, receipt_no, rule, day, points) SELECT m, no, 'spend', @first_day@ + day, one FROM bench_act WHERE kind = 'p';

INSERT INTO redemption (member_id, receipt_no, line, source, item, name, quantity, took_stock, points, voucher_code, terms, state, rule_version,
    created_at, expires_on, closed_at, used_by, store)
SELECT m, no, 0, 'redeem', 'reward:r' || item, '礼品 ' || item, 1, false, -one, upper(substr(md5((m * 4096 + no)::text), 1, 12)), '凭券码到店领取。',
    state, 1, at, @first_day@ + day + 60,
    CASE state WHEN 'used' THEN @begin@ + used_micros * interval '1 microsecond' WHEN 'cancelled' THEN at + interval '1 hour' END,
    CASE state WHEN 'used' THEN 'partner' END, CASE state WHEN 'used' THEN 's' || lpad(store::text, 2, '0') END
FROM (
    SELECT *, CASE WHEN becomes_used THEN 'used' WHEN h / 100 % 50 = 4 THEN 'cancelled' ELSE 'issued' END AS state FROM bench_act WHERE kind = 'r'
) r;

INSERT INTO voucher_code (code, member_id, receipt_no, line)
SELECT DISTINCT ON (1) upper(substr(md5((m * 4096 + no)::text), 1, 12)), m, no, 0 FROM bench_act WHERE kind = 'r';

INSERT INTO draw (member_id, round_id, nonce, wheel, day, receipt_no, line, client_seed, roll, candidate, prize, prize_name, level, slot, won,
    took_stock, points, cost_points, odds_version, rule_version, drawn_at)
SELECT m, @round@, no, 'hot', @first_day@ + day, no, 0, lpad(h::text, 16, '0'), h % 1000000, 'rush', 'rush', '20 积分', '一等奖', 0, true, true, 20, 20,
    '@odds@', 1, at
FROM bench_act WHERE kind = 'd';
