from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.index.milvus_server import LiteServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def lite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiteServer]:
    """A server for all tests that leave it running."""
    server = LiteServer(tmp_path_factory.mktemp("milvus"))
    yield server
    server.stop()
