"""Which files are one table: those of a folder that are alike, and folders whose files are alike as its partitions."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from crawling.file_schema import FileSchema
from crawling.rules import CrawlRules
from crawling.similar import Shape, joined, shape_of, similar

MOST_SHAPES = 5  # of one table, by Glue's rule


@dataclass(frozen=True)
class FileGroup:
    """Files that are one table: `location` is the one file, or the folder (ending with /) with all of them below."""

    location: str
    schemas: tuple[FileSchema, ...]
    shapes: tuple[Shape, ...]

    @property
    def shape(self) -> Shape:
        """The shape of all its files together."""
        return joined(self.shapes)


def group_files(schemas: Sequence[FileSchema], root: str, rules: CrawlRules) -> list[FileGroup]:
    """Divide the files found under `root`, a file or a folder that ends with /, into tables; sorted by location.

    The files of a folder that are similar are one group, which is called after the folder; one that is like no other
    is a group of its own. A folder whose subfolders hold one group each, all similar, is one table and they are its
    partitions. With `rules.table_level` all similar files below a folder of that level are one table.
    """
    goes_with = _rule_for_going_together(rules)
    if rules.table_level is None:
        groups = _tree(schemas, root).groups(goes_with)
    else:
        groups = _groups_at_level(schemas, root, rules.table_level, goes_with)
    return sorted(groups, key=lambda group: group.location)


GoesWith = Callable[[Sequence[Shape]], bool]


@dataclass
class _Folder:
    location: str
    files: list[FileSchema]
    folders: dict[str, "_Folder"]

    def groups(self, goes_with: GoesWith) -> list[FileGroup]:
        own = cluster(self.files, self.location, goes_with)
        below = [folder.groups(goes_with) for _, folder in sorted(self.folders.items())]
        whole = [*own, *(group for groups in below for group in groups)]
        if not below or len(own) > 1:
            return whole
        shapes = tuple(dict.fromkeys(shape for group in whole for shape in group.shapes))
        if any(len(groups) > 1 for groups in below) or not goes_with(shapes):
            return [*map(_called_after_its_file, own), *whole[len(own) :]]
        return [FileGroup(self.location, tuple(schema for group in whole for schema in group.schemas), shapes)]


def _called_after_its_file(group: FileGroup) -> FileGroup:
    """A group beside other tables: one file is called after itself, not after its folder."""
    return replace(group, location=group.schemas[0].file.path) if len(group.schemas) == 1 else group


def cluster(schemas: Sequence[FileSchema], folder: str, goes_with: GoesWith) -> list[FileGroup]:
    """Divide files of one folder into groups of similar ones, each as large as it can be."""
    of_shape: dict[Shape, list[FileSchema]] = defaultdict(list)
    for schema in schemas:
        of_shape[shape_of(schema)].append(schema)
    groups: list[list[Shape]] = []
    for shape in sorted(of_shape, key=lambda each: (-len(of_shape[each]), -len(each.columns), sorted(each.columns))):
        found = next((group for group in groups if goes_with([*group, shape])), None)
        if found is None:
            groups.append([shape])
        else:
            found.append(shape)
    return [_group(folder, of_shape, group, alone=len(groups) == 1) for group in groups]


def _group(folder: str, of_shape: dict[Shape, list[FileSchema]], shapes: Sequence[Shape], *, alone: bool) -> FileGroup:
    files = sorted((schema for shape in shapes for schema in of_shape[shape]), key=lambda schema: schema.file.path)
    location = folder if alone or len(files) > 1 else files[0].file.path
    return FileGroup(location, tuple(files), tuple(shapes))


def _rule_for_going_together(rules: CrawlRules) -> GoesWith:
    def goes_with(shapes: Sequence[Shape]) -> bool:
        first, *others = shapes
        if rules.glue and not rules.combine_compatible_schemas and len(set(shapes)) > MOST_SHAPES:
            return False
        return all(similar(first, shape, combine=rules.combine_compatible_schemas) for shape in others)

    return goes_with


def _tree(schemas: Iterable[FileSchema], root: str) -> _Folder:
    top = _Folder(root, [], {})
    for schema in schemas:
        folder = top
        *names, _ = schema.file.path.removeprefix(root).lstrip("/").split("/")
        for name in names:
            folder = folder.folders.setdefault(name, _Folder(f"{folder.location}{name}/", [], {}))
        folder.files.append(schema)
    return top


def _groups_at_level(schemas: Sequence[FileSchema], root: str, level: int, goes_with: GoesWith) -> list[FileGroup]:
    """Groups with a folder of this level, or a higher one that has no folders so deep, as their location."""
    below: dict[str, list[FileSchema]] = defaultdict(list)
    for schema in schemas:
        below[_ancestor(schema.file.path, root, level)].append(schema)
    return [group for folder, files in sorted(below.items()) for group in cluster(files, folder, goes_with)]


def _ancestor(path: str, root: str, level: int) -> str:
    """The folder of a level above a file: counted from the bucket, on a disk from the folder that is crawled."""
    protocol, mark, rest = path.partition("://")
    if mark:
        bucket, *parts = rest.split("/")
        top = f"{protocol}://{bucket}/"
    else:
        top, parts = root, path.removeprefix(root).lstrip("/").split("/")
    folders = parts[:-1][:level]
    return top + "".join(f"{name}/" for name in folders)
