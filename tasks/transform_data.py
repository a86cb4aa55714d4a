"""What a step on a transform works with: its records, their compared candidate pairs, and the answers given so far.

Rows are sorted by primary key, so that the order of the input decides nothing; rows that say the same in every column
are one record.  Comparing is the dear part; its result is kept in the workspace under a fingerprint of all it depends
on, and read back while that is the same.
"""

import hashlib
import json
import logging
import os
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING

from catalog.database import Catalog
from catalog.labels import list_labels
from catalog.tables import Table, get_table
from catalog.transforms import TaskRunProperties, Transform
from catalog.workers import Workers, workers_for
from errors import InvalidInputError
from matching.answers import Answer, AnsweredPairs, answered_pairs
from matching.progress import Stage, tell
from storage.files import list_files
from storage.workspace import Workspace
from tasks.checked_table import checked_table
from tasks.kept_comparisons import KeptComparisons
from tasks.memory_budget import check_enough, machine_memory, memory_budget
from tasks.records import read_records

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from matching.matcher import ComparedPairs, MatchingTask, PreparedRecords

logger = logging.getLogger("findmatches.tasks")

COMPARISON_VERSION = 6


@dataclass(frozen=True)
class TransformData:
    """The data of one transform; what is costly is made when it is first asked for.

    `rows` are sorted by primary key; `order[i]` is the place in the files of row i, `record_of[i]` its record.  Of the
    rows that are one record, the first stands for it in `records`.  `learned_kinds` are the columns' kinds when a model
    was trained that is to be applied: with them no kind is found anew.
    """

    workspace: Workspace
    transform: Transform
    table: Table
    rows: "pa.Table"
    order: "pa.Array"
    records: "pa.Table"
    record_of: "NDArray[np.int64]"
    learned_kinds: tuple[tuple[str, str], ...] = field(default=(), kw_only=True)

    @property
    def keys(self) -> list[str]:
        """The primary keys of the records, ascending."""
        return list(self.records[self.transform.parameters.primary_key_column_name].to_pylist())

    @property
    def row_keys(self) -> list[str]:
        """The primary keys of all rows, ascending."""
        return list(self.rows[self.transform.parameters.primary_key_column_name].to_pylist())

    @cached_property
    def fingerprint(self) -> str:
        """A name for everything the comparison depends on: files, columns, and after a dash how widely to look."""
        from matching.block import neighbours_wanted

        parameters = self.transform.parameters
        there = {file.path: file for file in list_files(self.table.location)}
        files = [there[path] for path in self.table.files if path in there]
        told = [
            COMPARISON_VERSION,
            [(file.path, file.size, file.version) for file in files],
            self.task.columns,
            parameters.primary_key_column_name,
        ]
        told += [parameters.source_column_name, self.task.kinds]
        data = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]
        return f"{data}-{neighbours_wanted(parameters.accuracy_cost_tradeoff)}"

    @property
    def kept(self) -> KeptComparisons:
        """The comparisons that the workspace keeps for the transform."""
        return KeptComparisons(self.workspace, self.transform.transform_id)

    @cached_property
    def task(self) -> "MatchingTask":
        """What to match on: every column but the primary key and the source."""
        from matching.matcher import MatchingTask
        from matching.memory import Spill

        parameters = self.transform.parameters
        besides = {parameters.primary_key_column_name, parameters.source_column_name}
        columns = tuple(name for name in self.records.column_names if name not in besides)
        workers, kinds = workers_of(self.transform), kinds_in_force(self.transform, self.learned_kinds)
        spill = Spill(self.workspace.runs, memory_budget(workers.memory_gib).largest_array)
        return MatchingTask(
            columns, parameters.source_column_name, parameters.accuracy_cost_tradeoff, workers.threads, kinds, spill
        )

    @cached_property
    def prepared(self) -> "PreparedRecords":
        """The records made ready for comparison."""
        from matching.matcher import prepare_records

        return prepare_records(self.records, self.task, self.kept.known(self.fingerprint))

    def let_go_of_prepared(self) -> None:
        """Give back the memory of `prepared`, which is made again where it is asked for again."""
        from matching.memory import give_back_freed_memory

        vars(self).pop("prepared", None)
        give_back_freed_memory()

    @cached_property
    def compared(self) -> "ComparedPairs":
        """The compared candidate pairs, before any answer."""
        from matching.matcher import compare_candidates

        kept = self.kept.load(self.fingerprint, self.sources)
        if kept is not None:
            return kept
        self.check_columns()
        compared = compare_candidates(self.prepared)
        self.kept.save(self.fingerprint, compared)
        return compared

    def check_columns(self) -> None:
        """Stop at a table in which nothing tells two records apart."""
        if all(profile.kind == "empty" for profile in self.prepared.profiles):
            raise InvalidInputError(
                f"Table '{self.table.qualified_name}' has no usable column beside the primary key: none holds two "
                "different values. Crawl a table that describes its records."
            )

    @cached_property
    def sources(self) -> "NDArray[np.int64] | None":
        """The number of each record's source, or None where there is no source column."""
        from matching.matcher import source_numbers

        name = self.transform.parameters.source_column_name
        return None if name is None else source_numbers(self.records[name])

    @cached_property
    def answers(self) -> AnsweredPairs:
        """What the stored labels say of pairs; labels of records that are gone say nothing."""
        index = dict(zip(self.row_keys, self.record_of.tolist(), strict=True))
        labels = list_labels(Catalog.of(self.workspace), self.transform.transform_id)
        gone = sum(label.primary_key not in index for label in labels)
        if gone:
            logger.warning("labels: %d are of records that the table no longer has; they are not used", gone)
        known = (label for label in labels if label.primary_key in index)
        answers = answered_pairs(
            Answer(label.labeling_set_id, index[label.primary_key], label.label) for label in known
        )
        if answers.contradictions:
            logger.warning(
                "labels: %d pairs have contradicting labels; one of the two is used",
                len(answers.contradictions),
            )
        return answers


