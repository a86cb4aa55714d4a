import pytest

from crawling.exclude import is_excluded, without_excluded
from errors import InvalidInputError
from storage.files import StoredFile


@pytest.mark.parametrize(
    ("pattern", "path", "excluded"),
    [
        ("departments/**", "departments/finance/a.json", True),
        ("departments/**", "employees/a.json", False),
        ("departments/market*", "departments/market-us.json", True),
        ("departments/market*", "departments/market/a.json", False),
        ("**.csv", "a/b/c.csv", True),
        ("**.csv", "c.csv", True),
        ("*.csv", "a/c.csv", False),
        ("employees/*.csv", "employees/a.csv", True),
        ("a?.csv", "ab.csv", True),
        ("a?.csv", "a/.csv", False),
        ("[a-c]x", "bx", True),
        ("[!a-c]x", "bx", False),
        ("[!a]b", "/b", False),
        ("{one,two}/**", "two/x", True),
        ("{one,two}/**", "three/x", False),
        (r"\*.csv", "*.csv", True),
        (r"\*.csv", "a.csv", False),
        (".hidden", ".hidden", True),
        ("a.c", "abc", False),
        ("a(b|c", "a(b|c", True),
        ("line*", "line\nbreak", True),
    ],
)
def test_a_glob_means_what_it_means_in_glue(pattern: str, path: str, excluded: bool) -> None:
    assert is_excluded(path, [pattern]) is excluded


@pytest.mark.parametrize("pattern", ["{a", "[a", "a\\", "{a,{b}}", "[z-a]"])
def test_a_broken_glob_is_named(pattern: str) -> None:
    with pytest.raises(InvalidInputError, match="is no pattern of files to leave out"):
        is_excluded("x", [pattern])


def test_globs_are_relative_to_the_crawled_path() -> None:
    files = [StoredFile(f"s3://bucket/in/{name}", 1, "v") for name in ("a.csv", "old/b.csv", "c.txt")]
    left = without_excluded(files, "s3://bucket/in/", ["old/**", "*.txt"])
    assert [file.name for file in left] == ["a.csv"]
    assert without_excluded(files, "s3://bucket/in/", []) == files
