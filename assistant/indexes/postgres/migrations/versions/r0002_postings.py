"""Words as they are weighed: what scoring needs lies ready, and where each term stands can be looked up.

Passages hold no more than scoring and showing them takes, so that they lie in one piece; what SQL searches by
itself lies beside them. What 0001 held does not have all of it, so it is left out and built again.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

_TABLES = """
DELETE FROM serving;
DELETE FROM revisions;
DELETE FROM whitenings;
DROP TABLE passages, headings, documents, document_terms, frequencies;

CREATE TABLE documents (
    document_id text NOT NULL,
    added bigint NOT NULL,
    removed bigint NOT NULL DEFAULT 9223372036854775807,
    digest text NOT NULL,
    content text NOT NULL,
    PRIMARY KEY (document_id, added)
);

CREATE TABLE headings (
    document_id text NOT NULL,
    added bigint NOT NULL,
    number integer NOT NULL,
    removed bigint NOT NULL DEFAULT 9223372036854775807,
    letters text NOT NULL,
    grams integer NOT NULL,
    terms bytea NOT NULL,
    embedding vector NOT NULL,
    PRIMARY KEY (document_id, added, number)
) WITH (toast_tuple_target = 8160);
ALTER TABLE headings ALTER COLUMN embedding SET STORAGE MAIN;

CREATE TABLE passages (
    document_id text NOT NULL,
    added bigint NOT NULL,
    position integer NOT NULL,
    removed bigint NOT NULL DEFAULT 9223372036854775807,
    id text NOT NULL,
    spread integer NOT NULL,
    heading integer NOT NULL,
    content text NOT NULL,
    letters text NOT NULL,
    grams integer NOT NULL,
    terms bytea NOT NULL,
    whitening bigint NOT NULL,
    norm real NOT NULL,
    embedding vector NOT NULL,
    PRIMARY KEY (document_id, added, position)
) WITH (toast_tuple_target = 8160);
ALTER TABLE passages ALTER COLUMN embedding SET STORAGE MAIN;
CREATE INDEX passages_spread ON passages (spread);
CREATE INDEX passages_added ON passages USING brin (added);
CREATE INDEX passages_removed ON passages (removed) WHERE removed < 9223372036854775807;
COMMENT ON COLUMN passages.position IS 'Reading order in the document';
COMMENT ON COLUMN passages.spread IS 'Falls anywhere, always the same for a passage: the smallest are a fair sample';
COMMENT ON COLUMN passages.content IS 'The passage as a JSON array';
COMMENT ON COLUMN passages.letters IS 'Its words as character n-grams are counted in them; grams is how many it has';
COMMENT ON COLUMN passages.terms IS 'CRC-32 of each stem and part of a compound, four bytes each, repeated ones too';
COMMENT ON COLUMN passages.norm IS 'Length of the vector whitened by that of the revision in whitening';

CREATE TABLE texts (
    document_id text NOT NULL,
    added bigint NOT NULL,
    position integer NOT NULL,
    removed bigint NOT NULL DEFAULT 9223372036854775807,
    body text NOT NULL,
    above text NOT NULL,
    parts text[] NOT NULL,
    words tsvector NOT NULL GENERATED ALWAYS AS (
        to_tsvector('pg_catalog.danish', body)
        || to_tsvector('pg_catalog.danish', above)
        || array_to_tsvector(parts)
    ) STORED,
    PRIMARY KEY (document_id, added, position)
);
CREATE INDEX texts_words ON texts USING gin (words);
CREATE INDEX texts_added ON texts USING brin (added);
CREATE INDEX texts_removed ON texts (removed) WHERE removed < 9223372036854775807;
COMMENT ON TABLE texts IS 'What is searched of each passage, for the text search of PostgreSQL';
COMMENT ON COLUMN texts.parts IS 'Stems as the program makes them, with the parts of compounds';

CREATE TABLE postings (
    term text NOT NULL,
    field smallint NOT NULL,
    document_id text NOT NULL,
    added bigint NOT NULL,
    entries bytea NOT NULL,
    PRIMARY KEY (term, field, document_id, added)
);
CREATE INDEX postings_document ON postings (document_id, added);
CREATE INDEX postings_added ON postings USING brin (added);
COMMENT ON TABLE postings IS 'In which passages of a document each term stands, see postings.py';

CREATE TABLE document_terms (
    document_id text NOT NULL,
    added bigint NOT NULL,
    field smallint NOT NULL,
    removed bigint NOT NULL DEFAULT 9223372036854775807,
    passages integer NOT NULL,
    terms text[] NOT NULL,
    counts integer[] NOT NULL,
    length bigint NOT NULL,
    PRIMARY KEY (document_id, added, field)
);
COMMENT ON TABLE document_terms IS 'In how many passages of a document each term stands';

CREATE TABLE frequencies (
    term text NOT NULL,
    field smallint NOT NULL,
    added bigint NOT NULL,
    removed bigint NOT NULL DEFAULT 9223372036854775807,
    passages bigint NOT NULL,
    PRIMARY KEY (term, field, added)
);
CREATE INDEX frequencies_field ON frequencies (field);
CREATE INDEX frequencies_removed ON frequencies (removed) WHERE removed < 9223372036854775807;
COMMENT ON TABLE frequencies IS 'The sum of document_terms';
"""


def upgrade() -> None:
    """Make the tables anew, in the schema that the search path begins with."""
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
