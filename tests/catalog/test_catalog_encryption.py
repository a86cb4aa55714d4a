"""A catalog in PostgreSQL over an encrypted connection."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from catalog.postgresql import PostgresCatalog
from catalog.tables import list_databases
from errors import InvalidInputError
from tests.catalog.conftest import in_postgresql
from tests.servers.database_server import DatabaseServer, server_folder


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate that 127.0.0.1 has given to itself, and its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now, here = datetime.now(UTC), x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(here, critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "cert").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    (folder / "key").chmod(0o600)
    return folder / "cert", folder / "key"


@pytest.fixture
def trusted(postgresql_source: DatabaseServer, catalog_server: DatabaseServer) -> Iterator[Path]:
    """The certificate of the tests' own server, which encrypts while a test runs."""
    if catalog_server != postgresql_source:
        pytest.skip("the settings of the given server are not ours to change")
    with server_folder() as (folder, user):
        paths = certificate(folder)
        for path in paths:
            if user:
                os.chown(path, folder.stat().st_uid, -1)
        for setting, value in {"ssl_cert_file": paths[0], "ssl_key_file": paths[1], "ssl": "on"}.items():
            postgresql_source.configure(f"ALTER SYSTEM SET {setting} = '{value}'")
        reload(postgresql_source, encrypts=True)
        yield paths[0]
        for setting in ("ssl", "ssl_cert_file", "ssl_key_file"):
            postgresql_source.configure(f"ALTER SYSTEM RESET {setting}")
        reload(postgresql_source, encrypts=False)


def reload(server: DatabaseServer, *, encrypts: bool) -> None:
    server.configure("SELECT pg_reload_conf()")
    end = time.monotonic() + 20
    while server.configure("SHOW ssl") != [["on" if encrypts else "off"]]:
        assert time.monotonic() < end
        time.sleep(0.05)


@in_postgresql
@pytest.mark.parametrize(
    ("mode", "trusts", "encrypted"),
    [("disable", False, False), ("prefer", False, True), ("require", False, True), ("verify-full", True, True)],
)
def test_a_connection_is_encrypted_as_asked_for(
    catalog: PostgresCatalog, trusted: Path, mode: str, trusts: bool, encrypted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if trusts:
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with PostgresCatalog(f"{catalog.url}?sslmode={mode}", catalog.workspace).reading() as session:
        row = session.row("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    assert row == {"ssl": encrypted}


@in_postgresql
def test_a_server_that_nobody_vouches_for_is_refused(catalog: PostgresCatalog, trusted: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"^Catalog 'postgresql://.*certificate"):
        list_databases(PostgresCatalog(f"{catalog.url}?sslmode=verify-full", catalog.workspace))
