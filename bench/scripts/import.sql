-- One line of a file of balances, written statement by statement in one transaction, as one would without an engine.
-- Each client takes its own members in random order, so that none waits for another or finds a changed version.
-- Its scope is another, so that an import finds no member who has points of a file.
-- :start is where the walk begins, :each how many members a client has, :done counts its transactions.
\set k :start + :done
\set done :done + 1
\set member 1 + :client_id + :client_count * permute(:k % :each, :each, :client_id)
\set n :k * :client_count + :client_id
BEGIN;
SELECT version, seq, available, issued, growth FROM account WHERE member_id = :member \gset a_
SELECT request_hash, code, facts::text FROM receipt
    WHERE member_id = :member AND request_key = 'import:' || md5(:n::text) || md5(:n::text) || '!' || :k;
SELECT * FROM lot WHERE member_id = :member AND (expires_on > current_date OR remaining > 0 OR NOT opened);
UPDATE account SET version = :a_version + 1, seq = :a_seq + 1, chain = sha256(int8send(:n)), available = :a_available + {points},
    issued = :a_issued + {points}, growth = :a_growth + {points}, posted_at = now()
    WHERE member_id = :member AND version = :a_version;
INSERT INTO receipt (member_id, no, command, scope, ref, request_key, request_hash, accepted, code, facts, rule_version, actor,
    effective_at, posted_at, trace)
    VALUES (:member, :a_version + 1, 'import_balance', 'legacy', md5(:n::text) || md5(:n::text) || '!' || :k,
    'import:' || md5(:n::text) || md5(:n::text) || '!' || :k, sha256(int8send(:n)), true, 'balance_imported', '{facts}', 1, 'operator', now(), now(), '{trace}');
INSERT INTO entry (member_id, seq, receipt_no, reason, detail, src, dst, amount, available, pending, held, debt, expires_on,
    posted_at, chain)
    VALUES (:member, :a_seq + 1, :a_version + 1, 'opening_balance', '{detail}', 'issued', 'available', {points},
    :a_available + {points}, 0, 0, 0, '{expires_on}', now(), sha256(int8send(:n)));
INSERT INTO lot (member_id, expires_on, opens_on, terms, opened, granted, remaining)
    VALUES (:member, '{expires_on}', '{opens_on}', 0, true, {points}, {points})
    ON CONFLICT (member_id, expires_on, opens_on, terms)
    DO UPDATE SET granted = lot.granted + {points}, remaining = lot.remaining + {points};
INSERT INTO lot_use (member_id, receipt_no, kind, expires_on, opens_on, terms, amount)
    VALUES (:member, :a_version + 1, 'granted', '{expires_on}', '{opens_on}', 0, {points});
COMMIT;
