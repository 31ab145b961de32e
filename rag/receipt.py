"""Receipts: what an answer came from, so that it can be asked again and compared.

The same question over the same index, encoder, settings and program gives the same answer: nothing in between is left
to chance. A receipt names all of these; `compare` tells which have changed since.
"""

from __future__ import annotations

import functools
import hashlib
import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from index.filter import Filter
from rag.types import answer_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.types import Answer, Turn

#: Folders of the program whose code and small data decide what is answered.
_ANSWERING = ("corpus", "index", "rag")
_DECIDING = frozenset({".py", ".toml", ".tsv"})


class ReceiptError(ValueError):
    """A receipt that cannot be read or replayed: what came, what was wanted."""


class Basis(BaseModel):
    """What answers come from: the build of the index, what built it, the program and the settings that matter."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    index: str  # name of the build
    corpus: str  # hash of all documents as they were indexed
    encoder: str
    program: str  # hash of the code and data that answer, see `program_identity`
    settings: dict[str, bool | int | float | str]


class Receipt(BaseModel):
    """One answer and its basis. `history` and `answer` are hashes, `passages` the ranked hits, `cited` those cited."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    question: str
    history: str
    within: Filter
    asked_at: datetime
    today: date  # the day from which 去年 and "last year" counted
    basis: Basis
    status: str
    passages: tuple[str, ...]
    cited: tuple[str, ...]
    answer: str


class Difference(BaseModel):
    """One thing that is not as the receipt says."""

    model_config = ConfigDict(frozen=True)

    name: str
    then: str
    now: str


def make_receipt(
    answer: Answer, history: Sequence[Turn], within: Filter, basis: Basis, today: date, now: datetime
) -> Receipt:
    """Return the receipt of an answer just given on a basis, from what fits a filter."""
    return Receipt(
        question=answer.question,
        history=history_hash(history),
        within=within,
        asked_at=now,
        today=today,
        basis=basis,
        status=answer.status,
        passages=tuple(passage.passage_id for passage in answer.passages),
        cited=tuple(citation.passage_id for citation in answer.citations),
        answer=answer_hash(answer),
    )


def compare(then: Receipt, now: Receipt) -> tuple[Difference, ...]:
    """Return what differs between two receipts of one question; that of the answer itself, if any, first."""
    names = ("answer", "status", "cited", "passages", "history", "today")
    pairs = [(name, getattr(then, name), getattr(now, name)) for name in names]
    pairs += [(name, getattr(then.basis, name), getattr(now.basis, name)) for name in Basis.model_fields]
    before, after = then.basis.settings, now.basis.settings
    pairs = [pair for pair in pairs if pair[0] != "settings"]
    pairs += [(f"settings.{name}", before.get(name), after.get(name)) for name in sorted(before.keys() | after.keys())]
    return tuple(Difference(name=name, then=_shown(a), now=_shown(b)) for name, a, b in pairs if a != b)


def _shown(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def read_receipt(path: Path) -> Receipt:
    """Read a receipt that `district-qa ask --receipt` wrote.

    Raises:
        OSError: the file cannot be read.
        ReceiptError: it is not a receipt.
    """
    try:
        return Receipt.model_validate_json(path.read_bytes())
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, f['loc'])) or 'the whole'}: {f['msg']}" for f in error.errors()[:3])
        raise ReceiptError(
            f"{path} is not a receipt ({faults}); wanted a file that district-qa ask --receipt wrote"
        ) from error


def history_hash(history: Sequence[Turn]) -> str:
    """Return a hash of the conversation before a question; always the same one where there is none."""
    return _hash([[turn.role, turn.content] for turn in history])


def answer_hash(answer: Answer) -> str:
    """Return a hash of what an answer says and cites; the time it took and the ranked passages are no part of it."""
    said = answer_json(answer)
    return _hash({name: said[name] for name in ("language", "status", "answer", "refusal", "citations")})


def _hash(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@functools.cache
def program_identity() -> str:
    """Return a hash of the code and data that answer; a version number would not change with a glossary entry."""
    digest = hashlib.sha256()
    root = Path(__file__).parents[1]
    for path in _deciding_files(root):
        digest.update(str(path.relative_to(root)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _deciding_files(root: Path) -> Iterator[Path]:
    for folder in _ANSWERING:
        yield from sorted(path for path in (root / folder).rglob("*") if path.suffix in _DECIDING)
