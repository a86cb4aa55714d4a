"""What all files under a path hold: many looked into at once, and none that is known already."""

import logging
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from crawling.exclude import without_excluded
from crawling.file_schema import FileSchema
from crawling.headers import settle_headers
from crawling.inference import HEAD_BYTES, file_schema
from crawling.known_files import KnownFiles
from crawling.problems import Problem, problem_of
from crawling.rules import CrawlRules
from errors import FindMatchesError
from storage.files import StoredFile
from storage.heads import read_heads

TOLD_EVERY = 1000  # files

log = logging.getLogger("findmatches.crawling")


@dataclass(frozen=True)
class Survey:
    """What the files hold: `found` as each was read, `settled` where it is known whether they have headers.

    `read` is the number of files that were looked into now, not remembered.
    """

    found: tuple[FileSchema, ...]
    settled: tuple[FileSchema, ...]
    problems: tuple[Problem, ...]
    read: int


Watch = Callable[[Sequence[FileSchema]], None]


def survey(
    files: Sequence[StoredFile], root: str, rules: CrawlRules, known: KnownFiles, watch: Watch = lambda _: None
) -> Survey:
    """Look into the files under `root` that are neither excluded nor known, and settle which have headers.

    Empty files are passed over. A file that cannot be read becomes a problem; when it could be read before, what was
    known of it stands. Files beyond the sample are taken to be like the first of their folder that was looked into.
    The result does not depend on which files were remembered. `watch` gets the list of what was found, which grows, at
    the beginning and after every 1,000 files; it may raise to stop.
    """
    wanted = [file for file in without_excluded(files, root, rules.exclusions) if file.size]
    sampled, others = _sample(wanted, rules.sample_size)
    found: list[FileSchema] = []
    problems: list[Problem] = []
    watch(found)
    for number, (file, outcome) in enumerate(_described(sampled, rules, known), start=1):
        if not number % TOLD_EVERY:
            watch(found)
        if isinstance(outcome, FileSchema):
            found.append(outcome)
            continue
        before = known.schemas.get(file.path)
        problems.append(problem_of(file.path, outcome, kept=before is not None))
        if before is not None:
            found.append(replace(before, file=replace(file, version="")))
    settled, unsettled = _settled(found, rules)
    read = sum(known.unchanged(file) is None for file in sampled)
    schemas = sorted([*settled, *_like_their_folder(others, settled)], key=lambda schema: schema.file.path)
    return Survey(tuple(found), tuple(schemas), (*problems, *unsettled), read)


def _described(
    files: Sequence[StoredFile], rules: CrawlRules, known: KnownFiles
) -> Iterator[tuple[StoredFile, FileSchema | FindMatchesError]]:
    """Every file's description, in the order of `files`, or why there is none."""
    new = [file for file in files if known.unchanged(file) is None]
    shared = _Shared()
    looked_into = _looked_into(new, rules)
    for file in files:
        known_schema = known.unchanged(file)
        if known_schema is not None:
            yield file, known_schema
        else:
            outcome = next(looked_into)
            yield file, shared.of(outcome) if isinstance(outcome, FileSchema) else outcome


def _looked_into(files: Sequence[StoredFile], rules: CrawlRules) -> Iterator[FileSchema | FindMatchesError]:
    for number, (file, head) in enumerate(read_heads(files, HEAD_BYTES), start=1):
        if len(files) > TOLD_EVERY and not number % TOLD_EVERY:
            log.info("crawl: looked into %s of %s files", f"{number:,}", f"{len(files):,}")
        if isinstance(head, FindMatchesError):
            yield head
            continue
        try:
            yield file_schema(file, head, rules)
        except FindMatchesError as error:
            yield error


class _Shared:
    """Lets files with the same columns share them, so that many files take little memory."""

    def __init__(self) -> None:
        self._columns: dict[tuple[object, ...], FileSchema] = {}

    def of(self, schema: FileSchema) -> FileSchema:
        key = (schema.columns, tuple(sorted(schema.parameters.items())))
        model = self._columns.setdefault(key, schema)
        return replace(schema, columns=model.columns, parameters=model.parameters)


def _settled(schemas: Sequence[FileSchema], rules: CrawlRules) -> tuple[list[FileSchema], list[Problem]]:
    """Settle the headers among the files of each folder that are written alike."""
    settled: list[FileSchema] = []
    problems: list[Problem] = []
    for _, together in groupby(sorted(schemas, key=_place), key=_place):
        good, bad = settle_headers(list(together), glue=rules.glue)
        settled += good
        problems += bad
    return settled, problems


def _like_their_folder(files: Sequence[StoredFile], looked_into: Sequence[FileSchema]) -> Iterator[FileSchema]:
    """Descriptions of files that were not looked into, by the first of their folder that was, with the same ending."""
    models: dict[tuple[str, str], FileSchema] = {}
    for schema in looked_into:
        models.setdefault(_ending(schema.file.path), schema)
    for file in files:
        model = models.get(_ending(file.path))
        if model is not None:
            records = round(model.records * file.size / max(1, model.file.size))
            yield replace(model, file=file, records=records, whole=False)


def _ending(path: str) -> tuple[str, str]:
    folder, _, name = path.rpartition("/")
    return folder, name.partition(".")[2]


def _place(schema: FileSchema) -> tuple[str, tuple[str, str, str]]:
    return schema.file.path.rpartition("/")[0], schema.kind


def _sample(files: Sequence[StoredFile], size: int | None) -> tuple[list[StoredFile], list[StoredFile]]:
    """As many files of each folder as the sample size says, taken at random but always the same, and the others."""
    if size is None:
        return list(files), []
    folders: dict[str, list[StoredFile]] = defaultdict(list)
    for file in files:
        folders[file.path.rpartition("/")[0]].append(file)
    taken = {file.path for folder, inside in folders.items() for file in _drawn(folder, inside, size)}
    return [file for file in files if file.path in taken], [file for file in files if file.path not in taken]


def _drawn(folder: str, files: Sequence[StoredFile], size: int) -> Iterable[StoredFile]:
    return random.Random(folder).sample(list(files), min(size, len(files)))  # noqa: S311 no secret
