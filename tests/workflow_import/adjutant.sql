-- Tasks as version 13 of Adjutant keeps them. In PostgreSQL `datetime` is made a name of
-- `timestamptz` first.

CREATE TABLE tasks_task (
    uuid varchar(32) NOT NULL PRIMARY KEY,
    hash_key varchar(64) NOT NULL,
    keystone_user text NOT NULL,
    project_id varchar(64),
    approved_by text NOT NULL,
    action_notes text NOT NULL,
    cancelled bool NOT NULL,
    approved bool NOT NULL,
    completed bool NOT NULL,
    created_on datetime NOT NULL,
    approved_on datetime,
    completed_on datetime,
    task_notes text NOT NULL,
    task_type varchar(100) NOT NULL
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
    auto_approve bool,
    task_id varchar(32) NOT NULL REFERENCES tasks_task (uuid)
);

CREATE TABLE api_token (
    token varchar(32) NOT NULL PRIMARY KEY,
    created_on datetime NOT NULL,
    expires datetime NOT NULL,
    task_id varchar(32) NOT NULL REFERENCES tasks_task (uuid)
);

CREATE TABLE api_notification (
    uuid varchar(32) NOT NULL PRIMARY KEY,
    notes text NOT NULL,
    error bool NOT NULL,
    created_on datetime NOT NULL,
    acknowledged bool NOT NULL,
    task_id varchar(32) NOT NULL REFERENCES tasks_task (uuid)
);

