-- How to reach other people's databases. The password is never here: only the name of the environment variable, or the path of the file, that has it.

CREATE TABLE findmatches.connections (
    name TEXT PRIMARY KEY,
    description TEXT NOT NULL,
    url TEXT NOT NULL,
    password_env TEXT,
    password_file TEXT,
    creation_time TIMESTAMP NOT NULL,
    last_updated_time TIMESTAMP NOT NULL
);
