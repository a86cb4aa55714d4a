"""The Prefect settings that keep a run quiet, offline and patient.

They are defaults: a variable that is set already wins. Prefect reads them once, when it is imported.
"""

import atexit
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from flows.log_lines import keep_to_one_line

DEFAULTS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "findmatches",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    # Prefect gives its temporary server 20 s; a busy machine needs more.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "300",
}
for _name, _value in DEFAULTS.items():
    os.environ.setdefault(_name, _value)
logging.getLogger("findmatches").setLevel(logging.INFO)
keep_to_one_line()

# Prefect's threads outlive the interpreter and keep objects alive that DuckDB then reports as leaks, in sixty lines
# that nobody can act on. What is registered before prefect is imported runs after all that Prefect does at the end.
atexit.register(os.dup2, os.open(os.devnull, os.O_WRONLY), 2)


@contextmanager
def local_run() -> Iterator[None]:
    """Run flows in this process without heartbeats, whose last one would cost a second a flow.

    Heartbeats tell a server that a worker died; a run by hand has no worker. An environment variable cannot say "none".
    """
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield
