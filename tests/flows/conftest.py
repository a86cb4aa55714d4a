"""One Prefect server for all tests that need one."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import flows  # noqa: F401 - its settings come before prefect's first import

# Prefect keeps what failed flows raised in its home; that of the developer is left alone.
os.environ["PREFECT_HOME"] = tempfile.mkdtemp(prefix="findmatches-prefect-")
os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
atexit.register(shutil.rmtree, os.environ["PREFECT_HOME"], ignore_errors=True)


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[str]:
    """A throw-away server with a database of its own; gives its URL. Costs 10 to 30 seconds, once."""
    import prefect.settings as prefect_settings
    from prefect.testing.utilities import prefect_test_harness

    from flows.settings import local_run

    with prefect_test_harness(server_startup_timeout=300), local_run():
        yield prefect_settings.PREFECT_API_URL.value()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of a workspace that does not exist yet."""
    return tmp_path / "home"
