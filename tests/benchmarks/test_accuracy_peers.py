"""What the scripts that drive the peers find out about a table."""

import doctest
from pathlib import Path

import pytest

import benchmarks.peers.splink_columns
from benchmarks.peers.splink_columns import looked_at
from benchmarks.peers.task import Task

NAMES = [f"{first}{second}nn" for first in "abcdefgh" for second in "aeiou"]
COLUMNS = {
    "first": "{name}",
    "last": "{name}sson",
    "full": "{name} {name}sson",
    "born": "19{n:02}-02-03",
    "mail": "{name}@example.org",
    "zip": "{n}99",
    "cost": "{n}.50",
    "note": "the {name} who lives in house {n}",
    "all_same": "x",
    "empty": "",
}


def table(columns: dict[str, str], link: bool = False) -> Task:
    rows = [
        {"id": str(n), "source": "st"[n % 2]} | {key: form.format(name=name, n=n) for key, form in columns.items()}
        for n, name in enumerate(NAMES)
    ]
    return Task(rows, {}, list(columns), Path(), 0, 0, link)


def test_the_examples_of_the_module_hold() -> None:
    assert doctest.testmod(benchmarks.peers.splink_columns).failed == 0


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("first", "name"),
        ("born", "date"),
        ("mail", "email"),
        ("zip", "code"),
        ("cost", "number"),
        ("note", "text"),
        ("full", None),
        ("all_same", None),
        ("empty", None),
    ],
)
def test_a_column_is_compared_by_what_it_holds(column: str, kind: str | None) -> None:
    found = {one.original: one.kind for one in looked_at(table(COLUMNS))[0]}
    assert found.get(column) == kind


def test_a_text_brings_its_words_and_those_that_few_records_share() -> None:
    columns, rows = looked_at(table({"note": "the {name} of house {n}", "more": "{name}"}))
    note = columns[0].name
    assert rows[0][f"{note}_words"] == sorted(["the", NAMES[0], "of", "house", "0"])
    assert rows[0][f"{note}_rare"] is None
    twice = table({"note": "the {name} of house {n}", "more": "{name}"})
    twice.records.append(dict(twice.records[0], id="x"))
    assert looked_at(twice)[1][0][f"{note}_rare"] == sorted([NAMES[0], "0"])


def test_records_keep_their_source_only_where_tables_are_linked() -> None:
    assert "source" in looked_at(table(COLUMNS, link=True))[1][0]
    assert "source" not in looked_at(table(COLUMNS))[1][0]
