-- What makes a step of a run that is tried again one and the same, and which labels were asked for, and came.

ALTER TABLE findmatches.ml_task_runs ADD COLUMN client_request_token TEXT DEFAULT '';

CREATE TABLE findmatches.label_requests (
    request_id TEXT PRIMARY KEY,
    transform_id TEXT NOT NULL,
    flow_run_id TEXT NOT NULL,
    labeling_path TEXT NOT NULL,
    labels_path TEXT NOT NULL,
    opened_on TIMESTAMP NOT NULL,
    closed_on TIMESTAMP
);

CREATE TABLE findmatches.landed_files (
    path TEXT NOT NULL,
    version TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    transform_id TEXT NOT NULL,
    flow_run_id TEXT NOT NULL,
    status TEXT NOT NULL,
    message TEXT NOT NULL,
    seen_on TIMESTAMP NOT NULL,
    PRIMARY KEY (path, version)
);
