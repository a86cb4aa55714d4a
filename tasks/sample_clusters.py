"""The largest clusters of a file of matches, to look at."""

from contextlib import closing
from dataclasses import dataclass

from storage.duck import connect, file_list
from storage.duck_errors import in_plain_words
from tasks.memory_budget import database_memory

CLUSTERS, ROWS = 5, 4


@dataclass(frozen=True)
class Cluster:
    """The first rows of a cluster, of `size` rows in all, under the columns that the file has."""

    match_id: int
    size: int
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def largest_clusters(path: str) -> list[Cluster]:
    """Return the CLUSTERS largest clusters in a file of matches, with ROWS rows each; single rows are none."""
    reader = "read_parquet" if path.lower().endswith(".parquet") else "read_csv"
    options = "" if reader == "read_parquet" else ", header = true, all_varchar = true, delim = ',', quote = '\"'"
    matches = f"SELECT row_number() OVER () AS place, * FROM {reader}({file_list([path])}{options})"
    with closing(connect(memory_limit=database_memory(), paths=[path])) as connection, in_plain_words():
        cursor = connection.execute(
            f"WITH matches AS ({matches}), largest AS (SELECT match_id, count(*) AS size FROM matches GROUP BY ALL"
            f" HAVING count(*) > 1 ORDER BY size DESC, min(place) LIMIT {CLUSTERS})"
            " SELECT largest.size, matches.* FROM matches JOIN largest USING (match_id)"
            f" QUALIFY row_number() OVER (PARTITION BY matches.match_id ORDER BY place) <= {ROWS}"
            " ORDER BY size DESC, matches.match_id, place"
        )
        names = [column[0] for column in cursor.description or ()]
        return _clusters(names, cursor.fetchall())


def _clusters(names: list[str], rows: list[tuple[object, ...]]) -> list[Cluster]:
    at = names.index("match_id")
    shown = [number for number in range(2, len(names)) if number != at]
    found: dict[int, list[tuple[object, ...]]] = {}
    for row in rows:
        found.setdefault(int(str(row[at])), []).append(row)
    return [
        Cluster(
            match_id,
            int(str(members[0][0])),
            tuple(names[number] for number in shown),
            tuple(tuple("" if row[number] is None else str(row[number]) for number in shown) for row in members),
        )
        for match_id, members in found.items()
    ]
