"""Partitions: the folders between a table's place and its files, as columns."""

import re
from collections.abc import Collection, Iterable, Sequence
from urllib.parse import unquote

from crawling.names import is_column_name
from storage.partition_sql import NULL_VALUE

_KEYED = re.compile(r"([^=]+)=(.*)", re.DOTALL)


def partition_keys(location: str, paths: Iterable[str], column_names: Collection[str]) -> tuple[str, ...]:
    """Name the levels of folders below `location`, the outermost first.

    A level whose folders are all called `k=v` is called k, any other partition_0, partition_1 … by its depth. So is
    one whose name a column has already, or a level above.

    >>> partition_keys("d/", ["d/year=2017/a.csv", "d/year=2018/b.csv"], ["id"]), partition_keys("d/", ["d/x/a"], [])
    (('year',), ('partition_0',))
    """
    folders = {path.rpartition("/")[0] for path in paths}
    levels: list[set[str]] = []
    for folder in folders:
        for depth, name in enumerate(_levels(location, f"{folder}/file")):
            if depth == len(levels):
                levels.append(set())
            levels[depth].add(name)
    keys: list[str] = []
    for depth, names in enumerate(levels):
        keys.append(_key(names, depth, {*column_names, *keys}))
    return tuple(keys)


def partition_values(location: str, path: str, keys: Sequence[str]) -> tuple[str | None, ...]:
    """What a file's folders say for each key: None where the file lies less deep, or the folder says there is none.

    >>> partition_values("d/", "d/year=2017/town=S%C3%A3o/a.csv", ["year", "town", "partition_2"])
    ('2017', 'São', None)
    """
    names = _levels(location, path)
    values = [_value(name, key) for name, key in zip(names, keys, strict=False)]
    return (*values, *[None] * (len(keys) - len(values)))


def _levels(location: str, path: str) -> list[str]:
    return path.removeprefix(location).lstrip("/").split("/")[:-1] if path != location else []


def _key(names: Iterable[str], depth: int, taken: Collection[str]) -> str:
    found = {match[1].strip().lower() if (match := _KEYED.fullmatch(name)) else "" for name in names}
    key = found.pop() if len(found) == 1 else ""
    if key and key not in taken and is_column_name(key):
        return key
    number = depth
    while f"partition_{number}" in taken:
        number += 1
    return f"partition_{number}"


def _value(name: str, key: str) -> str | None:
    """What a folder's name says: all of it, or where it is written `key=value` for this very key, the value."""
    match = _KEYED.fullmatch(name)
    if not match or match[1].strip().lower() != key:
        return name
    value = unquote(match[2])
    return None if value == NULL_VALUE or not value else value
