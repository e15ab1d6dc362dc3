-- Tasks as StackTask 0.1.4 is known to keep them: no `approved_by`, no `task_notes`, no
-- `auto_approve`; addresses instead.

CREATE TABLE api_task (
    uuid varchar(32) NOT NULL PRIMARY KEY,
    hash_key varchar(32) NOT NULL,
    ip_address varchar(39) NOT NULL,
    keystone_user text NOT NULL,
    project_id varchar(32),
    task_type varchar(100) NOT NULL,
    action_notes text NOT NULL,
    cancelled bool NOT NULL,
    approved bool NOT NULL,
    completed bool NOT NULL,
    created_on datetime NOT NULL,
    approved_on datetime,
    completed_on datetime
);

CREATE TABLE actions_action (
    id integer NOT NULL PRIMARY KEY,
    action_name varchar(200) NOT NULL,
    action_data text NOT NULL,
    cache text NOT NULL,
    state varchar(200) NOT NULL,
    valid bool NOT NULL,
    need_token bool NOT NULL,
    "order" integer NOT NULL,
    created datetime NOT NULL,
    task_id varchar(32) NOT NULL REFERENCES api_task (uuid)
);

CREATE TABLE api_token (
    token varchar(32) NOT NULL PRIMARY KEY,
    created_on datetime NOT NULL,
    expires datetime NOT NULL,
    task_id varchar(32) NOT NULL REFERENCES api_task (uuid)
);

CREATE TABLE api_notification (
    uuid varchar(32) NOT NULL PRIMARY KEY,
    notes text NOT NULL,
    error bool NOT NULL,
    created_on datetime NOT NULL,
    acknowledged bool NOT NULL,
    task_id varchar(32) NOT NULL REFERENCES api_task (uuid)
);

INSERT INTO api_task VALUES
('00000000000000000000000000000001', 'x', '192.0.2.7', '{}', NULL, 'create_project',
 '{"NewProject": ["It is new. - (2016-03-22 10:00:00.000001+00:00)"]}', FALSE, FALSE, FALSE,
 '2016-03-22 10:00:00', NULL, NULL),
('00000000000000000000000000000002', 'x', '192.0.2.8', '{}', NULL, 'create_project', '{}',
 FALSE, TRUE, FALSE, '2016-03-22 11:00:00.5', '2016-03-22 12:00:00', NULL),
('00000000000000000000000000000003', 'x', '192.0.2.9',
 '{"username": "ann@example.org", "user_id": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "project_id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "project_name": "bakery", "roles": ["project_admin"], "authenticated": "Confirmed"}',
 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'invite_user', '{}', FALSE, TRUE, FALSE,
 '2016-03-22 13:00:00', '2016-03-22 13:00:01', NULL),
('00000000000000000000000000000004', 'x', '192.0.2.9',
 '{"username": "ann@example.org", "user_id": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "project_id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "project_name": "bakery", "roles": ["project_admin"], "authenticated": "Confirmed"}',
 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'edit_roles', '{}', FALSE, TRUE, FALSE,
 '2016-03-22 14:00:00', '2016-03-22 14:00:01', NULL),
('00000000000000000000000000000005', 'x', '192.0.2.10', '{}', NULL, 'force_password', '{}',
 FALSE, TRUE, FALSE, '2016-03-22 15:00:00', '2016-03-22 15:00:01', NULL),
('00000000000000000000000000000006', 'x', '192.0.2.11', '{}', NULL, 'create_project', '{}',
 FALSE, TRUE, TRUE, '2016-03-22 16:00:00', '2016-03-22 16:00:01', '2016-03-22 16:00:02');

INSERT INTO actions_action VALUES
(1, 'NewProject', '{"project_name": "toast", "email": "tom@example.org"}',
 '{"token_fields": ["password"]}', 'default', TRUE, TRUE, 0, '2016-03-22 10:00:00',
 '00000000000000000000000000000001'),
(2, 'AddAdminToProject', '{}', '{}', 'default', TRUE, FALSE, 1, '2016-03-22 10:00:00',
 '00000000000000000000000000000001'),
(3, 'DefaultProjectResources', '{"setup_resources": true}', '{}', 'default', TRUE, FALSE, 2,
 '2016-03-22 10:00:00', '00000000000000000000000000000001'),
(4, 'NewProject', '{"project_name": "pancakes", "email": "pia@example.org"}',
 '{"token_fields": ["password"], "project_id": "5128fceaf99a4589a6c3610b21ba56fc"}', 'default',
 TRUE, TRUE, 0, '2016-03-22 11:00:00', '00000000000000000000000000000002'),
(5, 'AddAdminToProject', '{}', '{}', 'completed', TRUE, FALSE, 1, '2016-03-22 11:00:00',
 '00000000000000000000000000000002'),
(6, 'DefaultProjectResources', '{"setup_resources": true}',
 '{"network_id": "n", "subnet_id": "s", "router_id": "r"}', 'default', TRUE, FALSE, 2,
 '2016-03-22 11:00:00', '00000000000000000000000000000002'),
(7, 'NewUser', '{"email": "nora@example.org", "roles": ["admin"], "project_id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}',
 '{}', 'default', FALSE, FALSE, 0, '2016-03-22 13:00:00', '00000000000000000000000000000003'),
(8, 'EditUserRoles', '{"user_id": "dddddddddddddddddddddddddddddddd", "roles": ["member"], "project_id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "remove": true}',
 '{}', 'default', TRUE, FALSE, 0, '2016-03-22 14:00:00', '00000000000000000000000000000004'),
(9, 'ResetUser', '{"email": "lou@example.org"}', '{"token_fields": ["password"]}', 'default', TRUE,
 TRUE, 0, '2016-03-22 15:00:00', '00000000000000000000000000000005');

INSERT INTO api_token VALUES
('70ce0000000000000000000000000001', '2016-03-22 15:00:01', '2016-03-23 15:00:01',
 '00000000000000000000000000000005');
