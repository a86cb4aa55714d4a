"""What --help shows, and what it costs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from interfaces.cli import app

GOLDEN = Path(__file__).parents[1] / "golden" / "help.txt"
HEAVY = [
    "prefect",
    "sklearn",
    "great_expectations",
    "pandas",
    "pyarrow",
    "duckdb",
    "s3fs",
    "fsspec",
    "scipy",
    "numpy",
    "rapidfuzz",
]
PAGES = (
    "",
    "connection",
    "connection create",
    "connection list",
    "connection show",
    "connection delete",
    "connection test",
    "crawl",
    "tables",
    "show",
    "query",
    "crawler",
    "crawler create",
    "crawler update",
    "crawler start",
    "crawler stop",
    "crawler list",
    "crawler show",
    "crawler history",
    "crawler schedule",
    "crawler serve",
    "crawler delete",
    "classifier",
    "classifier create",
    "classifier list",
    "classifier show",
    "classifier delete",
    "transform",
    "transform create",
    "transform update",
    "transform show",
    "transform list",
    "transform schedule",
    "transform delete",
    "labels",
    "labels generate",
    "labels import",
    "labels export",
    "labels status",
    "train",
    "evaluate",
    "run",
    "tune",
    "explain",
    "blocking",
    "runs",
    "runs list",
    "runs cancel",
    "watch",
    "up",
    "deploy",
    "notify",
    "demo",
)


@pytest.mark.golden
def test_help_pages_are_as_they_were_last_read_by_a_person(findmatches, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERMINAL_WIDTH", "100")
    pages = (
        f"$ {' '.join(['findmatches', *page.split(), '--help'])}\n{findmatches(*page.split(), '--help').stdout}"
        for page in PAGES
    )
    text = "\n".join(line.rstrip() for line in "\n".join(pages).splitlines()) + "\n"
    if os.environ.get("FINDMATCHES_GOLDEN") == "rewrite":
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_every_command_has_a_page_in_the_golden_file():
    groups = get_command(app).commands
    inner = (
        f"{name} {command}"
        for name in ("connection", "crawler", "classifier", "transform", "labels", "runs")
        for command in groups[name].commands
    )
    assert {"", *groups, *inner} == set(PAGES)


def test_help_imports_nothing_heavy():
    code = (
        "import sys\n"
        "from interfaces.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        f"print('heavy:', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Usage:" in done.stdout
    assert done.stdout.splitlines()[-1] == "heavy: []"


def test_version_is_the_installed_one(findmatches):
    from importlib.metadata import version

    assert findmatches("--version").stdout == f"findmatches {version('findmatches')}\n"
