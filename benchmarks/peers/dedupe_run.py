"""Match a table with dedupe 3: its own active learner asks, an oracle that knows the truth answers.

Every pair that the learner asks about is one label.  Afterwards it learns its rules and matches at its default
threshold of .5; two tables without duplicates are joined one to one.
"""

import random
import re
from importlib.metadata import version
from statistics import fmean
from typing import Any

import dedupe
import numpy as np
from dedupe import variables

from benchmarks.peers.task import KEY, SOURCE, Task, read_task, write_clusters

THRESHOLD = 0.5
COLUMNS_AT_MOST = 6  # with more, its memory grows past any limit on a few thousand rows
FILLED_AT_LEAST = 0.3
LETTERS_OF_A_TEXT = 40
LETTERS_OF_A_SHORT_STRING = 10

Record = dict[str, Any]


def main() -> None:
    """Match the table that the command line names."""
    task = read_task(__doc__)
    _seed(task.seed)
    chosen = _chosen(task)
    records = {record[KEY]: _prepared(record, chosen) for record in task.records}
    fields = [_variable(name, kind, records) for name, kind in chosen]
    matcher: Any = (dedupe.RecordLink if task.link else dedupe.Dedupe)(fields, num_cores=1)  # the limits are a process'
    tables = _tables(task, records)
    matcher.prepare_training(*tables)
    shown = _ask(matcher, task)
    matcher.train()
    write_clusters(task, _clusters(matcher, tables), shown, {"version": version("dedupe"), "columns": dict(chosen)})


def _seed(seed: int) -> None:
    """Make the run repeatable: dedupe draws from both generators and seeds neither."""
    random.seed(seed)
    unseeded = np.random.default_rng
    np.random.default_rng = lambda given=None: unseeded(seed if given is None else given)  # type: ignore[assignment]


def _chosen(task: Task) -> list[tuple[str, str]]:
    """Return the columns that tell records apart best, with their kind."""
    given = {name: [value for record in task.records if (value := _clean(record[name]))] for name in task.columns}
    usable = [name for name in given if len(given[name]) >= FILLED_AT_LEAST * len(task.records)]
    told_apart = {name: len(set(given[name])) for name in usable}
    kept = sorted((name for name in usable if told_apart[name] > 1), key=lambda name: -told_apart[name])
    return [(name, _kind(given[name])) for name in kept[:COLUMNS_AT_MOST]]


def _kind(values: list[str]) -> str:
    prices = [value for value in values if re.fullmatch(r"\d+\.\d+", value)]
    if len(prices) >= 0.2 * len(values) and all(_is_price(value) for value in values):
        return "Price"
    letters = fmean(len(value) for value in values)
    if letters > LETTERS_OF_A_TEXT:
        return "Text"
    return "ShortString" if letters <= LETTERS_OF_A_SHORT_STRING else "String"


def _is_price(value: str) -> bool:
    return bool(re.fullmatch(r"\d+(\.\d+)?", value)) and float(value) > 0


def _clean(value: str) -> str | None:
    """Return a value as the examples of dedupe prepare it: small letters, single blanks, None when empty."""
    return re.sub(r"\s+", " ", value.lower().strip().strip("\"'")).strip() or None


def _prepared(record: dict[str, str], chosen: list[tuple[str, str]]) -> Record:
    values: Record = {KEY: record[KEY]}
    for name, kind in chosen:
        value = _clean(record[name])
        values[name] = float(value) if value and kind == "Price" else value
    return values


def _variable(name: str, kind: str, records: dict[str, Record]) -> Any:
    values = [record[name] for record in records.values()]
    options: dict[str, Any] = {"has_missing": None in values}
    if kind == "Text":
        options["corpus"] = [value for value in values if value]
    return getattr(variables, kind)(name, **options)


def _tables(task: Task, records: dict[str, Record]) -> list[dict[str, Record]]:
    if not task.link:
        return [records]
    source = {record[KEY]: record[SOURCE] for record in task.records}
    return [{key: record for key, record in records.items() if source[key] == name} for name in task.sources]


def _ask(matcher: Any, task: Task) -> list[tuple[str, str]]:
    """Answer as many pairs as the task allows, or as the learner has; return them."""
    shown: list[tuple[str, str]] = []
    while len(shown) < task.labels:
        try:
            (pair,) = matcher.uncertain_pairs()
        except IndexError:  # the learner has nothing left to ask
            break
        left, right = sorted(record[KEY] for record in pair)
        is_match = task.truth[left] == task.truth[right]
        matcher.mark_pairs({"match": [pair] if is_match else [], "distinct": [] if is_match else [pair]})
        shown.append((left, right))
    return shown


def _clusters(matcher: Any, tables: list[dict[str, Record]]) -> list[list[str]]:
    if len(tables) == 1:
        return [list(keys) for keys, _ in matcher.partition(tables[0], threshold=THRESHOLD)]
    return [list(pair) for pair, _ in matcher.join(*tables, threshold=THRESHOLD, constraint="one-to-one")]


if __name__ == "__main__":
    main()
