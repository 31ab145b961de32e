"""What the log of questions holds, and what is kept of a person: as little as tells askers apart."""

from __future__ import annotations

import os
import re
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from corpus.durable import write_file

if TYPE_CHECKING:
    from pathlib import Path

    from rag.types import Concept, Question

#: Numbers of identity cards (GB 11643) and mobile telephones, and mail addresses.
_PERSONAL = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|1[3-9]\d{9})(?!\d)|[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)


class Why(StrEnum):
    """What is wrong with an answer, as its asker says."""

    WRONG_EVIDENCE = "wrong_evidence"  #: what is cited does not say it, or better passages exist
    WRONG_YEAR = "wrong_year"
    INCOMPLETE = "incomplete"
    OTHER = "other"


class UnknownQuestionError(ValueError):
    """There is no question with the id given."""


class LogBusyError(OSError):
    """The log cannot be read or written at the moment; the message says why."""


@dataclass(frozen=True, slots=True)
class LoggedQuestion:
    """A question in the log.

    `text` and `standalone` are None where words are not kept; `subject` is what it names, see `subject_of`. `asker` is
    the hash of an address, empty where none was known. `cited` and `passages` are ids, best first. `helpful` is None
    until the asker has said so.
    """

    id: str
    asked_at: datetime
    channel: str
    asker: str
    language: str
    text: str | None
    standalone: str | None
    subject: str
    periods: tuple[str, ...]
    wants: str
    kind: str
    filtered: bool
    status: str
    reason: str | None
    cited: tuple[str, ...]
    passages: tuple[str, ...]
    seconds_retrieve: float
    seconds_answer: float
    seconds_total: float
    helpful: bool | None
    why: str | None
    comment: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """Questions about the same: how many, when last, one of them in its words where these are kept.

    `reason` is why they were refused, or what was said to be wrong; empty where it is neither that unites them.
    """

    subject: str
    periods: tuple[str, ...]
    reason: str
    count: int
    latest: datetime
    example: str | None


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is asked most, what was refused, and what was marked wrong, each with the most frequent first."""

    asked: tuple[Group, ...]
    refused: tuple[Group, ...]
    wrong: tuple[Group, ...]


def subject_of(question: Question, *, plain_words: bool) -> str:
    """Return what a question names, in words that do not depend on how it was typed, to group questions by.

    Indicators alone where there are any; else all terms of the glossary but regions; else, with `plain_words`, the
    words themselves. A term's longest Chinese form stands for it.
    """
    named = [concept for concept in question.concepts if concept.kind and concept.quantity is None]
    indicators = [concept for concept in named if concept.kind == "indicator"]
    terms = indicators or [concept for concept in named if not concept.is_region]
    if not terms and plain_words:
        terms = [concept for concept in question.concepts if not concept.is_region]
    return " · ".join(sorted({_label(concept) for concept in terms or named}))


def _label(concept: Concept) -> str:
    return max(concept.chinese or concept.forms, key=lambda form: (len(form), form))


def without_personal(text: str) -> str:
    """Return a text with telephone and identity numbers and mail addresses blanked."""
    return _PERSONAL.sub("***", text)


def installation_secret(path: Path) -> bytes:
    """Return the secret of this installation, made once whichever process comes first; only its owner may read it.

    Raises:
        OSError: it can be neither read nor made.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_name(f".{path.name}-{uuid.uuid4().hex}")
        scratch.touch(mode=0o600)
        write_file(scratch, secrets.token_hex(32).encode())
        try:
            os.link(scratch, path)  # unlike a renaming it never replaces another process's
        except FileExistsError:
            pass
        finally:
            scratch.unlink()
    return path.read_bytes()
