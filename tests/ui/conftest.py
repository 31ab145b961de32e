"""A real service on loopback, over the real model and the shipped corpus."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.rag.conftest import make_pipeline
from tests.ui.postgres_server import Postgres, find_programs
from ui.postgres import PostgresServer

if TYPE_CHECKING:
    from rag.pipeline import Pipeline
    from rag.settings import Settings


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """The real parts over the invented district, with the fake encoder."""
    return make_pipeline(tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Yield a running PostgreSQL server; a test that stops it starts it again."""
    programs = find_programs()
    if programs is None:
        message = "PostgreSQL is not installed: apt-get install postgresql"
        assert "DISTRICT_QA_REQUIRE_POSTGRESQL" not in os.environ, message
        pytest.skip(message)
    server = Postgres(programs)
    try:
        yield server
    finally:
        server.remove()


@pytest.fixture
def database(postgres: Postgres) -> Iterator[PostgresServer]:
    """Yield an empty database."""
    server = PostgresServer(postgres.new_database())
    yield server
    server.close()


@pytest.fixture(params=["file", "postgresql"])
def server(request: pytest.FixtureRequest) -> PostgresServer | None:
    """Return where records are kept: None for files of the data folder, and a database."""
    return None if request.param == "file" else request.getfixturevalue("database")


@pytest.fixture(scope="session")
def service(real_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of a running `district-qa serve`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"DISTRICT_QA_DATA_DIR": str(real_settings.data_dir), "DISTRICT_QA_CHAT_RATE": ""}
    log = tmp_path_factory.mktemp("service") / "log"  # a pipe that nobody reads would stop the service when it is full
    with log.open("wb") as writing:
        process = subprocess.Popen(
            [sys.executable, "-m", "ui.cli", "serve", "--port", str(port)], env=environment, stderr=writing
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            try:
                httpx.get(f"{address}/readyz").raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.5)
        else:
            pytest.fail("the service did not become ready within two minutes")
        yield address
    finally:
        process.terminate()
        process.communicate(timeout=30)
