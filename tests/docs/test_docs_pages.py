"""What holds for every page: its links lead somewhere, its blocks run, its targets exist."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.doc_pages import BLOCK, ROOT, blocks, page_paths

RUN_BY_A_TEST = {
    "README.md",
    "tutorial.md",
    "how-it-works.md",
    "catalog.md",
    "coming-from-glue.md",
    "crawling.md",
    "operations.md",
    "databases.md",
    "orchestration.md",
}
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
ADRS = sorted((ROOT / "docs" / "adr").glob("0*.md"))

every_page = pytest.mark.parametrize("path", page_paths(), ids=lambda path: str(path.relative_to(ROOT)))
every_adr = pytest.mark.parametrize("path", ADRS, ids=lambda path: path.stem)


def without_blocks(path: Path) -> str:
    return BLOCK.sub("", path.read_text(encoding="utf-8"))


def anchors(path: Path) -> Iterator[str]:
    """Yield the names that GitHub gives to a page's headings."""
    for heading in re.findall(r"^#+ (.+)$", without_blocks(path), re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@every_page
def test_links_lead_somewhere(path: Path) -> None:
    for link in LINK.findall(without_blocks(path)):
        if "://" in link:
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), f"{link} leads nowhere"
        assert not anchor or anchor in anchors(target), f"{link} leads to no heading"


@every_page
def test_code_stands_only_where_a_test_runs_it(path: Path) -> None:
    languages = {language for language, _ in BLOCK.findall(path.read_text(encoding="utf-8"))}
    assert languages <= {"console", "pycon", "python", "sh", "text"}
    if path.name not in RUN_BY_A_TEST:
        assert not languages & {"console", "pycon", "python"}


@every_page
def test_every_make_target_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    page = path.read_text(encoding="utf-8")
    named = [
        *re.findall(r"`make ([a-z-]+)", page),
        *re.findall(r"^make ([a-z-]+)", "\n".join(blocks(page, "sh")), re.MULTILINE),
    ]
    assert set(named) <= targets


@every_page
def test_every_page_is_linked_from_another(path: Path) -> None:
    linked = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in page_paths()
        if page != path
        for link in LINK.findall(without_blocks(page))
        if "://" not in link
    }
    assert path.name in {"README.md", "CHANGELOG.md"} or path in linked


@every_adr
def test_a_decision_has_its_five_parts_and_names_what_enforces_it(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    assert page.startswith(f"# {int(path.name[:4])}. ")
    parts = ["**Status:** ", "## Context", "## Decision", "## Consequences", "## Enforced by"]
    places = [page.find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)
    for file, test in re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", page):
        assert (ROOT / file).exists(), file
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8") or not test, test


def test_decisions_are_numbered_without_a_gap_and_all_listed() -> None:
    assert [int(path.name[:4]) for path in ADRS] == list(range(1, len(ADRS) + 1))
    index = (ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8")
    titles = [path.read_text(encoding="utf-8").splitlines()[0].partition(". ")[2] for path in ADRS]
    assert re.findall(r"^\d+\. \[(.+)\]\(", index, re.MULTILINE) == titles


def test_the_changelog_begins_with_the_version_of_the_project() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    first = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert first
    assert first[1] == version


def test_contributing_begins_with_six_commands() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert page.startswith("# Contributing\n\n```sh\n")
    assert len(re.findall(r"^make ", blocks(page, "sh")[0], re.MULTILINE)) == 6
