"""Partition columns in SQL: what the folders of the file that a record stands in say."""

from collections.abc import Mapping

from storage.duck import literal

NULL_VALUE = "__HIVE_DEFAULT_PARTITION__"  # how Hive writes a folder whose value is missing


def partition_value(file: str, location: str, key: str, depth: int) -> str:
    """SQL for a partition column: the `depth`-th folder (from 0) below `location` on the path in the column `file`.

    A folder called `key=value` gives the value, unescaped; any other gives its name. NULL where there is no such
    folder. `file` is quoted already.
    """
    folders = f"string_split(ltrim(substr({file}, {len(location) + 1}), '/'), '/')"
    name = f"{folders}[{depth + 1}]"
    named = f"contains({name}, '=') AND lower(trim(split_part({name}, '=', 1))) = {literal(key)}"
    escaped = f"replace(substr({name}, instr({name}, '=') + 1), '+', '%2B')"
    value = f"nullif(nullif(url_decode({escaped}), {literal(NULL_VALUE)}), '')"
    return f"CASE WHEN len({folders}) <= {depth + 1} THEN NULL WHEN {named} THEN {value} ELSE {name} END"


def original_path(file: str, originals: Mapping[str, str]) -> str:
    """SQL for the path of the file that a copy was made of; `file` is the quoted column with the copy's path."""
    if not originals:
        return file
    keys, values = (f"[{', '.join(map(literal, texts))}]" for texts in (originals.keys(), originals.values()))
    return f"coalesce(map({keys}, {values})[{file}], {file})"
