"""YAML front matter: the lines between `---` and `---` that open a text and tell of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import yaml

from corpus.decode import SourceError
from corpus.readers.front import Front, read_day_field
from corpus.readers.types import Skipped

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_BLOCK = re.compile(r"---[ \t]*\n(?P<yaml>(?:.*\n){0,100}?)(?:---|\.\.\.)[ \t]*(?:\n|$)")
#: A rule of dashes may also open a text; one of these names makes it front matter.
_FIELD = re.compile(r"^(?:title|date|posted|published|publish_date|source|url|source_url)[ \t]*:", re.MULTILINE)
_TITLES = ("title",)
_DATES = ("date", "posted", "published", "publish_date")
_SOURCES = ("source_url", "url", "source")


@dataclass(frozen=True, slots=True)
class Matter:
    """A text without its front matter, what that told, and the fields that were not used."""

    front: Front
    text: str
    skipped: tuple[Skipped, ...]


def split_matter(text: str, path: Path) -> Matter:
    """Take front matter off a text; a text without any comes back as it is.

    Raises:
        SourceError: the front matter is not YAML fields, or its date is not a date.
    """
    found = _BLOCK.match(text)
    if not found or not _FIELD.search(found["yaml"]):
        return Matter(Front(), text, ())
    fields = _load(found["yaml"], path)
    used = {name: _plain(fields[name]) for name in (*_TITLES, *_DATES, *_SOURCES) if fields.get(name) is not None}
    front = Front(
        next((used[name] for name in _TITLES if name in used), None),
        read_day_field(next((used[name] for name in _DATES if name in used), ""), path, 1),
        next((used[name] for name in _SOURCES if name in used), None),
    )
    skipped = tuple(
        Skipped(path, 1, f"{name}: {_plain(value)}", "front matter that is not used")
        for name, value in fields.items()
        if name not in used
    )
    return Matter(front, text[found.end() :], skipped)


def _load(block: str, path: Path) -> Mapping[str, Any]:
    try:
        fields = yaml.safe_load(block)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1
        raise SourceError(
            path, line, "the front matter between the '---' lines is not YAML; write 'name: value' lines"
        ) from error
    if not isinstance(fields, dict):
        raise SourceError(path, 1, "the front matter between the '---' lines has no 'name: value' lines")
    return fields


def _plain(value: object) -> str:
    """Return a field as text; of a list or a map only that it is one, since aliases can make it endless."""
    if isinstance(value, list | dict | set | tuple):
        return "(several values)"
    return value.isoformat() if isinstance(value, date) else " ".join(str(value).split())
