"""Passwords and keys stay in the environment: runs that succeed and runs that fail leave them in nothing they write."""

import asyncio
import base64
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus
from uuid import UUID, uuid4

import duckdb
import pytest

from catalog.connections import create_connection
from catalog.database import Catalog
from catalog.postgresql import PostgresCatalog
from storage.workspace import Workspace
from tests.servers.database_server import PASSWORD, DatabaseServer, free_port
from tests.servers.seaweedfs import SECRET_KEY, S3Server

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("prefect_server")]

ROOT = Path(__file__).parents[2]
KEEPER = "keeper_of_the_catalog"
SECRETS = {
    "key of S3": SECRET_KEY,
    "password of the source": PASSWORD,
    "password of the catalog": "kept/by 7d1e@:#%ä",
    "wrong key of S3": "wrong-key-5b0c/+=",
    "wrong password of the source": "wrong source 91af'\"",
    "wrong password of the catalog": "wrong-catalog-c27e",
    "password in a path": "typed-into-a-form-e83b",
    "password of a gateway": "gateway-login-40d9",
}


@dataclass
class Scene:
    """Servers with their secrets, a place for all that is written, and what was written by name."""

    folder: Path
    api: str
    source: DatabaseServer
    s3: S3Server
    bucket: str
    catalog: str
    written: dict[str, bytes] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What a worker has in its environment when everything is right."""
        return {
            **os.environ,
            **self.s3.environment,
            "SHOP_PASSWORD": self.source.password,
            "FINDMATCHES_CATALOG": self.catalog_of(SECRETS["password of the catalog"]),
            "FINDMATCHES_HOME": str(self.folder / "home"),
            "FINDMATCHES_ALLOWED_PATHS": f"{self.folder},s3://{self.bucket}/",
            "PREFECT_API_URL": self.api,
            "PREFECT_LOGGING_LEVEL": "DEBUG",
            "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "DEBUG",
        }

    def catalog_of(self, password: str, port: int = 0) -> str:
        """The address of the catalog, for FINDMATCHES_CATALOG."""
        host = f"{self.source.host}:{port or self.source.port}"
        return f"postgresql://{KEEPER}:{quote(password, safe='')}@{host}/{self.catalog}"

    def run(self, name: str, command: list[str], **other: str) -> int:
        """Run a program to its end, and keep what it said."""
        done = subprocess.run(
            [sys.executable, "-m", *command], env=self.environment | other, cwd=ROOT, capture_output=True, check=False
        )
        self.written[f"output of {name}"] = done.stdout + done.stderr
        return done.returncode


def deployed_runs(scene: Scene) -> dict[str, tuple[str, dict[str, str], dict[str, str]]]:
    """By name: the flow, its parameters, and what is different in the environment."""
    people = {"path": f"s3://{scene.bucket}/people.csv"}
    pets = {"connection": "shop", "path": "shop/public/secret_pets"}
    wrong_catalog = scene.catalog_of(SECRETS["wrong password of the catalog"])
    nobody = scene.catalog_of(SECRETS["password of the catalog"], free_port())
    return {
        "files": ("crawl", people, {}),
        "tables": ("crawl_database", pets, {}),
        "files with a wrong key": ("crawl", people, {"AWS_SECRET_ACCESS_KEY": SECRETS["wrong key of S3"]}),
        "no file": ("crawl", {"path": f"s3://{scene.bucket}/nothing.csv"}, {}),
        "wrong password": ("crawl_database", pets, {"SHOP_PASSWORD": SECRETS["wrong password of the source"]}),
        "no server": ("crawl_database", {**pets, "connection": "gone"}, {}),
        "wrong catalog": ("crawl", people, {"FINDMATCHES_CATALOG": wrong_catalog}),
        "no catalog": ("crawl", people, {"FINDMATCHES_CATALOG": nobody}),
    }


ENDS = {
    "files": "Completed",
    "tables": "Completed",
    "files with a wrong key": "Failed: .*Cannot read 's3://",
    "no file": "Failed: .*No file at 's3://",
    "wrong password": "Failed: .*the password is not right",
    "no server": "Failed: .*no server answers",
    "wrong catalog": f"Failed: .*{KEEPER}@.*the server refuses the user or the password",
    "no catalog": f"Failed: .*{KEEPER}@.*no server answers",
    "command": "0",
    "command with a wrong password": "1",
    "command with a password in a path": "1",
    "command with a login in the endpoint": "1",
    "command with a login in the proxy": "1",
}


def commands(scene: Scene) -> dict[str, tuple[list[str], dict[str, str]]]:
    """By name: what a person types, and what is different in the environment; their catalog is a file."""
    here = {"FINDMATCHES_CATALOG": "", "FINDMATCHES_HOME": str(scene.folder / "own")}
    pets = ["crawl", "--connection", "shop", "shop/public/secret_pets"]
    login = f"http://ada:{SECRETS['password of a gateway']}@127.0.0.1:{free_port()}"
    in_path = f"postgresql://ada:{SECRETS['password in a path']}@db.example.org/shop"
    return {
        "command": (pets, here),
        "command with a wrong password": (pets, {**here, "SHOP_PASSWORD": SECRETS["wrong password of the source"]}),
        "command with a password in a path": (["crawl", in_path], here),
        "command with a login in the endpoint": (
            ["crawler", "start", "nightly"],
            {**here, "AWS_ENDPOINT_URL": login},
        ),
        "command with a login in the proxy": (
            ["crawler", "start", "weekly"],
            {**here, "PREFECT_API_URL": "", "HTTP_PROXY": login, "http_proxy": login, "NO_PROXY": "", "no_proxy": ""},
        ),
    }


@pytest.fixture(scope="module")
def scene(
    prefect_server: str,
    postgresql_source: DatabaseServer,
    s3_server: S3Server,
    tmp_path_factory: pytest.TempPathFactory,
) -> Scene:
    """Everything has run, and all that it wrote is at hand."""
    bucket = f"secrets-{uuid4().hex[:12]}"
    made = Scene(tmp_path_factory.mktemp("secrets"), prefect_server, postgresql_source, s3_server, bucket, "")
    prepare(made)
    flow_runs = {name: (begun(flow, words), other) for name, (flow, words, other) in deployed_runs(made).items()}
    with ThreadPoolExecutor(2) as pool:
        for name, (run_id, other) in flow_runs.items():
            pool.submit(made.run, name, ["prefect.engine"], PREFECT__FLOW_RUN_ID=str(run_id), **other)
        codes = {
            name: pool.submit(made.run, name, ["interfaces.cli", "-v", *words], **other)
            for name, (words, other) in commands(made).items()
        }
    made.ended = {name: state_of(run_id) for name, (run_id, _) in flow_runs.items()}
    made.ended |= {name: str(code.result()) for name, code in codes.items()}
    made.written |= dict(everything_written(made))
    return made


def prepare(scene: Scene) -> None:
    """Make the bucket, the table, the catalogs, and the connections and the crawler in them."""
    from catalog.crawler import Crawler, S3Target
    from catalog.crawlers import create_crawler

    client = scene.s3.client()
    client.create_bucket(Bucket=scene.bucket)
    client.put_object(Bucket=scene.bucket, Key="people.csv", Body=b"id,name\n1,ada\n2,grace\n")
    password = SECRETS["password of the catalog"].replace("'", "''")
    scene.source.execute(
        "DROP TABLE IF EXISTS secret_pets",
        "CREATE TABLE secret_pets (id int PRIMARY KEY, name text)",
        f"CREATE ROLE {KEEPER} LOGIN PASSWORD '{password}'",
    )
    database = scene.source.new_database("secrets").rpartition("/")[2]
    scene.source.configure(f"GRANT ALL ON DATABASE {database} TO {KEEPER}")
    scene.catalog = database
    shared = PostgresCatalog(scene.catalog_of(SECRETS["password of the catalog"]), Workspace(scene.folder / "home"))
    own = Catalog(Workspace(scene.folder / "own").catalog_path)
    for catalog in (shared, own):
        create_connection(catalog, "shop", scene.source.url, password_env="SHOP_PASSWORD")
    nobody = scene.source.url.replace(str(scene.source.port), str(free_port()))
    create_connection(shared, "gone", nobody, password_env="SHOP_PASSWORD")
    for name in ("nightly", "weekly"):
        create_crawler(own, Crawler(name, targets=(S3Target(f"s3://{scene.bucket}/people.csv"),)))


def begun(flow: str, parameters: dict[str, str]) -> UUID:
    """The id of a run of a flow that is deployed, which nobody has taken."""
    from importlib import import_module

    from prefect import get_client

    deployment = getattr(import_module(f"flows.{flow}"), flow).to_deployment("secrets")
    deployment.entrypoint = f"flows/{flow}.py:{flow}"
    deployment_id = deployment.apply()
    with get_client(sync_client=True) as client:
        return client.create_flow_run_from_deployment(deployment_id, parameters=parameters).id


def state_of(run_id: UUID) -> str:
    from prefect import get_client

    with get_client(sync_client=True) as client:
        state = client.read_flow_run(run_id).state
    assert state is not None
    return f"{state.name}: {state.message}"


def everything_written(scene: Scene) -> Iterator[tuple[str, bytes]]:
    """All files, the rows of all databases as text, and all that the server answers about runs, by name."""
    import prefect.settings as prefect_settings

    database = Path(prefect_settings.PREFECT_API_DATABASE_CONNECTION_URL.value().split("///")[1])
    yield "rows of Prefect", "\n".join(sqlite3.connect(database).iterdump()).encode()
    yield "rows of the shared catalog", rows_in_postgresql(scene)
    yield "rows of the own catalog", rows_in_duckdb(scene.folder / "own" / "catalog.duckdb")
    yield "answers of Prefect", answers(scene.api)
    for folder in (scene.folder, Path(os.environ["PREFECT_HOME"]), database.parent):
        for file in folder.rglob("*"):
            if file.is_file():
                yield f"file {file.relative_to(folder)}", file.read_bytes()


def rows_in_postgresql(scene: Scene) -> bytes:
    server = DatabaseServer("postgresql", scene.source.port, database=scene.catalog)
    named = server.configure("SELECT table_name FROM information_schema.tables WHERE table_schema = 'findmatches'")
    assert named
    return repr([(name, server.configure(f'SELECT t::text FROM findmatches."{name}" t')) for (name,) in named]).encode()


def rows_in_duckdb(path: Path) -> bytes:
    with duckdb.connect(str(path), read_only=True) as database:
        named = database.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'findmatches'").fetchall()
        assert named
        rows = [
            (name, database.execute(f'SELECT t::varchar FROM findmatches."{name}" t').fetchall()) for (name,) in named
        ]
    return repr(rows).encode()


def answers(api: str) -> bytes:
    """What the server tells of runs, states, log lines, artifacts and events."""
    import httpx

    kinds = ["flow_runs", "task_runs", "logs", "artifacts", "deployments", "events"]
    with httpx.Client(base_url=api) as client:
        told = {kind: client.post(f"{api}/{kind}/filter", json={}).raise_for_status().json() for kind in kinds}
        runs = [run["id"] for run in told["flow_runs"]]
        told["states"] = [client.get(f"{api}/flow_run_states/", params={"flow_run_id": run}).json() for run in runs]
    assert all(told[kind] for kind in kinds if kind != "artifacts"), {kind: len(told[kind]) for kind in told}
    return json.dumps(told, ensure_ascii=False).encode()


def forms(secret: str) -> set[bytes]:
    """How a text may stand in a file: as it is, in a URL, in JSON, in Python, and anywhere in something in Base64."""
    raw = secret.encode()
    texts = {
        secret,
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
    }
    inside = {base64.b64encode(bytes(before) + raw)[(0, 2, 3)[before] : -4] for before in range(3)}
    return {text.encode() for text in texts} | inside


def places_of(text: str, written: dict[str, bytes]) -> list[str]:
    return [place for place, content in written.items() if any(form in content for form in forms(text))]


def test_runs_end_as_they_are_to(scene: Scene) -> None:
    assert scene.ended.keys() == ENDS.keys()
    for name, end in ENDS.items():
        assert re.match(end, scene.ended[name], re.DOTALL), (
            name,
            scene.ended[name],
            scene.written[f"output of {name}"],
        )


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_in_nothing_that_was_written(scene: Scene, secret: str) -> None:
    assert places_of(SECRETS[secret], scene.written) == []


def test_what_is_no_secret_is_found_everywhere(scene: Scene) -> None:
    rows, answer = {"rows of Prefect"}, {"answers of Prefect"}
    assert set(places_of(KEEPER, scene.written)) >= rows | answer | {"output of wrong catalog", "output of no catalog"}
    files = {"output of no file", "rows of the own catalog", "file prefect-test.db", "file own/catalog.duckdb"}
    assert set(places_of(scene.bucket, scene.written)) >= rows | answer | files
    assert set(places_of("SHOP_PASSWORD", scene.written)) >= {"rows of the shared catalog", "rows of the own catalog"}
    assert b"http://***@127.0.0.1" in scene.written["output of command with a login in the proxy"]
    assert set(places_of("secret_pets", scene.written)) >= rows | answer | {"rows of the shared catalog"}


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_would_be_found_in_every_form(secret: str) -> None:
    text = SECRETS[secret]
    for before in ("", "x", "xy", "xyz"):
        wrapped = f"{before}{text} and more"
        for form in (
            wrapped.encode(),
            quote(wrapped, safe="").encode(),
            json.dumps({"error": wrapped}).encode(),
            repr(wrapped).encode(),
            base64.b64encode(wrapped.encode()),
        ):
            assert places_of(text, {"somewhere": form}) == ["somewhere"], form


def test_a_secret_block_reaches_the_environment_of_runs_and_no_row_of_the_server(scene: Scene) -> None:
    from prefect import get_client
    from prefect.blocks.system import Secret
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.workers.process import ProcessJobConfiguration, ProcessWorker

    value, reference = f"blocked-{uuid4().hex}", "{{ prefect.blocks.secret.shop-password }}"
    Secret(value=value).save("shop-password", overwrite=True)
    template = ProcessWorker.get_default_base_job_template()
    template["variables"]["properties"]["env"]["default"] = {"SHOP_PASSWORD": reference}
    with get_client(sync_client=True) as client:
        client.create_work_pool(WorkPoolCreate(name="with-secret", type="process", base_job_template=template))
        kept = client.read_work_pool("with-secret").base_job_template

    async def environment() -> dict[str, str | None]:
        async with get_client() as client:
            values = {"env": {"DO_NOT_TRACK": "1"}}  # as our deployments have
            return (await ProcessJobConfiguration.from_template_and_values(kept, values, client=client)).env

    assert asyncio.run(environment()) == {"SHOP_PASSWORD": value, "DO_NOT_TRACK": "1"}
    now = dict(everything_written(scene))
    assert places_of(value, now) == []
    assert "rows of Prefect" in places_of("prefect.blocks.secret.shop-password", now)
