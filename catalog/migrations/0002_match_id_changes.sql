-- Which match ids came and went while their rows stayed. The id of every row is in a file of the workspace (docs/adr/0012).
-- 'merged': match_id is no more, most of its rows are in other_match_id. 'split': match_id is new, most of its rows were in other_match_id.

CREATE TABLE findmatches.match_id_changes (
    transform_id TEXT NOT NULL,
    task_run_id TEXT NOT NULL,
    change TEXT NOT NULL,
    match_id BIGINT NOT NULL,
    other_match_id BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    recorded_on TIMESTAMP NOT NULL,
    PRIMARY KEY (transform_id, task_run_id, change, match_id)
);
