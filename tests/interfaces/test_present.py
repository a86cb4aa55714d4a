"""How results look on a terminal and in a pipe."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from interfaces.cli.present import show_facts, show_json, show_table


def test_a_table_in_a_pipe_is_plain_text_and_nothing_is_cut_off(capsys):
    long = "x" * 300
    show_table(("name", "rows"), [(long, 7), ("short", 1234)])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [["name", "rows"], [long, "7"], ["short", "1234"]]
    assert all(line.isascii() and line == line.rstrip() for line in lines)


@pytest.fixture
def terminal(monkeypatch):
    """A terminal of 80 columns that knows no colours."""
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("TERM", "dumb")


@pytest.mark.usefixtures("terminal")
def test_a_table_that_fits_the_terminal_has_a_line_under_its_headings(capsys):
    show_table(("name", "rows"), [("people", "2,000"), ("pets", "7")], right={"rows"})
    lines = capsys.readouterr().out.splitlines()
    assert [lines[0].rstrip(), set(lines[1]), *lines[2:]] == [
        "name      rows",
        {"─"},
        "people   2,000",
        "pets         7",
    ]


@pytest.mark.usefixtures("terminal")
def test_rows_too_wide_for_the_terminal_are_shown_one_value_a_line_and_whole(capsys):
    long = "x" * 80
    show_table(("id", "name", "name"), [(long, "a", None), ("short", "b", "c")])
    assert capsys.readouterr().out.splitlines() == [f"id    {long}", "name  a", "", "id    short", "name  b", "name  c"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param("a\x1b[31mred", "a\\x1b[31mred", id="terminal colours"),
        pytest.param("two\nlines", "two\\nlines", id="a line break"),
        pytest.param("[bold]text[/bold]", "[bold]text[/bold]", id="what rich takes for markup"),
        pytest.param(":smile:", ":smile:", id="what rich takes for an emoji"),
        pytest.param("Zoë 東京", "Zoë 東京", id="letters of other scripts"),
        pytest.param(False, "false", id="what Python writes with a capital"),
    ],
)
def test_cells_show_as_text_what_they_hold(capsys, value, shown):
    show_table(("name",), [(value,)])
    assert capsys.readouterr().out == f"name\n{shown}\n"


def test_facts_without_a_value_are_left_out(capsys):
    show_facts({"name": "people", "description": None, "rows": "3"})
    assert capsys.readouterr().out == "name  people\nrows  3\n"


def test_json_holds_no_value_that_json_does_not_know(capsys):
    show_json(
        {"on": datetime(2024, 2, 29, 12, tzinfo=UTC), "share": float("nan"), "sum": Decimal("1.5"), "raw": b"\x00"}
    )
    assert json.loads(capsys.readouterr().out) == {
        "on": "2024-02-29T12:00:00+00:00",
        "share": None,
        "sum": 1.5,
        "raw": "b'\\x00'",
    }
