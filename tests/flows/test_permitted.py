"""Which runs are kept to which places."""

from pathlib import Path

import pytest

from errors import InvalidInputError
from flows import permitted
from flows.permitted import check_permitted


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permitted, "is_deployed", lambda: True)


def test_a_run_by_hand_goes_anywhere() -> None:
    check_permitted("/etc/passwd", None, "s3://any/where")


def test_a_run_by_hand_keeps_to_what_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINDMATCHES_ALLOWED_PATHS", "s3://lake/")
    check_permitted("s3://lake/a.csv")
    with pytest.raises(InvalidInputError, match="/etc/passwd"):
        check_permitted("s3://lake/a.csv", "/etc/passwd")


@pytest.mark.usefixtures("deployed")
def test_a_deployed_run_keeps_to_its_folder_and_what_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FINDMATCHES_LABELS", "s3://lake/labels/")
    monkeypatch.setenv("FINDMATCHES_HOME", "/somewhere/home")
    check_permitted("people.csv", str(tmp_path / "a" / "b.csv"), "s3://lake/labels/x.csv", "/somewhere/home")
    for path in ("../a.csv", "s3://lake/a.csv", "/somewhere"):
        with pytest.raises(InvalidInputError, match="FINDMATCHES_ALLOWED_PATHS"):
            check_permitted(path)


@pytest.mark.usefixtures("deployed")
def test_an_empty_setting_allows_nothing_but_the_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FINDMATCHES_ALLOWED_PATHS", "")
    with pytest.raises(InvalidInputError):
        check_permitted("people.csv")
    check_permitted(str(tmp_path / ".findmatches"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flow", "arguments"),
    [
        ("crawl", {"path": "/etc/passwd"}),
        ("train", {"name": "people", "home": "/etc"}),
        ("estimate_quality", {"name": "people", "home": "/etc"}),
        ("generate_labeling_set", {"name": "people", "output": "/etc/x.csv"}),
        ("import_labels", {"name": "people", "path": "/etc/x.csv"}),
        ("find_matches", {"name": "people", "output": "/etc/x.csv"}),
        ("learn_from_labels", {"name": "people", "labels_path": "/etc/x.csv"}),
        ("learn_from_labels", {"name": "people", "labels_path": "x.csv", "output": "/etc/x.csv"}),
        ("nightly", {"name": "people", "output": "/etc/x.csv"}),
        ("nightly", {"name": "people", "home": "/etc"}),
        ("run_crawler", {"name": "nightly", "home": "/etc"}),
        ("run_on_schedule", {"name": "nightly", "home": "/etc"}),
        ("crawl_database", {"connection": "shop", "path": "a/b", "home": "/etc"}),
        ("crawl_dynamodb", {"path": "dynamodb://a", "home": "/etc"}),
        ("pipeline", {"path": "/etc/x", "primary_key": "id", "output": "x.csv"}),
        ("pipeline", {"path": "x", "primary_key": "id", "output": "x.csv", "labels_path": "/etc/x.csv"}),
        ("pipeline", {"path": "x", "primary_key": "id", "output": "x.csv", "labeling_path": "/etc/x.csv"}),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else value,
)
@pytest.mark.usefixtures("prefect_server")
def test_no_flow_goes_outside(flow: str, arguments: dict[str, str], tmp_path: Path, monkeypatch) -> None:
    from importlib import import_module

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FINDMATCHES_ALLOWED_PATHS", str(tmp_path))
    with pytest.raises(InvalidInputError, match="outside of the places that runs may touch"):
        getattr(import_module(f"flows.{flow}"), flow).fn(**arguments)
