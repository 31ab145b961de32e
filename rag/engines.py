"""Which engines are set up to keep vectors and terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.embedded import EmbeddedEngine
from index.engine import Store
from index.store import StoreError

if TYPE_CHECKING:
    from index.engine import Engine, Engines
    from rag.settings import Settings


def make_engines(settings: Settings) -> Engines:
    """Return the engines that are set up: what is built names its own, whatever the next build is to use.

    Raises:
        StoreError: the next build is to use one that is not set up.
    """
    engines: dict[Store, Engine] = {Store.FAISS: EmbeddedEngine()}
    if settings.milvus_uri:
        engines[Store.MILVUS] = _make_milvus(settings)
    if settings.store not in engines:
        raise StoreError("the store is milvus, but no server is set; set milvus_uri (DISTRICT_QA_MILVUS_URI)")
    return engines


def _make_milvus(settings: Settings) -> Engine:
    try:
        from index.milvus import MilvusEngine
        from index.milvus_server import Place
    except ModuleNotFoundError as error:
        raise StoreError(
            f"milvus_uri is set, but {error.name} is not installed; run: pip install 'district-qa[milvus]'"
        ) from error
    return MilvusEngine(
        Place(
            uri=settings.milvus_uri,
            token=settings.milvus_token.get_secret_value(),
            database=settings.milvus_database,
            name=settings.milvus_name,
            seconds=settings.milvus_seconds,
        )
    )
