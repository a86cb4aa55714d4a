-- Names are Glue's in snake case. Times are UTC. Columns named *_json hold JSON as text.
-- The SQL is plain enough for DuckDB and PostgreSQL. There are no foreign keys: DuckDB rewrites a row on update, and its keys then refuse.

CREATE TABLE findmatches.databases (
    name TEXT PRIMARY KEY,
    create_time TIMESTAMP NOT NULL
);

CREATE TABLE findmatches.tables (
    database_name TEXT NOT NULL,
    name TEXT NOT NULL,
    version_id BIGINT NOT NULL,
    location TEXT NOT NULL,
    classification TEXT NOT NULL,
    columns_json TEXT NOT NULL,
    parameters_json TEXT NOT NULL,
    files_json TEXT NOT NULL,
    create_time TIMESTAMP NOT NULL,
    update_time TIMESTAMP NOT NULL,
    PRIMARY KEY (database_name, name)
);

-- What a table was before its present version.
CREATE TABLE findmatches.table_versions (
    database_name TEXT NOT NULL,
    name TEXT NOT NULL,
    version_id BIGINT NOT NULL,
    location TEXT NOT NULL,
    classification TEXT NOT NULL,
    columns_json TEXT NOT NULL,
    parameters_json TEXT NOT NULL,
    files_json TEXT NOT NULL,
    create_time TIMESTAMP NOT NULL,
    update_time TIMESTAMP NOT NULL,
    PRIMARY KEY (database_name, name, version_id)
);

CREATE TABLE findmatches.crawls (
    crawl_id TEXT PRIMARY KEY,
    location TEXT NOT NULL,
    database_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    version_id BIGINT NOT NULL,
    start_time TIMESTAMP NOT NULL,
    end_time TIMESTAMP NOT NULL
);

CREATE TABLE findmatches.ml_transforms (
    transform_id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    status TEXT NOT NULL,
    table_name TEXT NOT NULL,
    schema_json TEXT NOT NULL,
    primary_key_column_name TEXT NOT NULL,
    precision_recall_tradeoff DOUBLE PRECISION NOT NULL,
    accuracy_cost_tradeoff DOUBLE PRECISION NOT NULL,
    enforce_provided_labels BOOLEAN NOT NULL,
    source_column_name TEXT,
    worker_type TEXT NOT NULL,
    number_of_workers BIGINT NOT NULL,
    timeout BIGINT NOT NULL,
    max_retries BIGINT NOT NULL,
    label_count BIGINT NOT NULL,
    created_on TIMESTAMP NOT NULL,
    last_modified_on TIMESTAMP NOT NULL
);

CREATE TABLE findmatches.labeling_sets (
    transform_id TEXT NOT NULL,
    labeling_set_id TEXT NOT NULL,
    task_run_id TEXT NOT NULL,
    primary_keys_json TEXT NOT NULL,
    design_json TEXT NOT NULL,
    created_on TIMESTAMP NOT NULL,
    PRIMARY KEY (transform_id, labeling_set_id)
);

CREATE TABLE findmatches.label_files (
    transform_id TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    path TEXT NOT NULL,
    row_count BIGINT NOT NULL,
    blank_count BIGINT NOT NULL,
    imported_on TIMESTAMP NOT NULL,
    PRIMARY KEY (transform_id, content_hash)
);

CREATE TABLE findmatches.labels (
    transform_id TEXT NOT NULL,
    labeling_set_id TEXT NOT NULL,
    primary_key TEXT NOT NULL,
    label TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    PRIMARY KEY (transform_id, labeling_set_id, primary_key)
);

CREATE TABLE findmatches.ml_task_runs (
    task_run_id TEXT PRIMARY KEY,
    transform_id TEXT NOT NULL,
    task_type TEXT NOT NULL,
    status TEXT NOT NULL,
    properties_json TEXT NOT NULL,
    summary_json TEXT NOT NULL,
    error_string TEXT NOT NULL,
    started_on TIMESTAMP NOT NULL,
    last_modified_on TIMESTAMP NOT NULL,
    completed_on TIMESTAMP,
    host TEXT NOT NULL,
    process_id BIGINT NOT NULL,
    process_started TEXT NOT NULL
);

CREATE TABLE findmatches.models (
    model_id TEXT PRIMARY KEY,
    transform_id TEXT NOT NULL,
    created_on TIMESTAMP NOT NULL,
    location TEXT NOT NULL,
    label_fingerprint TEXT NOT NULL,
    summary_json TEXT NOT NULL
);

CREATE TABLE findmatches.evaluations (
    evaluation_id TEXT PRIMARY KEY,
    transform_id TEXT NOT NULL,
    model_id TEXT NOT NULL,
    created_on TIMESTAMP NOT NULL,
    metrics_json TEXT NOT NULL
);
