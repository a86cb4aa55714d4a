"""Files that land where labels are awaited: which are new, whole, and about which transform."""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from catalog.database import Catalog
from catalog.label_requests import LabelRequest, open_requests
from catalog.labels import list_labeling_sets
from catalog.landed_files import LandedFile, LandedStatus, keep_landed, landed_files
from catalog.task_runs import TaskType, list_task_runs
from catalog.transforms import Transform, list_transforms
from errors import FindMatchesError, InvalidInputError, ResourceNumberLimitExceededError, StorageUnreachableError
from labeling.file import SIZE_LIMIT_MB, LabelingFile, read_labeling_file
from storage.allowed_paths import check_path, shown
from storage.files import StoredFile, filesystem_of, is_remote, list_files, local_path, location_of, read_bytes, reading
from storage.publish import publishing
from storage.workspace import Workspace

REJECTED = ".rejected.txt"
ENDINGS = (".csv", ".txt", ".tsv")

logger = logging.getLogger("findmatches.tasks")


@dataclass
class LabelInbox:
    """A folder where labelled files land, `folder/TRANSFORM/anything.csv`, and the places that open requests name.

    It remembers which files it has seen, and of local ones, which may still be written, how they were a look ago.
    A file that was put there again, with the same content too, is another version of it.
    """

    workspace: Workspace
    folder: str | None
    _known: set[tuple[str, str]] | None = None
    _growing: set[StoredFile] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.folder = None if self.folder is None else located(self.folder)

    def look(self) -> list[LandedFile]:
        """Return the files that landed since the last look, each with its transform; wrong ones are answered.

        What one place or file fails with is raised once all others were looked at.
        """
        catalog = Catalog.of(self.workspace)
        if self._known is None:
            self._known = {(file.path, file.version) for file in landed_files(catalog)}
        requests, failed = open_requests(catalog), _Failures()
        new = [file for file in self._listed(requests, failed) if (file.path, _version(file)) not in self._known]
        whole = [file for file in new if is_remote(file.path) or file in self._growing]
        self._growing = set(new) - set(whole)
        kept = []
        for file in whole:
            with failed.noted():
                kept.append(self._kept(file, requests))
                self._known.add((file.path, _version(file)))
        failed.raise_first()
        return [file for file in kept if file is not None]

    def _listed(self, requests: Iterable[LabelRequest], failed: "_Failures") -> list[StoredFile]:
        """Return all files that may be labels: one listing for the folder, one for each place outside of it."""
        outside = {each.labels_path for each in requests if not self._is_inside(each.labels_path)}
        found: dict[str, StoredFile] = {}
        folder = [f"{self.folder}/"] if self.folder else []  # the slash saves asking whether it is a file
        for place in [*folder, *sorted(outside)]:
            with failed.noted():
                found |= {file.path: file for file in _files_at(place)}
        return [file for file in found.values() if _may_be_labels(file)]

    def _is_inside(self, path: str) -> bool:
        return self.folder is not None and path.startswith(self.folder.rstrip("/") + "/")

    def _kept(self, file: StoredFile, requests: list[LabelRequest]) -> LandedFile | None:
        """Remember a file, and whom it is for; one that nobody awaits is answered with what is wrong."""
        catalog = Catalog.of(self.workspace)
        try:
            check_path(file.path)
            labels = _labels_of(file)
            transform_id = self._transform_of(file, labels, requests)
            content_hash = labels.content_hash if labels else hashlib.sha256(read_bytes(file.path)).hexdigest()
        except StorageUnreachableError:
            raise  # the next look may see it
        except (InvalidInputError, ResourceNumberLimitExceededError) as error:
            kept = keep_landed(catalog, file.path, _version(file), "", "", LandedStatus.REJECTED, str(error))
            reject(file.path, str(error))
            return kept
        if labels is not None and not any(row.label for row in labels.rows) and file.path in _labeling_files(catalog):
            status = LandedStatus.NOT_LABELLED
        else:
            status = LandedStatus.WAITING
        return keep_landed(catalog, file.path, _version(file), content_hash, transform_id, status)

    def _transform_of(self, file: StoredFile, labels: LabelingFile | None, requests: list[LabelRequest]) -> str:
        """Return the id of the transform: by the request that names the path, by the folder, or by labeling sets."""
        transforms = {each.name: each for each in list_transforms(Catalog.of(self.workspace))}
        asked = {each.transform_id for each in requests if each.labels_path == file.path}
        by_folder = transforms.get(self._folder_of(file))
        known = [by_folder.transform_id] if by_folder else self._by_sets(labels, transforms.values())
        found = list(asked) if len(asked) == 1 else known
        if len(found) == 1:
            return found[0]
        raise InvalidInputError(
            f"Nobody knows which transform the labels in '{file.path}' are for. Put the file into the folder "
            f"{(self.folder or '').rstrip('/')}/TRANSFORM/. There are: {', '.join(transforms) or 'none'}."
        )

    def _folder_of(self, file: StoredFile) -> str:
        return file.path.removeprefix((self.folder or "").rstrip("/")).strip("/").partition("/")[0]

    def _by_sets(self, labels: LabelingFile | None, transforms: Iterable[Transform]) -> list[str]:
        catalog = Catalog.of(self.workspace)
        given = {row.labeling_set_id for row in labels.rows} if labels else set()
        return [
            each.transform_id
            for each in transforms
            if not given.isdisjoint(known.labeling_set_id for known in list_labeling_sets(catalog, each.transform_id))
        ]


