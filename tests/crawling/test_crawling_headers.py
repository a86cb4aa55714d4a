"""Whether a first line of texts is a header, settled among the files of a folder."""

from collections.abc import Callable

import pytest

from crawling.headers import settle_headers
from crawling.inference import file_schema
from crawling.rules import CrawlRules
from storage.files import StoredFile

Settle = Callable[..., dict[str, tuple[str, ...]]]


@pytest.fixture
def settle() -> Settle:
    """The columns of each file, by its name, when CSV texts lie side by side."""

    def columns_of(*texts: str, glue: bool = False) -> dict[str, tuple[str, ...]]:
        schemas = []
        for number, text in enumerate(texts):
            head = text.encode()
            file = StoredFile(f"/lake/{number}.csv", len(head), "v")
            schemas.append(file_schema(file, head, CrawlRules(glue=glue)))
        settled, problems = settle_headers(schemas, glue=glue)
        found = {schema.file.name: schema.names for schema in settled}
        return found | {problem.path.rpartition("/")[2]: () for problem in problems}

    return columns_of


def test_a_header_of_texts_is_kept_with_a_warning(settle: Settle, caplog: pytest.LogCaptureFixture) -> None:
    assert settle("first,last\nAda,Lovelace\n") == {"0.csv": ("first", "last")}
    assert (
        "The first line is taken for the columns' names; if it is a record, crawl again with --no-header."
        in caplog.text
    )


def test_glue_s_rule_takes_it_for_a_record(settle: Settle, caplog: pytest.LogCaptureFixture) -> None:
    assert settle("first,last\nAda,Lovelace\n", glue=True) == {"0.csv": ("col0", "col1")}
    assert "crawl again with --header" in caplog.text


@pytest.mark.parametrize("first", ["Ada,Rome", "Ada,ada", ",Ada"])
def test_a_line_that_is_no_list_of_names_is_a_record(first: str, settle: Settle) -> None:
    assert settle(f"{first}\nBob,Rome\n") == {"0.csv": ("col0", "col1")}


def test_a_delimiter_at_the_end_of_the_header_is_fine(settle: Settle) -> None:
    assert settle("first,last,\nAda,Lovelace,\n") == {"0.csv": ("first", "last", "col2")}


def test_the_same_first_line_in_two_files_is_a_header(settle: Settle) -> None:
    found = settle("Ada,\nBob,Rome\n", "Ada,\nEve,Oslo\n")
    assert set(found.values()) == {("ada", "col1")}


def test_a_header_that_is_certain_in_one_file_is_one_in_the_others(settle: Settle) -> None:
    found = settle("id,name\n1,Ada\n", "id,name\nx,Bob\n", "ID,Name\n", "name,id\nEve,x\n")
    assert [found[f"{number}.csv"] for number in range(4)] == [("id", "name")] * 3 + [("name", "id")]


def test_files_beside_ones_without_a_header_have_none(settle: Settle) -> None:
    assert settle("1,Ada\n2,Bob\n", "x,Eve\ny,Dan\n")["1.csv"] == ("col0", "col1")


def test_a_header_above_nothing_is_a_problem(settle: Settle) -> None:
    assert settle("id,name\n") == {"0.csv": ()}
