-- partition_keys_json: the names of the partition columns, the outermost folder first. layouts_json: where the files of a table are read
-- in different ways, [{"columns": [...], "parameters": {...}, "files": [...]}]; [] says that all are read as the table says.

ALTER TABLE findmatches.tables ADD COLUMN partition_keys_json TEXT DEFAULT '[]';
ALTER TABLE findmatches.tables ADD COLUMN layouts_json TEXT DEFAULT '[]';
ALTER TABLE findmatches.table_versions ADD COLUMN partition_keys_json TEXT DEFAULT '[]';
ALTER TABLE findmatches.table_versions ADD COLUMN layouts_json TEXT DEFAULT '[]';

-- One row for each folder of a table that has files. values_json: [...] in the order of the table's partition keys, null where there is none.

CREATE TABLE findmatches.partitions (
    database_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    location TEXT NOT NULL,
    values_json TEXT NOT NULL,
    columns_json TEXT NOT NULL,
    parameters_json TEXT NOT NULL,
    create_time TIMESTAMP NOT NULL,
    update_time TIMESTAMP NOT NULL,
    PRIMARY KEY (database_name, table_name, location)
);
