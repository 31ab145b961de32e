"""All documents that are held: read from source files, copies merged, in a stable order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.documents import make_document
from corpus.duplicates import group_editions
from corpus.holdings import HeldText, Holdings, HoldingsError
from corpus.readers import Skipped, read_file
from corpus.types import Posting, RawText, text_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from corpus.corrections import Correction
    from corpus.types import Document

_UNDATED = date.min
SEED = Path(__file__).with_name("sources")


@dataclass(frozen=True, slots=True)
class Library:
    """The documents held, what of their sources was left out, and the ids of all copies that each was made of."""

    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...] = ()
    copies: dict[str, frozenset[str]] = field(default_factory=dict)

    def document(self, document_id: str) -> Document:
        """Return one document.

        Raises:
            HoldingsError: there is none with this id.
        """
        for document in self.documents:
            if document.id == document_id:
                return document
        known = ", ".join(document.id for document in self.documents)
        raise HoldingsError(f"there is no document {document_id!r}; known are {known}")


def read_library(
    paths: Iterable[Path],
    holdings: Holdings | None = None,
    word_score: Callable[[str], float] | None = None,
    *,
    restore: bool = True,
) -> Library:
    """Read source files and what staff have added into documents, newest delivered first, undated last.

    Copies of a text become one document; corrections are applied, and what was withdrawn is left out.
    `word_score` lets lost characters be guessed where no copy and no reviewed list has them; without `restore` none
    are put back.

    Raises:
        SourceError: a file cannot be read; nothing is returned then.
        HoldingsError: a record of the holdings cannot be read.
    """
    results = [read_file(path) for path in paths]
    raw = [text for result in results for text in result.texts]
    corrections: dict[str, Correction] = {}
    if holdings is not None:
        raw += [_raw(held) for record in holdings.records() for held in record.texts]
        withdrawn, corrections = holdings.withdrawn(), holdings.corrections()
        raw = [text for text in raw if text_id(text.text) not in withdrawn]
    works = group_editions(raw, lambda item: item.text)
    documents: list[Document] = []
    for work in works:
        references = [other[0][0].text for other in works if other is not work]
        earlier: Document | None = None
        for copies in sorted(work, key=_first_posted):
            corrected = (corrections[key] for text in copies if (key := text_id(text.text)) in corrections)
            document = make_document(copies, references, word_score, next(corrected, None), restore=restore)
            earlier = replace(document, revision_of=earlier.id if earlier else None)
            documents.append(earlier)
    documents.sort(key=lambda d: (-(d.delivered.date or _UNDATED).toordinal(), d.title))
    return Library(
        tuple(documents),
        tuple(skipped for result in results for skipped in result.skipped),
        {text_id(copies[0].text): frozenset(text_id(t.text) for t in copies) for work in works for copies in work},
    )


def _first_posted(copies: Sequence[RawText]) -> date:
    return min((copy.posting.date for copy in copies if copy.posting.date), default=date.max)


def _raw(held: HeldText) -> RawText:
    return RawText(Posting(held.title, held.posted, held.source), held.text)


def seed_paths(folder: Path = SEED) -> list[Path]:
    """Return the source files that ship with the project, by name."""
    return sorted(path for path in folder.iterdir() if path.suffix == ".txt")
