-- The kinds of columns that people set, as JSON: {"postcode": "code", "notes": "ignore"}. Without one the kind is found from the data.

ALTER TABLE findmatches.ml_transforms ADD COLUMN column_kinds_json TEXT DEFAULT '{}';
