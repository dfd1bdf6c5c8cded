BEGIN TRANSACTION;
CREATE TABLE account (
	id INTEGER NOT NULL, 
	clinic INTEGER NOT NULL, 
	user VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	password VARCHAR NOT NULL, 
	email VARCHAR, 
	disabled BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	version INTEGER NOT NULL, 
	changed_by VARCHAR NOT NULL, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_account PRIMARY KEY (id), 
	CONSTRAINT ck_account_role CHECK (role in ('physician', 'nurse', 'registry', 'admin')), 
	CONSTRAINT fk_account_clinic_clinic FOREIGN KEY(clinic) REFERENCES clinic (id) ON DELETE CASCADE, 
	CONSTRAINT uq_account_user UNIQUE (user)
);
INSERT INTO "account" VALUES(1,1,'physician@north','Physician of north','physician','$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA',NULL,0,'2026-11-02 08:00:00.000000',1,'operator','2026-11-02 08:00:00.000000');
INSERT INTO "account" VALUES(2,1,'nurse@north','Nurse of north','nurse','$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA',NULL,0,'2026-11-02 08:00:00.000000',1,'operator','2026-11-02 08:00:00.000000');
INSERT INTO "account" VALUES(3,1,'registry@north','Registry of north','registry','$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA',NULL,0,'2026-11-02 08:00:00.000000',1,'operator','2026-11-02 08:00:00.000000');
INSERT INTO "account" VALUES(4,1,'admin@north','Admin of north','admin','$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA',NULL,0,'2026-11-02 08:00:00.000000',1,'operator','2026-11-02 08:00:00.000000');
CREATE TABLE adverse_event (
	id INTEGER NOT NULL, 
	"case" INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	grade INTEGER NOT NULL, 
	"on" DATE, 
	level VARCHAR, 
	"plan" INTEGER, 
	note VARCHAR, 
	resolved_on DATE, 
	version INTEGER NOT NULL, 
	changed_by VARCHAR NOT NULL, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_adverse_event PRIMARY KEY (id), 
	CONSTRAINT fk_adverse_event_case_care_case FOREIGN KEY("case") REFERENCES care_case (id) ON DELETE CASCADE, 
	CONSTRAINT fk_adverse_event_plan_plan_link FOREIGN KEY("plan") REFERENCES plan_link (id)
);
INSERT INTO "adverse_event" VALUES(1,1,'bleeding',1,NULL,NULL,1,'Zzqpatient said',NULL,1,'account:1','2026-11-02 08:00:00.000000');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE alert (
	id INTEGER NOT NULL, 
	clinic INTEGER NOT NULL, 
	"case" INTEGER NOT NULL, 
	checkin INTEGER, 
	kind VARCHAR NOT NULL, 
	severity VARCHAR NOT NULL, 
	document JSON NOT NULL, 
	opened_by VARCHAR NOT NULL, 
	opened_at DATETIME NOT NULL, 
	escalation INTEGER NOT NULL, 
	escalated_at DATETIME, 
	closed BOOLEAN NOT NULL, 
	closed_by INTEGER, 
	closed_at DATETIME, 
	note VARCHAR, 
	version INTEGER NOT NULL, 
	changed_by VARCHAR NOT NULL, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_alert PRIMARY KEY (id), 
	CONSTRAINT fk_alert_case_care_case FOREIGN KEY("case") REFERENCES care_case (id) ON DELETE CASCADE, 
	CONSTRAINT fk_alert_checkin_checkin FOREIGN KEY(checkin) REFERENCES checkin (id) ON DELETE CASCADE, 
	CONSTRAINT fk_alert_clinic_clinic FOREIGN KEY(clinic) REFERENCES clinic (id) ON DELETE CASCADE, 
	CONSTRAINT fk_alert_closed_by_account FOREIGN KEY(closed_by) REFERENCES account (id)
);
INSERT INTO "alert" VALUES(1,1,1,1,'warning_sign','call_now','{}','patient:CZHCJQ6C5G6R','2026-11-02 08:00:00.000000',0,NULL,1,2,'2026-11-02 08:00:00.000000','Zzqpatient said',2,'account:2','2026-11-02 08:00:00.000000');
CREATE TABLE attempt (
	id INTEGER NOT NULL, 
	subject VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_attempt PRIMARY KEY (id)
);
CREATE TABLE audit (
	seq INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	clinic INTEGER, 
	actor VARCHAR NOT NULL, 
	action VARCHAR NOT NULL, 
	object VARCHAR NOT NULL, 
	body VARCHAR NOT NULL, 
	prev VARCHAR NOT NULL, 
	hash VARCHAR NOT NULL, 
	CONSTRAINT pk_audit PRIMARY KEY (seq)
);
INSERT INTO "audit" VALUES(1,'2026-11-02 08:00:00.000000',NULL,'operator','clinic.added','clinic:1','{}','0000000000000000000000000000000000000000000000000000000000000000','b5991a74efb151d49b1334e45c4bd4d48c89caac3ccdfe7a6c44bff5651e5cde');
INSERT INTO "audit" VALUES(2,'2026-11-02 08:00:00.000000',1,'operator','account.added','account:1','{"role":"physician"}','b5991a74efb151d49b1334e45c4bd4d48c89caac3ccdfe7a6c44bff5651e5cde','916b5fe798c43f28c43f25acf97cff87904db5e59b0788e8a0ed926fc3519053');
INSERT INTO "audit" VALUES(3,'2026-11-02 08:00:00.000000',1,'operator','account.added','account:2','{"role":"nurse"}','916b5fe798c43f28c43f25acf97cff87904db5e59b0788e8a0ed926fc3519053','ea818d4a573736c5a5ff1d24b1ebda4335c6ca2da73896b42cf73abd5f23c04f');
INSERT INTO "audit" VALUES(4,'2026-11-02 08:00:00.000000',1,'operator','account.added','account:3','{"role":"registry"}','ea818d4a573736c5a5ff1d24b1ebda4335c6ca2da73896b42cf73abd5f23c04f','c21565624e29d7965299b32782efaca9f3f5bb9ffd206ba8f16149052dcaeaee');
INSERT INTO "audit" VALUES(5,'2026-11-02 08:00:00.000000',1,'operator','account.added','account:4','{"role":"admin"}','c21565624e29d7965299b32782efaca9f3f5bb9ffd206ba8f16149052dcaeaee','8b9eaa3cdcccae72da167d896928e6869809b666dfb05a4e837521fd7cc4878a');
INSERT INTO "audit" VALUES(6,'2026-11-02 08:00:00.000000',1,'account:2','person.added','patient:CZHCJQ6C5G6R','{}','8b9eaa3cdcccae72da167d896928e6869809b666dfb05a4e837521fd7cc4878a','6a941ecf499946c3767ef3b6dce5d9f3fe4288c27b265860752a6e492d5db227');
INSERT INTO "audit" VALUES(7,'2026-11-02 08:00:00.000000',1,'account:2','case.opened','case:1','{"patient":"CZHCJQ6C5G6R"}','6a941ecf499946c3767ef3b6dce5d9f3fe4288c27b265860752a6e492d5db227','489d41aaa0df852d8233a4f2fd1499e654afbe4151ee41d351c97eb0816f7c77');
INSERT INTO "audit" VALUES(8,'2026-11-02 08:00:00.000000',1,'account:2','session.opened','account:2','{"session":1}','489d41aaa0df852d8233a4f2fd1499e654afbe4151ee41d351c97eb0816f7c77','a7bb6087849ccd01156569cd9696ca924bbaa6adea653f944559c1ffeeca5ca1');
INSERT INTO "audit" VALUES(9,'2026-11-02 08:00:00.000000',1,'account:1','facts.entered','case:1','{"fields":["nrs"]}','a7bb6087849ccd01156569cd9696ca924bbaa6adea653f944559c1ffeeca5ca1','49a62e12f86f10b519bcab0ba0c980e3576ee5492693e5afd708643b6487d827');
INSERT INTO "audit" VALUES(10,'2026-11-02 08:00:00.000000',1,'account:1','verdict.kept','case:1','{"verdict":1}','49a62e12f86f10b519bcab0ba0c980e3576ee5492693e5afd708643b6487d827','0c47f4d458f778f1e38969b5fc17b3d3c74fc6aadbe490896ecbe33b2a980f20');
INSERT INTO "audit" VALUES(11,'2026-11-02 08:00:00.000000',1,'account:1','record.kept','case:1','{"fields":["n"],"kind":"procedure","version":1}','0c47f4d458f778f1e38969b5fc17b3d3c74fc6aadbe490896ecbe33b2a980f20','849996f4306b9ba717558e8e0e54a75a3868ba63a71df8b68091c70a14a9f5a7');
INSERT INTO "audit" VALUES(12,'2026-11-02 08:00:00.000000',1,'account:1','checklist.laid_out','case:1','{"fields":["a"],"list":"preparation"}','849996f4306b9ba717558e8e0e54a75a3868ba63a71df8b68091c70a14a9f5a7','e61e83246b108a09d9f928fcc1bd8bb0284dcfc5f6bdd126951c7360f895da12');
INSERT INTO "audit" VALUES(13,'2026-11-02 08:00:00.000000',1,'account:1','plan.linked','case:1','{"digest":"ab","plan":1}','e61e83246b108a09d9f928fcc1bd8bb0284dcfc5f6bdd126951c7360f895da12','0a70100f4991c0a0d1942c618693a2113865fcf943b2919bccc10240557cf04d');
INSERT INTO "audit" VALUES(14,'2026-11-02 08:00:00.000000',1,'account:1','outcome.entered','case:1','{"instrument":"odi","outcome":1,"visit":"6w"}','0a70100f4991c0a0d1942c618693a2113865fcf943b2919bccc10240557cf04d','72e2d9d5da300065fca53e16adbab567566f43d05f00cf159dfdfb33677c5df4');
INSERT INTO "audit" VALUES(15,'2026-11-02 08:00:00.000000',1,'account:1','event.added','case:1','{"event":1}','72e2d9d5da300065fca53e16adbab567566f43d05f00cf159dfdfb33677c5df4','92de2ec62ff9218cb8f9226457d8a62509b62f103e69213647dc9da2308c72bc');
INSERT INTO "audit" VALUES(16,'2026-11-02 08:00:00.000000',1,'account:1','link.added','patient:CZHCJQ6C5G6R','{"link":1,"purpose":"checkin"}','92de2ec62ff9218cb8f9226457d8a62509b62f103e69213647dc9da2308c72bc','d4912f443f9eb58aa7f8a978475193256dd32a6909bfe6bacc79dcc37c0fa8d6');
INSERT INTO "audit" VALUES(17,'2026-11-02 08:00:00.000000',1,'account:1','job.scheduled','job:1','{"case":1,"kind":"checkin"}','d4912f443f9eb58aa7f8a978475193256dd32a6909bfe6bacc79dcc37c0fa8d6','a623200a5b112c8d6cfc5fd9ed011e159f37ded107ec3d16ee15cbe3e7f6e936');
INSERT INTO "audit" VALUES(18,'2026-11-02 08:00:00.000000',1,'patient:CZHCJQ6C5G6R','checkin.added','case:1','{"checkin":1,"day":1}','a623200a5b112c8d6cfc5fd9ed011e159f37ded107ec3d16ee15cbe3e7f6e936','f0911ca82d8ae8ae39ebb85f18788a3861678e314a5135ad0d6ecec168031903');
INSERT INTO "audit" VALUES(19,'2026-11-02 08:00:00.000000',1,'patient:CZHCJQ6C5G6R','photo.added','case:1','{"photo":1}','f0911ca82d8ae8ae39ebb85f18788a3861678e314a5135ad0d6ecec168031903','7d3b98c6ce31bc95decccb3ff4aa2570c54b5c0d43404eb756668bce9940df77');
INSERT INTO "audit" VALUES(20,'2026-11-02 08:00:00.000000',1,'patient:CZHCJQ6C5G6R','alert.opened','case:1','{"alert":1,"kind":"warning_sign"}','7d3b98c6ce31bc95decccb3ff4aa2570c54b5c0d43404eb756668bce9940df77','19e058a18382be7703bbf4a82869357cc318234eefd95bc0877a1192515447f3');
INSERT INTO "audit" VALUES(21,'2026-11-02 08:00:00.000000',1,'account:2','alert.closed','case:1','{"alert":1}','19e058a18382be7703bbf4a82869357cc318234eefd95bc0877a1192515447f3','286e385c09e7d4088ffe0ec382cad3a59d84b1c643049fc601686f9f96d3cd99');
INSERT INTO "audit" VALUES(22,'2026-11-02 08:00:00.000000',1,'account:1','report.kept','clinic:1','{"kind":"outcomes"}','286e385c09e7d4088ffe0ec382cad3a59d84b1c643049fc601686f9f96d3cd99','e4d899df1f8b9975e8dece073d30711030b57bdb60602a9cc2badcb86fb95924');
CREATE TABLE candidacy_verdict (
	id INTEGER NOT NULL, 
	"case" INTEGER NOT NULL, 
	answer VARCHAR NOT NULL, 
	edition VARCHAR NOT NULL, 
	document JSON NOT NULL, 
	decided_by VARCHAR NOT NULL, 
	decided_at DATETIME NOT NULL, 
	CONSTRAINT pk_candidacy_verdict PRIMARY KEY (id), 
	CONSTRAINT fk_candidacy_verdict_case_care_case FOREIGN KEY("case") REFERENCES care_case (id) ON DELETE CASCADE
);
INSERT INTO "candidacy_verdict" VALUES(1,1,'unknown','x','{"n": "Zzqpatient said"}','account:1','2026-11-02 08:00:00.000000');
CREATE TABLE care_case (
	id INTEGER NOT NULL, 
	clinic INTEGER NOT NULL, 
	patient VARCHAR NOT NULL, 
	stage VARCHAR NOT NULL, 
	opened_at DATETIME NOT NULL, 
	procedure_at DATETIME, 
	closed_at DATETIME, 
	version INTEGER NOT NULL, 
	changed_by VARCHAR NOT NULL, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_care_case PRIMARY KEY (id), 
	CONSTRAINT ck_care_case_stage CHECK (stage in ('candidacy', 'preparation', 'procedure', 'aftercare', 'outcomes', 'closed')), 
	CONSTRAINT fk_care_case_clinic_clinic FOREIGN KEY(clinic) REFERENCES clinic (id) ON DELETE CASCADE, 
	CONSTRAINT fk_care_case_patient_patient FOREIGN KEY(patient) REFERENCES patient (id) ON DELETE CASCADE
);
INSERT INTO "care_case" VALUES(1,1,'CZHCJQ6C5G6R','candidacy','2026-11-02 08:00:00.000000',NULL,NULL,2,'account:1','2026-11-02 08:00:00.000000');
CREATE TABLE checkin (
	id INTEGER NOT NULL, 
	"case" INTEGER NOT NULL, 
	day INTEGER NOT NULL, 
	answers JSON NOT NULL, 
	answer VARCHAR NOT NULL, 
	edition VARCHAR NOT NULL, 
	document JSON NOT NULL, 
	entered_by VARCHAR NOT NULL, 
	entered_at DATETIME NOT NULL, 
	CONSTRAINT pk_checkin PRIMARY KEY (id), 
	CONSTRAINT fk_checkin_case_care_case FOREIGN KEY("case") REFERENCES care_case (id) ON DELETE CASCADE
);
INSERT INTO "checkin" VALUES(1,1,1,'{"n": "Zzqpatient said"}','call_now','x','{}','patient:CZHCJQ6C5G6R','2026-11-02 08:00:00.000000');
CREATE TABLE checklist_item (
	id INTEGER NOT NULL, 
	"case" INTEGER NOT NULL, 
	list VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	wording VARCHAR NOT NULL, 
	owner VARCHAR, 
	due_at DATETIME, 
	state VARCHAR NOT NULL, 
	note VARCHAR, 
	version INTEGER NOT NULL, 
	changed_by VARCHAR NOT NULL, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_checklist_item PRIMARY KEY (id), 
	CONSTRAINT ck_checklist_item_state CHECK (state in ('open', 'done', 'not_applicable')), 
	CONSTRAINT fk_checklist_item_case_care_case FOREIGN KEY("case") REFERENCES care_case (id) ON DELETE CASCADE, 
	CONSTRAINT uq_checklist_item_case_list_code UNIQUE ("case", list, code)
);
INSERT INTO "checklist_item" VALUES(1,1,'preparation','a','Zzqpatient said',NULL,NULL,'open',NULL,1,'account:1','2026-11-02 08:00:00.000000');
CREATE TABLE clinic (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	time_zone VARCHAR NOT NULL, 
	phone VARCHAR NOT NULL, 
	settings JSON NOT NULL, 
	version INTEGER NOT NULL, 
	changed_by VARCHAR NOT NULL, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_clinic PRIMARY KEY (id)
);
INSERT INTO "clinic" VALUES(1,'north','America/Chicago','555 0100','{}',1,'operator','2026-11-02 08:00:00.000000');
CREATE TABLE fact (
	id INTEGER NOT NULL, 
	"case" INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	known INTEGER NOT NULL, 
	value JSON, 
	origin VARCHAR NOT NULL, 
	"on" DATE, 
	entered_by VARCHAR NOT NULL, 
	entered_at DATETIME NOT NULL, 
	replaced_at DATETIME, 
	CONSTRAINT pk_fact PRIMARY KEY (id), 
	CONSTRAINT ck_fact_value CHECK ((known = 1) = (value is not null)), 
	CONSTRAINT ck_fact_known CHECK (known in (0, 1)), 
	CONSTRAINT fk_fact_case_care_case FOREIGN KEY("case") REFERENCES care_case (id) ON DELETE CASCADE
);
INSERT INTO "fact" VALUES(1,1,'nrs',1,7,'Zzqpatient said',NULL,'account:1','2026-11-02 08:00:00.000000',NULL);
CREATE TABLE job (
	id INTEGER NOT NULL, 
	clinic INTEGER NOT NULL, 
	"case" INTEGER, 
	kind VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	day INTEGER, 
	payload JSON NOT NULL, 
	due_at DATETIME NOT NULL, 
	state VARCHAR NOT NULL, 
	attempts INTEGER NOT NULL, 
	worker VARCHAR, 
	lease_until DATETIME, 
	failure VARCHAR, 
	created_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	CONSTRAINT pk_job PRIMARY KEY (id), 
	CONSTRAINT ck_job_state CHECK (state in ('waiting', 'running', 'interrupted', 'done', 'failed', 'cancelled')), 
	CONSTRAINT fk_job_case_care_case FOREIGN KEY("case") REFERENCES care_case (id) ON DELETE CASCADE, 
	CONSTRAINT fk_job_clinic_clinic FOREIGN KEY(clinic) REFERENCES clinic (id) ON DELETE CASCADE, 
	CONSTRAINT uq_job_key UNIQUE ("key")
);
INSERT INTO "job" VALUES(1,1,1,'checkin','c1',NULL,'{}','2026-11-02 08:00:00.000000','waiting',0,NULL,NULL,NULL,'2026-11-02 08:00:00.000000',NULL);
CREATE TABLE outcome (
	id INTEGER NOT NULL, 
	"case" INTEGER NOT NULL, 
	instrument VARCHAR NOT NULL, 
	visit VARCHAR NOT NULL, 
	"on" DATE, 
	score FLOAT, 
	missing VARCHAR, 
	document JSON, 
	entered_by VARCHAR NOT NULL, 
	entered_at DATETIME NOT NULL, 
	replaced_at DATETIME, 
	CONSTRAINT pk_outcome PRIMARY KEY (id), 
	CONSTRAINT ck_outcome_score CHECK ((score is null) = (missing is not null)), 
	CONSTRAINT fk_outcome_case_care_case FOREIGN KEY("case") REFERENCES care_case (id) ON DELETE CASCADE
);
INSERT INTO "outcome" VALUES(1,1,'odi','6w',NULL,1.0,NULL,NULL,'account:1','2026-11-02 08:00:00.000000',NULL);
CREATE TABLE patient (
	id VARCHAR NOT NULL, 
	clinic INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_patient PRIMARY KEY (id), 
	CONSTRAINT fk_patient_clinic_clinic FOREIGN KEY(clinic) REFERENCES clinic (id) ON DELETE CASCADE
);
INSERT INTO "patient" VALUES('CZHCJQ6C5G6R',1,'2026-11-02 08:00:00.000000');
CREATE TABLE patient_link (
	id INTEGER NOT NULL, 
	digest VARCHAR NOT NULL, 
	patient VARCHAR NOT NULL, 
	purpose VARCHAR NOT NULL, 
	created_by VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	failures INTEGER NOT NULL, 
	CONSTRAINT pk_patient_link PRIMARY KEY (id), 
	CONSTRAINT fk_patient_link_patient_patient FOREIGN KEY(patient) REFERENCES patient (id) ON DELETE CASCADE, 
	CONSTRAINT uq_patient_link_digest UNIQUE (digest)
);
INSERT INTO "patient_link" VALUES(1,'c0a4c29c4d60ec21024a39fbd029cecde8dcbe295dbb19c9c83f92637748716c','CZHCJQ6C5G6R','checkin','account:1','2026-11-02 08:00:00.000000','2026-11-03 08:00:00.000000',NULL,0);
CREATE TABLE person (
	patient VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	sought VARCHAR NOT NULL, 
	birth_date DATE, 
	phone VARCHAR, 
	email VARCHAR, 
	language VARCHAR NOT NULL, 
	note VARCHAR, 
	version INTEGER NOT NULL, 
	changed_by VARCHAR NOT NULL, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_person PRIMARY KEY (patient), 
	CONSTRAINT fk_person_patient_patient FOREIGN KEY(patient) REFERENCES patient (id) ON DELETE CASCADE
);
INSERT INTO "person" VALUES('CZHCJQ6C5G6R','Made-up Ångström','made-up angstrom','1961-05-04',NULL,NULL,'en',NULL,1,'account:2','2026-11-02 08:00:00.000000');
CREATE TABLE photo (
	id INTEGER NOT NULL, 
	"case" INTEGER NOT NULL, 
	checkin INTEGER, 
	file VARCHAR NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	mime VARCHAR NOT NULL, 
	bytes INTEGER NOT NULL, 
	added_by VARCHAR NOT NULL, 
	added_at DATETIME NOT NULL, 
	CONSTRAINT pk_photo PRIMARY KEY (id), 
	CONSTRAINT fk_photo_case_care_case FOREIGN KEY("case") REFERENCES care_case (id) ON DELETE CASCADE, 
	CONSTRAINT fk_photo_checkin_checkin FOREIGN KEY(checkin) REFERENCES checkin (id) ON DELETE CASCADE, 
	CONSTRAINT uq_photo_file UNIQUE (file)
);
INSERT INTO "photo" VALUES(1,1,1,'4c41289e2e1e24e300e21d14c97be3f5','2078274b743c84b46234593c4c5200ff38a392bd9cea81595eb10ea20745caa4','image/jpeg',10244,'patient:CZHCJQ6C5G6R','2026-11-02 08:00:00.000000');
CREATE TABLE plan_link (
	id INTEGER NOT NULL, 
	"case" INTEGER NOT NULL, 
	digest VARCHAR NOT NULL, 
	level VARCHAR NOT NULL, 
	side VARCHAR NOT NULL, 
	coverage_planned FLOAT, 
	coverage_treated FLOAT, 
	margins_mm JSON NOT NULL, 
	document JSON NOT NULL, 
	version INTEGER NOT NULL, 
	changed_by VARCHAR NOT NULL, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_plan_link PRIMARY KEY (id), 
	CONSTRAINT fk_plan_link_case_care_case FOREIGN KEY("case") REFERENCES care_case (id) ON DELETE CASCADE
);
INSERT INTO "plan_link" VALUES(1,1,'ab','L4','left',NULL,NULL,'{}','{}',1,'account:1','2026-11-02 08:00:00.000000');
CREATE TABLE record (
	id INTEGER NOT NULL, 
	"case" INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	document JSON NOT NULL, 
	signed_by VARCHAR, 
	signed_at DATETIME, 
	version INTEGER NOT NULL, 
	changed_by VARCHAR NOT NULL, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_record PRIMARY KEY (id), 
	CONSTRAINT fk_record_case_care_case FOREIGN KEY("case") REFERENCES care_case (id) ON DELETE CASCADE, 
	CONSTRAINT uq_record_case_kind UNIQUE ("case", kind)
);
INSERT INTO "record" VALUES(1,1,'procedure','{"n": "Zzqpatient said"}',NULL,NULL,1,'account:1','2026-11-02 08:00:00.000000');
CREATE TABLE record_history (
	id INTEGER NOT NULL, 
	record INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	document JSON NOT NULL, 
	changed_by VARCHAR NOT NULL, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_record_history PRIMARY KEY (id), 
	CONSTRAINT fk_record_history_record_record FOREIGN KEY(record) REFERENCES record (id) ON DELETE CASCADE, 
	CONSTRAINT uq_record_history_record_version UNIQUE (record, version)
);
INSERT INTO "record_history" VALUES(1,1,1,'{"n": "Zzqpatient said"}','account:1','2026-11-02 08:00:00.000000');
CREATE TABLE report (
	id INTEGER NOT NULL, 
	clinic INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	document JSON NOT NULL, 
	seq INTEGER NOT NULL, 
	made_at DATETIME NOT NULL, 
	made_by VARCHAR NOT NULL, 
	CONSTRAINT pk_report PRIMARY KEY (id), 
	CONSTRAINT fk_report_clinic_clinic FOREIGN KEY(clinic) REFERENCES clinic (id) ON DELETE CASCADE, 
	CONSTRAINT uq_report_clinic_kind UNIQUE (clinic, kind)
);
INSERT INTO "report" VALUES(1,1,'outcomes','{"patients": 1}',21,'2026-11-02 08:00:00.000000','account:1');
CREATE TABLE session (
	id INTEGER NOT NULL, 
	digest VARCHAR NOT NULL, 
	account INTEGER, 
	link INTEGER, 
	created_at DATETIME NOT NULL, 
	last_seen_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	CONSTRAINT pk_session PRIMARY KEY (id), 
	CONSTRAINT ck_session_whose CHECK ((account is null) = (link is not null)), 
	CONSTRAINT fk_session_account_account FOREIGN KEY(account) REFERENCES account (id) ON DELETE CASCADE, 
	CONSTRAINT fk_session_link_patient_link FOREIGN KEY(link) REFERENCES patient_link (id) ON DELETE CASCADE, 
	CONSTRAINT uq_session_digest UNIQUE (digest)
);
INSERT INTO "session" VALUES(1,'2d22d9a9d229591d4070da9e2c793f871cafe6f79032ef162c0b1b37af618878',2,NULL,'2026-11-02 08:00:00.000000','2026-11-02 08:00:00.000000',NULL);
CREATE INDEX ix_attempt_subject ON attempt (subject);
CREATE INDEX ix_audit_clinic ON audit (clinic);
CREATE INDEX ix_audit_object ON audit (object);
CREATE INDEX ix_account_clinic ON account (clinic);
CREATE INDEX ix_patient_clinic ON patient (clinic);
CREATE INDEX ix_care_case_clinic ON care_case (clinic);
CREATE INDEX ix_care_case_clinic_stage ON care_case (clinic, stage);
CREATE INDEX ix_care_case_patient ON care_case (patient);
CREATE INDEX ix_patient_link_patient ON patient_link (patient);
CREATE INDEX ix_candidacy_verdict_case ON candidacy_verdict ("case");
CREATE INDEX ix_checkin_case ON checkin ("case");
CREATE INDEX ix_checklist_item_case ON checklist_item ("case");
CREATE INDEX ix_fact_case ON fact ("case");
CREATE INDEX ix_fact_case_name ON fact ("case", name);
CREATE INDEX ix_job_case ON job ("case");
CREATE INDEX ix_job_clinic ON job (clinic);
CREATE INDEX ix_job_clinic_state_due_at ON job (clinic, state, due_at);
CREATE INDEX ix_outcome_case ON outcome ("case");
CREATE UNIQUE INDEX uq_outcome_current ON outcome ("case", instrument, visit) WHERE replaced_at is null;
CREATE INDEX ix_plan_link_case ON plan_link ("case");
CREATE INDEX ix_record_case ON record ("case");
CREATE INDEX ix_session_account ON session (account);
CREATE INDEX ix_session_link ON session (link);
CREATE INDEX ix_adverse_event_case ON adverse_event ("case");
CREATE INDEX ix_alert_case ON alert ("case");
CREATE INDEX ix_alert_checkin ON alert (checkin);
CREATE INDEX ix_alert_clinic ON alert (clinic);
CREATE INDEX ix_alert_clinic_closed ON alert (clinic, closed);
CREATE INDEX ix_photo_case ON photo ("case");
CREATE INDEX ix_photo_checkin ON photo (checkin);
CREATE INDEX ix_record_history_record ON record_history (record);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT raise(abort, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT raise(abort, 'the audit trail is append-only'); END;
CREATE INDEX ix_report_clinic ON report (clinic);
COMMIT;
