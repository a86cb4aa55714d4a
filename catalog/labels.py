"""What people said: labels by labeling set and primary key, and the labeling sets they were asked about.

Two records of one labeling set with the same label match; with different labels they do not. Records of different
sets say nothing about each other, so two sets must never fall together under one id.
"""

import dataclasses
import itertools
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.database import Catalog
from catalog.session import Session, utc_now
from catalog.task_runs import TaskStatus
from catalog.transform_rows import TransformStatus, find_transform, rewrite_transform
from errors import AlreadyExistsError, InvalidInputError


@dataclass(frozen=True)
class StoredLabel:
    """One label: what a person called the record with this primary key, within this labeling set."""

    labeling_set_id: str
    primary_key: str
    label: str


@dataclass(frozen=True)
class LabelFile:
    """The file that labels came from: a hash of its content, its path, its rows, and how many had no label."""

    content_hash: str
    path: str
    rows: int
    blank: int


@dataclass(frozen=True)
class LabelingSet:
    """A question that was asked: these records, side by side. `design` is for the sampling weights of estimates."""

    labeling_set_id: str
    primary_keys: tuple[str, ...]
    design: dict[str, Any]


def store_labels(
    catalog: Catalog, transform_id: str, labels: Sequence[StoredLabel], file: LabelFile, replace: bool = False
) -> int:
    """Keep all labels of a file, or none if anything fails, and make the transform READY; returns how many were kept.

    A file whose content was imported before changes nothing and returns 0. Of two labels for one record in one set the
    later wins. `replace` forgets all labels and files from before, so the same file may be imported again.
    A set of the file that shares its id, but no record, with a stored set that we did not ask about is another set:
    it is kept as `<id>~2` (or ~3, …).
    """
    if not labels:
        raise InvalidInputError(f"'{file.path}' has no label. Fill in the column `label`, and import it again.")
    with catalog.transaction() as session:
        find_transform(session, transform_id)
        if replace:
            _forget(session, transform_id)
        elif _was_imported(session, transform_id, file):
            return 0
        kept = _with_distinct_sets(session, transform_id, labels)
        _write(session, transform_id, kept, file)
        _make_ready(session, transform_id)
    return len(kept)


def list_labels(catalog: Catalog, transform_id: str) -> list[StoredLabel]:
    """Return all labels of a transform, by set and key: the same labels in the same order, however they came."""
    with catalog.reading() as session:
        return _stored_labels(session, transform_id)


def store_labeling_sets(catalog: Catalog, transform_id: str, task_run_id: str, sets: Sequence[LabelingSet]) -> None:
    """Remember the sets that a labeling file asks about; all of them or, if one id is in use, none."""
    now = utc_now()
    rows = [
        (transform_id, each.labeling_set_id, task_run_id, json.dumps(each.primary_keys), json.dumps(each.design), now)
        for each in sets
    ]
    with catalog.transaction() as session:
        find_transform(session, transform_id)
        _check_unused(session, transform_id, [each.labeling_set_id for each in sets])
        session.many(
            "INSERT INTO findmatches.labeling_sets (transform_id, labeling_set_id, task_run_id,"
            " primary_keys_json, design_json, created_on) VALUES (?)",
            rows,
        )


def list_labeling_sets(catalog: Catalog, transform_id: str) -> list[LabelingSet]:
    """Return all sets that labeling files of a transform asked about, the oldest first."""
    with catalog.reading() as session:
        rows = session.rows(
            "SELECT * FROM findmatches.labeling_sets WHERE transform_id = ? ORDER BY created_on, labeling_set_id",
            (transform_id,),
        )
    return [
        LabelingSet(row["labeling_set_id"], tuple(json.loads(row["primary_keys_json"])), json.loads(row["design_json"]))
        for row in rows
    ]


def forget_unpublished_sets(catalog: Catalog, transform_id: str) -> None:
    """Forget the sets of runs that ended before their labeling file was there: nobody was asked about them."""
    with catalog.transaction() as session:
        session.execute(
            "DELETE FROM findmatches.labeling_sets WHERE transform_id = ? AND task_run_id IN (SELECT task_run_id"
            " FROM findmatches.ml_task_runs WHERE completed_on IS NOT NULL AND status <> ?)",
            (transform_id, TaskStatus.SUCCEEDED),
        )


