-- Times are microseconds since 1970. Documents are JSON as text, so that they come back byte for
-- byte.

CREATE TABLE task (
    id TEXT NOT NULL PRIMARY KEY,
    task_type TEXT NOT NULL,
    state TEXT NOT NULL
        CHECK (state IN ('cancelled', 'completed', 'failed', 'invalid', 'running', 'waiting')),
    stage BIGINT NOT NULL CHECK (stage >= 0),
    run BIGINT NOT NULL CHECK (run >= 1),
    stages TEXT NOT NULL,
    requester TEXT NOT NULL,
    project_id TEXT,
    hash_key TEXT NOT NULL CHECK (length(hash_key) = 64),
    shared TEXT NOT NULL,
    created_on BIGINT NOT NULL,
    opened_on BIGINT,
    opened_by TEXT,
    approved_on BIGINT,
    approved_by TEXT,
    completed_on BIGINT,
    cancelled_on BIGINT,
    events BIGINT NOT NULL CHECK (events >= 1),
    chain TEXT NOT NULL CHECK (length(chain) = 64),
    revision BIGINT NOT NULL CHECK (revision >= 1),
    CHECK ((opened_on IS NULL) = (opened_by IS NULL)),
    CHECK ((approved_on IS NULL) = (approved_by IS NULL)),
    CHECK (approved_on IS NULL OR opened_on IS NOT NULL),
    CHECK (state <> 'running' OR opened_on IS NOT NULL),
    CHECK ((state = 'completed') = (completed_on IS NOT NULL)),
    CHECK ((state = 'cancelled') = (cancelled_on IS NOT NULL))
);

CREATE UNIQUE INDEX task_open ON task (hash_key) WHERE state NOT IN ('cancelled', 'completed');
CREATE INDEX task_created ON task (created_on, id);
CREATE INDEX task_by_type ON task (task_type, created_on, id);
CREATE INDEX task_by_state ON task (state, created_on, id);
CREATE INDEX task_by_project ON task (project_id, created_on, id);

CREATE TABLE action (
    task_id TEXT NOT NULL REFERENCES task (id),
    place BIGINT NOT NULL CHECK (place >= 0),
    name TEXT NOT NULL,
    data TEXT NOT NULL,
    state TEXT NOT NULL,
    valid BOOLEAN NOT NULL,
    token_fields TEXT NOT NULL,
    auto_approve BOOLEAN,
    cache TEXT NOT NULL,
    done_run BIGINT NOT NULL CHECK (done_run >= 0),
    PRIMARY KEY (task_id, place)
);

CREATE TABLE step (
    task_id TEXT NOT NULL,
    place BIGINT NOT NULL,
    stage TEXT NOT NULL,
    name TEXT NOT NULL,
    begun_on BIGINT NOT NULL,
    done_on BIGINT,
    result TEXT,
    PRIMARY KEY (task_id, place, stage, name),
    FOREIGN KEY (task_id, place) REFERENCES action (task_id, place),
    CHECK ((done_on IS NULL) = (result IS NULL))
);

CREATE TABLE token (
    task_id TEXT NOT NULL PRIMARY KEY REFERENCES task (id),
    hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
    created_on BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    used_on BIGINT,
    CHECK (expires > created_on)
);

CREATE INDEX token_created ON token (created_on, task_id);
CREATE INDEX token_expires ON token (expires);

CREATE TABLE notification (
    id TEXT NOT NULL PRIMARY KEY,
    task_id TEXT NOT NULL REFERENCES task (id),
    error BOOLEAN NOT NULL,
    notes TEXT NOT NULL,
    created_on BIGINT NOT NULL,
    acknowledged_on BIGINT,
    acknowledged_by TEXT,
    CHECK ((acknowledged_on IS NULL) = (acknowledged_by IS NULL))
);

CREATE INDEX notification_created ON notification (created_on, id);
CREATE INDEX notification_open ON notification (created_on, id) WHERE acknowledged_on IS NULL;
CREATE INDEX notification_by_task ON notification (task_id, created_on, id);

CREATE TABLE event (
    task_id TEXT NOT NULL REFERENCES task (id),
    number BIGINT NOT NULL CHECK (number >= 1),
    happened_on BIGINT NOT NULL,
    kind TEXT NOT NULL,
    caller TEXT NOT NULL,
    details TEXT NOT NULL,
    hash TEXT NOT NULL CHECK (length(hash) = 64),
    PRIMARY KEY (task_id, number)
);

CREATE FUNCTION event_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are not changed and not removed';
END;
$$;

CREATE TRIGGER event_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION event_is_kept();

CREATE TABLE job (
    id TEXT NOT NULL PRIMARY KEY,
    task_id TEXT NOT NULL REFERENCES task (id),
    kind TEXT NOT NULL CHECK (kind IN ('mail', 'notification', 'stage')),
    subject TEXT,
    sealed BYTEA,
    due_on BIGINT NOT NULL,
    attempt BIGINT NOT NULL CHECK (attempt >= 0),
    owner TEXT,
    dead_on BIGINT,
    last_error TEXT,
    CHECK ((kind = 'stage') = (subject IS NULL)),
    CHECK (owner IS NULL OR attempt >= 1),
    CHECK (dead_on IS NULL OR (owner IS NULL AND sealed IS NULL AND last_error IS NOT NULL))
);

CREATE INDEX job_due ON job (due_on, id) WHERE dead_on IS NULL;
CREATE INDEX job_by_task ON job (task_id);
CREATE UNIQUE INDEX job_stage ON job (task_id) WHERE kind = 'stage' AND dead_on IS NULL;
