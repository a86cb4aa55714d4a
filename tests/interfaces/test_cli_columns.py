"""Column kinds on the command line."""

import json
from pathlib import Path

import pytest


@pytest.fixture
def created(findmatches, people_csv):
    def create(*words):
        assert findmatches("crawl", people_csv, "--table", "people").exit_code == 0
        return findmatches("transform", "create", "people", "--table", "default.people", "--primary-key", "id", *words)

    return create


def columns(findmatches):
    shown = json.loads(findmatches("transform", "show", "people", "--json").stdout)
    return {each["column"]: (each["kind"], each["told_by"]) for each in shown["columns"]}


def test_show_tells_what_the_columns_are_and_who_says_so(findmatches, created):
    assert created("--column-kind", "city=category", "--column-kind", "phone=ignore").exit_code == 0
    assert columns(findmatches) == {
        "name": ("name", "found"),
        "city": ("category", "set"),
        "phone": ("ignore", "set"),
    }
    lines = findmatches("transform", "show", "people").stdout.splitlines()
    assert any(line.split() == ["column", "kinds", "set", "city=category,", "phone=ignore"] for line in lines)
    assert lines[-3:] == ["name    name      found", "city    category  set", "phone   ignore    set"]


def test_kinds_of_a_file_hold_where_no_option_says_otherwise(findmatches, created):
    Path("columns.toml").write_text('[columns]\ncity = "text"\nphone = "code"\n')
    assert created("--columns", "columns.toml", "--column-kind", "city=name").exit_code == 0
    assert columns(findmatches)["city"] == ("name", "set")
    assert columns(findmatches)["phone"] == ("code", "set")


def test_an_update_takes_a_kind_back(findmatches, created):
    created("--column-kind", "city=category")
    assert findmatches("transform", "update", "people", "--column-kind", "city=auto").exit_code == 0
    assert columns(findmatches)["city"] == ("name", "found")


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ("citi=name", "Error: Table 'default.people' has no column 'citi'. Did you mean 'city'?"),
        ("city=nam", "Error: There is no column kind 'nam'. Did you mean 'name'? There are: name, text, code,"),
        ("city", "Error: 'city' is not a column and its kind. Write COLUMN=KIND, as postcode=code."),
    ],
)
def test_a_mistake_is_one_line_and_makes_nothing(findmatches, created, told, problem):
    result = created("--column-kind", told)
    assert result.exit_code == 1
    assert result.stderr.startswith(problem)
    assert json.loads(findmatches("transform", "list", "--json").stdout) == []
