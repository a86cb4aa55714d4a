"""Questions about all values of each column, asked of a source in as few readings as its width allows."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

MOST_AT_ONCE = 200  # columns; from there on DuckDB 2.0 takes minutes to plan one query about all of them
GROUP = 50


def answer_all(
    connection: duckdb.DuckDBPyConnection, source: str, questions: Mapping[str, Sequence[str]]
) -> dict[str, tuple[Any, ...]]:
    """Answer each column's questions, SQL that aggregates, over all records of `source`.

    A source with many columns is read once into a temporary table, and asked there about some columns at a time.
    """
    names, size = list(questions), MOST_AT_ONCE
    if len(names) > MOST_AT_ONCE:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE wide AS FROM {source}")
        source, size = "wide", GROUP
    groups = [names[start : start + size] for start in range(0, len(names), size)]
    rows = [
        _answers(connection, source, [question for name in group for question in questions[name]]) for group in groups
    ]
    answers = iter([answer for row in rows for answer in row])
    return {name: tuple(next(answers) for _ in questions[name]) for name in names}


def _answers(connection: duckdb.DuckDBPyConnection, source: str, questions: Sequence[str]) -> tuple[Any, ...]:
    (row,) = connection.execute(f"SELECT {', '.join(questions)} FROM {source}").fetchall()
    return row
