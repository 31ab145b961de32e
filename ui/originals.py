"""The files that a document came from, as they came."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import IO, TYPE_CHECKING
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.responses import StreamingResponse

from corpus.library import seed_paths
from rag import assemble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rag.settings import Settings

_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class OriginalFile:
    """A file that a document came from; `open` raises as `Holdings.open_original` does where it cannot be had."""

    name: str
    open: Callable[[], IO[bytes]]


def original_files(settings: Settings, document_id: str) -> list[OriginalFile]:
    """Return each file that a document came from: those added, then the shipped one.

    Raises:
        HoldingsError: there is no document with this id.
    """
    library, holdings = assemble.make_library(settings), assemble.make_holdings(settings)
    copies = library.copies[library.document(document_id).id]
    added = [
        OriginalFile(record.file_name, partial(holdings.open_original, record))
        for record in holdings.records()
        if not copies.isdisjoint(record.text_ids)
    ]
    shipped = {origin.file_name for origin in library.origins[document_id] if origin.added_by is None}
    return added + [_shipped(path) for path in seed_paths() if path.name in shipped]


def _shipped(path: Path) -> OriginalFile:
    return OriginalFile(path.name, lambda: path.open("rb"))


def attachment(name: str, file: IO[bytes]) -> StreamingResponse:
    """Return a response that sends an open file, to be kept under a name and never shown by a browser itself."""
    return StreamingResponse(
        _blocks(file),
        media_type="application/octet-stream",
        headers={"Content-Disposition": f"attachment; filename*=utf-8''{quote(name)}"},
        background=BackgroundTask(file.close),
    )


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        yield block
