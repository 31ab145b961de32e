"""The API over real HTTP on loopback, with the shipped documents and the fake encoder, and without the page."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import uvicorn
from fastapi.testclient import TestClient

from rag import assemble
from rag.settings import Settings
from tests.conftest import HashEncoder
from tests.rag.conftest import make_pipeline
from ui.api.app import make_api
from ui.api.service import Service, make_service

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI

    from rag.pipeline import Pipeline


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an application on a free port of loopback; yield its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", proxy_headers=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the server did not start"
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)


def local_client(app: FastAPI, **options: Any) -> TestClient:
    """Return a client without a network that looks like one of this machine."""
    return TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000), **options)


def invented_service(folder: Path, pipeline: Pipeline, **settings: Any) -> Service:
    """Return a service over the invented district; its jobs have nothing to do with that."""
    return make_service(Settings(data_dir=folder, **settings), lambda: pipeline, HashEncoder())


@pytest.fixture(scope="session")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    return make_pipeline(tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="module")
def client(invented: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with local_client(make_api(invented_service(tmp_path_factory.mktemp("data"), invented))) as client:
        yield client


@dataclass(frozen=True)
class Running:
    """A running service: what it is made of, and a client of it."""

    service: Service
    http: httpx.Client


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The shipped documents behind a real server, with jobs."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"))
    encoder = HashEncoder()
    assemble.make_index(settings, assemble.make_library(settings), encoder, lambda done, total: None)
    service = make_service(settings, assemble.make_serving(settings, encoder).current, encoder)
    with serving(make_api(service)) as address, httpx.Client(base_url=address, timeout=30) as http:
        yield Running(service, http)
