-- Crawlers and classifiers by name, their definitions as JSON. A crawler's state follows from its latest crawl.

CREATE TABLE findmatches.crawlers (
    name TEXT PRIMARY KEY,
    definition_json TEXT NOT NULL,
    version BIGINT NOT NULL,
    creation_time TIMESTAMP NOT NULL,
    last_updated TIMESTAMP NOT NULL
);

CREATE TABLE findmatches.classifiers (
    name TEXT PRIMARY KEY,
    definition_json TEXT NOT NULL,
    version BIGINT NOT NULL,
    creation_time TIMESTAMP NOT NULL,
    last_updated TIMESTAMP NOT NULL
);

-- One row for each crawl; the earlier table had one for each table of a crawl. crawler_name is '' where a path was crawled without a crawler.
-- summary_json: {"TABLE": {"ADD": 1, "UPDATE": 0, "DELETE": 0}, "PARTITION": {...}}. problems_json: [{"path": ..., "message": ...}], at most 1000.

CREATE TABLE findmatches.crawl_runs (
    crawl_id TEXT PRIMARY KEY,
    crawler_name TEXT NOT NULL,
    location TEXT NOT NULL,
    database_name TEXT NOT NULL,
    state TEXT NOT NULL,
    start_time TIMESTAMP NOT NULL,
    end_time TIMESTAMP,
    summary_json TEXT NOT NULL,
    problems_json TEXT NOT NULL,
    problem_count BIGINT NOT NULL,
    error_message TEXT NOT NULL,
    host TEXT NOT NULL,
    process_id BIGINT NOT NULL,
    process_started TEXT NOT NULL
);

INSERT INTO findmatches.crawl_runs
SELECT crawl_id, '', location, database_name, 'COMPLETED', start_time, end_time, '{}', '[]', 0, '', '', 0, '' FROM findmatches.crawls;

DROP TABLE findmatches.crawls;
