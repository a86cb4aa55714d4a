"""Match a table with Splink 5, without labels, by settings written after a look at its columns.

u by random sampling, the prior from the most selective rules, m by expectation maximisation; pairs of probability .9
and above; connected components, or one to one where two tables without duplicates are linked.
"""

import logging
from typing import Any

import duckdb
import pyarrow as pa
import splink
from splink import DuckDBAPI, Linker, SettingsCreator

from benchmarks.peers.splink_columns import Column, looked_at
from benchmarks.peers.splink_settings import Row, Rule, blocking_rules, comparison, strict_rules, training_rules
from benchmarks.peers.task import KEY, SOURCE, Task, read_task, write_clusters

PROBABILITY = 0.9
RECALL_OF_STRICT_RULES = 0.7
MEMORY_LIMIT = "8GB"
TABLES = ("first_table", "second_table")


def main() -> None:
    """Match the table that the command line names."""
    task = read_task(__doc__)
    logging.getLogger("splink").setLevel(logging.ERROR)
    columns, rows = looked_at(task)
    rules = blocking_rules(columns, rows)
    linker = _linker(task, columns, rows, rules)
    _learn(linker, task, columns, rows, rules)
    notes = {
        "version": splink.__version__,
        "columns": {column.original: column.kind for column in columns},
        "rules": [[part.sql for part in rule.parts] for rule in rules],
        "pairs": sum(rule.pairs for rule in rules),
    }
    write_clusters(task, _clusters(linker, task), [], notes)


def _linker(task: Task, columns: list[Column], rows: list[Row], rules: list[Rule]) -> Any:
    connection = duckdb.connect()
    connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
    settings = SettingsCreator(
        link_type="link_only" if task.link else "dedupe_only",
        comparisons=[comparison(column) for column in columns],
        blocking_rules_to_generate_predictions=[rule.for_splink() for rule in rules],
        unique_id_column_name=KEY,
        probability_two_random_records_match=1 / len(rows),
        retain_matching_columns=False,
    )
    database = DuckDBAPI(connection)
    if not task.link:
        return Linker(
            database.register(pa.Table.from_pylist(rows), table_name="records"), settings, log_level=logging.ERROR
        )
    tables = [
        database.register(_of_source(rows, name), table_name=table)
        for name, table in zip(task.sources, TABLES, strict=True)
    ]
    return Linker(tables, settings, log_level=logging.ERROR)


def _of_source(rows: list[Row], name: str) -> pa.Table:
    table = pa.Table.from_pylist([row for row in rows if row[SOURCE] == name])
    return table.drop_columns([SOURCE])


def _learn(linker: Any, task: Task, columns: list[Column], rows: list[Row], rules: list[Rule]) -> None:
    """Estimate the model's parameters; where no rule is strict, every second record is taken to have a partner."""
    linker.training.estimate_u_using_random_sampling(seed=task.seed + 1)
    strict = [rule.for_splink() for rule in strict_rules(columns, rows)]
    if strict:
        linker.training.estimate_probability_two_random_records_match(strict, recall=RECALL_OF_STRICT_RULES)
    for rule in training_rules(columns, rows, rules):
        linker.training.estimate_parameters_using_expectation_maximisation(rule.for_splink())


def _clusters(linker: Any, task: Task) -> list[list[str]]:
    pairs = linker.inference.predict(threshold_match_probability=0.01)
    if task.link:
        clustered = linker.clustering.cluster_using_single_best_links(
            pairs, duplicate_free_datasets=list(TABLES), threshold_match_probability=PROBABILITY
        )
    else:
        clustered = linker.clustering.cluster_pairwise_predictions_at_threshold(
            pairs, threshold_match_probability=PROBABILITY
        )
    found: dict[str, list[str]] = {}
    for row in clustered.as_record_list():
        found.setdefault(row["cluster_id"], []).append(row[KEY])
    return list(found.values())


if __name__ == "__main__":
    main()
