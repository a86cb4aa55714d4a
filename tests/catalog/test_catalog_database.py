"""One DuckDB file, many visitors."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pytest

import catalog as catalog_room
from catalog.database import Catalog
from catalog.migrate import Migration, known_migrations
from errors import CatalogBusyError, InvalidInputError, WorkspaceVersionError
from storage.workspace import Workspace

ROOT = Path(catalog_room.__file__).parents[1]
OPENED = """
import os, sys
from pathlib import Path
from catalog.database import Catalog
catalog = Catalog(Path(sys.argv[1]))
"""
WAIT_INSIDE = """
with catalog.transaction() as session:
    session.execute(sys.argv[2], ["half"])
    print("in", flush=True)
    input()
"""
WRITE_FIVE_TIMES = """
input()
for number in range(5):
    with catalog.transaction() as session:
        session.execute(sys.argv[2], [f"{sys.argv[3]}-{number}"])
"""
DIE_AFTER_COMMIT = """
with catalog.transaction() as session:
    session.execute(sys.argv[2], ["kept"])
    session.execute("COMMIT")
    os._exit(9)
"""
READ = """
with catalog.reading() as session:
    print(session.rows("SELECT name FROM findmatches.databases"))
"""
ADD = "INSERT INTO findmatches.databases (name, create_time) VALUES (?, now() AT TIME ZONE 'UTC')"


@pytest.fixture
def catalog(workspace: Workspace) -> Catalog:
    """The DuckDB catalog of `workspace`."""
    return Catalog(workspace.catalog_path, wait_seconds=20)


def started(code: str, catalog: Catalog, *arguments: str) -> subprocess.Popen[str]:
    """Another process that has `catalog` and runs `code`."""
    command = [sys.executable, "-c", OPENED + code, str(catalog.path), ADD, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


@contextmanager
def inside_a_transaction_of_another_process(catalog: Catalog) -> Iterator[subprocess.Popen[str]]:
    """Another process that has added `half` and has not come to the end of its transaction."""
    with started(WAIT_INSIDE, catalog) as process:
        assert process.stdout
        assert process.stdout.readline() == "in\n"
        try:
            yield process
        finally:
            process.kill()


def add(catalog: Catalog, name: str) -> None:
    with catalog.transaction() as session:
        session.execute(ADD, [name])


def names(catalog: Catalog) -> list[str]:
    with catalog.reading() as session:
        return [row["name"] for row in session.rows("SELECT name FROM findmatches.databases ORDER BY name")]


def test_what_was_written_is_read_back(catalog: Catalog) -> None:
    add(catalog, "sales")
    assert names(catalog) == ["sales"]


def add_and_fail(catalog: Catalog, name: str) -> None:
    with catalog.transaction() as session:
        session.execute(ADD, [name])
        raise KeyError("mine")


def test_an_error_inside_a_transaction_leaves_nothing_of_it(catalog: Catalog) -> None:
    add(catalog, "before")
    with pytest.raises(KeyError, match="mine"):
        add_and_fail(catalog, "half")
    assert names(catalog) == ["before"]


def test_a_missing_catalog_reads_as_empty_and_is_not_made(catalog: Catalog) -> None:
    assert names(catalog) == []
    assert not catalog.path.parent.exists()


def test_making_a_catalog_leaves_the_file_and_its_lock(catalog: Catalog) -> None:
    add(catalog, "sales")
    assert sorted(file.name for file in catalog.path.parent.iterdir()) == ["catalog.duckdb", "catalog.duckdb.lock"]


def test_eight_processes_create_the_catalog_and_write_five_times_each_and_no_write_is_lost(catalog: Catalog) -> None:
    processes = [started(WRITE_FIVE_TIMES, catalog, str(number)) for number in range(8)]
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=100)
    assert [process.returncode for process in processes] == [0] * 8
    assert set(names(catalog)) == {f"{number}-{n}" for number in range(8) for n in range(5)}


def test_a_process_killed_in_the_middle_of_a_write_leaves_the_old_state(catalog: Catalog) -> None:
    add(catalog, "before")
    with inside_a_transaction_of_another_process(catalog) as process:
        process.kill()
        process.wait()
    assert names(catalog) == ["before"]
    add(catalog, "after")
    assert names(catalog) == ["after", "before"]


def test_a_process_killed_right_after_its_commit_has_written(catalog: Catalog) -> None:
    with started(DIE_AFTER_COMMIT, catalog) as process:
        assert process.wait() == 9
    assert names(catalog) == ["kept"]


@pytest.mark.parametrize("way", ["transaction", "reading"])
def test_a_catalog_that_another_process_holds_too_long_names_the_process_and_the_time(
    catalog: Catalog, way: str
) -> None:
    add(catalog, "before")
    with inside_a_transaction_of_another_process(catalog) as process:
        hurried = Catalog(catalog.path, wait_seconds=0.3)
        expected = rf"catalog\.duckdb' was held by another process \(PID {process.pid}\); gave up after waiting 0.3 s\."
        with pytest.raises(CatalogBusyError, match=expected), getattr(hurried, way)():
            pass


def test_readers_do_not_keep_out_readers_of_other_processes(catalog: Catalog) -> None:
    add(catalog, "sales")
    with catalog.reading():
        output, _ = started(READ, catalog).communicate(timeout=60)
        assert output == "[{'name': 'sales'}]\n"


def test_threads_that_read_and_write_take_turns(catalog: Catalog) -> None:
    def work(number: int) -> None:
        for n in range(5):
            add(catalog, f"{number}-{n}")
            names(catalog)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names(catalog)) == 20


def test_a_thread_that_waits_too_long_for_another_thread_says_so(catalog: Catalog) -> None:
    problems = []

    def look() -> None:
        try:
            names(Catalog(catalog.path, wait_seconds=0.1))
        except CatalogBusyError as error:
            problems.append(str(error))

    with catalog.transaction():
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert "was held by another thread or process; gave up after waiting 0.1 s" in problems[0]


def test_a_visit_inside_a_visit_is_a_mistake_that_is_named(catalog: Catalog) -> None:
    with catalog.transaction(), pytest.raises(RuntimeError, match=r"has .* open already"):
        names(catalog)
    assert names(catalog) == []


@pytest.mark.parametrize("way", ["transaction", "reading"])
def test_a_catalog_of_a_newer_version_is_refused_and_not_touched(catalog: Catalog, way: str) -> None:
    with catalog.transaction() as session:
        session.execute("INSERT INTO findmatches.schema_migrations VALUES (9999, 'of the future', now())")
    before = catalog.path.read_bytes()
    expected = r"made by a newer findmatches: its schema is 9999"
    with pytest.raises(WorkspaceVersionError, match=expected), getattr(catalog, way)():
        pytest.fail("opened")
    assert catalog.path.read_bytes() == before


def with_another_migration(monkeypatch: pytest.MonkeyPatch, sql: str) -> None:
    longer = [*known_migrations(), Migration(9000, "9000_more", sql)]
    monkeypatch.setattr("catalog.migrate.known_migrations", lambda: longer)


@pytest.mark.parametrize("way", ["transaction", "reading"])
def test_an_older_catalog_is_brought_up_to_date_and_keeps_what_it_has(
    catalog: Catalog, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(catalog, "sales")
    with_another_migration(monkeypatch, "CREATE TABLE findmatches.later (a TEXT)")
    with getattr(catalog, way)() as session:
        assert session.rows("SELECT * FROM findmatches.later") == []
        applied = session.rows("SELECT version FROM findmatches.schema_migrations ORDER BY version")
    assert [row["version"] for row in applied] == [*(migration.version for migration in known_migrations()), 9000]
    assert names(catalog) == ["sales"]


@pytest.mark.parametrize("way", ["transaction", "reading"])
def test_a_migration_that_fails_half_way_leaves_the_catalog_as_it_was(
    catalog: Catalog, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(catalog, "sales")
    with monkeypatch.context() as patched:
        with_another_migration(patched, "CREATE TABLE findmatches.later (a TEXT); SELECT * FROM nowhere")
        with pytest.raises(duckdb.CatalogException, match="nowhere"), getattr(catalog, way)():
            pytest.fail("opened")
    assert names(catalog) == ["sales"]
    with catalog.reading() as session:
        assert session.rows("SELECT * FROM information_schema.tables WHERE table_name = 'later'") == []


def test_a_file_that_is_no_catalog_is_named(catalog: Catalog) -> None:
    catalog.path.parent.mkdir()
    catalog.path.write_text("dear diary")
    with pytest.raises(InvalidInputError, match=r"catalog\.duckdb' is not a catalog, or it is damaged"):
        names(catalog)
    assert catalog.path.read_text() == "dear diary"


def test_a_workspace_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(InvalidInputError, match=r"Cannot open the catalog '.*taken/home/catalog.duckdb'"):
        add(Catalog(tmp_path / "taken" / "home" / "catalog.duckdb"), "sales")


def test_times_are_kept_in_utc_and_come_back_with_their_zone(catalog: Catalog) -> None:
    noon_in_berlin = datetime(2024, 7, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    with catalog.transaction() as session:
        session.insert("databases", {"name": "sales", "create_time": noon_in_berlin})
        row = session.row("SELECT create_time, CAST(create_time AS TEXT) AS kept FROM findmatches.databases")
    assert row == {"create_time": datetime(2024, 7, 1, 10, 0, tzinfo=UTC), "kept": "2024-07-01 10:00:00"}


@pytest.mark.parametrize("count", [0, 1, 500, 1201])
def test_many_rows_are_inserted_once_each(catalog: Catalog, count: int) -> None:
    now = datetime.now(UTC)
    with catalog.transaction() as session:
        rows = [(f"n{number}", now) for number in range(count)]
        session.many("INSERT INTO findmatches.databases (name, create_time) VALUES (?)", rows)
    assert len(names(catalog)) == count


def test_a_writer_who_cannot_lock_is_told_and_writes_nothing(catalog: Catalog) -> None:
    add(catalog, "before")
    lock = catalog.path.with_name("catalog.duckdb.lock")
    lock.unlink()
    lock.mkdir()
    with pytest.raises(InvalidInputError, match=r"Cannot lock the catalog: '.*\.lock' cannot be written"):
        add(catalog, "unlocked")
    assert names(catalog) == ["before"]


def test_a_reader_who_may_not_write_the_lock_reads(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    add(catalog, "before")

    def refused(path: Path, flags: int, *others: int) -> int:
        if flags & os.O_CREAT or not path.exists():
            raise PermissionError(13, "Permission denied")
        return os_open(path, flags, *others)

    os_open = os.open
    monkeypatch.setattr("catalog.turns.os.open", refused)
    assert names(catalog) == ["before"]
    catalog.path.with_name("catalog.duckdb.lock").unlink()
    assert names(catalog) == ["before"]
