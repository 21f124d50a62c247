CREATE TABLE changes (
    id VARCHAR(32) NOT NULL,
    number BIGINT NOT NULL,
    token BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE change_numbers (
    one INTEGER NOT NULL,
    base BIGINT NOT NULL,
    PRIMARY KEY (one)
);
INSERT INTO change_numbers VALUES (1, 0);
INSERT INTO changes SELECT id, row_number() OVER (ORDER BY settled_at, id), token FROM articles;
CREATE INDEX changes_by_number ON changes (number, id);
CREATE TRIGGER articles_note_insert AFTER INSERT ON articles BEGIN
    INSERT INTO changes (id, number, token)
    VALUES (NEW.id, (SELECT max(coalesce((SELECT max(number) FROM changes), 0), base) + 1 FROM change_numbers), NEW.token)
    ON CONFLICT (id) DO UPDATE SET number = excluded.number, token = excluded.token;
END;
CREATE TRIGGER articles_note_update AFTER UPDATE ON articles BEGIN
    INSERT INTO changes (id, number, token)
    VALUES (NEW.id, (SELECT max(coalesce((SELECT max(number) FROM changes), 0), base) + 1 FROM change_numbers), NEW.token)
    ON CONFLICT (id) DO UPDATE SET number = excluded.number, token = excluded.token;
END;
CREATE TRIGGER articles_note_new_id AFTER UPDATE OF id ON articles WHEN OLD.id <> NEW.id BEGIN
    INSERT INTO changes (id, number, token)
    VALUES (OLD.id, (SELECT max(coalesce((SELECT max(number) FROM changes), 0), base) + 1 FROM change_numbers), OLD.token)
    ON CONFLICT (id) DO UPDATE SET number = excluded.number, token = excluded.token;
END;
CREATE TRIGGER articles_note_delete AFTER DELETE ON articles BEGIN
    INSERT INTO changes (id, number, token)
    VALUES (OLD.id, (SELECT max(coalesce((SELECT max(number) FROM changes), 0), base) + 1 FROM change_numbers), OLD.token)
    ON CONFLICT (id) DO UPDATE SET number = excluded.number, token = excluded.token;
END;