INSERT INTO tasks_task (uuid, hash_key, keystone_user, project_id, approved_by, action_notes, cancelled, approved, completed, created_on, approved_on, completed_on, task_notes, task_type) VALUES
('00000000000000000000000000000001', '0000000000000000000000000000000000000000000000000000000000000001', '{}', NULL, '{}', '{"NewProjectWithUserAction": ["What NewProjectWithUserAction found. - (2026-11-29 10:00:00.000001+00:00)"], "NewProjectDefaultNetworkAction": ["What NewProjectDefaultNetworkAction found. - (2026-11-29 10:00:00.000001+00:00)"]}', FALSE, FALSE, FALSE, '2026-11-29 00:27:36.011059', NULL, NULL, '[]', 'create_project_and_user'),
('00000000000000000000000000000002', '0000000000000000000000000000000000000000000000000000000000000002', '{}', NULL, '{}', '{"NewProjectWithUserAction": ["What NewProjectWithUserAction found. - (2026-11-29 10:00:00.000001+00:00)"], "NewProjectDefaultNetworkAction": ["What NewProjectDefaultNetworkAction found. - (2026-11-29 10:00:00.000001+00:00)"]}', FALSE, FALSE, FALSE, '2026-11-29 00:27:36.459014', NULL, NULL, '[]', 'create_project_and_user'),
('00000000000000000000000000000003', '0000000000000000000000000000000000000000000000000000000000000003', '{}', NULL, '{"project_domain_id": "default", "project_name": "admin", "project_id": "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee", "roles": ["admin", "member"], "user_domain_id": "default", "username": "admin", "user_id": "ffffffffffffffffffffffffffffffff", "authenticated": true}', '{"NewProjectWithUserAction": ["What NewProjectWithUserAction found. - (2026-11-29 10:00:00.000001+00:00)"], "NewProjectDefaultNetworkAction": ["What NewProjectDefaultNetworkAction found. - (2026-11-29 10:00:00.000001+00:00)"]}', FALSE, TRUE, FALSE, '2026-11-29 00:27:36.889215', '2026-11-29 00:27:37.387277', NULL, '["What the task is about. - (2026-11-29 10:00:00.000002+00:00)"]', 'create_project_and_user'),
('00000000000000000000000000000004', '0000000000000000000000000000000000000000000000000000000000000004', '{}', NULL, '{"project_domain_id": "default", "project_name": "admin", "project_id": "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee", "roles": ["admin", "member"], "user_domain_id": "default", "username": "admin", "user_id": "ffffffffffffffffffffffffffffffff", "authenticated": true}', '{"NewProjectWithUserAction": ["What NewProjectWithUserAction found. - (2026-11-29 10:00:00.000001+00:00)"], "NewProjectDefaultNetworkAction": ["What NewProjectDefaultNetworkAction found. - (2026-11-29 10:00:00.000001+00:00)"]}', FALSE, TRUE, TRUE, '2026-11-29 00:27:38.040104', '2026-11-29 00:27:38.449352', '2026-11-29 00:27:38.843377', '[]', 'create_project_and_user'),
('00000000000000000000000000000005', '0000000000000000000000000000000000000000000000000000000000000005', '{}', NULL, '{"project_domain_id": "default", "project_name": "admin", "project_id": "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee", "roles": ["admin", "member"], "user_domain_id": "default", "username": "admin", "user_id": "ffffffffffffffffffffffffffffffff", "authenticated": true}', '{"NewProjectWithUserAction": ["What NewProjectWithUserAction found. - (2026-11-29 10:00:00.000001+00:00)"], "NewProjectDefaultNetworkAction": ["What NewProjectDefaultNetworkAction found. - (2026-11-29 10:00:00.000001+00:00)"]}', FALSE, TRUE, FALSE, '2026-11-29 00:27:38.892166', '2026-11-29 00:27:39.411861', NULL, '[]', 'create_project_and_user'),
('00000000000000000000000000000006', '0000000000000000000000000000000000000000000000000000000000000006', '{"project_domain_id": "default", "project_name": "bakery", "project_id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "roles": ["project_admin", "member"], "user_domain_id": "default", "username": "ann@example.org", "user_id": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "authenticated": true}', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', '"system"', '{"NewUserAction": ["What NewUserAction found. - (2026-11-29 10:00:00.000001+00:00)"]}', FALSE, TRUE, FALSE, '2026-11-29 00:27:39.548604', '2026-11-29 00:27:39.657437', NULL, '["What the task is about. - (2026-11-29 10:00:00.000002+00:00)"]', 'invite_user_to_project'),
('00000000000000000000000000000007', '0000000000000000000000000000000000000000000000000000000000000007', '{"project_domain_id": "default", "project_name": "bakery", "project_id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "roles": ["project_admin", "member"], "user_domain_id": "default", "username": "ann@example.org", "user_id": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "authenticated": true}', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', '"system"', '{"NewUserAction": ["What NewUserAction found. - (2026-11-29 10:00:00.000001+00:00)"]}', FALSE, TRUE, FALSE, '2026-11-29 00:27:39.894883', '2026-11-29 00:27:40.132320', NULL, '["What the task is about. - (2026-11-29 10:00:00.000002+00:00)"]', 'invite_user_to_project'),
('00000000000000000000000000000008', '0000000000000000000000000000000000000000000000000000000000000008', '{"project_domain_id": "default", "project_name": "bakery", "project_id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "roles": ["project_admin", "member"], "user_domain_id": "default", "username": "ann@example.org", "user_id": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "authenticated": true}', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', '{}', '{"NewUserAction": ["What NewUserAction found. - (2026-11-29 10:00:00.000001+00:00)"]}', FALSE, FALSE, FALSE, '2026-11-29 00:27:40.337638', NULL, NULL, '["What the task is about. - (2026-11-29 10:00:00.000002+00:00)"]', 'invite_user_to_project'),
('00000000000000000000000000000009', '0000000000000000000000000000000000000000000000000000000000000009', '{"project_domain_id": "default", "project_name": "bakery", "project_id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "roles": ["project_admin", "member"], "user_domain_id": "default", "username": "ann@example.org", "user_id": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "authenticated": true}', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', '"system"', '{"NewUserAction": ["What NewUserAction found. - (2026-11-29 10:00:00.000001+00:00)"]}', FALSE, TRUE, FALSE, '2026-11-29 00:27:40.570192', '2026-11-29 00:27:41.056487', NULL, '["What the task is about. - (2026-11-29 10:00:00.000002+00:00)"]', 'invite_user_to_project'),
('0000000000000000000000000000000a', '000000000000000000000000000000000000000000000000000000000000000a', '{"project_domain_id": "default", "project_name": "bakery", "project_id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "roles": ["project_admin", "member"], "user_domain_id": "default", "username": "ann@example.org", "user_id": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "authenticated": true}', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', '"system"', '{"NewUserAction": ["What NewUserAction found. - (2026-11-29 10:00:00.000001+00:00)"]}', FALSE, TRUE, FALSE, '2026-11-29 00:27:41.250396', '2026-11-29 00:27:41.636926', NULL, '["What the task is about. - (2026-11-29 10:00:00.000002+00:00)"]', 'invite_user_to_project'),
('0000000000000000000000000000000b', '000000000000000000000000000000000000000000000000000000000000000b', '{}', NULL, '"system"', '{"ResetUserPasswordAction": ["What ResetUserPasswordAction found. - (2026-11-29 10:00:00.000001+00:00)"]}', FALSE, TRUE, FALSE, '2026-11-29 00:27:41.835037', '2026-11-29 00:27:42.035998', NULL, '["What the task is about. - (2026-11-29 10:00:00.000002+00:00)"]', 'reset_user_password'),
('0000000000000000000000000000000c', '000000000000000000000000000000000000000000000000000000000000000c', '{}', NULL, '"system"', '{"ResetUserPasswordAction": ["What ResetUserPasswordAction found. - (2026-11-29 10:00:00.000001+00:00)"]}', FALSE, TRUE, FALSE, '2026-11-29 00:27:42.313502', '2026-11-29 00:27:42.597339', NULL, '["What the task is about. - (2026-11-29 10:00:00.000002+00:00)"]', 'reset_user_password'),
('0000000000000000000000000000000d', '000000000000000000000000000000000000000000000000000000000000000d', '{"project_domain_id": "default", "project_name": "bakery", "project_id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "roles": ["project_admin", "member"], "user_domain_id": "default", "username": "ann@example.org", "user_id": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "authenticated": true}', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', '"system"', '{"EditUserRolesAction": ["What EditUserRolesAction found. - (2026-11-29 10:00:00.000001+00:00)"]}', FALSE, TRUE, TRUE, '2026-11-29 00:27:42.828259', '2026-11-29 00:27:43.157758', '2026-11-29 00:27:43.548879', '["What the task is about. - (2026-11-29 10:00:00.000002+00:00)"]', 'edit_user_roles'),
('0000000000000000000000000000000e', '000000000000000000000000000000000000000000000000000000000000000e', '{"project_domain_id": "default", "project_name": "bakery", "project_id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "roles": ["project_admin", "member"], "user_domain_id": "default", "username": "ann@example.org", "user_id": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "authenticated": true}', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', '"system"', '{"EditUserRolesAction": ["What EditUserRolesAction found. - (2026-11-29 10:00:00.000001+00:00)"]}', FALSE, TRUE, FALSE, '2026-11-29 00:27:43.558501', '2026-11-29 00:27:43.874238', NULL, '["What the task is about. - (2026-11-29 10:00:00.000002+00:00)"]', 'edit_user_roles'),
('0000000000000000000000000000000f', '000000000000000000000000000000000000000000000000000000000000000f', '{"project_domain_id": "default", "project_name": "bakery", "project_id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "roles": ["project_admin", "member"], "user_domain_id": "default", "username": "ann@example.org", "user_id": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "authenticated": true}', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', '"system"', '{"UpdateUserEmailAction": ["What UpdateUserEmailAction found. - (2026-11-29 10:00:00.000001+00:00)"], "SendAdditionalEmailAction": ["What SendAdditionalEmailAction found. - (2026-11-29 10:00:00.000001+00:00)"]}', FALSE, TRUE, FALSE, '2026-11-29 00:27:44.202197', '2026-11-29 00:27:44.560998', NULL, '["What the task is about. - (2026-11-29 10:00:00.000002+00:00)"]', 'update_user_email'),
('00000000000000000000000000000010', '0000000000000000000000000000000000000000000000000000000000000010', '{"project_domain_id": "default", "project_name": "bakery", "project_id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "roles": ["project_admin", "member"], "user_domain_id": "default", "username": "ann@example.org", "user_id": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "authenticated": true}', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', '{}', '{"UpdateProjectQuotasAction": ["What UpdateProjectQuotasAction found. - (2026-11-29 10:00:00.000001+00:00)"]}', FALSE, FALSE, FALSE, '2026-11-29 00:27:44.761997', NULL, NULL, '[]', 'update_quota'),
('00000000000000000000000000000011', '0000000000000000000000000000000000000000000000000000000000000011', '{}', NULL, '{}', '{"NewProjectWithUserAction": ["What NewProjectWithUserAction found. - (2026-11-29 10:00:00.000001+00:00)"], "NewProjectDefaultNetworkAction": ["What NewProjectDefaultNetworkAction found. - (2026-11-29 10:00:00.000001+00:00)"]}', TRUE, FALSE, FALSE, '2026-11-29 00:27:45.070714', NULL, NULL, '[]', 'create_project_and_user'),
('00000000000000000000000000000012', '0000000000000000000000000000000000000000000000000000000000000012', '{}', NULL, '{}', '{"NewProjectWithUserAction": ["What NewProjectWithUserAction found. - (2026-11-29 10:00:00.000001+00:00)"], "NewProjectDefaultNetworkAction": ["What NewProjectDefaultNetworkAction found. - (2026-11-29 10:00:00.000001+00:00)"]}', FALSE, FALSE, FALSE, '2026-11-29 00:27:45.484586', NULL, NULL, '[]', 'create_project'),
('00000000000000000000000000000013', '0000000000000000000000000000000000000000000000000000000000000013', '{}', NULL, '{}', '{"NewProjectWithUserAction": ["What NewProjectWithUserAction found. - (2026-11-29 10:00:00.000001+00:00)"], "NewProjectDefaultNetworkAction": ["What NewProjectDefaultNetworkAction found. - (2026-11-29 10:00:00.000001+00:00)"]}', FALSE, FALSE, FALSE, '2026-11-29 00:27:46.060882', NULL, NULL, '[]', 'odoo_client_signup');

INSERT INTO actions_action (id, action_name, action_data, cache, state, valid, need_token, "order", created, auto_approve, task_id) VALUES
(1, 'NewProjectWithUserAction', '{"domain_id": "default", "email": "wally@example.org", "parent_id": null, "project_name": "waffles"}', '{"token_fields": ["password"]}', 'default', TRUE, TRUE, 0, '2026-11-30 00:27:36.076173', NULL, '00000000000000000000000000000001'),
(2, 'NewProjectDefaultNetworkAction', '{"setup_network": true, "region": "RegionOne"}', '{}', 'default', TRUE, FALSE, 1, '2026-11-30 00:27:36.091735', NULL, '00000000000000000000000000000001'),
(3, 'NewProjectWithUserAction', '{"domain_id": "default", "email": "mia@example.org", "parent_id": null, "project_name": "bakery"}', '{}', 'default', FALSE, FALSE, 0, '2026-11-30 00:27:36.530402', NULL, '00000000000000000000000000000002'),
(4, 'NewProjectDefaultNetworkAction', '{"setup_network": false, "region": "RegionOne"}', '{}', 'default', TRUE, FALSE, 1, '2026-11-30 00:27:36.594390', NULL, '00000000000000000000000000000002'),
(5, 'NewProjectWithUserAction', '{"domain_id": "default", "email": "pam@example.org", "parent_id": null, "project_name": "pancakes"}', '{"token_fields": ["password"], "project_id": "5128fceaf99a4589a6c3610b21ba56fc", "user_id": "84a9a7406b3f4c16a986bfa7d786bf10", "roles_granted": true}', 'default', TRUE, TRUE, 0, '2026-11-30 00:27:36.982431', NULL, '00000000000000000000000000000003'),
(6, 'NewProjectDefaultNetworkAction', '{"setup_network": true, "region": "RegionOne"}', '{"network_id_RegionOne": "net_id_0", "subnet_id_RegionOne": "subnet_id_1", "router_id_RegionOne": "router_id_2", "port_id_RegionOne": "port_id_3"}', 'default', TRUE, FALSE, 1, '2026-11-30 00:27:37.035999', NULL, '00000000000000000000000000000003'),
(7, 'NewProjectWithUserAction', '{"domain_id": "default", "email": "ben@example.org", "parent_id": null, "project_name": "crepes"}', '{"project_id": "247a1c7204f44a0c8cc5d7a229f69de0", "user_id": "cccccccccccccccccccccccccccccccc", "roles_granted": true}', 'existing', TRUE, FALSE, 0, '2026-11-30 00:27:38.115638', NULL, '00000000000000000000000000000004'),
(8, 'NewProjectDefaultNetworkAction', '{"setup_network": false, "region": "RegionOne"}', '{}', 'default', TRUE, FALSE, 1, '2026-11-30 00:27:38.178373', NULL, '00000000000000000000000000000004'),
(9, 'NewProjectWithUserAction', '{"domain_id": "default", "email": "max@example.org", "parent_id": null, "project_name": "muffins"}', '{"token_fields": ["password"], "project_id": "5ff9abdc90e748b6a04de5e512488fbd", "user_id": "b427eeb867014b4db961d8843e223a1d", "roles_granted": true}', 'default', TRUE, TRUE, 0, '2026-11-30 00:27:38.938581', NULL, '00000000000000000000000000000005'),
(10, 'NewProjectDefaultNetworkAction', '{"setup_network": true, "region": "RegionOne"}', '{}', 'default', TRUE, FALSE, 1, '2026-11-30 00:27:38.980783', NULL, '00000000000000000000000000000005'),
(11, 'NewUserAction', '{"domain_id": "default", "email": "nora@example.org", "project_id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "roles": ["member"], "inherited_roles": []}', '{"token_fields": ["password"]}', 'default', TRUE, TRUE, 0, '2026-11-30 00:27:39.562709', TRUE, '00000000000000000000000000000006'),
(12, 'NewUserAction', '{"domain_id": "default", "email": "ben@example.org", "project_id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "roles": ["member", "project_mod"], "inherited_roles": []}', '{"token_fields": ["confirm"]}', 'existing', TRUE, TRUE, 0, '2026-11-30 00:27:39.938597', TRUE, '00000000000000000000000000000007'),
(13, 'NewUserAction', '{"domain_id": "default", "email": "ben@example.org", "project_id": "00000000000000000000000000000000", "roles": ["member"], "inherited_roles": []}', '{}', 'default', FALSE, FALSE, 0, '2026-11-30 00:27:40.398456', TRUE, '00000000000000000000000000000008'),
(14, 'NewUserAction', '{"domain_id": "default", "email": "ina@example.org", "project_id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "roles": ["member"], "inherited_roles": ["member"]}', '{"token_fields": ["password"]}', 'default', TRUE, TRUE, 0, '2026-11-30 00:27:40.871613', TRUE, '00000000000000000000000000000009'),
(15, 'NewUserAction', '{"domain_id": "default", "email": "gone@example.org", "project_id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "roles": ["member"], "inherited_roles": []}', '{"token_fields": ["password"]}', 'disabled', TRUE, TRUE, 0, '2026-11-30 00:27:41.321870', TRUE, '0000000000000000000000000000000a'),
(16, 'ResetUserPasswordAction', '{"email": "lou@example.org", "domain_name": "Default"}', '{"token_fields": ["password"]}', 'default', TRUE, TRUE, 0, '2026-11-30 00:27:41.862396', TRUE, '0000000000000000000000000000000b'),
(17, 'ResetUserPasswordAction', '{"email": "ben@example.org", "domain_name": "Default"}', '{"token_fields": ["password"]}', 'default', TRUE, TRUE, 0, '2026-11-30 00:27:42.414397', TRUE, '0000000000000000000000000000000c'),
(18, 'EditUserRolesAction', '{"user_id": "dddddddddddddddddddddddddddddddd", "remove": false, "project_id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "roles": ["project_mod"], "inherited_roles": []}', '{}', 'default', TRUE, FALSE, 0, '2026-11-30 00:27:42.888675', TRUE, '0000000000000000000000000000000d'),
(19, 'EditUserRolesAction', '{"user_id": "dddddddddddddddddddddddddddddddd", "remove": false, "project_id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "roles": ["heat_stack_owner"], "inherited_roles": []}', '{}', 'default', TRUE, FALSE, 0, '2026-11-30 00:27:43.589324', TRUE, '0000000000000000000000000000000e'),
(20, 'UpdateUserEmailAction', '{"user_id": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "new_email": "ann@example.net"}', '{"token_fields": ["confirm"]}', 'default', TRUE, TRUE, 0, '2026-11-30 00:27:44.243680', TRUE, '0000000000000000000000000000000f'),
(21, 'SendAdditionalEmailAction', '{}', '{}', 'default', TRUE, FALSE, 1, '2026-11-30 00:27:44.280724', NULL, '0000000000000000000000000000000f'),
(22, 'UpdateProjectQuotasAction', '{"project_id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "size": "large", "regions": ["RegionOne"]}', '{}', 'default', TRUE, FALSE, 0, '2026-11-30 00:27:44.797155', FALSE, '00000000000000000000000000000010'),
(23, 'NewProjectWithUserAction', '{"domain_id": "default", "email": "dan@example.org", "parent_id": null, "project_name": "donuts"}', '{"token_fields": ["password"]}', 'default', TRUE, TRUE, 0, '2026-11-30 00:27:45.092145', NULL, '00000000000000000000000000000011'),
(24, 'NewProjectDefaultNetworkAction', '{"setup_network": false, "region": "RegionOne"}', '{}', 'default', TRUE, FALSE, 1, '2026-11-30 00:27:45.174340', NULL, '00000000000000000000000000000011'),
(25, 'NewProjectWithUserAction', '{"domain_id": "default", "email": "tom@example.org", "parent_id": null, "project_name": "toast"}', '{"token_fields": ["password"]}', 'default', TRUE, TRUE, 0, '2026-11-30 00:27:45.535949', NULL, '00000000000000000000000000000012'),
(26, 'NewProjectDefaultNetworkAction', '{"setup_network": false, "region": "RegionOne"}', '{}', 'default', TRUE, FALSE, 1, '2026-11-30 00:27:45.610207', NULL, '00000000000000000000000000000012'),
(27, 'NewProjectWithUserAction', '{"domain_id": "default", "email": "bea@example.org", "parent_id": null, "project_name": "bagels"}', '{"token_fields": ["password"]}', 'default', TRUE, TRUE, 0, '2026-11-30 00:27:46.122478', NULL, '00000000000000000000000000000013'),
(28, 'NewProjectDefaultNetworkAction', '{"setup_network": false, "region": "RegionOne"}', '{}', 'default', TRUE, FALSE, 1, '2026-11-30 00:27:46.172065', NULL, '00000000000000000000000000000013');

INSERT INTO api_token (token, created_on, expires, task_id) VALUES
('70ce0000000000000000000000000001', '2026-11-27 00:27:42.792697', '2026-11-28 00:27:42.792691', '0000000000000000000000000000000c'),
('70ce0000000000000000000000000002', '2026-11-30 00:27:37.896400', '2026-12-01 00:27:37.896301', '00000000000000000000000000000003'),
('70ce0000000000000000000000000003', '2026-11-30 00:27:39.816117', '2026-12-01 00:27:39.816049', '00000000000000000000000000000006'),
('70ce0000000000000000000000000004', '2026-11-30 00:27:40.272328', '2026-12-01 00:27:40.272252', '00000000000000000000000000000007'),
('70ce0000000000000000000000000005', '2026-11-30 00:27:41.147742', '2026-12-01 00:27:41.147676', '00000000000000000000000000000009'),
('70ce0000000000000000000000000006', '2026-11-30 00:27:41.744158', '2026-12-01 00:27:41.744093', '0000000000000000000000000000000a'),
('70ce0000000000000000000000000007', '2026-11-30 00:27:42.188038', '2026-12-01 00:27:42.187974', '0000000000000000000000000000000b'),
('70ce0000000000000000000000000008', '2026-11-30 00:27:44.660021', '2026-12-01 00:27:44.659962', '0000000000000000000000000000000f');

INSERT INTO api_notification (uuid, notes, error, created_on, acknowledged, task_id) VALUES
('a0ce0000000000000000000000000001', '{"errors": "a mail could not be sent"}', TRUE, '2026-11-29 00:30:00.000001', FALSE, '0000000000000000000000000000000e'),
('a0ce0000000000000000000000000002', '{"notes": ["it needs approval", "soon"]}', FALSE, '2026-11-29 00:30:00.000002', FALSE, '00000000000000000000000000000001'),
('a0ce0000000000000000000000000003', '{"notes": ["done with"]}', FALSE, '2026-11-29 00:30:00.000003', TRUE, '00000000000000000000000000000001');
