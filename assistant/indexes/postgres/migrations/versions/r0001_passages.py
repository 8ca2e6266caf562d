"""Documents, passages, vectors and words, in revisions.

A row serves in every revision from ``added`` to the one before ``removed``. Everything that is found by document
is distributed by ``document_id`` under Citus, so that a document lies whole on one node; what is counted over
all documents is found by ``term``; and the few rows that say which revision serves are on every node.
"""

from alembic import op

revision = "0001"
down_revision = None

_TABLES = """
CREATE TABLE revisions (
    revision bigint PRIMARY KEY,
    name text NOT NULL UNIQUE,
    manifest text NOT NULL,
    documents text NOT NULL,
    passages bigint NOT NULL,
    dimension integer NOT NULL,
    lengths double precision[] NOT NULL,
    whitening bigint NOT NULL,
    made timestamptz NOT NULL DEFAULT now(),
    replaced timestamptz
);
COMMENT ON TABLE revisions IS 'One row for every build that can still be read';
COMMENT ON COLUMN revisions.documents IS 'Their keys in order, as JSON';
COMMENT ON COLUMN revisions.lengths IS 'Sum over all passages of the number of terms, by field';
COMMENT ON COLUMN revisions.whitening IS 'The revision whose whitening it uses';

CREATE TABLE whitenings (
    revision bigint PRIMARY KEY,
    mean bytea NOT NULL,
    matrix bytea NOT NULL,
    learned_from bigint NOT NULL
);

CREATE TABLE serving (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    revision bigint NOT NULL,
    oldest bigint NOT NULL
);
COMMENT ON TABLE serving IS 'Which revision serves, and the oldest whose rows are still here';

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
    embedding vector NOT NULL,
    PRIMARY KEY (document_id, added, number)
);

CREATE TABLE passages (
    document_id text NOT NULL,
    added bigint NOT NULL,
    position integer NOT NULL,
    removed bigint NOT NULL DEFAULT 9223372036854775807,
    id text NOT NULL,
    spread integer NOT NULL,
    heading integer NOT NULL,
    content text NOT NULL,
    body text NOT NULL,
    above text NOT NULL,
    parts text[] NOT NULL,
    embedding vector NOT NULL,
    words tsvector NOT NULL GENERATED ALWAYS AS (
        to_tsvector('pg_catalog.danish', body)
        || to_tsvector('pg_catalog.danish', above)
        || array_to_tsvector(parts)
    ) STORED,
    PRIMARY KEY (document_id, added, position)
) WITH (fillfactor = 90);
ALTER TABLE passages ALTER COLUMN embedding SET STORAGE MAIN;
CREATE INDEX passages_words ON passages USING gin (words);
CREATE INDEX passages_spread ON passages (spread);
CREATE INDEX passages_added ON passages USING brin (added);
CREATE INDEX passages_removed ON passages (removed) WHERE removed < 9223372036854775807;
COMMENT ON COLUMN passages.position IS 'Reading order in the document';
COMMENT ON COLUMN passages.spread IS 'Falls anywhere, always the same for a passage: the smallest are a fair sample';
COMMENT ON COLUMN passages.content IS 'The passage as JSON; body and above are what of it is searched';
COMMENT ON COLUMN passages.parts IS 'Stems as the program makes them, with the parts of compounds';

CREATE TABLE document_terms (
    document_id text NOT NULL,
    added bigint NOT NULL,
    field smallint NOT NULL,
    removed bigint NOT NULL DEFAULT 9223372036854775807,
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
    """Make the first tables, in the schema that the search path begins with."""
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
