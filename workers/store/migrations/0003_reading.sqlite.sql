CREATE INDEX articles_by_day ON articles (
    CASE WHEN json_extract(record, '$.date') GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'
    THEN CASE WHEN json_extract(record, '$.date') >= '0001' AND date(json_extract(record, '$.date'), '+0 days') = json_extract(record, '$.date')
    THEN json_extract(record, '$.date') END END,
    language
);
CREATE VIEW reading AS SELECT
    json_extract(record, '$.title') AS title,
    CASE WHEN json_extract(record, '$.date') GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'
    THEN CASE WHEN json_extract(record, '$.date') >= '0001' AND date(json_extract(record, '$.date'), '+0 days') = json_extract(record, '$.date')
    THEN json_extract(record, '$.date') END END AS day,
    CASE WHEN json_type(record, '$.published') IN ('integer', 'real')
    THEN CASE WHEN json_extract(record, '$.published') BETWEEN -62135596800 AND 253402300799
    THEN datetime(json_extract(record, '$.published'), 'unixepoch') END END AS published,
    language,
    (
        SELECT group_concat(json_extract(topic.value, '$.label'), ', ')
        FROM json_each(articles.record, '$.topics') AS topic WHERE topic.type = 'object'
    ) AS topics,
    json_extract(record, '$.author') AS authors,
    json_extract(record, '$.site') AS site,
    host,
    url,
    json_extract(record, '$.description') AS description,
    json_extract(record, '$.text') AS text,
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
