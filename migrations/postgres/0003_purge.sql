-- The ends of the audit trails of tasks that were removed. Their events stay.
CREATE TABLE purged (
    task_id TEXT NOT NULL PRIMARY KEY,
    events BIGINT NOT NULL CHECK (events >= 1),
    chain TEXT NOT NULL CHECK (length(chain) = 64)
);

-- Events outlive their tasks, so they do not refer to them any more.
ALTER TABLE event DROP CONSTRAINT event_task_id_fkey;

CREATE INDEX task_over ON task (coalesce(completed_on, cancelled_on))
    WHERE state IN ('cancelled', 'completed');
