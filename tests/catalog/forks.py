"""Processes that share a catalog; they fork from one that has imported the program, since that takes its time."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import catalog as catalog_room
from catalog.database import Catalog

ROOT = Path(catalog_room.__file__).parents[1]
ADD = "INSERT INTO findmatches.databases (name, create_time) VALUES (?, now() AT TIME ZONE 'UTC')"
OPENED = f"""
import os, signal, sys, time, traceback
from pathlib import Path
from catalog.database import Catalog
from catalog.tables import Column, Table, register_table
from storage.workspace import Workspace
ADD = {ADD!r}
catalog = Catalog.of(Workspace(Path(sys.argv[1])))

def forked(work):
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
"""


@contextmanager
def parent(catalog: Catalog, code: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A process that has `catalog`, `ADD` and `forked(work)`, and runs `code`; it is gone when the block ends."""
    command = [sys.executable, "-c", OPENED + code, str(catalog.workspace.home), *map(str, arguments)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, 9)


def names(catalog: Catalog) -> list[str]:
    with catalog.reading() as session:
        return [row["name"] for row in session.rows("SELECT name FROM findmatches.databases ORDER BY name")]
