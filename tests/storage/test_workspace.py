"""Where the workspace is."""

from pathlib import Path

import pytest

from storage.workspace import Workspace


def test_the_workspace_is_beside_the_user_unless_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FINDMATCHES_HOME", raising=False)
    assert Workspace.from_environment().home == tmp_path / ".findmatches"


@pytest.mark.parametrize(
    ("named", "home"), [("there", "here/there"), ("/there", "/there"), ("~/there", "me/there")], ids=str
)
def test_the_environment_names_the_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, home: str
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    monkeypatch.setenv("FINDMATCHES_HOME", named)
    assert Workspace.from_environment().home == tmp_path / home


def test_looking_at_a_workspace_makes_nothing(workspace: Workspace) -> None:
    assert {
        path.parent for path in (workspace.catalog_path, workspace.models, workspace.artifacts, workspace.runs)
    } == {workspace.home}
    assert not workspace.home.exists()
