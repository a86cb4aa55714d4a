"""A process that is killed while it writes leaves the old state or the new one, whole, in DuckDB and in PostgreSQL."""

from catalog.database import Catalog
from tests.catalog.forks import ADD, names, parent

KILLS = 24
HALF = """
with catalog.transaction() as session:
    for number in range(100):
        session.execute(ADD, [f"half {number}"])
    print("half", flush=True)
    input()
"""
KILLED = """
def write_groups(told):
    while True:
        with catalog.transaction() as session:
            group = len(session.rows("SELECT name FROM findmatches.databases")) // 8
            os.write(told, b"<")
            for letter in "abcdefgh":
                session.execute(ADD, [f"{group:04d} {letter}"])
        os.write(told, b">")

def killed_after(seconds, groups):
    said, told = os.pipe()
    pid = forked(lambda: write_groups(told))
    os.close(told)
    marks = b""
    while marks.count(b"<") < groups:
        marks += os.read(said, 100)
    began = time.monotonic()
    if seconds is None:
        while marks.count(b">") < groups:
            marks += os.read(said, 100)
        seconds = 0
    span = time.monotonic() - began
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    while more := os.read(said, 100):
        marks += more
    os.close(said)
    return marks.count(b"<"), marks.count(b">"), span

print(*killed_after(None, 3), flush=True)
for line in sys.stdin:
    print(*killed_after(float(line), 1), flush=True)
"""


def test_a_process_killed_in_the_middle_of_a_write_leaves_the_old_state(catalog: Catalog) -> None:
    with catalog.transaction() as session:
        session.execute(ADD, ["old"])
    with parent(catalog, HALF) as writer:
        assert writer.stdout
        assert writer.stdout.readline() == "half\n"
        writer.kill()
    assert names(catalog) == ["old"]
    with catalog.transaction() as session:
        session.execute(ADD, ["new"])
    assert names(catalog) == ["new", "old"]


def test_processes_killed_while_they_write_and_commit_leave_whole_states(catalog: Catalog) -> None:
    with parent(catalog, KILLED) as process:
        assert process.stdin
        assert process.stdout
        _, kept, span = process.stdout.readline().split()
        before, unsure = whole_groups(catalog), 0
        assert before - int(kept) in {0, 1}
        for kill in range(KILLS):
            process.stdin.write(f"{1.2 * float(span) * kill / KILLS}\n")
            process.stdin.flush()
            begun, kept, _ = process.stdout.readline().split()
            after = whole_groups(catalog)
            assert int(kept) <= after - before <= int(begun)
            before, unsure = after, unsure + int(begun) - int(kept)
    assert unsure >= 3  # so many did not live to know whether their group was kept


def whole_groups(catalog: Catalog) -> int:
    """How many groups of eight there are; a part of one is an error. The server may still hear a dead process."""
    with catalog.transaction():
        pass
    found = names(catalog)
    assert found == [f"{group:04d} {letter}" for group in range(len(found) // 8) for letter in "abcdefgh"]
    return len(found) // 8
