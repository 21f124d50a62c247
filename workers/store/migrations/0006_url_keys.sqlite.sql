ALTER TABLE store_identity ADD COLUMN url_keys VARCHAR(16);
CREATE TABLE former_ids (
    id VARCHAR(32) NOT NULL,
    now VARCHAR(32) NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX former_ids_by_now ON former_ids (now);
