import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from skops.io import dump

from errors import InvalidInputError
from tasks.model_file import load_classifier, save_classifier

FEATURES = np.random.default_rng(0).random((60, 3)).astype(np.float32)
REFUSED = r" holds what no model of findmatches holds; it was not used\. Train again\.$"


@pytest.fixture(scope="module")
def forest() -> RandomForestClassifier:
    return RandomForestClassifier(5, random_state=0).fit(FEATURES, FEATURES[:, 0] > FEATURES[:, 1])


@pytest.fixture
def path(forest: RandomForestClassifier, tmp_path: Path) -> Path:
    save_classifier(tmp_path / "model" / "classifier.skops", forest)
    return tmp_path / "model" / "classifier.skops"


def rewrite(path: Path, change: Callable[[str, bytes], bytes]) -> None:
    """Change the files inside a model file."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, change(name, content))


def with_nodes(change: Callable[[np.ndarray], None]) -> Callable[[str, bytes], bytes]:
    """A change to the nodes of every tree."""

    def changed(name: str, content: bytes) -> bytes:
        if not name.endswith(".npy"):
            return content
        array = np.load(io.BytesIO(content))
        if not array.dtype.names:
            return content
        change(array)
        buffer = io.BytesIO()
        np.save(buffer, array)
        return buffer.getvalue()

    return changed


def set_root(field: str, value: int) -> Callable[[np.ndarray], None]:
    def change(nodes: np.ndarray) -> None:
        nodes[field][0] = value

    return change


def test_a_classifier_comes_back_as_it_was(forest: RandomForestClassifier, path: Path) -> None:
    assert np.array_equal(load_classifier(path).predict_proba(FEATURES), forest.predict_proba(FEATURES))


def test_a_classifier_that_knows_one_answer_comes_back(tmp_path: Path) -> None:
    single = RandomForestClassifier(2, random_state=0).fit(FEATURES, np.ones(60, dtype=bool))
    save_classifier(tmp_path / "single.skops", single)
    assert load_classifier(tmp_path / "single.skops").predict(FEATURES).all()


def test_no_pickle_is_in_a_model_file(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        assert {Path(name).suffix for name in archive.namelist()} == {".json", ".npy"}
        arrays = [np.load(archive.open(name), allow_pickle=False) for name in archive.namelist() if name.endswith("y")]
    assert arrays


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("left_child", 10_000, id="left child beyond the tree"),
        pytest.param("right_child", -7, id="right child before the tree"),
        pytest.param("left_child", 0, id="a circle"),
        pytest.param("right_child", -1, id="one child"),
        pytest.param("feature", 3, id="feature beyond the table"),
        pytest.param("feature", -2, id="feature before the table"),
    ],
)
def test_a_tree_that_leads_out_of_its_memory_is_refused(path: Path, field: str, value: int) -> None:
    rewrite(path, with_nodes(set_root(field, value)))
    with pytest.raises(InvalidInputError, match="^Model '" + re.escape(str(path)) + "'" + REFUSED):
        load_classifier(path)


def test_a_tree_that_hides_its_nodes_is_refused(path: Path) -> None:
    rewrite(path, lambda _, content: re.sub(rb'("node_count": \{[^}]*"content": )"\d+"', rb'\1"0"', content))
    with pytest.raises(InvalidInputError, match=REFUSED):
        load_classifier(path)


def test_a_type_that_models_do_not_have_is_refused(path: Path) -> None:
    def renamed(name: str, content: bytes) -> bytes:
        if not name.endswith(".json"):
            return content
        schema: dict[str, Any] = json.loads(content)
        return json.dumps(schema | {"__module__": "subprocess", "__class__": "Popen"}).encode()

    rewrite(path, renamed)
    with pytest.raises(InvalidInputError, match=REFUSED):
        load_classifier(path)


@pytest.mark.parametrize(
    "content", [b"", b"not a zip file", b"PK\x05\x06" + bytes(18)], ids=["empty", "text", "no members"]
)
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "classifier.skops").write_bytes(content)
    with pytest.raises(InvalidInputError, match=REFUSED):
        load_classifier(tmp_path / "classifier.skops")


def test_another_kind_of_model_is_refused(tmp_path: Path) -> None:
    dump(LogisticRegression().fit(FEATURES, FEATURES[:, 0] > 0.5), tmp_path / "classifier.skops")
    with pytest.raises(InvalidInputError, match=REFUSED):
        load_classifier(tmp_path / "classifier.skops")


def test_a_failed_save_leaves_the_old_model_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()

    def fail(forest: object, file: Path) -> None:
        file.write_bytes(b"half")
        raise ValueError("a bug")

    monkeypatch.setattr("skops.io.dump", fail)
    with pytest.raises(ValueError, match="a bug"):
        save_classifier(path, RandomForestClassifier())
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["classifier.skops"]
