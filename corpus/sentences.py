"""Cutting a text into sentences, each a span without surrounding white space."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus.tables import row_cells

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A sentence ends after one of these and any closing quotes or brackets, at a line break, or at the space
#: that stands in run-in text where a paragraph ended (handled by the closing mark before it). A page that sets some
#: words off (in bold, as a link) may have left them on a line of their own; such a line break ends nothing.
_INSIDE = (
    r"(?<=[，、的])\n+|\n+(?=[ \t\u3000]*(?:[，。、；：！？）》”%％]|是|为[：:]))"
    r"|(?<=[A-Za-z])\n(?=\d)|(?<=\d)\n(?=[年月亿万])"
)
_END = re.compile(rf"[。！？!?]+[”’」』》）)\"']*|(?!{_INSIDE})(?<!\n)\n+")
#: `各位代表：` opens a new thought wherever it stands, also straight after a speaker's name.
_SALUTATION = re.compile(r"(?<=[^。！？!?\n])(?=各位(?:代表|委员|领导|来宾)[：:，,！!])")
_SEMICOLON = re.compile(r"[；;]")

#: A sentence longer than this is cut at its semicolons: a citation should be short enough to check at a glance. A row
#: of a table is not: its values say nothing without the name in its first cell.
LONG = 120


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Yield the spans of the sentences of `text[start:end]`, in order.

    Every character that is not white space is in exactly one span.
    """
    stop = len(text) if end is None else end
    for first, last in _cut(text, start, stop, _END):
        for inner in _cut_before(text, first, last, _SALUTATION):
            cut = inner[1] - inner[0] > LONG and not row_cells(text[slice(*trim(text, *inner))])
            pieces = _cut(text, *inner, _SEMICOLON) if cut else iter((inner,))
            for piece in pieces:
                trimmed = trim(text, *piece)
                if trimmed[0] < trimmed[1]:
                    yield trimmed


#: A sentence that opens so adds to the one before it and should not be read alone.
_CONTINUES = re.compile(
    r"^(?:其中|例如|包括|具体(?:来看|包括|是)|[二三四五六七八九]是|第[二三四五六七八九][，,]|分别|此外还)"
)


def continues(sentence: str) -> bool:
    """Return whether a sentence leans on the one before it."""
    return bool(_CONTINUES.match(sentence))


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span without the white space at its two ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _cut(text: str, start: int, end: int, mark: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Cut after every match of `mark`."""
    at = start
    for found in mark.finditer(text, start, end):
        yield at, found.end()
        at = found.end()
    if at < end:
        yield at, end


def _cut_before(text: str, start: int, end: int, mark: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Cut before every match of `mark`, which matches empty."""
    at = start
    for found in mark.finditer(text, start, end):
        if found.start() > at:
            yield at, found.start()
            at = found.start()
    yield at, end
