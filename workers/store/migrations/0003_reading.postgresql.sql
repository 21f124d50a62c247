CREATE INDEX articles_by_day ON articles (
    (CASE WHEN (record ->> 'date') ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)$'
    THEN make_date(substr((record ->> 'date'), 1, 4)::integer, substr((record ->> 'date'), 6, 2)::integer, substr((record ->> 'date'), 9, 2)::integer) END),
    language
);
CREATE VIEW reading AS SELECT
    record ->> 'title' AS title,
    CASE WHEN (record ->> 'date') ~ '^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)$'
    THEN make_date(substr((record ->> 'date'), 1, 4)::integer, substr((record ->> 'date'), 6, 2)::integer, substr((record ->> 'date'), 9, 2)::integer) END AS day,
    CASE WHEN jsonb_typeof(record -> 'published') = 'number'
    THEN CASE WHEN (record ->> 'published')::numeric BETWEEN -62135596800 AND 253402300799
    THEN to_timestamp((record ->> 'published')::float8) END END AS published,
    language,
    (
        SELECT string_agg(topic ->> 'label', ', ' ORDER BY place)
        FROM jsonb_array_elements(CASE jsonb_typeof(record -> 'topics') WHEN 'array' THEN record -> 'topics' ELSE '[]' END)
            WITH ORDINALITY AS found(topic, place)
    ) AS topics,
    record ->> 'author' AS authors,
    record ->> 'site' AS site,
    host,
    url,
    record ->> 'description' AS description,
    record ->> 'text' AS text,
    outcome,
    reason,
    detail,
    stage,
    duplicate_of,
    near_duplicate_of,
    submitted_at,
    settled_at,
    id
FROM articles;
