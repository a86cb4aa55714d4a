"""The Prefect settings of flows/."""

import os
import subprocess
import sys


def settings_in_a_process_of_its_own(**environment: str) -> dict[str, str]:
    code = (
        "import os, sys, flows\n"
        "assert 'prefect' not in sys.modules\n"
        "for pair in os.environ.items(): print('='.join(pair))"
    )
    base = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "DO_NOT"))}
    done = subprocess.run(
        [sys.executable, "-c", code], env=base | environment, capture_output=True, text=True, check=True
    )
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)


def test_nothing_is_sent_home_and_a_slow_server_is_waited_for():
    found = settings_in_a_process_of_its_own()
    assert found["DO_NOT_TRACK"] == "1"
    assert found["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert int(found["PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS"]) >= 120


def test_what_the_user_set_stays():
    found = settings_in_a_process_of_its_own(PREFECT_LOGGING_LEVEL="DEBUG", PREFECT_HOME="/somewhere")
    assert found["PREFECT_LOGGING_LEVEL"] == "DEBUG"
    assert found["PREFECT_HOME"] == "/somewhere"
