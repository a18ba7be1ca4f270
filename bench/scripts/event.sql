-- One member's purchase as a till reports it, written statement by statement in one transaction, as one would without an engine.
-- :start is where the walk begins, :each how many members a client has, :done counts its transactions. Colons of keys and refs are
-- semicolons here, because pgbench would take what follows for a variable.
\set k :start + :done
\set done :done + 1
\set member 1 + :client_id + :client_count * permute(:k % :each, :each, :client_id)
\set n :k * :client_count + :client_id
BEGIN;
SELECT version, seq, available, issued, growth FROM account WHERE member_id = :member \gset a_
SELECT request_hash, code, facts::text FROM receipt
    WHERE member_id = :member AND request_key = 'event;name;bench|' || md5(:n::text);
SELECT member_id FROM event_key WHERE event = md5(:n::text) AND source = 'name;bench';
SELECT member_id, store FROM order_key WHERE order_no = md5(:n::text);
SELECT * FROM order_refund WHERE member_id = :member AND refund_of = md5(:n::text) AND state = 'waiting';
SELECT joined_at FROM member WHERE member_id = :member;
SELECT name, period, value FROM meter WHERE member_id = :member;
SELECT * FROM lot WHERE member_id = :member AND (expires_on > current_date OR remaining > 0 OR NOT opened);
UPDATE account SET version = :a_version + 1, seq = :a_seq + 1, chain = sha256(int8send(:n)), available = :a_available + {points},
    issued = :a_issued + {points}, growth = :a_growth + {points}, posted_at = now(), last_seen_on = current_date
    WHERE member_id = :member AND version = :a_version;
INSERT INTO receipt (member_id, no, command, scope, ref, request_key, request_hash, accepted, code, facts, rule_version, actor,
    effective_at, posted_at, trace)
    VALUES (:member, :a_version + 1, 'record_event', 'order', ';' || md5(:n::text), 'event;name;bench|' || md5(:n::text),
    sha256(int8send(:n)), true, 'event_recorded', '{facts}', 1, 'member', now(), now(), '{trace}');
INSERT INTO entry (member_id, seq, receipt_no, reason, detail, src, dst, amount, available, pending, held, debt, expires_on,
    posted_at, chain)
    VALUES (:member, :a_seq + 1, :a_version + 1, 'event', '{detail}', 'issued', 'available', {points},
    :a_available + {points}, 0, 0, 0, '{expires_on}', now(), sha256(int8send(:n)));
INSERT INTO lot (member_id, expires_on, opens_on, terms, opened, granted, remaining)
    VALUES (:member, '{expires_on}', '{opens_on}', 0, true, {points}, {points})
    ON CONFLICT (member_id, expires_on, opens_on, terms)
    DO UPDATE SET granted = lot.granted + {points}, remaining = lot.remaining + {points};
INSERT INTO lot_use (member_id, receipt_no, kind, expires_on, opens_on, terms, amount)
    VALUES (:member, :a_version + 1, 'granted', '{expires_on}', '{opens_on}', 0, {points});
INSERT INTO event (member_id, receipt_no, source, event, kind, day, store, channel, order_no, amount_fen, points, occurred_at,
    rule_version)
    VALUES (:member, :a_version + 1, 'name;bench', md5(:n::text), 'purchase', current_date, NULL, 'pos', md5(:n::text),
    {amount_fen}, {points}, now(), 1);
INSERT INTO event_key (event, source, member_id, receipt_no) VALUES (md5(:n::text), 'name;bench', :member, :a_version + 1);
INSERT INTO award (member_id, receipt_no, rule, day, points) VALUES (:member, :a_version + 1, 'spend', current_date, {points});
INSERT INTO purchase (member_id, store, order_no, receipt_no, source, event, kind, day, amount_fen, terms, granted, rule_version)
    VALUES (:member, '', md5(:n::text), :a_version + 1, 'name;bench', md5(:n::text), 'purchase', current_date, {amount_fen},
    '{terms}', {points}, 1);
INSERT INTO order_key (order_no, store, member_id, receipt_no) VALUES (md5(:n::text), '', :member, :a_version + 1);
INSERT INTO meter (member_id, name, period, value) VALUES (:member, 'events;purchase', '', 1),
    (:member, 'orders', '', 1), (:member, 'orders', to_char(current_date, 'YYYY-MM'), 1),
    (:member, 'spent_fen', '', {amount_fen}), (:member, 'spent_fen', to_char(current_date, 'YYYY'), {amount_fen})
    ON CONFLICT (member_id, name, period) DO UPDATE SET value = meter.value + excluded.value;
COMMIT;
