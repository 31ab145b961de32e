"""What came back for a question, as it is written to `answers.jsonl`.

Only the fields that the design's section 5 promises are needed, so that answers of an older or newer service can be
scored; what a language model wrote is read where it was kept, anything else in a line is kept and ignored here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from corpus.types import Period, Status
from rag.types import Fate

if TYPE_CHECKING:
    from pathlib import Path


#: A year or a span of years, as `str(Period)` writes it.
Years = Annotated[str, Field(pattern=r"^\d{4}(-\d{4})?$")]


class Outcome(StrEnum):
    """What became of a question."""

    ANSWERED = "answered"
    REFUSED = "refused"
    RETRIEVED = "retrieved"  #: only passages were asked for
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation of an answer."""

    marker: int
    passage_id: str
    document_id: str
    title: str
    delivered: str
    posted: tuple[str, ...]
    quote: str
    period: Years | None = None
    status: Status = Status.NONE
    translation: str | None = None

    @property
    def years(self) -> Period | None:
        """The period that the quote speaks about."""
        return Period.parse(self.period) if self.period else None


@dataclass(frozen=True, slots=True)
class Found:
    """A ranked passage."""

    passage_id: str
    document_id: str
    text: str
    title: str = ""
    headings: tuple[str, ...] = ()
    period: Years | None = None
    status: Status = Status.NONE
    score: float = 0.0

    @property
    def years(self) -> Period | None:
        """The period that the passage speaks about."""
        return Period.parse(self.period) if self.period else None


@dataclass(frozen=True, slots=True)
class Refused:
    """Why there is no answer."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds that the assistant says it took."""

    retrieve: float
    answer: float
    total: float


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a sentence that a language model wrote for an answer; see `rag.types.Fate`."""

    fate: Fate


@dataclass(frozen=True, slots=True)
class Record:
    """What came back for one case; an error has nothing but its text."""

    id: str
    status: Outcome
    answer: str | None = None
    refusal: Refused | None = None
    citations: tuple[Cited, ...] = ()
    passages: tuple[Found, ...] = ()
    seconds: Took | None = None
    error: str | None = None
    notice: str | None = None
    drafts: tuple[Written, ...] = ()

    @property
    def text(self) -> str:
        """What a reader was told: the answer, or the refusal's message."""
        return self.answer or (self.refusal.message if self.refusal else "")


_RECORD: TypeAdapter[Record] = TypeAdapter(Record)


class RecordError(ValueError):
    """A line of answers, or a service's response, that has not the promised form."""


def parse_record(entry: dict[str, Any]) -> Record:
    """Return an entry of `answers.jsonl` as a record.

    Raises:
        RecordError: a promised field is missing or has another form.
    """
    try:
        return _RECORD.validate_python(entry)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise RecordError(
            f"the answer to {entry.get('id')} has not the promised form: {where}: {first['msg']}"
        ) from error


def read_records(path: Path) -> dict[str, Record]:
    """Return the records of a run by case; of two for one case the later counts.

    Raises:
        RecordError: a line is damaged, names which.
    """
    records: dict[str, Record] = {}
    # Not splitlines: a text may hold line separators other than the newline, and JSON leaves them as they are.
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line:
            continue
        try:
            record = parse_record(json.loads(line))
        except ValueError as error:
            raise RecordError(f"{path}, line {number}: {error}") from error
        records[record.id] = record
    return records
