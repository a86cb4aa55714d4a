"""docs/coming-from-glue.md: its commands run, and its words are the program's."""

import re

import pytest
from typer.main import get_command

from catalog.task_runs import TaskStatus, TaskType
from catalog.transforms import TransformStatus
from interfaces.cli import app
from tests.docs.doc_pages import ROOT, Reader, check_page

PAGE = ROOT / "docs" / "coming-from-glue.md"


@pytest.mark.golden
def test_coming_from_glue_prints_what_it_shows(reader: Reader) -> None:
    check_page(PAGE, reader)


def test_every_task_type_and_status_is_named() -> None:
    named = set(re.findall(r"`([A-Z_]+)`", PAGE.read_text(encoding="utf-8")))
    never_reached = {TransformStatus.DELETING, TaskStatus.STOPPING}
    assert {*TaskType, *TaskStatus, *TransformStatus} - never_reached <= named


def test_every_option_of_transform_create_is_named() -> None:
    create = get_command(app).commands["transform"].commands["create"]
    options = {option.opts[0] for option in create.params if option.opts[0].startswith("--")}
    named = set(re.findall(r"`(--[a-z-]+)`", PAGE.read_text(encoding="utf-8")))
    assert options - {"--table", "--description", "--json"} <= named
