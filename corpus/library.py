"""All documents that are held: read from source files, copies merged, in a stable order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.documents import document_kind, make_document
from corpus.duplicates import group_editions
from corpus.holdings import HeldText, Holdings, HoldingsError, Record
from corpus.readers import Skipped, read_file
from corpus.types import Document, Posting, RawText, text_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from corpus.corrections import Correction

_UNDATED = date.min
SEED = Path(__file__).with_name("sources")


@dataclass(frozen=True, slots=True)
class Origin:
    """The file from which a copy of a document came; who added it and when, where it does not ship with the project.

    `left_out` is what the reader left out of that file.
    """

    file_name: str
    added_by: str | None
    added_at: datetime | None
    left_out: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class Library:
    """The documents held, and what of the shipped sources was left out.

    By the id of a document: `copies` are the ids of all texts that it was made of, `origins` the files of these.
    """

    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...] = ()
    copies: dict[str, frozenset[str]] = field(default_factory=dict)
    origins: dict[str, tuple[Origin, ...]] = field(default_factory=dict)

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
    shipped = [(path, read_file(path)) for path in paths]
    found = [_Found(text, Origin(path.name, None, None, read.skipped)) for path, read in shipped for text in read.texts]
    corrections: dict[str, Correction] = {}
    if holdings is not None:
        found += [_Found(_raw(held), _origin(record)) for record in holdings.records() for held in record.texts]
        withdrawn, corrections = holdings.withdrawn(), holdings.corrections()
        found = [one for one in found if one.id not in withdrawn]
    grouped = group_editions(found, lambda one: one.text.text, lambda one: one.text.posting.title)
    works = [[_best_first(copies) for copies in work] for work in grouped]
    documents: list[Document] = []
    for work in works:
        references = [other[0][0].text.text for other in works if other is not work and _are_alike(other, work)]
        earlier: Document | None = None
        for copies in sorted(work, key=_first_posted):
            correction = next((corrections[one.id] for one in copies if one.id in corrections), None)
            texts = [one.text for one in copies]
            document = make_document(texts, references, word_score, correction, restore=restore)
            earlier = replace(document, revision_of=earlier.id if earlier else None)
            documents.append(earlier)
    documents.sort(key=lambda d: (-(d.delivered.date or _UNDATED).toordinal(), d.title))
    editions = {copies[0].id: copies for work in works for copies in work}
    return Library(
        tuple(documents),
        tuple(skipped for _, read in shipped for skipped in read.skipped),
        {name: frozenset(one.id for one in copies) for name, copies in editions.items()},
        {name: tuple(one.origin for one in copies) for name, copies in editions.items()},
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """A text and the file that it was found in."""

    text: RawText
    origin: Origin

    @property
    def id(self) -> str:
        return text_id(self.text.text)


#: A copy that never has a character which another has so often has lost it.
_OFTEN = 20


def _best_first(copies: Sequence[_Found]) -> list[_Found]:
    """Put the copy first that gives the text: one that lost nothing, if possible with headings that its file marks."""
    counts = [Counter(one.text.text) for one in copies]
    often = {character for count in counts for character, times in count.items() if times >= _OFTEN}
    ranked = [
        (any(character not in count for character in often), not one.text.headings, i)
        for i, (one, count) in enumerate(zip(copies, counts, strict=True))
    ]
    return [copies[i] for _, _, i in sorted(ranked)]


def _are_alike(a: Sequence[Sequence[_Found]], b: Sequence[Sequence[_Found]]) -> bool:
    """Return whether two works are of one kind: only such texts use characters alike."""
    first, second = (document_kind(work[0][0].text.posting.title, work[0][0].text.text) for work in (a, b))
    return first == second


def _first_posted(copies: Sequence[_Found]) -> date:
    return min((day for one in copies if (day := one.text.posting.date)), default=date.max)


def _raw(held: HeldText) -> RawText:
    return RawText(Posting(held.title, held.posted, held.source), held.text, held.headings)


def _origin(record: Record) -> Origin:
    left_out = (Skipped(Path(record.file_name), one.line, one.text, one.reason) for one in record.left_out)
    return Origin(record.file_name, record.added_by, record.added_at, tuple(left_out))


def seed_paths(folder: Path = SEED) -> list[Path]:
    """Return the source files that ship with the project, by name."""
    return sorted(path for path in folder.iterdir() if path.suffix == ".txt")