def _was_imported(session: Session, transform_id: str, file: LabelFile) -> bool:
    found = session.row(
        "SELECT 1 AS found FROM findmatches.label_files WHERE transform_id = ? AND content_hash = ?",
        (transform_id, file.content_hash),
    )
    return found is not None


def _forget(session: Session, transform_id: str) -> None:
    for table in ("labels", "label_files"):
        session.execute(f"DELETE FROM findmatches.{table} WHERE transform_id = ?", (transform_id,))


def _with_distinct_sets(session: Session, transform_id: str, labels: Sequence[StoredLabel]) -> list[StoredLabel]:
    """Return the labels under the ids their sets are kept by, one for each set and key."""
    latest = {(label.labeling_set_id, label.primary_key): label for label in labels}
    names = distinct_set_ids(
        _keys_by_set(latest.values()),
        _keys_by_set(_stored_labels(session, transform_id)),
        _generated_ids(session, transform_id),
    )
    return [dataclasses.replace(label, labeling_set_id=names[label.labeling_set_id]) for label in latest.values()]


def distinct_set_ids(
    uploaded: Mapping[str, set[str]], stored: Mapping[str, set[str]], generated: set[str]
) -> dict[str, str]:
    """Return the id to keep each uploaded set by; `uploaded` and `stored` hold the keys of each set.

    >>> distinct_set_ids({"1": {"x", "y"}}, stored={"1": {"a", "b"}}, generated=set())
    {'1': '1~2'}
    >>> distinct_set_ids({"1": {"b", "y"}}, stored={"1": {"a", "b"}}, generated=set())
    {'1': '1'}
    """
    names: dict[str, str] = {}
    for set_id, keys in uploaded.items():
        taken = (generated | uploaded.keys() | set(names.values())) - {set_id}
        free = (name for name in _candidates(set_id) if name not in taken)
        names[set_id] = next(name for name in free if name in generated or name not in stored or stored[name] & keys)
    return names


def _candidates(set_id: str) -> Iterator[str]:
    yield set_id
    yield from (f"{set_id}~{number}" for number in itertools.count(2))


def _keys_by_set(labels: Iterable[StoredLabel]) -> dict[str, set[str]]:
    keys: defaultdict[str, set[str]] = defaultdict(set)
    for label in labels:
        keys[label.labeling_set_id].add(label.primary_key)
    return dict(keys)


def _stored_labels(session: Session, transform_id: str) -> list[StoredLabel]:
    rows = session.rows(
        "SELECT labeling_set_id, primary_key, label FROM findmatches.labels WHERE transform_id = ?"
        " ORDER BY labeling_set_id, primary_key",
        (transform_id,),
    )
    return [StoredLabel(**row) for row in rows]


def _generated_ids(session: Session, transform_id: str) -> set[str]:
    rows = session.rows("SELECT labeling_set_id FROM findmatches.labeling_sets WHERE transform_id = ?", (transform_id,))
    return {row["labeling_set_id"] for row in rows}


def _check_unused(session: Session, transform_id: str, set_ids: Sequence[str]) -> None:
    used = _generated_ids(session, transform_id) | _keys_by_set(_stored_labels(session, transform_id)).keys()
    for set_id in set_ids:
        if set_id in used:
            raise AlreadyExistsError(f"Labeling set '{set_id}' exists already. Give the new set an id of its own.")


def _write(session: Session, transform_id: str, labels: Sequence[StoredLabel], file: LabelFile) -> None:
    session.many(
        "INSERT INTO findmatches.labels (transform_id, labeling_set_id, primary_key, label, content_hash) VALUES (?)"
        " ON CONFLICT (transform_id, labeling_set_id, primary_key)"
        " DO UPDATE SET label = excluded.label, content_hash = excluded.content_hash",
        [(transform_id, *dataclasses.astuple(label), file.content_hash) for label in labels],
    )
    session.insert(
        "label_files",
        {
            "transform_id": transform_id,
            "content_hash": file.content_hash,
            "path": file.path,
            "row_count": file.rows,
            "blank_count": file.blank,
            "imported_on": utc_now(),
        },
    )


def _make_ready(session: Session, transform_id: str) -> None:
    row = session.row("SELECT count(*) AS labels FROM findmatches.labels WHERE transform_id = ?", (transform_id,))
    ready = dataclasses.replace(
        find_transform(session, transform_id),
        status=TransformStatus.READY,
        label_count=row["labels"] if row else 0,
        last_modified_on=utc_now(),
    )
    rewrite_transform(session, ready)
