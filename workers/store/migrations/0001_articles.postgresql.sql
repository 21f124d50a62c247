CREATE TABLE articles (
    id VARCHAR(32) NOT NULL,
    url TEXT NOT NULL,
    host TEXT NOT NULL,
    outcome VARCHAR(16) NOT NULL,
    reason VARCHAR(32),
    detail TEXT,
    stage VARCHAR(32) NOT NULL,
    attempts INTEGER NOT NULL,
    deferrals INTEGER NOT NULL,
    token BIGINT NOT NULL,
    submitted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    settled_at TIMESTAMP WITH TIME ZONE NOT NULL,
    language VARCHAR(16),
    language_confidence FLOAT,
    content_id VARCHAR(32),
    duplicate_of TEXT,
    near_duplicate_of TEXT,
    extractor VARCHAR(128),
    detector VARCHAR(128),
    tagger VARCHAR(128),
    taxonomy VARCHAR(128),
    timings JSONB NOT NULL,
    history JSONB NOT NULL,
    record JSONB NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX articles_by_host ON articles (host);
CREATE INDEX articles_by_near_original ON articles (near_duplicate_of);
CREATE INDEX articles_by_original ON articles (duplicate_of);
CREATE INDEX articles_by_outcome ON articles (outcome, settled_at);
CREATE INDEX articles_by_time ON articles (settled_at, id);
CREATE TABLE documents (
    id VARCHAR(32) NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (id)
);
