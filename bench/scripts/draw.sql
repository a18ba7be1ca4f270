-- One member's draw on the hot wheel, written statement by statement in one transaction; the stock row, for which all contend, comes last.
-- :start, :each, :client_count, :round come from outside; :done counts this client's transactions.
\set k :start + :done
\set done :done + 1
\set member 1 + :client_id + :client_count * permute(:k % :each, :each, :client_id)
\set n :k * :client_count + :client_id
BEGIN;
SELECT version, seq, available, issued, spent, growth FROM account WHERE member_id = :member \gset a_
SELECT request_hash, code, facts::text FROM receipt
    WHERE member_id = :member AND request_key = 'api:' || md5(:n::text);
SELECT count(*) FROM draw WHERE member_id = :member AND wheel = '{wheel}' AND day = current_date;
SELECT coalesce(max(nonce), 0) AS nonce FROM draw WHERE member_id = :member AND round_id = :round \gset d_
SELECT * FROM lot WHERE member_id = :member AND (expires_on > current_date OR remaining > 0 OR NOT opened);
SELECT stocked - taken FROM stock WHERE item = 'prize:' || '{wheel}:' || '{prize}';
UPDATE account SET version = :a_version + 1, seq = :a_seq + 2, chain = sha256(int8send(:n)),
    available = :a_available - {cost} + {points}, issued = :a_issued + {points}, spent = :a_spent + {cost},
    growth = :a_growth + {points}, posted_at = now()
    WHERE member_id = :member AND version = :a_version;
INSERT INTO receipt (member_id, no, command, scope, ref, request_key, request_hash, accepted, code, facts, rule_version, actor,
    effective_at, posted_at, trace)
    VALUES (:member, :a_version + 1, 'draw', 'draw', '{wheel}:' || 'api:' || md5(:n::text), 'api:' || md5(:n::text),
    sha256(int8send(:n)), true, 'drawn', '{facts}', 1, 'member', now(), now(), '{trace}');
INSERT INTO entry (member_id, seq, receipt_no, reason, detail, src, dst, amount, available, pending, held, debt, expires_on,
    posted_at, chain)
    VALUES (:member, :a_seq + 1, :a_version + 1, 'draw', '{cost_detail}', 'available', 'spent', {cost},
    :a_available - {cost}, 0, 0, 0, NULL, now(), sha256(int8send(:n)));
INSERT INTO entry (member_id, seq, receipt_no, reason, detail, src, dst, amount, available, pending, held, debt, expires_on,
    posted_at, chain)
    VALUES (:member, :a_seq + 2, :a_version + 1, 'prize', '{detail}', 'issued', 'available', {points},
    :a_available - {cost} + {points}, 0, 0, 0, '{expires_on}', now(), sha256(int8send(:n)));
INSERT INTO lot (member_id, expires_on, opens_on, terms, opened, granted, remaining, spent)
    VALUES (:member, '{expires_on}', '{opens_on}', 0, true, {points}, {points} - {cost}, {cost})
    ON CONFLICT (member_id, expires_on, opens_on, terms)
    DO UPDATE SET granted = lot.granted + {points}, remaining = lot.remaining + {points} - {cost}, spent = lot.spent + {cost};
INSERT INTO lot_use (member_id, receipt_no, kind, expires_on, opens_on, terms, amount)
    VALUES (:member, :a_version + 1, 'spent', '{expires_on}', '{opens_on}', 0, {cost});
INSERT INTO lot_use (member_id, receipt_no, kind, expires_on, opens_on, terms, amount)
    VALUES (:member, :a_version + 1, 'granted', '{expires_on}', '{opens_on}', 0, {points});
INSERT INTO draw (member_id, round_id, nonce, wheel, day, receipt_no, line, client_seed, roll, candidate, prize, prize_name,
    level, slot, won, took_stock, points, cost_points, odds_version, rule_version, drawn_at)
    VALUES (:member, :round, :d_nonce + 1, '{wheel}', current_date, :a_version + 1, 0, '', 123456, '{prize}', '{prize}',
    '{prize_name}', '{level}', 0, true, true, {points}, {cost}, '{odds_version}', 1, now());
UPDATE stock SET taken = taken + 1 WHERE item = 'prize:' || '{wheel}:' || '{prize}' AND taken + 1 <= stocked;
COMMIT;
