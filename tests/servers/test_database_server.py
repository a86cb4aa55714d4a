"""A server that is not here: its tests are skipped with the reason, and never on CI."""

import pytest

from tests.servers.database_server import program


def test_a_test_without_its_server_is_skipped_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="there is no serverd here; apt-get install server-package"):
        program("serverd", "server-package")


def test_on_ci_a_test_without_its_server_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="there is no serverd here"):
        program("serverd", "server-package")
