CREATE TABLE store_identity (
    one INTEGER NOT NULL,
    id VARCHAR(32) NOT NULL,
    created_at DATETIME NOT NULL,
    PRIMARY KEY (one)
);
CREATE TABLE ledgers (
    id VARCHAR(32) NOT NULL,
    name TEXT NOT NULL,
    first_seen DATETIME NOT NULL,
    last_seen DATETIME NOT NULL,
    PRIMARY KEY (id)
);
