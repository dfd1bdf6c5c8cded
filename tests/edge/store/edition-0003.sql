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
INSERT INTO "alembic_version" VALUES('0003');
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
INSERT INTO "alert" VALUES(1,1,1,1,'warning_sign','call_now','{}','patient:BSK2M9H6A4SN','2026-11-02 08:00:00.000000',0,NULL,1,2,'2026-11-02 08:00:00.000000','Zzqpatient said',2,'account:2','2026-11-02 08:00:00.000000');
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
INSERT INTO "audit" VALUES(6,'2026-11-02 08:00:00.000000',1,'account:2','person.added','patient:BSK2M9H6A4SN','{}','8b9eaa3cdcccae72da167d896928e6869809b666dfb05a4e837521fd7cc4878a','ffbd2710951a1388d58f7a9f31de8669c712a1559c9e8ba8f748d0c719b1cb0a');
INSERT INTO "audit" VALUES(7,'2026-11-02 08:00:00.000000',1,'account:2','case.opened','case:1','{"patient":"BSK2M9H6A4SN"}','ffbd2710951a1388d58f7a9f31de8669c712a1559c9e8ba8f748d0c719b1cb0a','7c19884e046d53444163273fac9c38ae7dfbf05000fdc151475879aade0614f4');
INSERT INTO "audit" VALUES(8,'2026-11-02 08:00:00.000000',1,'account:2','session.opened','account:2','{"session":1}','7c19884e046d53444163273fac9c38ae7dfbf05000fdc151475879aade0614f4','8826004378c4c1b0cb979f5d5f091ad0806e808ca7debd1ac8d25e5793537dcb');
INSERT INTO "audit" VALUES(9,'2026-11-02 08:00:00.000000',1,'account:1','facts.entered','case:1','{"fields":["nrs"]}','8826004378c4c1b0cb979f5d5f091ad0806e808ca7debd1ac8d25e5793537dcb','5ae478bd4633d61c242d979c681eb2055f676d9d8a293f317d84d83c59eb2589');
INSERT INTO "audit" VALUES(10,'2026-11-02 08:00:00.000000',1,'account:1','verdict.kept','case:1','{"verdict":1}','5ae478bd4633d61c242d979c681eb2055f676d9d8a293f317d84d83c59eb2589','dc8967edf8e8ba990892fe1a8230b044350e1bda074a6f340988653cb1d63140');
INSERT INTO "audit" VALUES(11,'2026-11-02 08:00:00.000000',1,'account:1','record.kept','case:1','{"fields":["n"],"kind":"procedure","version":1}','dc8967edf8e8ba990892fe1a8230b044350e1bda074a6f340988653cb1d63140','fc5203dec3a1ee698a6ebb36f964f95d3f2ecc798ca37bde281ad3e221dac0ab');
INSERT INTO "audit" VALUES(12,'2026-11-02 08:00:00.000000',1,'account:1','checklist.laid_out','case:1','{"fields":["a"],"list":"preparation"}','fc5203dec3a1ee698a6ebb36f964f95d3f2ecc798ca37bde281ad3e221dac0ab','dd341b079e822057aa5b853be7745a9e92cda0b0c60c62270bd1cff3513e99cb');
INSERT INTO "audit" VALUES(13,'2026-11-02 08:00:00.000000',1,'account:1','plan.linked','case:1','{"digest":"ab","plan":1}','dd341b079e822057aa5b853be7745a9e92cda0b0c60c62270bd1cff3513e99cb','291bce1ecce91a7837750566b8a9733b634486ffbc4c0475da7689bd4c4e2214');
INSERT INTO "audit" VALUES(14,'2026-11-02 08:00:00.000000',1,'account:1','outcome.entered','case:1','{"instrument":"odi","outcome":1,"visit":"6w"}','291bce1ecce91a7837750566b8a9733b634486ffbc4c0475da7689bd4c4e2214','8dd71d9f33e5edca2f5a13b2ea0e41d579d5532fd39a61ec569fb93ff940463a');
INSERT INTO "audit" VALUES(15,'2026-11-02 08:00:00.000000',1,'account:1','event.added','case:1','{"event":1}','8dd71d9f33e5edca2f5a13b2ea0e41d579d5532fd39a61ec569fb93ff940463a','61b65a096c4bc5e85a34cc361b74d92563ac421a60e6d4b37deb016d48674c30');
INSERT INTO "audit" VALUES(16,'2026-11-02 08:00:00.000000',1,'account:1','link.added','patient:BSK2M9H6A4SN','{"link":1,"purpose":"checkin"}','61b65a096c4bc5e85a34cc361b74d92563ac421a60e6d4b37deb016d48674c30','a578fee9572dfdb9e3e8fcbc697f91f7ef1d4c5d81135cbc377f74e38c344fcc');
INSERT INTO "audit" VALUES(17,'2026-11-02 08:00:00.000000',1,'account:1','log.added','case:1','{"log":1,"sha256":"a20085528ed524de3f312ec7a3abc6c6eb9f522563d46ba52fed1e13992bdfc9"}','a578fee9572dfdb9e3e8fcbc697f91f7ef1d4c5d81135cbc377f74e38c344fcc','7739c7de2511c4136311ad26826a9a2533a30c1db39e759af3455e383526d928');
INSERT INTO "audit" VALUES(18,'2026-11-02 08:00:00.000000',1,'account:1','job.scheduled','job:1','{"case":1,"kind":"checkin"}','7739c7de2511c4136311ad26826a9a2533a30c1db39e759af3455e383526d928','d03c867b50a66d60f2196f9c44ba4b00ddeee6397d69ffb44fcf45887b7db3b9');
INSERT INTO "audit" VALUES(19,'2026-11-02 08:00:00.000000',1,'patient:BSK2M9H6A4SN','checkin.added','case:1','{"checkin":1,"day":1}','d03c867b50a66d60f2196f9c44ba4b00ddeee6397d69ffb44fcf45887b7db3b9','e00c6d31c0a803c0fcf97204918c076792323066adc59c5976b89f2d2fc2ab21');
INSERT INTO "audit" VALUES(20,'2026-11-02 08:00:00.000000',1,'patient:BSK2M9H6A4SN','photo.added','case:1','{"photo":1}','e00c6d31c0a803c0fcf97204918c076792323066adc59c5976b89f2d2fc2ab21','12128e00812222fa9bd62f85d6e93c1160170500945ece5afd1ae7389a550455');
INSERT INTO "audit" VALUES(21,'2026-11-02 08:00:00.000000',1,'patient:BSK2M9H6A4SN','alert.opened','case:1','{"alert":1,"kind":"warning_sign"}','12128e00812222fa9bd62f85d6e93c1160170500945ece5afd1ae7389a550455','1adc3b3176e0bd0ed7df4b69a4381daada75ba78ccd124ebe8baae2acf463501');
INSERT INTO "audit" VALUES(22,'2026-11-02 08:00:00.000000',1,'account:2','alert.closed','case:1','{"alert":1}','1adc3b3176e0bd0ed7df4b69a4381daada75ba78ccd124ebe8baae2acf463501','57c574661f4edfb8b32c5720602830cd4150003d199bfe512b8eaa15167e63c2');
INSERT INTO "audit" VALUES(23,'2026-11-02 08:00:00.000000',1,'account:1','report.kept','clinic:1','{"kind":"outcomes"}','57c574661f4edfb8b32c5720602830cd4150003d199bfe512b8eaa15167e63c2','918c6e957d9ad5a017ed45903001a70cb528420bcc52e08e06a3e0caa986e311');
INSERT INTO "audit" VALUES(24,'2026-11-02 08:00:00.000000',1,'account:4','clinic.changed','clinic:1','{"fields":["settings"]}','918c6e957d9ad5a017ed45903001a70cb528420bcc52e08e06a3e0caa986e311','1b22c2a7bf8dfd49f07797b83565c5e0e4755137e9742195e27f6cee751d94f8');
INSERT INTO "audit" VALUES(25,'2026-11-02 08:00:00.000000',1,'account:4','rules.added','clinic:1','{"about":"checklist","rules":1}','1b22c2a7bf8dfd49f07797b83565c5e0e4755137e9742195e27f6cee751d94f8','e1bf2b0f366a86fa352a45af9a258e5988c08a73f2024b50009b1a0359afb6dc');
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
INSERT INTO "care_case" VALUES(1,1,'BSK2M9H6A4SN','candidacy','2026-11-02 08:00:00.000000',NULL,NULL,2,'account:1','2026-11-02 08:00:00.000000');
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
INSERT INTO "checkin" VALUES(1,1,1,'{"n": "Zzqpatient said"}','call_now','x','{}','patient:BSK2M9H6A4SN','2026-11-02 08:00:00.000000');
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
INSERT INTO "clinic" VALUES(1,'north','America/Chicago','555 0100','{"lead_physician": 1}',2,'account:4','2026-11-02 08:00:00.000000');
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
CREATE TABLE generator_log (
	id INTEGER NOT NULL, 
	"case" INTEGER NOT NULL, 
	digest VARCHAR NOT NULL, 
	content VARCHAR NOT NULL, 
	columns VARCHAR NOT NULL, 
	document JSON NOT NULL, 
	added_by VARCHAR NOT NULL, 
	added_at DATETIME NOT NULL, 
	CONSTRAINT pk_generator_log PRIMARY KEY (id), 
	CONSTRAINT fk_generator_log_case_care_case FOREIGN KEY("case") REFERENCES care_case (id) ON DELETE CASCADE, 
	CONSTRAINT uq_generator_log_case_digest UNIQUE ("case", digest)
);
INSERT INTO "generator_log" VALUES(1,1,'a20085528ed524de3f312ec7a3abc6c6eb9f522563d46ba52fed1e13992bdfc9','Time,T
0,37
','[column]','{"n": "Zzqpatient said"}','account:1','2026-11-02 08:00:00.000000');
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
CREATE TABLE own_rules (
	id INTEGER NOT NULL, 
	clinic INTEGER NOT NULL, 
	about VARCHAR NOT NULL, 
	edition VARCHAR NOT NULL, 
	written VARCHAR NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	from_on DATE NOT NULL, 
	decided_by VARCHAR NOT NULL, 
	added_by VARCHAR NOT NULL, 
	added_at DATETIME NOT NULL, 
	taken_back_by VARCHAR, 
	taken_back_at DATETIME, 
	CONSTRAINT pk_own_rules PRIMARY KEY (id), 
	CONSTRAINT fk_own_rules_clinic_clinic FOREIGN KEY(clinic) REFERENCES clinic (id) ON DELETE CASCADE
);
INSERT INTO "own_rules" VALUES(1,1,'checklist','Made-up 1','edition = "Made-up 1"
ask_days_before_stop = 9
','c6476c8ec0cea003d92c1ef489d0e645edde5a88ae865f1a84ca460b258bf1b6','2026-11-02','account:1','account:4','2026-11-02 08:00:00.000000',NULL,NULL);
CREATE TABLE patient (
	id VARCHAR NOT NULL, 
	clinic INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_patient PRIMARY KEY (id), 
	CONSTRAINT fk_patient_clinic_clinic FOREIGN KEY(clinic) REFERENCES clinic (id) ON DELETE CASCADE
);
INSERT INTO "patient" VALUES('BSK2M9H6A4SN',1,'2026-11-02 08:00:00.000000');
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
INSERT INTO "patient_link" VALUES(1,'dc65ef70f2e884951b4d708d4fe97da332860a402ca6162264f9609e048938ee','BSK2M9H6A4SN','checkin','account:1','2026-11-02 08:00:00.000000','2026-11-03 08:00:00.000000',NULL,0);
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
INSERT INTO "person" VALUES('BSK2M9H6A4SN','Made-up Ångström','made-up angstrom','1961-05-04',NULL,NULL,'en',NULL,1,'account:2','2026-11-02 08:00:00.000000');
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
INSERT INTO "photo" VALUES(1,1,1,'add9184b3b08d96f783f0ebcc68ba05b','2078274b743c84b46234593c4c5200ff38a392bd9cea81595eb10ea20745caa4','image/jpeg',10244,'patient:BSK2M9H6A4SN','2026-11-02 08:00:00.000000');
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
INSERT INTO "report" VALUES(1,1,'outcomes','{"patients": 1}',22,'2026-11-02 08:00:00.000000','account:1');
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
INSERT INTO "session" VALUES(1,'a58603a92226a1a717921f9102fa1f4148cf4103c74b1be927c9aeb277063d3f',2,NULL,'2026-11-02 08:00:00.000000','2026-11-02 08:00:00.000000',NULL);
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
CREATE INDEX ix_own_rules_clinic ON own_rules (clinic);
CREATE INDEX ix_generator_log_case ON generator_log ("case");
COMMIT;
