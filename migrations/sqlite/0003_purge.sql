-- The ends of the audit trails of tasks that were removed. Their events stay.
CREATE TABLE purged (
    task_id TEXT NOT NULL PRIMARY KEY,
    events INTEGER NOT NULL CHECK (events >= 1),
    chain TEXT NOT NULL CHECK (length(chain) = 64)
) STRICT, WITHOUT ROWID;

-- Events outlive their tasks, so they do not refer to them any more.
CREATE TABLE lasting_event (
    task_id TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 1),
    happened_on INTEGER NOT NULL,
    kind TEXT NOT NULL,
    caller TEXT NOT NULL,
    details TEXT NOT NULL,
    hash TEXT NOT NULL CHECK (length(hash) = 64),
    PRIMARY KEY (task_id, number)
) STRICT, WITHOUT ROWID;

INSERT INTO lasting_event SELECT * FROM event;
DROP TABLE event;
ALTER TABLE lasting_event RENAME TO event;

CREATE TRIGGER event_is_kept BEFORE UPDATE ON event
BEGIN
    SELECT RAISE(ABORT, 'events are not changed');
END;

CREATE TRIGGER event_stays BEFORE DELETE ON event
BEGIN
    SELECT RAISE(ABORT, 'events are not removed');
END;

CREATE INDEX task_over ON task (coalesce(completed_on, cancelled_on))
    WHERE state IN ('cancelled', 'completed');
