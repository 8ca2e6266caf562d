BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE basket_items (
	owner VARCHAR(128) NOT NULL, 
	position INTEGER NOT NULL, 
	content TEXT NOT NULL, 
	saved DATETIME NOT NULL, 
	PRIMARY KEY (owner, position)
);
INSERT INTO "basket_items" VALUES('anna',0,'{"id":"note-1","kind":"note","text":"Husk æøå","created":"2026-03-01T08:00:00+00:00","heading":"Til direktionen","citations":[],"answer":null}','2026-03-01 08:00:00.000000');
CREATE TABLE conversations (
	id VARCHAR(64) NOT NULL, 
	owner VARCHAR(128) NOT NULL, 
	title TEXT NOT NULL, 
	folded TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	updated DATETIME NOT NULL, 
	turns INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "conversations" VALUES('samtale-0','anna','Første samtale','første samtale','2026-03-01 08:00:00.000000','2026-03-01 08:00:00.000000',2);
INSERT INTO "conversations" VALUES('samtale-1','anna','Omdøbt','omdøbt','2026-03-01 08:00:00.000000','2026-03-01 08:00:00.000000',2);
CREATE TABLE drafts (
	id VARCHAR(64) NOT NULL, 
	content TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "drafts" VALUES('ZdQjA-y43KcGsl131gpiGw','{"id":"ZdQjA-y43KcGsl131gpiGw","question":"Hvad mangler?","kind":"fakta","gold":[["komdir","Bygger videre"]],"history":[],"comment":"For kort","created":"2026-11-22T02:24:43.785734+00:00"}','2026-11-22 02:24:43.785734');
CREATE TABLE feedback (
	conversation_id VARCHAR(64) NOT NULL, 
	turn INTEGER NOT NULL, 
	thumb VARCHAR(8) NOT NULL, 
	comment TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	PRIMARY KEY (conversation_id, turn), 
	FOREIGN KEY(conversation_id, turn) REFERENCES turns (conversation_id, turn) ON DELETE CASCADE
);
INSERT INTO "feedback" VALUES('samtale-0',0,'down','For kort','2026-11-22 02:24:43.761087');
CREATE TABLE turns (
	conversation_id VARCHAR(64) NOT NULL, 
	turn INTEGER NOT NULL, 
	answer TEXT NOT NULL, 
	folded TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	PRIMARY KEY (conversation_id, turn), 
	FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE
);
INSERT INTO "turns" VALUES('samtale-0',0,'{"question":"Hvad bygger det på?","text":"KOMDIR skriver:\n»Bygger videre på ” Vejen til en ny forvaltningspolitik”« [1]","blocks":[{"kind":"frame","text":"KOMDIR skriver:","marker":0,"citation":-1,"cites":[],"state":"","warnings":[],"opens":false},{"kind":"quote","text":"Bygger videre på ” Vejen til en ny forvaltningspolitik”","marker":1,"citation":0,"cites":[],"state":"","warnings":[],"opens":false}],"citations":[{"marker":1,"passage":{"id":"komdir:2:0","document_id":"komdir","page":2,"heading":"Afsnit › Under","text":"Bygger videre på ” Vejen til en ny forvaltningspolitik”","span":{"start":3,"end":58},"section":"s","mark":"bullet","order":0,"lead":"","follows":false},"quote":"Bygger videre på ” Vejen til en ny forvaltningspolitik”","span":{"start":3,"end":58},"verified":true}],"hits":[{"passage":{"id":"komdir:2:0","document_id":"komdir","page":2,"heading":"Afsnit › Under","text":"Bygger videre på ” Vejen til en ny forvaltningspolitik”","span":{"start":3,"end":58},"section":"s","mark":"bullet","order":0,"lead":"","follows":false},"score":1.25,"rank":1,"signals":[["dense",0.5],["char",-0.25]]}],"mode":"extractive","abstained":false,"stamp":{"code":"1.0","index":"abc","model":"e5","settings":"def"},"query":{"question":"Hvad bygger det på?","text":"Hvad bygger det på?","intent":"fact","language":"da","understood_as":"fuldt ud","documents":["komdir"],"sides":[],"history":["Før?"],"addition":""},"confidence":0.75,"notices":["En bemærkning."],"suggestions":["Hvad så?"]}','hvad bygger det på? komdir skriver:
»bygger videre på ” vejen til en ny forvaltningspolitik”« [1]','2026-03-01 08:00:00.000000');
INSERT INTO "turns" VALUES('samtale-0',1,'{"question":"Og så?","text":"En sætning.","blocks":[{"kind":"text","text":"En sætning.","marker":0,"citation":-1,"cites":[0],"state":"unverified","warnings":["Se efter."],"opens":true}],"citations":[{"marker":1,"passage":{"id":"komdir:2:0","document_id":"komdir","page":2,"heading":"Afsnit › Under","text":"Bygger videre på ” Vejen til en ny forvaltningspolitik”","span":{"start":3,"end":58},"section":"s","mark":"bullet","order":0,"lead":"","follows":false},"quote":"Bygger videre på ” Vejen til en ny forvaltningspolitik”","span":{"start":3,"end":58},"verified":true}],"hits":[],"mode":"model","abstained":false,"stamp":{"code":"1.0","index":"abc","model":"e5","settings":"def"},"query":{"question":"Og så?","text":"Og så?","intent":"fact","language":"da","understood_as":null,"documents":[],"sides":[],"history":[],"addition":""},"confidence":0.0,"notices":[],"suggestions":[]}','og så? en sætning.','2026-03-01 08:00:00.000000');
INSERT INTO "turns" VALUES('samtale-1',0,'{"question":"Hvem skriver?","text":"KOMDIR skriver:\n»Bygger videre på ” Vejen til en ny forvaltningspolitik”« [1]","blocks":[{"kind":"frame","text":"KOMDIR skriver:","marker":0,"citation":-1,"cites":[],"state":"","warnings":[],"opens":false},{"kind":"quote","text":"Bygger videre på ” Vejen til en ny forvaltningspolitik”","marker":1,"citation":0,"cites":[],"state":"","warnings":[],"opens":false}],"citations":[{"marker":1,"passage":{"id":"komdir:2:0","document_id":"komdir","page":2,"heading":"Afsnit › Under","text":"Bygger videre på ” Vejen til en ny forvaltningspolitik”","span":{"start":3,"end":58},"section":"s","mark":"bullet","order":0,"lead":"","follows":false},"quote":"Bygger videre på ” Vejen til en ny forvaltningspolitik”","span":{"start":3,"end":58},"verified":true}],"hits":[{"passage":{"id":"komdir:2:0","document_id":"komdir","page":2,"heading":"Afsnit › Under","text":"Bygger videre på ” Vejen til en ny forvaltningspolitik”","span":{"start":3,"end":58},"section":"s","mark":"bullet","order":0,"lead":"","follows":false},"score":1.25,"rank":1,"signals":[["dense",0.5],["char",-0.25]]}],"mode":"extractive","abstained":false,"stamp":{"code":"1.0","index":"abc","model":"e5","settings":"def"},"query":{"question":"Hvem skriver?","text":"Hvem skriver?","intent":"fact","language":"da","understood_as":"fuldt ud","documents":["komdir"],"sides":[],"history":["Før?"],"addition":""},"confidence":0.75,"notices":["En bemærkning."],"suggestions":["Hvad så?"]}','hvem skriver? komdir skriver:
»bygger videre på ” vejen til en ny forvaltningspolitik”« [1]','2026-03-01 08:00:00.000000');
INSERT INTO "turns" VALUES('samtale-1',1,'{"question":"Og så?","text":"En sætning.","blocks":[{"kind":"text","text":"En sætning.","marker":0,"citation":-1,"cites":[0],"state":"unverified","warnings":["Se efter."],"opens":true}],"citations":[{"marker":1,"passage":{"id":"komdir:2:0","document_id":"komdir","page":2,"heading":"Afsnit › Under","text":"Bygger videre på ” Vejen til en ny forvaltningspolitik”","span":{"start":3,"end":58},"section":"s","mark":"bullet","order":0,"lead":"","follows":false},"quote":"Bygger videre på ” Vejen til en ny forvaltningspolitik”","span":{"start":3,"end":58},"verified":true}],"hits":[],"mode":"model","abstained":false,"stamp":{"code":"1.0","index":"abc","model":"e5","settings":"def"},"query":{"question":"Og så?","text":"Og så?","intent":"fact","language":"da","understood_as":null,"documents":[],"sides":[],"history":[],"addition":""},"confidence":0.0,"notices":[],"suggestions":[]}','og så? en sætning.','2026-03-01 08:00:00.000000');
CREATE INDEX conversations_by_owner ON conversations (owner, updated);
COMMIT;
