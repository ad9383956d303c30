-- One row a case: the only truth in this file. All else is made from it and can be made again.
CREATE TABLE cases (
    id       INTEGER PRIMARY KEY,
    key      TEXT    NOT NULL UNIQUE, -- hash of the evidence, and the first answer
    revision INTEGER NOT NULL,        -- 1, and one more with each remark
    added_at TEXT    NOT NULL,        -- RFC 3339
    outline  TEXT    NOT NULL,        -- JSON: what lists and statistics need
    remarks  TEXT    NOT NULL,        -- JSON: what people said of it
    document BLOB    NOT NULL,        -- the whole case: JSON in a zstd frame with its own checksum
    sum      INTEGER NOT NULL         -- CRC-32 of all columns before the document
) STRICT;

-- Words that `signs` names by number: modes, areas, entities, findings, steps of chains.
CREATE TABLE terms (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;

-- What two cases are compared by, packed, so that ten thousand fit in few pages.
CREATE TABLE signs (
    id   INTEGER PRIMARY KEY,
    pack BLOB NOT NULL
) STRICT;

-- Full text of what a person would search for; the text itself stays in `cases`.
CREATE VIRTUAL TABLE words USING fts5(
    title, summary, evidence, entities, notes,
    content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2"
);
