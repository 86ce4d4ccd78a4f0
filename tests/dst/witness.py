"""Note inside the database what its rows come to, by triggers: erasures and purges take the rows, not the notes.

A note is written in the transaction that it is about, so that it dies with it. Nothing of the program is used here.
"""

import sqlite3

_NOTES = """
CREATE TABLE IF NOT EXISTS witness_inbox (
    place INTEGER PRIMARY KEY, inbox_id INTEGER, lookup BLOB, channel TEXT, external_id TEXT,
    received_at TEXT, handled_at TEXT, error TEXT, person INTEGER,
    gone INTEGER DEFAULT 0);
CREATE INDEX IF NOT EXISTS ix_witness_inbox ON witness_inbox (inbox_id);
CREATE INDEX IF NOT EXISTS ix_witness_inbox_name ON witness_inbox (external_id);
CREATE TABLE IF NOT EXISTS witness_outbox (
    place INTEGER PRIMARY KEY, outbox_id INTEGER, address_id INTEGER, lookup BLOB, conversation_id INTEGER, kind TEXT,
    ask INTEGER, lane TEXT, lead TEXT, text TEXT, created_at TEXT, status TEXT, attempts INTEGER,
    possibly_duplicate INTEGER, reason TEXT, sent_at TEXT, sent_place INTEGER, gone INTEGER DEFAULT 0);
CREATE INDEX IF NOT EXISTS ix_witness_outbox ON witness_outbox (outbox_id);
CREATE TABLE IF NOT EXISTS witness_step (place INTEGER PRIMARY KEY);
INSERT OR IGNORE INTO witness_step VALUES (0);
CREATE TABLE IF NOT EXISTS witness_wrong (what TEXT, number INTEGER);

CREATE TRIGGER IF NOT EXISTS witness_inbox_new AFTER INSERT ON inbox BEGIN
    INSERT INTO witness_inbox (inbox_id, lookup, channel, external_id, received_at, person)
    SELECT new.id, lookup, new.channel, new.external_id, new.received_at, participant_id
    FROM address WHERE id = new.address_id;
END;
CREATE TRIGGER IF NOT EXISTS witness_inbox_handled AFTER UPDATE OF handled_at, error ON inbox BEGIN
    UPDATE witness_inbox SET handled_at = new.handled_at, error = new.error,
        person = coalesce(person, (SELECT participant_id FROM address WHERE id = new.address_id))
    WHERE place = (SELECT max(place) FROM witness_inbox WHERE inbox_id = new.id);
END;
CREATE TRIGGER IF NOT EXISTS witness_inbox_renamed AFTER UPDATE OF external_id ON inbox BEGIN
    UPDATE witness_inbox SET gone = 1 WHERE place = (SELECT max(place) FROM witness_inbox WHERE inbox_id = new.id);
END;
CREATE TRIGGER IF NOT EXISTS witness_inbox_gone AFTER DELETE ON inbox BEGIN
    UPDATE witness_inbox SET gone = 1 WHERE place = (SELECT max(place) FROM witness_inbox WHERE inbox_id = old.id);
END;
CREATE TRIGGER IF NOT EXISTS witness_outbox_new AFTER INSERT ON outbox WHEN new.kind != 'edit' BEGIN
    INSERT INTO witness_outbox (outbox_id, address_id, lookup, conversation_id, kind, ask, lane, lead, text,
        created_at, status, attempts, possibly_duplicate)
    SELECT new.id, new.address_id, lookup, new.conversation_id, new.kind, new.ask, new.lane,
        json_extract(new.payload, '$.lead'), json_extract(new.payload, '$.text'), new.created_at, new.status,
        new.attempts, new.possibly_duplicate
    FROM address WHERE id = new.address_id;
END;
CREATE TRIGGER IF NOT EXISTS witness_outbox_moves
AFTER UPDATE OF status, lane, attempts, possibly_duplicate, reason ON outbox WHEN new.kind != 'edit' BEGIN
    UPDATE witness_step SET place = place + 1 WHERE new.status = 'sent' AND old.status != 'sent';
    UPDATE witness_outbox SET status = new.status, lane = new.lane, attempts = new.attempts,
        possibly_duplicate = new.possibly_duplicate, reason = new.reason, sent_at = new.sent_at,
        sent_place = CASE WHEN new.status = 'sent' AND old.status != 'sent' THEN (SELECT max(place) FROM witness_step)
            ELSE sent_place END
    WHERE place = (SELECT max(place) FROM witness_outbox WHERE outbox_id = new.id);
END;
CREATE TRIGGER IF NOT EXISTS witness_help_left_talk AFTER UPDATE OF conversation_id ON outbox
WHEN new.kind = 'help' AND new.status = 'queued' AND NOT new.possibly_duplicate BEGIN
    UPDATE witness_outbox SET conversation_id = new.conversation_id
    WHERE place = (SELECT max(place) FROM witness_outbox WHERE outbox_id = new.id);
END;
CREATE TRIGGER IF NOT EXISTS witness_outbox_gone AFTER DELETE ON outbox WHEN old.kind != 'edit' BEGIN
    UPDATE witness_outbox SET gone = 1
    WHERE place = (SELECT max(place) FROM witness_outbox WHERE outbox_id = old.id);
END;
CREATE TRIGGER IF NOT EXISTS witness_written_to_whoever_left AFTER UPDATE OF status ON outbox
WHEN new.status = 'sending' AND new.kind = 'message' AND new.lane IN ('reminder', 'bulk') BEGIN
    INSERT INTO witness_wrong
    SELECT 'is written to of our own accord, and has left: participant', participant.id
    FROM address JOIN participant ON participant.id = address.participant_id
    WHERE address.id = new.address_id AND participant.status != 'active';
END;
CREATE TRIGGER IF NOT EXISTS witness_written_to_whoever_blocked AFTER UPDATE OF status ON outbox
WHEN new.status = 'sending' AND new.kind != 'edit' BEGIN
    INSERT INTO witness_wrong
    SELECT 'is written to, and has blocked us: address', address.id
    FROM address WHERE address.id = new.address_id AND address.status = 'blocked';
END;
CREATE TRIGGER IF NOT EXISTS witness_sent_twice AFTER UPDATE OF status ON outbox
WHEN new.status IN ('queued', 'sending') AND old.status = 'sent' BEGIN
    INSERT INTO witness_wrong VALUES ('was sent, and is to be sent again: outbox row', new.id);
END;
"""


def install(connection: sqlite3.Connection) -> None:
    """Have a database noted from now on."""
    connection.executescript(_NOTES)
