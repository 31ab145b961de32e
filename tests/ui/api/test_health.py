"""Readiness where the vectors are kept by a server that comes and goes."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from index.store import StoreError
from tests.rag.conftest import make_pipeline
from tests.ui.api.conftest import invented_service, local_client
from ui.api.app import make_api

if TYPE_CHECKING:
    from pathlib import Path


def test_a_service_whose_vectors_are_away_is_not_ready_and_is_once_they_are_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = make_pipeline(tmp_path / "index")
    away = [StoreError("the server is away; start it")]

    def check() -> None:
        if away:
            raise away[0]

    monkeypatch.setattr(pipeline, "_check", check)
    with local_client(make_api(invented_service(tmp_path, pipeline))) as client:
        told = client.get("/readyz")
        assert told.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        assert told.json()["detail"] == "the server is away; start it"
        assert client.get("/healthz").json() == {"status": "ok"}
        away.clear()
        assert client.get("/readyz").json()["status"] == "ready"
