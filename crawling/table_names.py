"""What the tables of one crawl are called: after their folder or file, each by another name."""

import hashlib
from collections.abc import Collection, Mapping, Sequence

from crawling.names import LONGEST_NAME, table_name_for


def table_names(
    locations: Sequence[str], prefix: str = "", known: Mapping[str, str] | None = None, taken: Collection[str] = ()
) -> list[str]:
    """Name the tables at `locations`; `known` are names by location that stay, `taken` are those of other tables.

    A name that is taken gets _ and 32 hexadecimal digits, as Glue does it, which depend on the location only.

    >>> table_names(["s3://a/2024/", "s3://b/people.csv"], prefix="raw_")
    ['raw_2024', 'raw_people_csv']
    """
    known = known or {}
    names = {location: known[location] for location in locations if location in known}
    used = {*taken, *names.values()}
    for location in locations:
        if location not in names:
            names[location] = _free(location, prefix, used)
            used.add(names[location])
    return [names[location] for location in locations]


def _free(location: str, prefix: str, used: Collection[str]) -> str:
    name = f"{prefix.lower()}{table_name_for(location)}"[:LONGEST_NAME]
    if name not in used:
        return name
    digest = hashlib.md5(location.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
    return f"{name[: LONGEST_NAME - 33]}_{digest}"
