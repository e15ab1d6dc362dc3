-- By what tasks are looked for beside what they are listed by.

CREATE INDEX task_by_hash ON task (hash_key);
CREATE INDEX task_completed ON task (completed_on) WHERE completed_on IS NOT NULL;
