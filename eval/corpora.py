"""The texts that questions are asked of, by name, and the index of each.

`district` is what the assistant ships with; `provinces` are six provincial reports of 2026, kept here so that
nobody tunes to one district.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.decode import decode
from corpus.documents import make_document
from corpus.library import Library, seed_paths
from corpus.types import Posting, RawText
from rag import assemble
from rag.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from corpus.types import Document
    from index.encoder import Encoder
    from index.store import Manifest

REPORTS = Path(__file__).with_name("reports")
DISTRICT, PROVINCES = "district", "provinces"
#: Longest cell of the CSV files that is read, in characters; the default of `csv` is 131,072.
_LONGEST_CELL = 10_000_000


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents that questions are asked of; `sources` are all texts as they came, copies included."""

    name: str
    documents: tuple[Document, ...]
    sources: tuple[str, ...]


class CorpusError(ValueError):
    """A corpus that is not known or cannot be read: what came, what was wanted."""


def load_corpus(name: str, settings: Settings) -> Corpus:
    """Return one of the corpora that are known by name.

    Raises:
        CorpusError: there is none of this name, or its files cannot be read.
    """
    if name == DISTRICT:
        sources = tuple(decode(path.read_bytes(), path) for path in seed_paths())
        return Corpus(name, assemble.make_library(settings).documents, sources)
    if name == PROVINCES:
        raws = [raw for path in sorted(REPORTS.glob("*.csv")) for raw in read_reports(path)]
        return Corpus(name, tuple(make_document([raw]) for raw in raws), tuple(raw.text for raw in raws))
    raise CorpusError(f"there is no corpus {name!r}; known are {DISTRICT} and {PROVINCES}")


def corpus_name(path: Path) -> str:
    """Return the corpus that a question file is about, told by the beginning of its name; the district by default."""
    return PROVINCES if path.name.startswith(f"{PROVINCES}-") else DISTRICT


def read_reports(path: Path) -> list[RawText]:
    """Read a CSV file of reports with the columns title, source_url, publish_date and full_text.

    Raises:
        CorpusError: a column is missing or a date is not one; names file and line.
    """
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        raws = []
        for row in rows:
            try:
                posting = Posting(row["title"], date.fromisoformat(row["publish_date"]), row["source_url"])
                raws.append(RawText(posting, row["full_text"]))
            except (KeyError, ValueError, TypeError) as error:
                raise CorpusError(f"{path}, line {rows.line_num}: not a report ({error!r})") from error
    return raws


def index_settings(settings: Settings, corpus: str, own_index: str = "") -> Settings:
    """Return settings that point to the index of a corpus.

    The district's is the one that serves; others, and those of a configuration that encodes differently (then
    `own_index` is its name), are below `<data_dir>/eval/`.
    """
    if corpus == DISTRICT and not own_index:
        return settings
    name = f"{corpus}-{own_index}" if own_index else corpus
    return settings.model_copy(update={"data_dir": settings.data_dir / "eval" / name})


def ensure_index(
    settings: Settings, corpus: Corpus, encoder: Encoder, progress: Callable[[int, int], object]
) -> Manifest | None:
    """Build the index of a corpus where it is not current; return the manifest of what was built, else None."""
    library = Library(corpus.documents, ())
    if assemble.is_current(settings, library, encoder.name):
        return None
    return assemble.make_index(settings, library, encoder, progress)
