"""Markdown: the text without its marks, a block a line; tables with their header in every row."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from corpus.decode import decode
from corpus.readers.front import Front, Line, read_front
from corpus.readers.matter import split_matter
from corpus.readers.rows import Cell, table_lines
from corpus.readers.types import ReadResult

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from markdown_it.token import Token

_TAG = re.compile(r"<!--.*?-->|</?[a-zA-Z][^>]*>", re.DOTALL)
_BREAK = re.compile(r"<br\b", re.IGNORECASE)


def read(data: bytes, path: Path) -> ReadResult:
    """Read a Markdown file; its title is in front matter, a heading, or a short first line, else the file's name.

    Raises:
        SourceError: not decodable, without text, or with front matter that cannot be read.
    """
    matter = split_matter(decode(data, path), path)
    tokens = MarkdownIt("commonmark").enable("table").parse(matter.text)
    lines = list(_lines(tokens))
    own = read_front([line.text for line in lines])
    front = matter.front.or_else(Front(_first_heading(tokens))).or_else(own)
    return ReadResult((front.post_lines(lines, path),), matter.skipped)


def _first_heading(tokens: Sequence[Token]) -> str | None:
    """Return the first heading of the highest level that the text has."""
    headings = [(a.tag, _inline(b)) for a, b in pairwise(tokens) if a.type == "heading_open"]
    return min(headings, key=lambda heading: heading[0])[1].strip() or None if headings else None


def _lines(tokens: Sequence[Token]) -> Iterator[Line]:
    """Yield the text of each block; an ordered list keeps its numbers."""
    number = ""
    i = 0
    while i < len(tokens):
        token = tokens[i]
        if token.type == "table_open":
            end = next(j for j in range(i, len(tokens)) if tokens[j].type == "table_close")
            yield from map(Line, table_lines(_cells(tokens[i:end]), header_rows=1))
            i = end
        elif token.type == "list_item_open" and token.info:
            number = f"{token.info}{token.markup} "
        elif token.type in ("inline", "fence", "code_block", "html_block"):
            text = _inline(token) if token.type == "inline" else _TAG.sub("", token.content)
            lines = [line.strip() for line in text.split("\n") if line.strip()]
            if lines:
                level = int(tokens[i - 1].tag[1:]) if i and tokens[i - 1].type == "heading_open" else 0
                yield Line(number + "\n".join(lines), level)
                number = ""
        i += 1


def _cells(tokens: Sequence[Token]) -> Iterator[Cell]:
    row, column = -1, 0
    for token in tokens:
        if token.type == "tr_open":
            row, column = row + 1, 0
        elif token.type == "inline":
            yield Cell(row, column, _inline(token))
            column += 1


def _inline(token: Token) -> str:
    """Return the words of a line: links and pictures by their words, line breaks as they are."""
    pieces = []
    for child in token.children or ():
        if child.type in ("softbreak", "hardbreak"):
            pieces.append("\n")
        elif child.type == "html_inline":
            pieces.append("\n" if _BREAK.match(child.content) else "")
        else:
            pieces.append(child.content)
    return "".join(pieces)
