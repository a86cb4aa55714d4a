"""No spelling of a path leads out of the places that are allowed."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from errors import InvalidInputError
from storage.allowed_paths import allowed_paths, check_allowed

ALLOWED = ("s3://lake/in/", "/data/people")
REFUSED = "outside of the places|no path that a run takes"


@pytest.mark.parametrize(
    "path",
    [
        "s3://lake/in/a.csv",
        "s3://lake/in",
        "S3://lake/in/deep/er/a.csv",
        "s3a://lake/in/a.csv",
        "/data/people",
        "/data/people/../people/a.csv",
        "file:///data/people/a b.csv",
    ],
)
def test_what_lies_below_an_allowed_place_is_let_pass(path: str) -> None:
    check_allowed(path, ALLOWED)


@pytest.mark.parametrize(
    "path",
    [
        "s3://lake-evil/in/a.csv",
        "s3://lake/inside/a.csv",
        "s3://lake",
        "s3://lake/in/../out/a.csv",
        "s3://lake/in/./a.csv",
        "s3://LAKE/in/a.csv",
        "/data/people/../secrets",
        "/data/people2/a.csv",
        "/etc/passwd",
        "file:///etc/passwd",
        "~/a.csv",
        "a.csv",
        "",
        "http://169.254.169.254/latest/meta-data",
        "simplecache::s3://lake/in/a.csv",
        "zip://a.csv::s3://lake/in/a.zip",
        "s3://lake/in/a\n.csv",
        "/data/people/\x00",
        "dynamodb://table",
    ],
)
def test_what_does_not_is_refused(path: str) -> None:
    with pytest.raises(InvalidInputError, match=REFUSED):
        check_allowed(path, ALLOWED)


def test_a_link_leads_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "in" / "link").symlink_to(tmp_path / "out")
    check_allowed(str(tmp_path / "in" / "new.csv"), [str(tmp_path / "in")])
    with pytest.raises(InvalidInputError, match=REFUSED):
        check_allowed(str(tmp_path / "in" / "link" / "a.csv"), [str(tmp_path / "in")])


def test_an_allowed_link_allows_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "in")
    check_allowed(str(tmp_path / "in" / "a.csv"), [str(tmp_path / "link")])


def test_the_message_names_what_is_allowed_and_the_setting() -> None:
    with pytest.raises(InvalidInputError, match=r"^'/etc/x\?y' is no path"):
        check_allowed("/etc/x\ny", ALLOWED)
    with pytest.raises(
        InvalidInputError, match=r"may touch: s3://lake/in/, /data/people\. .*FINDMATCHES_ALLOWED_PATHS"
    ):
        check_allowed("/etc/x", ALLOWED)


def test_the_setting_lists_places() -> None:
    assert allowed_paths(" /data ,s3://lake/in/\ns3://b,, ") == ("/data", "s3://lake/in/", "s3://b")
    assert allowed_paths("") == ()


PARTS = some.sampled_from(["..", ".", "a", "in", "data", "people", "", "~", "lake", "%2e%2e", "x" * 30])


@given(
    some.lists(PARTS, max_size=8), some.sampled_from(["", "/", "/data/people/", "file://", "s3://lake/in/", "s3://"])
)
def test_no_row_of_parts_leads_out(parts: list[str], start: str) -> None:
    path = start + "/".join(parts)
    try:
        check_allowed(path, ALLOWED)
    except InvalidInputError:
        return
    if path.startswith("s3://"):
        assert f"{path}/".startswith("s3://lake/in/")
        assert ".." not in path.split("/")
    else:
        place = os.path.realpath(path.removeprefix("file://"))
        assert place == "/data/people" or place.startswith("/data/people/")
