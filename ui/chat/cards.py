"""Citation cards: a quotation in its surroundings, with dates, period and status, both languages and every posting."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ui.chat.render import status_class

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from corpus.types import Document, Posting, Repair, Sentence
    from rag.pipeline import Pipeline
    from rag.types import Citation

#: Sentences shown before and after a quotation.
_AROUND = 1


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a document's text; `repair` where it is one character that was put back."""

    text: str
    repair: Repair | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A citation as it is shown; `document` is None where it is no longer held, or its text no longer as quoted."""

    citation: Citation
    colour: str
    document: Document | None
    is_held: bool
    before: tuple[Run, ...]
    quote: tuple[Run, ...]
    after: tuple[Run, ...]
    translation: str

    @property
    def restored(self) -> int:
        """How many characters of what is shown were put back."""
        return sum(run.repair is not None for run in (*self.before, *self.quote, *self.after))

    @property
    def postings(self) -> tuple[Posting, ...]:
        """All postings of the document, where there are several."""
        return self.document.postings if self.document and len(self.document.postings) > 1 else ()


def make_card(pipeline: Pipeline, citation: Citation) -> Card:
    """Return the card of a citation, from the document as it is held now."""
    document = held_as_quoted(pipeline, citation)
    colour, is_held = status_class(citation.status), _held(pipeline, citation) is not None
    if document is None:
        quote = (Run(citation.marked),)
        return Card(citation, colour, None, is_held, (), quote, (), citation.translation or "")
    before, quoted, after = _surroundings(document, citation.start, citation.end)
    translation = citation.translation or pipeline.english(document, quoted)
    return Card(
        citation,
        colour,
        document,
        is_held,
        tuple(_of(document, before)),
        tuple(runs(document, citation.start, citation.end)),
        tuple(_of(document, after)),
        translation or "",
    )


def held_as_quoted(pipeline: Pipeline, citation: Citation) -> Document | None:
    """Return the document of a citation; None where it is gone, or its text has changed at the quotation."""
    document = _held(pipeline, citation)
    return document if document and document.text[citation.start : citation.end] == citation.quote else None


def _held(pipeline: Pipeline, citation: Citation) -> Document | None:
    try:
        return pipeline.document(citation.document_id)
    except KeyError:
        return None


def _surroundings(
    document: Document, start: int, end: int
) -> tuple[Sequence[Sentence], Sequence[Sentence], Sequence[Sentence]]:
    """Return the sentences before, in and after a span, of the same section only."""
    sentences = document.sentences
    first = bisect_right(sentences, start, key=lambda sentence: sentence.end)
    last = bisect_left(sentences, end, key=lambda sentence: sentence.start)
    section = document.headings_at(start)

    def of_section(around: Sequence[Sentence]) -> list[Sentence]:
        return [sentence for sentence in around if document.headings_at(sentence.start) == section]

    before, after = sentences[max(0, first - _AROUND) : first], sentences[last : last + _AROUND]
    return of_section(before), sentences[first:last], of_section(after)


def _of(document: Document, sentences: Sequence[Sentence]) -> Iterator[Run]:
    if sentences:
        yield from runs(document, sentences[0].start, sentences[-1].end)


def runs(document: Document, start: int, end: int) -> Iterator[Run]:
    """Yield a span of a document, every character that was put back by itself."""
    at = start
    for repair in document.repairs:
        if start <= repair.position < end:
            if repair.position > at:
                yield Run(document.text[at : repair.position])
            yield Run(document.text[repair.position], repair)
            at = repair.position + 1
    if at < end:
        yield Run(document.text[at:end])
