"""The nightly run: today's files, and yesterday's matches where something is wrong with them."""

import csv
from pathlib import Path

import pytest

from catalog.database import Catalog
from catalog.transforms import FindMatchesParameters, create_transform
from errors import InvalidInputError
from storage.workspace import Workspace
from tasks.crawl import crawl
from tasks.find_matches import find_matches

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("prefect_server")]


@pytest.fixture
def matches(home: Path, people_csv: Path, tmp_path: Path) -> Path:
    """The matches of the last run of the transform `people`."""
    workspace = Workspace(home)
    create_transform(
        Catalog.of(workspace),
        name="people",
        table=crawl(workspace, str(people_csv)),
        parameters=FindMatchesParameters(primary_key_column_name="id"),
    )
    find_matches(workspace, "people", str(tmp_path / "matches.csv"))
    return tmp_path / "matches.csv"


def test_rows_of_today_are_matched_where_the_last_run_wrote(matches: Path, people_csv: Path, home: Path) -> None:
    from flows.nightly import nightly

    text = people_csv.read_text()
    (first_row,) = [line for line in text.splitlines() if line.startswith("p00a,")]
    people_csv.write_text(text + first_row.replace("p00a,", "p00z,") + "\n")
    summary = nightly("people", home=str(home))
    assert (summary.path, summary.incremental) == (str(matches), True)
    with matches.open(newline="") as file:
        ids = {row["id"]: row["match_id"] for row in csv.DictReader(file)}
    assert ids["p00z"] == ids["p00a"]


def test_a_lost_column_fails_the_run_and_leaves_the_matches(matches: Path, people_csv: Path, home: Path) -> None:
    from flows.nightly import nightly

    before = matches.read_bytes()
    people_csv.write_text("id,name,city\np00a,anna abernathy,rome\np00b,anna abernathi,rome\n")
    with pytest.raises(InvalidInputError, match=r"has lost 'phone'"):
        nightly("people", home=str(home))
    assert matches.read_bytes() == before


def test_files_that_are_gone_fail_the_run_and_leave_the_matches(matches: Path, people_csv: Path, home: Path) -> None:
    from flows.nightly import nightly

    before = matches.read_bytes()
    people_csv.unlink()
    with pytest.raises(InvalidInputError, match=r"people\.csv"):
        nightly("people", home=str(home))
    assert matches.read_bytes() == before