def load_transform_data(workspace: Workspace, transform: Transform) -> TransformData:
    """Return the data of a transform, with its records read."""
    import pyarrow.compute as pc

    from matching.memory import keep_freed_memory

    keep_freed_memory()
    primary_key = transform.parameters.primary_key_column_name
    table = checked_table(workspace, get_table(Catalog.of(workspace), transform.table_name))
    budget = memory_budget(workers_of(transform).memory_gib)
    rows = read_records(workspace, table, primary_key)
    check_enough(budget, rows.num_rows, rows.num_rows * rows.num_columns, rows.nbytes)
    order = pc.sort_indices(rows, sort_keys=[(primary_key, "ascending")])
    rows = rows.take(order)
    first, record_of = distinct_rows(rows, transform)
    tell(Stage.READ, 1)
    told = "" if len(first) == rows.num_rows else f", {len(first):,} of them different"
    logger.info("read: %s rows of '%s'%s", f"{rows.num_rows:,}", table.qualified_name, told)
    records = rows if len(first) == rows.num_rows else rows.take(first)
    return TransformData(workspace, transform, table, rows, order, records, record_of)


def distinct_rows(rows: "pa.Table", transform: Transform) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
    """Return the first row of each record, and each row's record: rows alike in all compared columns are one.

    Rows without any value are records of their own, as is every row where a source column says who may match.
    """
    import numpy as np
    import pandas as pd

    ignored = (name for name, kind in transform.column_settings.kinds.items() if kind == "ignore")
    besides = {transform.parameters.primary_key_column_name, transform.parameters.source_column_name, *ignored}
    values = rows.select([name for name in rows.column_names if name not in besides]).to_pandas()
    alone = values.isna().all(axis="columns").to_numpy()
    if transform.parameters.source_column_name is not None or alone.all():
        return np.arange(rows.num_rows), np.arange(rows.num_rows)
    content = pd.DataFrame({"hash": pd.util.hash_pandas_object(values, index=False), "place": 0})
    content.loc[alone, "place"] = np.flatnonzero(alone) + 1
    record_of = content.groupby(["hash", "place"], sort=False).ngroup().to_numpy().astype(np.int64)
    return np.unique(record_of, return_index=True)[1], record_of


def kinds_in_force(transform: Transform, learned: tuple[tuple[str, str], ...] = ()) -> tuple[tuple[str, str], ...]:
    """Return (column, kind) of the columns whose kind is not found from the data, by column: set or learned."""
    return tuple(sorted((dict(learned) | dict(transform.column_settings.kinds)).items()))


def workers_of(transform: Transform) -> Workers:
    """Return the threads and memory of the transform's workers on this machine; says so when they are clamped."""
    return _workers(transform.properties)


@cache
def _workers(properties: TaskRunProperties) -> Workers:
    workers = workers_for(properties, os.cpu_count() or 1, machine_memory() / 2**30)
    if workers.clamped:
        logger.info("workers: clamped to this machine, %d threads, %.0f GiB", workers.threads, workers.memory_gib)
    return workers


def seed() -> int:
    """Return the seed of everything random: FINDMATCHES_SEED, else 0."""
    return int(os.environ.get("FINDMATCHES_SEED") or 0)
