"""Where a crawl finds tables: one source for each target."""

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from crawling.file_schema import FileSchema
from crawling.known_files import KnownFiles, known_place, read_known, write_known
from crawling.rules import CrawlRules
from crawling.tables import Found, Names, find_tables, refuse_nothing
from matching.progress import Stage, tell
from storage.copies import Copies
from storage.files import StoredFile, folder_location, list_files, location_of
from storage.object_events import EventQueue, after_events
from storage.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SAVE_EVERY = 10_000  # files that were looked into


@dataclass(frozen=True)
class CrawlTarget:
    """A path to crawl, and how.

    With `new_folders_only`, no file is looked at in folders that were crawled before. With an `event_queue`, the ARN
    of an SQS queue, nothing is listed after the first crawl: the queue tells of the objects that came and went.
    """

    path: str
    rules: CrawlRules = field(default_factory=CrawlRules)
    new_folders_only: bool = False
    whole: bool | None = None
    event_queue: str = ""


class Source(Protocol):
    """Something that holds tables. `location` is what the places of all its tables begin with."""

    location: str
    objects: int

    def find(self, names: Names, stop: "Callable[[], None]") -> Found:
        """The tables there; `stop` is called now and then, and raises when the crawl is to stop."""
        ...

    def refuse_nothing(self, found: Found) -> None:
        """Raise when there is no table at all, and say why."""
        ...

    def remember(self, found: Found) -> None:
        """Keep what was found, for the next crawl."""
        ...


class FileSource:
    """The files under a path, and what is known of them."""

    def __init__(self, workspace: Workspace, target: CrawlTarget) -> None:
        self.target = target
        self.copies = Copies(workspace.copies)
        self.queue = EventQueue(target.event_queue) if target.event_queue else None
        self.location, self.files = self._listed(workspace)
        self.objects = len(self.files)

    def _listed(self, workspace: Workspace) -> tuple[str, list[StoredFile]]:
        """Where the files lie, and which there are; what is known of them is read on the way."""
        target = self.target
        events = self.queue.read() if self.queue else []
        if self.queue:
            location = folder_location(target.path)
            self._read_known(workspace, location)
            if self.known.schemas:
                return location, after_events((schema.file for schema in self.known.schemas.values()), location, events)
        listed = list_files(target.path)
        location = location_of(target.path, listed)
        self._read_known(workspace, location)
        return location, _in_new_folders(listed, self.known) if target.new_folders_only else listed

    def _read_known(self, workspace: Workspace, location: str) -> None:
        self.place = known_place(workspace.crawled, location, self.target.rules)
        self.known = read_known(self.place)

    def find(self, names: Names, stop: "Callable[[], None]") -> Found:
        """The tables there. What was learned of files before an error or an interruption is kept."""
        with self._keeping_what_was_found() as found:

            def watch(seen: Sequence[FileSchema]) -> None:
                found.append(seen)
                tell(Stage.CRAWL, len(seen) / max(1, self.objects))
                if seen and not len(seen) % SAVE_EVERY:
                    self._keep(seen)
                stop()

            rules, whole = self.target.rules, self.target.whole
            return find_tables(
                self.location, self.files, rules, self.known, self.copies, names, whole=whole, watch=watch
            )

    def refuse_nothing(self, found: Found) -> None:
        """Raise when there is no table at all, and say why."""
        refuse_nothing(self.location, self.files, found)

    def remember(self, found: Found) -> None:
        """Keep what was found, for the next crawl."""
        write_known(self.place, found.described)
        if self.queue:
            self.queue.forget()

    @contextmanager
    def _keeping_what_was_found(self) -> "Iterator[list[Sequence[FileSchema]]]":
        found: list[Sequence[FileSchema]] = []
        try:
            yield found
        except BaseException:
            if found and found[-1]:
                self._keep(found[-1])
            raise

    def _keep(self, found: Sequence[FileSchema]) -> None:
        """Remember some files, and of the others what was known before."""
        write_known(self.place, ({**self.known.schemas} | {schema.file.path: schema for schema in found}).values())


def _in_new_folders(files: Sequence[StoredFile], known: KnownFiles) -> list[StoredFile]:
    """The files of folders that are new, and of the others those that were known, as they were."""
    folders = {path.rpartition("/")[0] for path in known.schemas}
    new = [file for file in files if file.path.rpartition("/")[0] not in folders]
    return sorted([*new, *(schema.file for schema in known.schemas.values())], key=lambda file: file.path)
