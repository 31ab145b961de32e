"""An answer as it is shown: its statements with their marks, and every figure with the period it speaks about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.periods import Frame, mention_frame
from corpus.quantities import Quantity, Unit, quantities
from rag.wording import period_label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from corpus.types import Document
    from rag.types import Citation, Language

_MARK = re.compile(r"\s*\[(\d{1,3})\]")
_DATES = (Unit.YEAR, Unit.DATE)
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a statement; `period` says what a figure speaks about, empty where that is not sure and for words."""

    text: str
    period: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A run of an answer up to its mark; `marker` is 0 where it ends without one."""

    pieces: tuple[Piece, ...]
    marker: int


def said(
    text: str, citations: Sequence[Citation], document: Callable[[Citation], Document | None], language: Language
) -> list[Said]:
    """Return the statements of an answer with their figures' periods.

    `document` gives the document of a citation, None where its text is no longer as quoted. Only numbers of citations
    that are there become marks.
    """
    known = {citation.marker: citation for citation in citations}
    framed = {marker: _frames(document(citation), citation) for marker, citation in known.items()}
    statements, at = [], 0
    for mark in _MARK.finditer(text):
        marker = int(mark[1])
        if marker in known:
            pieces = _pieces(text[at : mark.start()], framed[marker], language)
            statements.append(Said(tuple(pieces), marker))
            at = mark.end()
    rest = text[at:]
    return [*statements, Said((Piece(rest),), 0)] if rest.strip() else statements


def _frames(document: Document | None, citation: Citation) -> list[tuple[Quantity, Frame]]:
    """Return every figure of the sentences quoted, with what it speaks about."""
    if document is None:
        return []
    framed = []
    for sentence in document.sentences:
        if citation.start <= sentence.start < citation.end:
            words = document.text[sentence.start : sentence.end]
            own = Frame(sentence.period, sentence.status)
            for quantity in quantities(words):
                digit = _DIGIT.search(words, quantity.start, quantity.end)
                at = digit.start() if digit else quantity.start
                framed.append((quantity, mention_frame(words, at, own, document.delivered.date)))
    return framed


def _pieces(text: str, framed: Sequence[tuple[Quantity, Frame]], language: Language) -> Iterator[Piece]:
    at = 0
    for quantity in quantities(text):
        label = "" if quantity.unit in _DATES else _label(quantity, framed, language)
        if label:
            if quantity.start > at:
                yield Piece(text[at : quantity.start])
            yield Piece(text[quantity.start : quantity.end], label)
            at = quantity.end
    if at < len(text):
        yield Piece(text[at:])


def _label(quantity: Quantity, framed: Sequence[tuple[Quantity, Frame]], language: Language) -> str:
    """Return what a figure speaks about, where all the same figures of its source speak about one thing."""
    frames = {frame for other, frame in framed if all(end.stated_by(other) for end in quantity.ends)}
    if len(frames) != 1:
        return ""
    frame = frames.pop()
    return period_label(language, str(frame.period) if frame.period else None, frame.status)
