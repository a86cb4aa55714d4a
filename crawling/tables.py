"""From everything under a path to the tables there."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from crawling.assemble import table_of
from crawling.content import READABLE
from crawling.file_schema import FileSchema
from crawling.grouping import FileGroup, group_files
from crawling.known_files import KnownFiles
from crawling.layouts import CrawledLayout, drifts, layouts_of
from crawling.problems import Problem, problem_of
from crawling.rules import CrawlRules
from crawling.survey import Watch, survey
from crawling.table import CrawledTable
from crawling.table_names import table_names
from crawling.whole import read_whole
from errors import InvalidInputError, counted
from storage.copies import Copies
from storage.files import StoredFile, is_remote

WHOLE_BYTES, WHOLE_FILES = 64 * 2**20, 1000  # a local table that is no larger is read whole at once

log = logging.getLogger("findmatches.crawling")


@dataclass(frozen=True)
class Names:
    """What tables are called: `known` by location keep their names, those in `taken` are others'."""

    prefix: str = ""
    known: Mapping[str, str] | None = None
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Found:
    """The tables under a path, the files that could not be read, and what else there is to know of single files.

    `described` is what to remember of the files; `read` of them were looked into now.
    """

    tables: tuple[CrawledTable, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]
    described: tuple[FileSchema, ...]
    read: int


def find_tables(
    location: str,
    files: Sequence[StoredFile],
    rules: CrawlRules,
    known: KnownFiles,
    copies: Copies,
    names: Names | None = None,
    *,
    whole: bool | None = None,
    watch: Watch = lambda _: None,
) -> Found:
    """Describe the tables that the files under `location`, a file or a folder that ends with /, make up.

    Files are looked into at their beginnings; all records are read of local tables up to 64 MB, of all tables when
    `whole` is true, of none when it is false. What is wrong with a file keeps nobody from reading the others. `watch`
    is that of `survey`.
    """
    seen = survey(files, location, rules, known, watch)
    names = names or Names()
    groups = [_at_its_known_place(group, names) for group in group_files(seen.settled, location, rules)]
    _refuse_too_many(groups, rules)
    problems, notes, made = list(seen.problems), [], []
    for group in groups:
        layouts, bad = _layouts(group, copies, whole)
        problems += bad
        if layouts and (reason := _empty(group, layouts)):
            problems.append(reason)
        elif layouts:
            made.append((group, layouts))
    called = table_names([group.location for group, _ in made], names.prefix, names.known, names.taken)
    tables = []
    for name, (group, layouts) in zip(called, made, strict=True):
        unchanged = all(known.unchanged(schema.file) for schema in group.schemas)
        table = replace(table_of(group, name, layouts, rules), unchanged=unchanged)
        notes += [Problem(path, text) for path, text in drifts(group.schemas, table.columns)]
        tables.append(table)
    return Found(tuple(tables), tuple(problems), tuple(notes), seen.found, seen.read)


def refuse_nothing(location: str, files: Sequence[StoredFile], found: Found) -> None:
    """Raise when a path has no table at all, and say why."""
    if found.tables:
        return
    if not files:
        raise InvalidInputError(f"'{location}' holds no files (names that start with . or _ are skipped). {READABLE}")
    if not found.problems:
        left_out = any(file.size for file in files)
        reason = "has no file left that is not excluded" if left_out else "is empty"
        raise InvalidInputError(f"'{location}' {reason}. {READABLE}")
    first = found.problems[0]
    if len(found.problems) > 1:
        log.warning("None of %s under '%s' can be read. The first:", counted(len(found.problems), "file"), location)
    raise first.error or InvalidInputError(first.message)


def _at_its_known_place(group: FileGroup, names: Names) -> FileGroup:
    """A group whose files all lie in the place of one known table stays there, though it could be one further up."""
    known = names.known or {}
    if group.location in known:
        return group
    places = [place for place in known if place.startswith(group.location)]
    fitting = [place for place in places if all(_lies_in(place, schema.file.path) for schema in group.schemas)]
    return replace(group, location=fitting[0]) if len(fitting) == 1 else group


def _lies_in(place: str, path: str) -> bool:
    return path == place or (place.endswith("/") and path.startswith(place))


def _layouts(group: FileGroup, copies: Copies, whole: bool | None) -> tuple[list[CrawledLayout], list[Problem]]:
    layouts = layouts_of(group.schemas)
    if whole is None:
        whole = _is_small(group.schemas)
    return read_whole(layouts, copies) if whole else (layouts, [])


def _is_small(schemas: Sequence[FileSchema]) -> bool:
    size = sum(schema.file.size for schema in schemas)
    return len(schemas) <= WHOLE_FILES and size <= WHOLE_BYTES and not is_remote(schemas[0].file.path)


def _empty(group: FileGroup, layouts: Sequence[CrawledLayout]) -> Problem | None:
    """What is wrong with a table that has no records."""
    if any(layout.count for layout in layouts) or not all(layout.exact for layout in layouts):
        return None
    path = layouts[0].files[0]
    if group.schemas[0].classification == "csv":
        text = f"'{path}' holds a header and no records. Add records and crawl again."
    else:
        text = f"'{path}' holds no records. Give a file with at least one."
    return problem_of(path, InvalidInputError(text))


def _refuse_too_many(groups: Sequence[FileGroup], rules: CrawlRules) -> None:
    if rules.table_threshold is not None and len(groups) > rules.table_threshold:
        raise InvalidInputError(
            f"The crawl found {counted(len(groups), 'table')}, more than the table threshold of "
            f"{rules.table_threshold}; nothing was written. Exclude files, combine compatible schemas, or raise it."
        )
