"""The files that a document came from, as they came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.library import seed_paths
from rag import assemble

if TYPE_CHECKING:
    from pathlib import Path

    from rag.settings import Settings


def original_files(settings: Settings, document_id: str) -> list[tuple[str, Path]]:
    """Return name and path of each file that a document came from: those added, then the shipped one.

    Raises:
        HoldingsError: there is no document with this id.
    """
    library, holdings = assemble.make_library(settings), assemble.make_holdings(settings)
    copies = library.copies[library.document(document_id).id]
    added = [
        (record.file_name, holdings.original(record))
        for record in holdings.records()
        if not copies.isdisjoint(record.text_ids)
    ]
    shipped = {origin.file_name for origin in library.origins[document_id] if origin.added_by is None}
    return added + [(path.name, path) for path in seed_paths() if path.name in shipped]
