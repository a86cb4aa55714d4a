"""Many processes at one catalog, in DuckDB and in PostgreSQL: nothing is lost, nobody crashes, nothing is half done."""

import os
import subprocess
import sys
from pathlib import Path

import catalog as catalog_room
from catalog.database import Catalog

ROOT = Path(catalog_room.__file__).parents[1]
PROCESSES, WRITES = 8, 50
ADD = "INSERT INTO findmatches.databases (name, create_time) VALUES (?, now() AT TIME ZONE 'UTC')"
OPENED = f"""
import os, sys
from pathlib import Path
from catalog.database import Catalog
from storage.workspace import Workspace
catalog = Catalog.of(Workspace(Path(sys.argv[1])))
ADD = {ADD!r}
input()
"""
WRITE = """
for number in range(int(sys.argv[3])):
    with catalog.transaction() as session:
        known = len(session.rows("SELECT name FROM findmatches.databases"))
        session.execute(ADD, [f"{known:04d} {sys.argv[2]}-{number}"])
"""
HALF = """
with catalog.transaction() as session:
    for number in range(100):
        session.execute(ADD, [f"half {number}"])
    print("half", flush=True)
    input()
"""


def started(catalog: Catalog, code: str, *arguments: str) -> subprocess.Popen[str]:
    """Another process that waits for a line before it runs `code` on the same catalog."""
    command = [sys.executable, "-c", OPENED + code, str(catalog.workspace.home), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


def names(catalog: Catalog) -> list[str]:
    with catalog.reading() as session:
        return [row["name"] for row in session.rows("SELECT name FROM findmatches.databases ORDER BY name")]


def test_eight_processes_write_fifty_times_each_and_nothing_is_lost(catalog: Catalog) -> None:
    with catalog.transaction():
        pass
    writers = [started(catalog, WRITE, str(number), str(WRITES)) for number in range(PROCESSES)]
    for writer in writers:
        assert writer.stdin
        writer.stdin.write("\n")
        writer.stdin.flush()
    assert [writer.wait(200) for writer in writers] == [0] * PROCESSES
    for writer in writers:
        writer.communicate()
    found = names(catalog)
    assert len(found) == PROCESSES * WRITES
    assert [int(name.split()[0]) for name in found] == list(range(PROCESSES * WRITES))  # each saw all before it


def test_a_process_killed_in_the_middle_of_a_write_leaves_the_old_state(catalog: Catalog) -> None:
    with catalog.transaction() as session:
        session.execute(ADD, ["old"])
    with started(catalog, HALF) as writer:
        assert writer.stdin
        assert writer.stdout
        writer.stdin.write("\n")
        writer.stdin.flush()
        assert writer.stdout.readline() == "half\n"
        writer.kill()
    assert names(catalog) == ["old"]
    with catalog.transaction() as session:
        session.execute(ADD, ["new"])
    assert names(catalog) == ["new", "old"]
