"""A reader of the documentation, in a folder of their own."""

import logging
import random
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.doc_pages import ROOT, Reader


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """A reader in an empty folder with the sample data.

    Ids are drawn from a fixed seed, so that rewriting a page changes no more than what changed.
    """
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("FINDMATCHES_HOME", raising=False)
    monkeypatch.setenv("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    chance = random.Random(2026)
    monkeypatch.setattr(secrets, "token_hex", lambda size=32: f"{chance.getrandbits(8 * size):0{2 * size}x}")
    logger = logging.getLogger("findmatches")
    handlers, level = list(logger.handlers), logger.level
    yield Reader(tmp_path, monkeypatch.setenv)
    logger.handlers[:] = handlers
    logger.setLevel(level)
