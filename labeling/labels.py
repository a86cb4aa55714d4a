"""What a labeling file says: which records got which label in which labeling set."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from labeling.file import LabelingRow


class Label(NamedTuple):
    """One record's label, a case-sensitive name that means something within its labeling set only."""

    labeling_set_id: str
    primary_key: str
    label: str


@dataclass(frozen=True)
class GivenLabels:
    """The labels that people gave, each once and in file order, and how many rows they left blank."""

    labels: tuple[Label, ...]
    blank: int

    @property
    def sets(self) -> int:
        """The number of labeling sets with a label."""
        return len({label.labeling_set_id for label in self.labels})


def given_labels(rows: Iterable[LabelingRow]) -> GivenLabels:
    """Return the labels of the rows that have one; a blank label says nothing about its record."""
    rows = list(rows)
    labelled = [Label(row.labeling_set_id, row.primary_key, row.label) for row in rows if row.label]
    return GivenLabels(tuple(dict.fromkeys(labelled)), len(rows) - len(labelled))


def with_table_keys(rows: Iterable[LabelingRow], keys: Collection[str]) -> tuple[LabelingRow, ...]:
    """Return the rows with their keys as the table writes them: blanks around a key are no part of it.

    A key that is in the table exactly as written stays; one that is nowhere in the table is only stripped.
    """
    spelling = {key.strip(): key for key in keys}

    def spelled(key: str) -> str:
        return key if key in keys else spelling.get(key.strip(), key.strip())

    return tuple(replace(row, primary_key=spelled(row.primary_key)) for row in rows)
