DROP INDEX IF EXISTS articles_by_near_original;
DROP INDEX IF EXISTS articles_by_original;
CREATE INDEX articles_by_near_original ON articles USING hash (near_duplicate_of);
CREATE INDEX articles_by_original ON articles USING hash (duplicate_of);
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
CREATE OR REPLACE FUNCTION newsmill_note_change() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    DECLARE
        now_number BIGINT := txid_current() + (SELECT base FROM change_numbers);
    BEGIN
        IF TG_OP = 'DELETE' OR OLD.id <> NEW.id THEN
            INSERT INTO changes (id, number, token) VALUES (OLD.id, now_number, OLD.token)
            ON CONFLICT (id) DO UPDATE SET number = excluded.number, token = excluded.token;
        END IF;
        IF TG_OP <> 'DELETE' THEN
            INSERT INTO changes (id, number, token) VALUES (NEW.id, now_number, NEW.token)
            ON CONFLICT (id) DO UPDATE SET number = excluded.number, token = excluded.token;
        END IF;
        RETURN NULL;
    END
$$;
CREATE TRIGGER articles_note_change AFTER INSERT OR UPDATE OR DELETE ON articles
FOR EACH ROW EXECUTE FUNCTION newsmill_note_change();
INSERT INTO change_numbers SELECT 1, count(*) FROM articles;
INSERT INTO changes SELECT id, row_number() OVER (ORDER BY settled_at, id), token FROM articles;
CREATE INDEX changes_by_number ON changes (number, id);