class _Failures:
    """What went wrong while others were looked at."""

    def __init__(self) -> None:
        self._first: FindMatchesError | OSError | None = None

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Take note of what fails, and go on."""
        try:
            yield
        except (FindMatchesError, OSError) as error:
            self._first = self._first or error

    def raise_first(self) -> None:
        """Raise what failed first."""
        if self._first is not None:
            raise self._first


def located(path: str) -> str:
    """Return a place in the one spelling that listings of it have."""
    return location_of(path, ()).rstrip("/")


def check_folder(folder: str) -> None:
    """Stop at a folder or bucket that is not there; a prefix in a bucket need not hold anything yet."""
    if is_remote(folder):
        scheme, _, rest = folder.partition("://")
        with reading(folder):
            filesystem_of(folder).info(f"{scheme}://{rest.partition('/')[0]}")
    elif not local_path(folder).is_dir():
        raise InvalidInputError(f"There is no folder '{folder}' to watch. Make it, or name another one.")


def reject(path: str, message: str) -> str:
    """Write beside a labelled file what is wrong with it, for the person who put it there; returns where."""
    answer = f"{path}{REJECTED}"
    text = f"{message}\n\nNothing of this file was stored. Mend that and put the file here again, under any name.\n"
    try:
        with publishing(answer) as temporary:
            temporary.write_text(text, encoding="utf-8")
    except FindMatchesError as error:  # who may read a folder need not be allowed to write into it
        reason = " ".join(str(error).split())
        logger.warning("labels: what is wrong with '%s' could not be written beside it: %s", shown(path), reason)
    return answer


def _files_at(place: str) -> Iterator[StoredFile]:
    try:
        yield from list_files(place)
    except InvalidInputError as error:
        if not isinstance(error.__cause__, FileNotFoundError):
            raise


def _may_be_labels(file: StoredFile) -> bool:
    return file.size > 0 and is_label_name(file.name) and not file.name.endswith(REJECTED) and _is_text(file.path)


def is_label_name(name: str) -> bool:
    """Whether a file of this name is looked at.

    >>> is_label_name("labelled.CSV"), is_label_name("labelled.xlsx")
    (True, False)
    """
    return name.lower().endswith(ENDINGS)


def _is_text(path: str) -> bool:
    """Whether a name is one in UTF-8: a catalog keeps no other, and forms show none."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _version(file: StoredFile) -> str:
    return f"{file.version} {file.written_on}".rstrip()


def _labels_of(file: StoredFile) -> LabelingFile | None:
    """Return the rows of a file with their sets and labels; None where it cannot be read, which its import tells."""
    if file.size > SIZE_LIMIT_MB * 2**20:
        raise ResourceNumberLimitExceededError(
            f"Label file has exceeded the limit of {SIZE_LIMIT_MB} MB. Split it into files of whole labeling sets."
        )
    try:
        return read_labeling_file(file.path, (), "")
    except InvalidInputError:
        return None


def _labeling_files(catalog: Catalog) -> set[str]:
    """Return where labeling files were written."""
    runs = list_task_runs(catalog)
    return {
        located(run.properties["OutputS3Path"]) for run in runs if run.task_type == TaskType.LABELING_SET_GENERATION
    }
