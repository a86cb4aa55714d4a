"""Many processes at one catalog, in DuckDB and in PostgreSQL: nothing is lost and nobody crashes."""

from pathlib import Path

from catalog.database import Catalog
from catalog.tables import list_tables
from tests.catalog.forks import names, parent

PROCESSES, WRITES = 8, 50
WRITE = """
people, processes, writes = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])

def count_on(number):
    with catalog.transaction() as session:
        known = len(session.rows("SELECT name FROM findmatches.databases WHERE name <> 'default'"))
        session.execute(ADD, [f"{known:04d} by {number}"])

def register(number, turn):
    column = Column("id", "bigint", "id")
    table = Table("default", f"people_{number}_{turn}", people, "csv", (column,), {}, (people,))
    register_table(catalog, table)

def work(number):
    for turn in range(writes):
        register(number, turn) if turn % 5 == 4 else count_on(number)

pids = [forked(lambda: work(number)) for number in range(processes)]
print([os.waitpid(pid, 0)[1] for pid in pids])
"""


def test_eight_processes_write_fifty_times_each_and_nothing_is_lost(catalog: Catalog, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("1\n2\n")
    with parent(catalog, WRITE, people, PROCESSES, WRITES) as process:
        output, _ = process.communicate(timeout=200)
    assert output == f"{[0] * PROCESSES}\n"
    counted = [name for name in names(catalog) if name != "default"]
    assert [int(name.split()[0]) for name in counted] == list(
        range(PROCESSES * WRITES * 4 // 5)
    )  # each saw all before it
    wanted = {f"people_{number}_{turn}" for number in range(PROCESSES) for turn in range(4, WRITES, 5)}
    assert {table.name for table in list_tables(catalog)} == wanted
